/** `fettle optimise <file>`: a published problem, solved classically and by a simulated quantum computer, and compared. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { tried } from '../../pipelines/quantum/trial.ts';
import { bestKnownOf } from '../../pipelines/solvers/best-known.ts';
import { SOLVERS } from '../../pipelines/solvers/index.ts';
import { mipSolver } from '../../pipelines/solvers/mip.ts';
import { readProblem } from '../../pipelines/solvers/problem-files.ts';
import type { Qubo } from '../../pipelines/solvers/qubo.ts';
import { reduced, type Reduced } from '../../pipelines/solvers/reduce.ts';
import type { Ask, Solver } from '../../pipelines/solvers/solver.ts';
import { solvedWhole, type WholeAnswer } from '../../pipelines/solvers/whole.ts';
import { fileUnreadable } from '../faults.ts';
import { thinned, type Moment } from './energy-picture.ts';
import { machineRow } from './machine-row.ts';
import type { BesideAsk } from './optimise-beside.ts';
import { elsewhereAsk, MIP, OptimiseInput } from './optimise-ask.ts';
import { optimisedTold } from './optimise-told.ts';
import { defineVerb, type Told, type VerbContext } from './verb.ts';

export const optimise = defineVerb({
  name: 'optimise',
  says: 'Finds the best of a hard choice by classical and by simulated quantum means, and says who won.',
  words: ['file'],
  input: OptimiseInput,
  writes: true,
  examples: [
    'fettle optimise G1.txt --solver anneal',
    'fettle optimise checks.wcnf --solver tabu --seed 7',
    'fettle optimise checks.wcnf --compare',
    'fettle optimise checks.wcnf --runner braket --device Garnet --spend-most 2.00 --dry-run',
  ],

  async run(context, input) {
    const file = path.resolve(context.folder, input.file);
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw fileUnreadable({ file, wanted: 'a problem', found: String(error) });
    });
    const problem = readProblem(input.file, text);
    const { seed, flips, circuit, angles, depth, share, shots } = input;
    const parts = reduced(problem.qubo);
    const ordered = elsewhereAsk(input);
    // Where reductions solve all of it there is no circuit to run.
    const elsewhere =
      ordered === null || parts.parts.length === 0
        ? null
        : await (
            await import('./optimise-elsewhere.ts')
          ).openElsewhere(context, { problem, parts, ask: ordered });
    if (elsewhere !== null && context.dryRun) return elsewhere.quoted();
    const solver =
      input.solver === MIP ? await mipSolver() : SOLVERS.find(({ name }) => name === input.solver);
    const bestKnown = bestKnownOf(problem.qubo);
    const ask = { seed, flips, ...(bestKnown === null ? {} : { target: bestKnown.energy }) };
    const searched = watched(context, problem.qubo, { ask, parts, solver });
    const largest = parts.parts[0]?.qubo.n ?? 0;
    const known = { problem, circuit, parts, bestKnown, ...searched };
    if (elsewhere !== null) {
      const ran = await elsewhere.ran(searched.classical);
      const answer = optimisedTold({ ...known, classical: ran.classical, trial: ran.trial, elsewhere: ran });
      return besideIfAsked(context, answer, { ...input, machine: machineRow(parts, ran) });
    }
    const simulated = largest > 0 && largest <= input.qubits;
    const trial = simulated
      ? tried(problem.qubo, { parts, ask: { circuit, angles, depth, share, shots, seed } })
      : null;
    const told = optimisedTold({ ...known, trial, elsewhere: null });
    return besideIfAsked(context, told, { ...input, machine: null });
  },
});

async function besideIfAsked(
  context: VerbContext,
  answer: Told,
  ask: BesideAsk & { readonly compare: boolean },
): Promise<Told> {
  if (!ask.compare && !ask.record) return answer;
  const { toldBeside } = await import('./optimise-beside.ts');
  return toldBeside(context, answer, ask);
}

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
