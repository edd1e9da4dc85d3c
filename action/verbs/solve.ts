/** `fettle solve <file>`: a published problem, solved classically and by a simulated quantum computer, honestly told. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { CIRCUITS, tried, type CircuitName, type Trial } from '../../pipelines/quantum/trial.ts';
import { SOLVERS } from '../../pipelines/solvers/index.ts';
import { readProblem, type PublishedProblem } from '../../pipelines/solvers/problem-files.ts';
import { hashOf, type Bits } from '../../pipelines/solvers/qubo.ts';
import { reduced, type Reduced } from '../../pipelines/solvers/reduce.ts';
import { solvedWhole, type WholeAnswer } from '../../pipelines/solvers/whole.ts';
import { grouped } from '../../registry/report/words.ts';
import { fileUnreadable } from '../faults.ts';
import { defineVerb, type Paint } from './verb.ts';

const NAMES = ['auto', ...SOLVERS.map(({ name }) => name)] as const;

/** Bits of a longer answer are told to programs alone. */
const SHOWN_TO = 64;

const count = (least: number, most: number) => z.coerce.number().pipe(z.int().min(least).max(most));

export const solve = defineVerb({
  name: 'solve',
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
    flips: count(1, 1e11).default(40_000_000).describe('how many flips the solver may weigh'),
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
  examples: ['fettle solve G1.txt', 'fettle solve checks.wcnf --solver tabu --seed 7 --json'],

  async run(context, input) {
    const file = path.resolve(context.folder, input.file);
    const text = await readFile(file, 'utf8').catch((error: unknown) => {
      throw fileUnreadable({ file, wanted: 'a problem', found: String(error) });
    });
    const problem = readProblem(input.file, text);
    const { seed, flips, circuit, depth, share, shots } = input;
    const parts = reduced(problem.qubo);
    const solver = SOLVERS.find(({ name }) => name === input.solver);
    const classical = solvedWhole(problem.qubo, { ask: { seed, flips }, solver, parts });
    const largest = parts.parts[0]?.qubo.n ?? 0;
    const simulated = largest > 0 && largest <= input.qubits;
    const trial = simulated
      ? tried(problem.qubo, { parts, ask: { circuit, depth, share, shots, seed } })
      : null;
    const told = {
      problem,
      circuit,
      parts,
      classical,
      trial,
      verdict: verdictOf({ classical, trial, parts }),
    };
    return { data: dataOf(told), text: (paint) => textOf(told, paint) };
  },
});

const CALLED: Readonly<Record<CircuitName, string>> = { qaoa: 'simulated QAOA', vqe: 'simulated VQE' };

interface Telling {
  readonly problem: PublishedProblem;
  readonly circuit: CircuitName;
  readonly parts: Reduced;
  readonly classical: WholeAnswer;
  readonly trial: Trial | null;
  readonly verdict: Verdict;
}

interface Verdict {
  readonly winner: 'classical' | 'simulated quantum' | 'neither' | 'not compared';
  readonly says: string;
}

/** A quantum answer wins by a smaller value alone: equal values are no advantage, whatever was spent. */
function verdictOf({ classical, trial, parts }: Omit<Telling, 'problem' | 'circuit' | 'verdict'>): Verdict {
  if (trial === null) {
    const largest = parts.parts[0]?.qubo.n ?? 0;
    const why =
      largest === 0
        ? 'reductions alone solved it, and no qubit was needed'
        : `its largest part needs ${grouped(largest)} qubits, more than are simulated here`;
    return { winner: 'not compared', says: `Only the classical answer is told: ${why}.` };
  }
  const { quantum, guessed } = trial;
  const cost = `${grouped(trial.evaluations)} circuits to find the angles and ${grouped(trial.shots)} shots`;
  if (quantum.energy < classical.energy) {
    return {
      winner: 'simulated quantum',
      says: `The simulated quantum computer found less, with ${cost}; give the solver more flips.`,
    };
  }
  if (quantum.energy > classical.energy) {
    return { winner: 'classical', says: `Classical won: it found less than ${cost} did. No advantage.` };
  }
  const guess = guessed.energy === quantum.energy ? ', and as many blind guesses as shots found it too' : '';
  return {
    winner: 'neither',
    says: `Neither won: both found the same value, classical with ${grouped(classical.flips)} flips weighed, the simulated quantum computer with ${cost}${guess}. No advantage.`,
  };
}

function bitText(bits: Bits): string {
  return bits.join('');
}

function dataOf({ problem, circuit, parts, classical, trial, verdict }: Telling): unknown {
  const answer = ({ bits, energy }: { readonly bits: Bits; readonly energy: number }) => ({
    energy,
    ...problem.worthOf(bits),
    bits: bitText(bits.subarray(0, problem.variables)),
  });
  const { offset, forced, folded } = parts;
  return {
    problem: {
      kind: problem.kind,
      says: problem.says,
      hash: hashOf(problem.qubo),
      variables: problem.qubo.n,
    },
    reduced: { offset, forced, folded, parts: parts.parts.map(({ qubo }) => qubo.n) },
    classical: {
      ...answer(classical),
      proof: classical.proof,
      flips: classical.flips,
      solvers: classical.solvers,
    },
    quantum:
      trial === null
        ? null
        : {
            ...answer(trial.quantum),
            circuit,
            qubits: trial.qubits,
            evaluations: trial.evaluations,
            shots: trial.shots,
            angles: trial.angles,
          },
    guessed: trial === null ? null : answer(trial.guessed),
    verdict,
  };
}

function textOf(told: Telling, paint: Paint): string {
  const { problem, circuit, parts, classical, trial, verdict } = told;
  const worth = problem.worthOf(classical.bits);
  const own = classical.bits.subarray(0, problem.variables);
  const sizes = parts.parts.map(({ qubo }) => qubo.n);
  const left = sizes.reduce((sum, n) => sum + n, 0);
  const proof =
    classical.proof === null ? paint.warn('not proven the best') : paint.good(`the best: ${classical.proof}`);
  return [
    `${paint.bold(problem.says)} (${hashOf(problem.qubo).slice(0, 19)})`,
    `Reductions leave ${grouped(left)} of ${grouped(problem.qubo.n)} variables in ${sizes.length === 1 ? '1 part' : `${grouped(sizes.length)} parts`}: ${grouped(parts.forced)} forced, ${grouped(parts.folded)} folded.`,
    '',
    `${worth.figure} ${paint.bold(String(worth.value))}, ${proof}`,
    ...(worth.allowed ? [] : [paint.bad(brokenText(classical))]),
    ...(own.length <= SHOWN_TO ? [`bits ${bitText(own)}`] : [paint.dim('bits with --json')]),
    '',
    paint.table([
      ['by', worth.figure, 'energy', 'effort'],
      ...rowsOf({ problem, circuit, classical, trial }),
    ]),
    '',
    verdict.says,
  ].join('\n');
}

function brokenText({ proof }: WholeAnswer): string {
  return proof === null
    ? 'It breaks a clause that must hold; give the solver more flips.'
    : 'No choice meets every clause that must hold.';
}

function rowsOf({
  problem,
  circuit,
  classical,
  trial,
}: Pick<Telling, 'problem' | 'circuit' | 'classical' | 'trial'>): readonly (readonly string[])[] {
  const row = (by: string, { bits, energy }: { readonly bits: Bits; readonly energy: number }) => [
    by,
    String(problem.worthOf(bits).value),
    String(energy),
  ];
  const solvers = classical.solvers.join(' and ') || 'reductions';
  const first = [...row(solvers, classical), `${grouped(classical.flips)} flips`];
  if (trial === null) return [first];
  const circuits = `${grouped(trial.evaluations)} circuits of up to ${trial.qubits} qubits, ${grouped(trial.shots)} shots`;
  return [
    first,
    [...row(CALLED[circuit], trial.quantum), circuits],
    [...row('blind guesses', trial.guessed), `${grouped(trial.shots)} guesses`],
  ];
}
