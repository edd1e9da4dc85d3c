import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minimalConflicts, quickXplain } from '../../pipelines/contradictions/minimal-conflicts.ts';

const N = 7;

/** A theory over 7 items, given by what cannot hold together; a bit an item. */
const THEORY = fc.array(fc.integer({ min: 1, max: 2 ** N - 1 }), { minLength: 1, maxLength: 6 });

function itemsOf(mask: number): readonly number[] {
  return Array.from({ length: N }, (_, i) => i).filter((i) => ((mask >> i) & 1) === 1);
}

function maskOf(items: readonly number[]): number {
  return items.reduce((mask, i) => mask | (1 << i), 0);
}

function isBroken(theory: readonly number[], mask: number): boolean {
  return theory.some((conflict) => (conflict & mask) === conflict);
}

/** By the definition: broken, and whole again without any one item; every subset is looked at. */
function byDefinition(theory: readonly number[]): readonly number[] {
  const all = Array.from({ length: 2 ** N }, (_, mask) => mask);
  return all.filter(
    (mask) => isBroken(theory, mask) && itemsOf(mask).every((i) => !isBroken(theory, mask & ~(1 << i))),
  );
}

describe('minimal conflicts', () => {
  it('are those of the definition, all of them and each once', () => {
    fc.assert(
      fc.property(THEORY, (theory) => {
        const found = minimalConflicts(itemsOf(2 ** N - 1), (some) => !isBroken(theory, maskOf(some)));
        expect(found.map(maskOf).sort((a, b) => a - b)).toEqual(byDefinition(theory));
      }),
    );
  });

  it('are none where everything holds', () => {
    expect(minimalConflicts([1, 2, 3], () => true)).toEqual([]);
    expect(minimalConflicts([], () => true)).toEqual([]);
  });

  it('end where there are more ways than can be looked at, with one at least', () => {
    const items = Array.from({ length: 40 }, (_, i) => i);
    const found = minimalConflicts(items, (some) => some.length < 2);
    expect(found.length).toBeGreaterThan(0);
    expect(found.every((conflict) => conflict.length === 2)).toBe(true);
  });
});

describe('QuickXplain', () => {
  it('prefers a conflict of the items that come first', () => {
    fc.assert(
      fc.property(THEORY, (theory) => {
        const found = quickXplain(itemsOf(2 ** N - 1), (some) => !isBroken(theory, maskOf(some)));
        // Which one ends soonest; an item that comes last could have been left out.
        const soonest = Math.min(...byDefinition(theory).map((mask) => Math.max(...itemsOf(mask))));
        expect(Math.max(...found)).toBe(soonest);
        expect(byDefinition(theory)).toContain(maskOf(found));
      }),
    );
  });

  it('asks about k·log(n/k) times for k of n items, as Junker proves', () => {
    const items = Array.from({ length: 1024 }, (_, i) => i);
    const blamed = [77, 500, 901];
    let asked = 0;
    const found = quickXplain(items, (some) => {
      asked++;
      return !blamed.every((item) => some.includes(item));
    });
    expect(found).toEqual(blamed);
    expect(asked).toBeLessThanOrEqual(2 * 3 * Math.log2(1024 / 3) + 2 * 3);
  });
});
