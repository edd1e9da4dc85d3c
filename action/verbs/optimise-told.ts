/** How the end of `fettle optimise` is told: the best that was found, beside the best known, and who won. */
import type { CircuitName, Trial } from '../../pipelines/quantum/trial.ts';
import type { BestKnown } from '../../pipelines/solvers/best-known.ts';
import type { PublishedProblem } from '../../pipelines/solvers/problem-files.ts';
import { hashOf, type Bits } from '../../pipelines/solvers/qubo.ts';
import type { Reduced } from '../../pipelines/solvers/reduce.ts';
import type { WholeAnswer } from '../../pipelines/solvers/whole.ts';
import { durationText, grouped } from '../../registry/report/words.ts';
import { dollarsText } from '../../pipelines/runners/money.ts';
import { energyPicture, type Moment } from './energy-picture.ts';
import type { Elsewhere } from './optimise-elsewhere.ts';
import type { Paint, Told } from './verb.ts';

/** Bits of a longer answer are told to programs alone. */
const SHOWN_TO = 64;

const CALLED: Readonly<Record<CircuitName, string>> = { qaoa: 'simulated QAOA', vqe: 'simulated VQE' };

interface Answered {
  readonly problem: PublishedProblem;
  readonly circuit: CircuitName;
  readonly parts: Reduced;
  readonly bestKnown: BestKnown | null;
  readonly classical: WholeAnswer;
  readonly moments: readonly Moment[];
  readonly trial: Trial | null;
  /** Whose shots they are, and what was tried before; null where they were simulated here as asked. */
  readonly elsewhere: Elsewhere | null;
}

interface Telling extends Answered {
  readonly verdict: Verdict;
}

export function optimisedTold(answered: Answered): Told {
  const telling = { ...answered, verdict: verdictOf(answered) };
  return { data: dataOf(telling), text: (paint) => textOf(telling, paint) };
}

interface Verdict {
  readonly winner: 'classical' | 'quantum' | 'simulated quantum' | 'neither' | 'not compared';
  readonly says: string;
}

/** A quantum answer wins by a smaller value alone: equal values are no advantage, whatever was spent. */
function verdictOf({ classical, trial, parts, elsewhere }: Answered): Verdict {
  if (trial === null) {
    if (elsewhere !== null) {
      return {
        winner: 'not compared',
        says: 'Only the classical answer is told: no machine ran the circuit.',
      };
    }
    const largest = parts.parts[0]?.qubo.n ?? 0;
    const why =
      largest === 0
        ? 'reductions alone solved it, and no qubit was needed'
        : `its largest part needs ${grouped(largest)} qubits, more than are simulated here`;
    return { winner: 'not compared', says: `Only the classical answer is told: ${why}.` };
  }
  const { quantum, guessed } = trial;
  const who = elsewhere?.by ?? 'the simulated quantum computer';
  const cost = `${grouped(trial.evaluations)} circuits to find the angles and ${grouped(trial.shots)} shots`;
  if (quantum.energy < classical.energy) {
    return {
      winner: elsewhere?.real === true ? 'quantum' : 'simulated quantum',
      says: `${capital(who)} found less, with ${cost}; give the solver more flips.`,
    };
  }
  if (quantum.energy > classical.energy) {
    return { winner: 'classical', says: `Classical won: it found less than ${cost} did. No advantage.` };
  }
  const guess = guessed.energy === quantum.energy ? ', and as many blind guesses as shots found it too' : '';
  return {
    winner: 'neither',
    says: `Neither won: both found the same value, classical with ${grouped(classical.flips)} flips weighed, ${who} with ${cost}${guess}. No advantage.`,
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function bitText(bits: Bits): string {
  return bits.join('');
}

function dataOf({
  problem,
  circuit,
  parts,
  bestKnown,
  classical,
  moments,
  trial,
  elsewhere,
  verdict,
}: Telling): unknown {
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
      course: moments,
    },
    bestKnown,
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
    elsewhere:
      elsewhere === null
        ? null
        : {
            by: elsewhere.by,
            real: elsewhere.real,
            spent: dollarsText(elsewhere.spent),
            fallbacks: elsewhere.fallbacks,
          },
    verdict,
  };
}

function textOf(told: Telling, paint: Paint): string {
  const { problem, parts, bestKnown, classical, moments, elsewhere, verdict } = told;
  const worth = problem.worthOf(classical.bits);
  const own = classical.bits.subarray(0, problem.variables);
  const sizes = parts.parts.map(({ qubo }) => qubo.n);
  const left = sizes.reduce((sum, n) => sum + n, 0);
  const picture = energyPicture({ moments, bestKnown: bestKnown?.energy ?? null, paint });
  return [
    `${paint.bold(problem.says)} (${hashOf(problem.qubo).slice(0, 19)})`,
    `Reductions leave ${grouped(left)} of ${grouped(problem.qubo.n)} variables in ${sizes.length === 1 ? '1 part' : `${grouped(sizes.length)} parts`}: ${grouped(parts.forced)} forced, ${grouped(parts.folded)} folded.`,
    '',
    `${worth.figure} ${paint.bold(numberText(worth.value))} in ${durationText(moments.at(-1)?.ms ?? 0)}, ${standingOf(told, paint)}`,
    ...(worth.allowed ? [] : [paint.bad(brokenText(classical))]),
    ...(own.length <= SHOWN_TO ? [`bits ${bitText(own)}`] : [paint.dim('bits with --json')]),
    ...(picture.length === 0 ? [] : ['', paint.dim('the least energy by time'), ...picture]),
    '',
    paint.table([['by', worth.figure, 'energy', 'effort'], ...rowsOf(told)]),
    '',
    ...(elsewhere === null ? [] : [...courseOf(elsewhere, paint), '']),
    verdict.says,
  ].join('\n');
}

/** Every step down with its reason and what to do about it, and what it cost. */
function courseOf({ by, fallbacks, spent }: Elsewhere, paint: Paint): readonly string[] {
  const left = fallbacks.flatMap(({ from, says, mend }) => [
    paint.warn(`${from} gave no answer: ${says}.`),
    paint.dim(`  ${mend}`),
  ]);
  return [...left, `The answer is that of ${by}; ${dollarsText(spent)} were spent.`];
}

function numberText(value: number): string {
  return Number.isInteger(value) ? grouped(value) : String(value);
}

/** What is known of how good it is: a proof, or what others found. */
function standingOf({ bestKnown, classical }: Telling, paint: Paint): string {
  if (classical.proof !== null) return paint.good(`the best: ${classical.proof}`);
  if (bestKnown === null) return paint.warn('not proven the best');
  const { name, energy } = bestKnown;
  const gap = classical.energy - energy;
  if (gap < 0) return paint.good(`better than any published for ${name} by ${numberText(-gap)}`);
  return gap === 0
    ? paint.good(`as good as the best known for ${name}`)
    : paint.warn(`${numberText(gap)} short of the best known for ${name}`);
}

function brokenText({ proof }: WholeAnswer): string {
  return proof === null
    ? 'It breaks a clause that must hold; give the solver more flips.'
    : 'No choice meets every clause that must hold.';
}

function rowsOf({ problem, circuit, classical, trial, elsewhere }: Answered): readonly (readonly string[])[] {
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
    [...row(elsewhere === null ? CALLED[circuit] : `QAOA on ${elsewhere.by}`, trial.quantum), circuits],
    [...row('blind guesses', trial.guessed), `${grouped(trial.shots)} guesses`],
  ];
}
