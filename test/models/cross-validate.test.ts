import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { examplesUnfit } from '../../pipelines/faults.ts';
import { chosenFrom, type Examples, examplesOf } from '../../pipelines/models/examples.ts';
import { crossValidated, foldsOf } from '../../pipelines/models/cross-validate.ts';
import type { Learner } from '../../pipelines/models/learner.ts';
import { softmaxRegression, SoftmaxParams } from '../../pipelines/models/softmax-regression.ts';
import { clouds } from '../fixtures/point-clouds.ts';

function labelled(counts: readonly number[]): Examples {
  const row = { columns: Int32Array.of(0), values: Float64Array.of(1) };
  return examplesOf(
    counts.flatMap((count, label) => Array.from({ length: count }, () => ({ row, label: `l${label}` }))),
    1,
  );
}

describe('foldsOf', () => {
  it('deals every label out evenly, and the rows too', () => {
    const counts = fc.array(fc.integer({ min: 5, max: 40 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(counts, fc.integer({ min: 2, max: 5 }), fc.integer(), (given, folds, seed) => {
        const examples = labelled(given);
        const fold = foldsOf(examples, { folds, seed });
        const spread = (rows: Int32Array) => {
          const sizes = Array.from(
            { length: folds },
            (_, part) => rows.filter((each) => each === part).length,
          );
          return Math.max(...sizes) - Math.min(...sizes);
        };
        expect(spread(fold)).toBeLessThanOrEqual(1);
        given.forEach((_, label) => {
          expect(spread(fold.filter((__, row) => examples.labels[row] === label))).toBeLessThanOrEqual(1);
        });
        expect(foldsOf(examples, { folds, seed })).toEqual(fold);
      }),
    );
  });

  it('refuses a label with fewer rows than folds, and a single fold', () => {
    expect(() => foldsOf(labelled([5, 4]), { folds: 5, seed: 1 })).toThrowFault(examplesUnfit);
    expect(() => foldsOf(labelled([5]), { folds: 1, seed: 1 })).toThrow(RangeError);
  });
});

describe('crossValidated', () => {
  const examples = clouds(4);

  it('judges every row in its place', async () => {
    const done: number[] = [];
    const found = await crossValidated(examples, {
      learner: softmaxRegression,
      params: SoftmaxParams.parse({}),
      seed: 3,
      progress: (count) => done.push(count),
    });
    expect(found.predicted).toEqual(examples.labels);
    expect(found.macroF1).toBe(1);
    expect(found.probabilities).toHaveLength(360);
    expect(done).toEqual([1, 2, 3, 4, 5]);
  });

  // The attack: a learner that remembers rows by heart must not be able to use that.
  it('never shows a learner the rows that it will be judged on', async () => {
    const numbered = examplesOf(
      Array.from({ length: 20 }, (_, index) => ({
        row: { columns: Int32Array.of(index), values: Float64Array.of(1) },
        label: index % 2 === 0 ? 'even' : 'odd',
      })),
      20,
    );
    const parroting: Learner<null> = {
      name: 'parrot',
      params: z.null(),
      learn: ({ examples: shown }) => {
        const weights = new Float32Array(40);
        shown.columns.forEach((column, row) => {
          weights[column * 2 + shown.labels[row]!] = 100;
        });
        const model = { labels: shown.labelNames, width: 20, weights, bias: new Float32Array(2), deeper: [] };
        return { model, iterations: 1, loss: 0, converged: true };
      },
    };
    const { probabilities } = await crossValidated(numbered, {
      learner: parroting,
      params: null,
      folds: 4,
      seed: 1,
    });
    expect([...probabilities]).toEqual(Array(40).fill(0.5));
  });

  it('passes a label on that is scarce', async () => {
    const scarce = chosenFrom(examples, [0, 1, 2, 3, 4]);
    const validation = { learner: softmaxRegression, params: SoftmaxParams.parse({}), seed: 1 };
    await expect(crossValidated(scarce, validation)).rejects.toThrowFault(examplesUnfit);
  });
});
