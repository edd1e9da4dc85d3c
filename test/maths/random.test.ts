import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { permutation, randomOf, shuffle } from '../../pipelines/maths/random.ts';

describe('randomOf', () => {
  // Oracle: the C sources of xoshiro128** 1.1 and SplitMix64 by Vigna, compiled with gcc.
  it('gives the words of the reference for these seeds', () => {
    const reference = [
      { seed: 0, words: [3737715805, 2584255861, 2876756834, 3286328325, 1553311962] },
      { seed: 1, words: [1695105466, 1423115009, 634581793, 1068227753, 716759206] },
      { seed: 42, words: [1776835114, 4165204688, 17111135, 2317295270, 2792088233] },
      { seed: -1, words: [477689756, 2493998634, 555695776, 607808419, 61340979] },
    ];
    for (const { seed, words } of reference) {
      const random = randomOf(seed);
      expect(words.map(() => random.nextUint32())).toEqual(words);
    }
  });

  it('refuses seeds that are no safe integers', () => {
    for (const seed of [0.5, Number.NaN, 2 ** 53]) expect(() => randomOf(seed)).toThrow(RangeError);
  });
});

describe('nextFloat', () => {
  // The docstring says a multiple of 2⁻⁵³ from 27 high and 26 low bits; 42's first two words are above.
  it('fills the bits of a double from two words', () => {
    const high = BigInt(1776835114 >>> 5);
    const low = BigInt(4165204688 >>> 6);
    expect(randomOf(42).nextFloat()).toBe(Number((high << 26n) | low) / 2 ** 53);
  });
});

describe('nextBelow', () => {
  it('stays below its bound', () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, bound) => {
        const random = randomOf(seed);
        for (let draw = 0; draw < 20; draw++) {
          const value = random.nextBelow(bound);
          expect(Number.isInteger(value) && value >= 0 && value < bound).toBe(true);
        }
      }),
    );
  });

  // At 3·2³⁰ a plain remainder would favour the first third two to one.
  it('favours nobody when the bound does not divide 2³²', () => {
    const random = randomOf(5);
    let low = 0;
    for (let draw = 0; draw < 30_000; draw++) if (random.nextBelow(3 * 2 ** 30) < 2 ** 30) low += 1;
    // Six standard deviations of 30,000 throws at 1/3.
    expect(Math.abs(low - 10_000)).toBeLessThan(490);
  });

  it('keeps apart bounds that are asked in turn', () => {
    const random = randomOf(3);
    for (let draw = 0; draw < 100; draw++) {
      expect(random.nextBelow(2)).toBeLessThan(2);
      expect(random.nextBelow(1)).toBe(0);
    }
  });

  it('refuses a bound that is not within 1 to 2³²', () => {
    for (const bound of [0, -1, 1.5, 2 ** 32 + 1, Number.NaN]) {
      expect(() => randomOf(1).nextBelow(bound)).toThrow(RangeError);
    }
  });
});

describe('permutation', () => {
  it('has each number once', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 200 }), (seed, n) => {
        const sorted = [...permutation(n, randomOf(seed))].sort((a, b) => a - b);
        expect(sorted).toEqual([...Array(n).keys()]);
      }),
    );
  });

  it('gives each of the six orders of three equally often', () => {
    const random = randomOf(11);
    const counts = new Map<string, number>();
    for (let draw = 0; draw < 6000; draw++) {
      const order = permutation(3, random).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    // χ² with 5 degrees of freedom is above 25.7 once in 10,000 times.
    const chiSquare = [...counts.values()].reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(25.7);
  });
});

describe('shuffle', () => {
  it('keeps what it was given', () => {
    fc.assert(
      fc.property(fc.integer(), fc.array(fc.string()), (seed, items) => {
        const shuffled = [...items];
        shuffle(shuffled, randomOf(seed));
        expect(shuffled.sort()).toEqual([...items].sort());
      }),
    );
  });
});
