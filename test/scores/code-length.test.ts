import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { outcomesOf } from '../../pipelines/artifacts/outcomes.ts';
import { fileBitsOf, labelBitsOf } from '../../pipelines/scores/code-length.ts';

const bytes = (size: number): Buffer => randomBytes(size);

describe('the code length of labels', () => {
  const labels = ['a', 'b', 'c', 'd'];
  const items = (rows: readonly (readonly number[])[]) =>
    outcomesOf(
      rows.map((probabilities, id) => ({ id: String(id), truth: labels[id % 4] ?? 'a', probabilities })),
      labels,
    );

  // By hand: four equal probabilities are two bits an item, one half is one bit, and certainty nothing.
  it('is −log2 of what the truth was given', () => {
    const even = [0.25, 0.25, 0.25, 0.25];
    expect(labelBitsOf(items([even, even, even, even]))).toBeCloseTo(8, 9);
    expect(labelBitsOf(items([[0.5, 0.5, 0, 0]]))).toBeCloseTo(1, 5);
    expect(labelBitsOf(items([[1, 0, 0, 0]]))).toBeCloseTo(0, 5);
  });

  // ε/K = 2.5e-7: −log2 of it is 21.93 bits; no infinity.
  it('is finite where the truth was given nothing, and an item without any answer is a guess', () => {
    expect(labelBitsOf(items([[0, 1, 0, 0]]))).toBeCloseTo(-Math.log2(2.5e-7), 9);
    expect(labelBitsOf(items([[0, 0, 0, 0]]))).toBeCloseTo(2, 9);
  });

  // Kraft: over every label that the truth might be, 2^-length sums to 1.
  it('is a code', () => {
    const row = [0.7, 0.2, 0.1, 0];
    const sum = labels
      .map((truth) => labelBitsOf(outcomesOf([{ id: '1', truth, probabilities: row }], labels)))
      .reduce((total, bits) => total + 2 ** -bits, 0);
    expect(sum).toBeCloseTo(1, 12);
  });
});

describe('the code length of a file', () => {
  it('is small for repetition, and what it weighs for noise', () => {
    const noise = bytes(10_000);
    expect(fileBitsOf(noise)).toBeGreaterThanOrEqual(80_000);
    expect(fileBitsOf(noise)).toBeLessThan(80_000 * 1.01);
    expect(fileBitsOf(Buffer.concat([noise, noise]))).toBeLessThan(fileBitsOf(noise) * 1.05);
    expect(fileBitsOf(Buffer.alloc(100_000))).toBeLessThan(1000);
    expect(fileBitsOf(noise)).toBe(fileBitsOf(noise));
  });
});
