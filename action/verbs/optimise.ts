/** `fettle optimise <file>`: a published problem, solved classically and by a simulated quantum computer, and compared. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { CIRCUITS, tried } from '../../pipelines/quantum/trial.ts';
import { bestKnownOf } from '../../pipelines/solvers/best-known.ts';
import { SOLVERS } from '../../pipelines/solvers/index.ts';
import { readProblem } from '../../pipelines/solvers/problem-files.ts';
import type { Qubo } from '../../pipelines/solvers/qubo.ts';
import { reduced, type Reduced } from '../../pipelines/solvers/reduce.ts';
import type { Ask, Solver } from '../../pipelines/solvers/solver.ts';
import { solvedWhole, type WholeAnswer } from '../../pipelines/solvers/whole.ts';
import { fileUnreadable } from '../faults.ts';
import { thinned, type Moment } from './energy-picture.ts';
import { optimisedTold, verdictOf } from './optimise-told.ts';
import { defineVerb, type VerbContext } from './verb.ts';

const NAMES = ['auto', ...SOLVERS.map(({ name }) => name)] as const;

const count = (least: number, most: number) => z.coerce.number().pipe(z.int().min(least).max(most));

export const optimise = defineVerb({
  name: 'optimise',
  says: 'Finds the best of a hard choice by classical and by simulated quantum means, and says who won.',
  words: ['file'],
  input: z.strictObject({
    file: z.string().describe('a graph of the Gset, a QUBO file of qbsolv, or a CNF or WCNF of DIMACS'),
    solver: z
      .enum(NAMES)
      .default('auto')
      .describe('`auto` searches small parts whole and anneals large ones'),
    seed: count(0, 2 ** 31)
      .default(1)
      .describe('the same seed gives the same answer on every machine'),
    flips: count(1, 1e11)
      .default(200_000_000)
      .describe('how many flips the solver may weigh; it stops where the best known value is found'),
    qubits: count(0, 20).default(14).describe('the largest part that is simulated; 0 for none'),
    circuit: z
      .enum(CIRCUITS)
      .default('qaoa')
      .describe('what is simulated: the approximate optimizer, or the eigensolver'),
    depth: count(1, 12).default(3).describe('layers of the simulated circuit'),
    share: z.coerce
      .number()
      .pipe(z.number().positive().max(1))
      .default(1)
      .describe('the share of the best shots that the angles of QAOA are tuned for; 1 for all'),
    shots: count(1, 1_000_000).default(1000).describe('measurements of the simulated circuit'),
  }),
  writes: false,
  examples: ['fettle optimise G1.txt --solver anneal', 'fettle optimise checks.wcnf --solver tabu --seed 7'],

  async run(context, input) {
    const file = path.resolve(context.folder, input.file);
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw fileUnreadable({ file, wanted: 'a problem', found: String(error) });
    });
    const problem = readProblem(input.file, text);
    const { seed, flips, circuit, depth, share, shots } = input;
    const parts = reduced(problem.qubo);
    const solver = SOLVERS.find(({ name }) => name === input.solver);
    const bestKnown = bestKnownOf(problem.qubo);
    const ask = { seed, flips, ...(bestKnown === null ? {} : { target: bestKnown.energy }) };
    const searched = watched(context, problem.qubo, { ask, parts, solver });
    const largest = parts.parts[0]?.qubo.n ?? 0;
    const simulated = largest > 0 && largest <= input.qubits;
    const trial = simulated
      ? tried(problem.qubo, { parts, ask: { circuit, depth, share, shots, seed } })
      : null;
    const told = { problem, circuit, parts, bestKnown, ...searched, trial };
    return optimisedTold({ ...told, verdict: verdictOf(told) });
  },
});

interface Search {
  readonly ask: Ask;
  readonly parts: Reduced;
  readonly solver: Solver | undefined;
}

interface Searched {
  readonly classical: WholeAnswer;
  /** The least value by time, as the search went on. */
  readonly moments: readonly Moment[];
}

/** The search, with its progress shown. */
function watched({ progress }: VerbContext, problem: Qubo, { ask, parts, solver }: Search): Searched {
  const step = progress.step(solver?.name ?? 'search');
  const began = performance.now();
  const moments: Moment[] = [];
  const tell: Ask['tell'] = ({ flips, energy }) => {
    moments.push({ ms: performance.now() - began, flips, energy });
    step.tell(flips, ask.flips);
  };
  const classical = solvedWhole(problem, { ask: { ...ask, tell }, solver, parts });
  moments.push({ ms: performance.now() - began, flips: classical.flips, energy: classical.energy });
  step.end('');
  return { classical, moments: thinned(moments) };
}
