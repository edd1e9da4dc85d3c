import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { inputMisfit } from '../../pipelines/faults.ts';
import { FeatureSpec, featurize, widthOf } from '../../pipelines/models/features.ts';
import { hashOf } from '../../pipelines/models/hash.ts';

const DENSE = FeatureSpec.parse({ kind: 'dense', columns: ['a', 'b', 'c'] });
const TEXT = FeatureSpec.parse({ kind: 'hashed-text', version: 1 });

describe('FeatureSpec', () => {
  it('has 2^16 columns for text unless told, and refuses what it does not know', () => {
    expect([widthOf(DENSE), widthOf(TEXT)]).toEqual([3, 65_536]);
    for (const spec of [
      { kind: 'dense', columns: [] },
      { kind: 'hashed-text', version: 2 },
      { kind: 'image' },
    ]) {
      expect(FeatureSpec.safeParse(spec).success).toBe(false);
    }
  });
});

describe('featurize, of numbers', () => {
  it('leaves out zeros', () => {
    expect(featurize(DENSE, [2, 0, -1])).toEqual({
      columns: Int32Array.of(0, 2),
      values: Float64Array.of(2, -1),
    });
  });

  it('refuses another count, what is not finite, and text', () => {
    for (const input of [
      [1, 2],
      [1, 2, Number.NaN],
      [1, Number.POSITIVE_INFINITY, 0],
      { title: '', body: '' },
    ]) {
      expect(() => featurize(DENSE, input)).toThrowFault(inputMisfit);
    }
  });
});

describe('featurize, of text', () => {
  it('gives rows of length 1 whose columns rise, the same every time', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        (title, body) => {
          const { columns, values } = featurize(TEXT, { title, body });
          expect(values.reduce((sum, value) => sum + value * value, 0)).toBeCloseTo(1, 12);
          expect(columns.every((column, index) => index === 0 || column > columns[index - 1]!)).toBe(true);
          expect(columns.at(-1)).toBeLessThan(65_536);
          expect(values.every((value) => value > 0)).toBe(true);
          expect(featurize(TEXT, { title, body })).toEqual({ columns, values });
        },
      ),
    );
  });

  // An issue without code has a title block of weight 0.5 over its distinct n-grams; ratios survive normalizing.
  it('gives each block the share of its weight, spread evenly', () => {
    const { values } = featurize(FeatureSpec.parse({ kind: 'hashed-text', version: 1, bits: 20 }), {
      title: 'ab',
      body: 'ab ab',
    });
    // Raw words: `ab` alone, however often, √0.6. N-grams: ` a`, `ab`, `b `, ` ab`, `ab `, ` ab `, √(0.5/6) each.
    const ratio = Math.sqrt(0.5 / 6 / 0.6);
    const single = Math.max(...values);
    const shared = [...values].filter((value) => Math.abs(value / single - ratio) < 1e-9);
    expect(shared).toHaveLength(6);
  });

  it('has something to say about nothing, and refuses numbers', () => {
    expect(featurize(TEXT, { title: '', body: '' }).columns.length).toBeGreaterThan(0);
    expect(() => featurize(TEXT, [1])).toThrowFault(inputMisfit);
  });
});

describe('hashOf', () => {
  // Oracle: the two definitions in whole numbers that do not wrap; FNV-1a of `a` is 0xe40c292c before the finish.
  it('is FNV-1a with MurmurHash3’s finish', () => {
    const finish = (word: bigint) => {
      const mask = 0xffff_ffffn;
      let hash = ((word ^ (word >> 16n)) * 0x85eb_ca6bn) & mask;
      hash = ((hash ^ (hash >> 13n)) * 0xc2b2_ae35n) & mask;
      return Number(hash ^ (hash >> 16n));
    };
    expect(hashOf('a', 0)).toBe(finish(0xe40c292cn));
    expect(hashOf('foobar', 0)).toBe(finish(0xbf9cf968n));
    expect(hashOf('foobar', 1)).not.toBe(hashOf('foobar', 0));
  });
});
