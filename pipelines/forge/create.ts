/** Phase 1: three models from one beginning on three mixtures of data, and what each of them can do. */
import type { Phase } from '../artifacts/phase.ts';
import type { Arrays } from '../training/places.ts';
import {
  accuracyOf,
  BATCH,
  learn,
  netOf,
  shareOfSteps,
  type Effort,
  type Learned,
  type NetShape,
} from './net.ts';
import { curve } from './picture.ts';
import { DOMAINS, drawn, itemsOf, numbersOf, rowsOf, type Mixture } from './tasks.ts';

export interface Creating extends Effort {
  readonly shape: NetShape;
  readonly parametersAsked: number;
  readonly seed: number;
  readonly tell: (done: number, total: number) => void;
}

export interface Created {
  readonly base: Arrays;
  /** In the order of `DOMAINS`. */
  readonly specialists: readonly Arrays[];
  readonly phase: Omit<Phase, 'format'>;
}

/** A base that has begun to learn all domains keeps its specialists near enough to be merged. */
const BASE = { steps: 300, rate: 3e-3 } as const;
const OWN = { steps: 90, rate: 1.5e-3 } as const;
export const VALIDATION_ITEMS = 256;

/** All domains alike, or one alone. */
function mixtureFor(own: number | null): Mixture {
  return DOMAINS.filter((_, index) => own === null || index === own).map((task) => ({ task, share: 1 }));
}

export async function create({ shape, parametersAsked, seed, tell, effort }: Creating): Promise<Created> {
  const numbers = numbersOf(seed);
  const [baseSteps, ownSteps] = [BASE, OWN].map(({ steps }) => shareOfSteps(steps, { effort })) as [
    number,
    number,
  ];
  const total = baseSteps + DOMAINS.length * ownSteps;
  const lesson = (weights: Arrays, own: number | null) =>
    learn({
      shape,
      weights,
      rate: (own === null ? BASE : OWN).rate,
      steps: own === null ? baseSteps : ownSteps,
      seed: seed + 1 + (own ?? DOMAINS.length),
      rowsAt: (random) => rowsOf(drawn(mixtureFor(own), numbers.training, { random, count: BATCH })),
      tell: (done) => tell(own === null ? done : baseSteps + own * ownSteps + done, total),
    });
  const base = await lesson(netOf(shape, 1).decoder.initial(seed), null);
  const specialists = [];
  for (const own of DOMAINS.keys()) specialists.push(await lesson(base.weights, own));
  const matrix: number[][] = [];
  for (const { weights } of specialists) {
    const row: number[] = [];
    for (const task of DOMAINS) {
      row.push(await accuracyOf(shape, weights, itemsOf(task, numbers.validation, VALIDATION_ITEMS)));
    }
    matrix.push(row);
  }
  return {
    base: base.weights,
    specialists: specialists.map(({ weights }) => weights),
    phase: phaseOf({ base, specialists, matrix, parametersAsked }),
  };
}

interface Telling {
  readonly base: Learned;
  readonly specialists: readonly Learned[];
  readonly matrix: readonly (readonly number[])[];
  readonly parametersAsked: number;
}

function phaseOf({ base, specialists, matrix, parametersAsked }: Telling): Omit<Phase, 'format'> {
  const parameters = Object.values(base.weights).reduce((sum, { length }) => sum + length, 0);
  return {
    phase: 'create',
    measured: {
      parameters,
      'parameters-off': Math.abs(parameters / parametersAsked - 1),
      specialisation: specialisationOf(matrix),
    },
    tables: [
      {
        title: 'Share of validation items that each model answers exactly',
        columns: ['trained on', ...DOMAINS.map(({ name }) => name)],
        rows: matrix.map((row, index) => [DOMAINS[index]!.name, ...row]),
      },
    ],
    plots: [
      {
        title: 'Loss while creating',
        kind: 'lines',
        across: 'step',
        up: 'cross-entropy',
        series: [
          curve('all three', base.losses),
          ...specialists.map(({ losses }, own) => curve(DOMAINS[own]!.name, losses)),
        ],
      },
    ],
    notes: [
      `${parameters} parameters, counted in the arrays that are written. Each specialist went on from the base on its own domain alone.`,
    ],
  };
}

/**
 * (mean of the diagonal − mean beside it) / mean of the diagonal: 1 where each model can do its own domain and nothing
 * else, 0 where all can do the same.
 *
 * @param matrix  scores of models (rows) in domains (columns), square, 0 to 1
 * @returns       at most 1; 0 for a diagonal of zeros
 */
export function specialisationOf(matrix: readonly (readonly number[])[]): number {
  const n = matrix.length;
  const own = matrix.reduce((sum, row, index) => sum + row[index]!, 0) / n;
  const all = matrix.reduce((sum, row) => sum + row.reduce((a, b) => a + b, 0), 0);
  return own === 0 ? 0 : (own - (all - own * n) / (n * (n - 1))) / own;
}
