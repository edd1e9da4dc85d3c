/** Phase 8: each tensor by the codec with which the whole loses least within a budget, scored from the file that is written. */
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Phase } from '../artifacts/phase.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { CODECS } from '../codecs/index.ts';
import { mergeUnfit } from '../tensors/faults.ts';
import type { Arrays } from '../training/places.ts';
import { quantize, type Quantized } from '../transforms/quantize.ts';
import { KNOWN } from './baked.ts';
import { TEST_ITEMS } from './combine.ts';
import { accuracyOf, netOf, openScorer, type NetShape } from './net.ts';
import { rounded } from './picture.ts';
import { itemsOf, numbersOf, PROMPTED, type Item } from './tasks.ts';
import { effectiveOf, throughTernary } from './ternary.ts';
import { inFolder, readWeights, writeWeights } from './weights-file.ts';

export interface Compressing {
  readonly shape: NetShape;
  readonly latent: Arrays;
  readonly seed: number;
  readonly tell: (done: number, total: number) => void;
}

export interface Compressed {
  readonly file: Uint8Array;
  readonly phase: Omit<Phase, 'format'>;
}

/** Shares of the file in floats that the final file may have, from the smallest. */
const BUDGETS = [1 / 14, 1 / 11, 1 / 7, 1 / 4] as const;
const KEPT = 0.95;

interface Try {
  readonly name: string;
  readonly file: string;
  readonly told: Quantized;
  readonly sizeBytes: number;
  readonly right: number;
}

export async function compress({ shape, latent, seed, tell }: Compressing): Promise<Compressed> {
  const numbers = numbersOf(seed);
  const test = [...KNOWN, PROMPTED].flatMap((task) => itemsOf(task, numbers.test, TEST_ITEMS / 2));
  return inFolder(async (folder) => {
    const source = path.join(folder, 'model.safetensors');
    writeWeights(source, await effectiveOf(shape, latent, throughTernary), netOf(shape, 1).decoder.shapes);
    const before = await accuracyOf(shape, readWeights(source), test);
    const full = statSync(source).size;
    const ways = [
      ...CODECS.map((codec) => ({ name: codec.name, by: { codec } })),
      ...BUDGETS.map((share) => ({
        name: `budget ${Math.round(full * share)}`,
        by: { budgetBytes: Math.round(full * share) },
      })),
    ];
    const tries: Try[] = [];
    for (const [index, { name, by }] of ways.entries()) {
      tries.push(
        ...(await tried({ name, by, source, shape, test, file: path.join(folder, `${index}.safetensors`) })),
      );
      tell(index + 1, ways.length);
    }
    const good = tries.filter(({ right }) => right >= KEPT * before);
    const chosen = (good.length > 0 ? good : tries).reduce((a, b) => (b.sizeBytes < a.sizeBytes ? b : a));
    return { file: readFileSync(chosen.file), phase: phaseOf({ tries, chosen, before, full }) };
  });
}

interface Trying {
  readonly name: string;
  readonly by: Parameters<typeof quantize>[0]['by'];
  readonly source: string;
  readonly file: string;
  readonly shape: NetShape;
  readonly test: readonly Item[];
}

/** None for a budget into which not even the smallest codecs fit. */
async function tried({ name, by, source, file, shape, test }: Trying): Promise<readonly Try[]> {
  const told = await quantize({ source, target: file, by }).catch((error: unknown) => {
    if (error instanceof FettleError && error.code === mergeUnfit.code) return null;
    throw error;
  });
  if (told === null) return [];
  const right = await accuracyOf(shape, readWeights(file), test);
  return [{ name, file, told, sizeBytes: statSync(file).size, right }];
}

interface Telling {
  readonly tries: readonly Try[];
  readonly chosen: Try;
  readonly before: number;
  readonly full: number;
}

function phaseOf({ tries, chosen, before, full }: Telling): Omit<Phase, 'format'> {
  const decibels = (told: Quantized): number | string =>
    Number.isFinite(told.snrDb) ? rounded(told.snrDb) : 'exact';
  return {
    phase: 'compression',
    measured: {
      bytes: chosen.sizeBytes,
      kept: before === 0 ? 0 : chosen.right / before,
      ratio: full / chosen.sizeBytes,
      right: chosen.right,
    },
    tables: [
      {
        title: 'Files as they were written, read again and asked',
        columns: ['way', 'bytes', 'SNR, dB', 'share of the sealed test right'],
        rows: [
          ['floats', full, 'exact', rounded(before)],
          ...tries.map(({ name, sizeBytes, told, right }) => [
            name,
            sizeBytes,
            decibels(told),
            rounded(right),
          ]),
        ],
      },
      {
        title: `What each tensor became, by ${chosen.name}`,
        columns: ['tensor', 'by', 'weights', 'bytes'],
        rows: chosen.told.tensors.map(({ name, by, count, sizeBytes }) => [name, by, count, sizeBytes]),
      },
    ],
    plots: [
      {
        title: 'Rate and what is kept',
        kind: 'points',
        across: 'bytes of the file',
        up: 'share of the sealed test right',
        series: [
          {
            name: 'one codec',
            points: tries.slice(0, CODECS.length).map(({ sizeBytes, right }) => [sizeBytes, rounded(right)]),
          },
          {
            name: 'within a budget',
            points: tries.slice(CODECS.length).map(({ sizeBytes, right }) => [sizeBytes, rounded(right)]),
          },
        ],
      },
    ],
    notes: [
      'Taken is the smallest file that keeps 95% of what the model had. Codecs are not stacked: each tensor has one. Budgets into which nothing fits are left out.',
    ],
  };
}

/** Milliseconds of single answers, one after the other, after a warm-up. */
export async function timesOf(shape: NetShape, weights: Arrays, count: number): Promise<readonly number[]> {
  const scorer = await openScorer(shape, weights, 1);
  const [task] = KNOWN;
  const items = itemsOf(task!, numbersOf(0).test, count);
  const times: number[] = [];
  try {
    for (const item of [...items.slice(0, 20), ...items]) {
      const began = performance.now();
      await scorer.answers([item]);
      times.push(performance.now() - began);
    }
    return times.slice(20);
  } finally {
    await scorer.close();
  }
}
