import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnsForm, keptColumns, levelled, type Levelled } from '../../pipelines/choices/columns.ts';
import { columnsTooMany } from '../../pipelines/faults.ts';
import { examplesOf } from '../../pipelines/models/examples.ts';
import { SoftmaxParams, softmaxRegression } from '../../pipelines/models/softmax-regression.ts';
import { keptLearner } from '../../pipelines/stages/kept-columns.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { energyOf } from '../../pipelines/solvers/qubo.ts';
import { everyAnswer } from '../solvers/problems.ts';

const ASK = { seed: 1, flips: 1_000_000 };

/** Entropies of values told as text, in bits: nothing of the tables that the encoder counts in. */
function entropy(values: readonly string[]): number {
  const counts = [...Map.groupBy(values, (value) => value).values()].map(({ length }) => length);
  return counts.reduce((sum, count) => sum - (count / values.length) * Math.log2(count / values.length), 0);
}

/** n·I(columns; label) = n·(H(columns) + H(label) − H(columns, label)). */
function bitsAbout({ columns, labels }: Levelled, which: readonly number[]): number {
  const told = Array.from(labels, (_, row) => which.map((i) => columns[i]![row]).join('|'));
  const label = Array.from(labels, String);
  const both = told.map((text, row) => `${text}=${label[row]}`);
  return labels.length * (entropy(told) + entropy(label) - entropy(both));
}

/** The description length of a choice, by its definition. */
function lengthOf(data: Levelled, which: readonly number[]): number {
  const parameters = which.reduce((sum, i) => sum + (data.levels[i]! - 1) * (data.labelCount - 1), 0);
  let bits = (parameters / 2) * Math.log2(data.labels.length);
  for (const i of which) bits -= bitsAbout(data, [i]);
  for (const i of which) {
    for (const j of which) {
      const twice = bitsAbout(data, [i]) + bitsAbout(data, [j]) - bitsAbout(data, [i, j]);
      if (i < j) bits += Math.max(0, twice);
    }
  }
  return bits;
}

const DATA: fc.Arbitrary<Levelled> = fc
  .record({
    n: fc.integer({ min: 1, max: 6 }),
    rows: fc.integer({ min: 2, max: 60 }),
    seed: fc.nat(),
    labelCount: fc.integer({ min: 2, max: 3 }),
  })
  .map(({ n, rows, seed, labelCount }) => {
    const random = randomOf(seed);
    const labels = Array.from({ length: rows }, () => random.nextBelow(labelCount));
    const levels = Array.from({ length: n }, () => 2 + random.nextBelow(3));
    // Some columns know the label, as often as not.
    const columns = levels.map((count, i) =>
      labels.map((label) => (random.nextBelow(3) < i % 3 ? label % count : random.nextBelow(count))),
    );
    return { columns, levels, labels, labelCount };
  });

describe('columns to keep', () => {
  it('have the description length of the definition, and no other choice has a shorter one', () => {
    fc.assert(
      fc.property(DATA, (data) => {
        const form = columnsForm(data);
        const all = everyAnswer(data.columns.length).map((bits) => {
          const which = [...bits.keys()].filter((i) => bits[i] === 1);
          const length = lengthOf(data, which);
          expect(energyOf(form, bits)).toBeCloseTo(length, 6);
          return length;
        });
        const { kept, savedBits, proven } = keptColumns(data, ASK);
        expect(proven).toBe(true);
        expect(savedBits).toBeCloseTo(-Math.min(...all), 6);
        expect(lengthOf(data, kept)).toBeCloseTo(-savedBits, 6);
      }),
      { numRuns: 60 },
    );
  });
});

describe('levels of numbers', () => {
  it('are in the order of the numbers, about as many in each, and never more than there are values', () => {
    const values = Array.from({ length: 100 }, (_, i) => (i * 37) % 100);
    const { codes, count } = levelled(values, 4);
    expect(count).toBe(4);
    expect([0, 1, 2, 3].map((level) => codes.filter((code) => code === level).length)).toEqual([
      25, 25, 25, 25,
    ]);
    values.forEach((value, i) =>
      values.forEach((other, j) => expect(value < other && codes[i]! > codes[j]!).toBe(false)),
    );
    expect(levelled([5, 5, 5], 4)).toEqual({ codes: Int32Array.of(0, 0, 0), count: 1 });
    expect(levelled([0, 1, 0, 1], 4).count).toBe(2);
  });
});

describe('a regression that keeps the shortest', () => {
  const random = randomOf(3);
  const labelled = Array.from({ length: 400 }, () => {
    const label = random.nextBelow(2);
    const told = label === 0 ? -1 : 1;
    const noise = () => random.nextFloat() * 2 - 1;
    // The first two know the label, each its own part of it; the third is the first again; the rest is noise.
    const first = told + 1.2 * noise();
    const values = [first, told + 1.2 * noise(), first, ...Array.from({ length: 7 }, noise)];
    return {
      row: { columns: Int32Array.from(values.keys()), values: Float64Array.from(values) },
      label: String(label),
    };
  });
  const examples = examplesOf(labelled, 10);
  const learn = (params: object) => ({ examples, seed: 1, params: SoftmaxParams.parse(params) });

  it('gives what says nothing, and what says the same again, no weight', async () => {
    const { model } = await keptLearner.learn(learn({ keep: 'shortest' }));
    const used = Array.from({ length: 10 }, (_, column) => model.weights[2 * column] !== 0);
    expect([used[0] !== used[2], used[1]]).toEqual([true, true]);
    expect(used.slice(3)).toEqual(Array.from({ length: 7 }, () => false));
  });

  it('is the same as ever where nobody asks', async () => {
    expect(await keptLearner.learn(learn({}))).toEqual(softmaxRegression.learn(learn({})));
    expect(JSON.stringify(SoftmaxParams.parse({}))).not.toContain('keep');
  });

  it('refuses more columns than it can weigh', () => {
    const wide = examplesOf(labelled, 300);
    const lesson = { ...learn({ keep: 'shortest' }), examples: wide };
    expect(() => keptLearner.learn(lesson)).toThrowFault(columnsTooMany);
  });
});
