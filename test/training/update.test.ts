import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut, layOutInScript } from '../../pipelines/kernels/space.ts';
import { updatesBy } from '../../pipelines/training/update.ts';

const PIECES = (length: number) =>
  ({
    w: [Float32Array, length],
    m: [Float32Array, length],
    v: [Float32Array, length],
    g: [Float32Array, length],
  }) as const;

/** The same numbers in the kernels' memory and in arrays of their own. */
function twins(numbers: readonly number[], blocks: number) {
  const length = 16 * blocks;
  return [layOut(PIECES(length)), layOutInScript(PIECES(length))].map(({ kernels, arrays }) => {
    const { w, m, v, g } = arrays;
    const at = (index: number) => numbers[index % numbers.length]!;
    for (let index = 0; index < length; index++) {
      w[index] = at(index);
      m[index] = at(index + 1) / 3;
      v[index] = at(index + 2) ** 2;
      g[index] = at(index + 3) * 7;
    }
    return { updates: updatesBy(kernels), arrays };
  });
}

const Numbers = fc.array(fc.float({ min: -100, max: 100, noNaN: true }), { minLength: 1, maxLength: 40 });
const Blocks = fc.integer({ min: 1, max: 140 });
const Share = fc.double({ min: 0, max: 1, noNaN: true });

describe('the loops of an optimizer', () => {
  it('give the same bits as kernels and in JavaScript', () => {
    fc.assert(
      fc.property(Numbers, Blocks, Share, Share, (numbers, blocks, one, other) => {
        const [mine, theirs] = twins(numbers, blocks).map(({ updates, arrays }) => {
          const { w, m, v, g } = arrays;
          const before = updates.squares(g);
          updates.grokfast(v, g, { share: one, fresh: other, louder: 2 });
          updates.accumulate(g, w);
          v.forEach((each, at) => (v[at] = Math.abs(each)));
          updates.adam(
            { w, m, v, g },
            { share: one, rate: 0.01, root: 1.5, first: other, second: one, epsilon: 1e-8, keep: 0.99 },
          );
          updates.momentum({ w, m, g }, { share: other, rate: 0.1, kept: one, decay: 0.01 });
          return { before, after: updates.squares(w), arrays };
        });
        expect([mine!.before, mine!.after]).toEqual([theirs!.before, theirs!.after]);
        expect(mine!.arrays).toEqual(theirs!.arrays);
      }),
      { numRuns: 40 },
    );
  });

  it('sum squares as they are, and see what is no number and what is too large', () => {
    for (const { updates, arrays } of twins([3, -4], 65)) {
      expect(updates.squares(arrays.w)).toBe((65 * 16 * 25) / 2);
      arrays.w[1039] = Number.NaN;
      expect(updates.squares(arrays.w)).toBeNaN();
      arrays.w[1039] = 1e30;
      expect(updates.squares(arrays.w)).toBe(Infinity);
    }
  });
});
