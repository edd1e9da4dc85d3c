import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eigenOf, singularOf } from '../../pipelines/maths/eigen.ts';

const number = fc.integer({ min: -1000, max: 1000 }).map((value) => value / 100);

/** left · diag(values) · rightᵀ, and whether the columns of a factor that belong to values above 0 are orthonormal. */
function product(
  left: Float64Array,
  values: Float64Array,
  right: Float64Array,
  [rows, columns]: readonly [number, number],
) {
  const r = values.length;
  return Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return values.reduce((sum, value, k) => sum + left[i * r + k]! * value * right[j * r + k]!, 0);
  });
}

function expectOrthonormal(factor: Float64Array, values: Float64Array): void {
  const r = values.length;
  for (let a = 0; a < r; a++) {
    for (let b = 0; b < r; b++) {
      if (Math.min(values[a]!, values[b]!) < 1e-9) continue;
      let sum = 0;
      for (let i = 0; i < factor.length / r; i++) sum += factor[i * r + a]! * factor[i * r + b]!;
      expect(sum).toBeCloseTo(a === b ? 1 : 0, 9);
    }
  }
}

describe('eigenOf', () => {
  it('knows [[2, 1], [1, 2]]: 1 and 3, along the diagonals', () => {
    const { values, vectors } = eigenOf(Float64Array.of(2, 1, 1, 2), 2);
    expect([...values].sort()).toEqual([expect.closeTo(1, 12), expect.closeTo(3, 12)]);
    vectors.forEach((value) => expect(Math.abs(value)).toBeCloseTo(Math.SQRT1_2, 12));
  });

  it('gives factors whose product is the matrix', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 7 }),
        fc.array(number, { minLength: 49, maxLength: 49 }),
        (n, numbers) => {
          const matrix = Float64Array.from({ length: n * n }, (_, at) => {
            const [i, j] = [Math.floor(at / n), at % n];
            return numbers[7 * Math.min(i, j) + Math.max(i, j)]!;
          });
          const { values, vectors } = eigenOf(matrix, n);
          product(vectors, values, vectors, [n, n]).forEach((value, at) =>
            expect(value).toBeCloseTo(matrix[at]!, 9),
          );
          expectOrthonormal(vectors, new Float64Array(n).fill(1));
        },
      ),
      { seed: 3, numRuns: 60 },
    );
  });
});

describe('singularOf', () => {
  it('knows the values of [[3, 0], [4, 5]]: 3√5 and √5', () => {
    const { values } = singularOf({ rows: 2, columns: 2, values: [3, 0, 4, 5] });
    expect([...values]).toEqual([expect.closeTo(3 * Math.sqrt(5), 12), expect.closeTo(Math.sqrt(5), 12)]);
  });

  it('gives orthonormal factors whose product is the matrix, tall or wide, of full rank or not', () => {
    const side = fc.integer({ min: 1, max: 6 });
    fc.assert(
      fc.property(
        side,
        side,
        fc.array(number, { minLength: 36, maxLength: 36 }),
        (rows, columns, numbers) => {
          const matrix = numbers.slice(0, rows * columns);
          if (rows > 1) matrix.splice(columns, columns, ...matrix.slice(0, columns));
          const { values, left, right } = singularOf({ rows, columns, values: matrix });
          expect(values).toHaveLength(Math.min(rows, columns));
          expect([...values]).toEqual([...values].sort((a, b) => b - a));
          product(left, values, right, [rows, columns]).forEach((value, at) =>
            expect(value).toBeCloseTo(matrix[at]!, 9),
          );
          expectOrthonormal(left, values);
          expectOrthonormal(right, values);
        },
      ),
      { seed: 4, numRuns: 80 },
    );
  });
});
