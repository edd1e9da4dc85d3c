import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { waysWithin, type Way } from '../../pipelines/transforms/budget.ts';

/** The least loss of all choices that fit, by trying each of them. */
function leastLoss(tensors: readonly (readonly Way[])[], budget: number): number {
  const [first, ...others] = tensors;
  if (budget < 0) return Infinity;
  if (first === undefined) return 0;
  return Math.min(...first.map(({ bytes, loss }) => loss + leastLoss(others, budget - bytes)));
}

describe('a budget', () => {
  const way = fc.record({ name: fc.constant('w'), bytes: fc.nat(30), loss: fc.nat(100) });
  const tensors = fc.array(fc.array(way, { minLength: 1, maxLength: 4 }), { maxLength: 5 });

  it('is kept, or told to be too small just when nothing fits', () => {
    fc.assert(
      fc.property(tensors, fc.nat(120), (ways, budget) => {
        const found = waysWithin(ways, budget);
        const fits = leastLoss(ways, budget) < Infinity;
        expect(found !== null).toBe(fits);
        const bytes = (found ?? []).reduce((sum, to, index) => sum + ways[index]![to]!.bytes, 0);
        expect(bytes).toBeLessThanOrEqual(budget);
      }),
      { seed: 1, numRuns: 400 },
    );
  });

  it('loses no more than the best choice and the largest single step', () => {
    fc.assert(
      fc.property(tensors, fc.nat(120), (ways, budget) => {
        const found = waysWithin(ways, budget);
        if (found === null) return;
        const loss = found.reduce((sum, to, index) => sum + ways[index]![to]!.loss, 0);
        const step = Math.max(0, ...ways.map((each) => Math.max(...each.map((one) => one.loss))));
        expect(loss).toBeLessThanOrEqual(leastLoss(ways, budget) + step);
      }),
      { seed: 2, numRuns: 400 },
    );
  });

  it('is spent where a byte buys most', () => {
    const small = { name: 'small', bytes: 1, loss: 10 };
    const large = { name: 'large', bytes: 5, loss: 0 };
    const slight = { name: 'slight', bytes: 5, loss: 9 };
    expect(
      waysWithin(
        [
          [small, slight],
          [small, large],
        ],
        6,
      ),
    ).toEqual([0, 1]);
  });
});
