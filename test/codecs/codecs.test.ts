import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CODECS } from '../../pipelines/codecs/index.ts';
import type { Codec } from '../../pipelines/codecs/codec.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { gaussian } from '../transforms/models.ts';

const codec = (name: string): Codec => CODECS.find((one) => one.name === name)!;

function through(one: Codec, weights: Float32Array) {
  const parts = one.encode(weights);
  const bytes = parts.reduce((sum, each) => sum + each.bytes.length, 0);
  const decoded = one.decode(
    Object.fromEntries(parts.map((each) => [each.name, each.bytes])),
    weights.length,
  );
  const energy = weights.reduce((sum, value) => sum + value ** 2, 0);
  const noise = weights.reduce((sum, value, at) => sum + (value - decoded[at]!) ** 2, 0);
  return {
    parts,
    bits: (8 * bytes) / weights.length,
    decoded,
    noise,
    snrDb: 10 * Math.log10(energy / noise),
  };
}

function gaussians(count: number, seed: number): Float32Array {
  const random = randomOf(seed);
  return Float32Array.from({ length: count }, () => 0.02 * gaussian(random));
}

describe('every codec', () => {
  it.each(CODECS)('gives as many finite weights as it took, whatever they are: $name', (one) => {
    const value = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true, min: -1000, max: 1000 }),
      fc.constant(0),
    );
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), (values) => {
        const weights = Float32Array.from(values);
        const { decoded, noise } = through(one, weights);
        expect(decoded).toHaveLength(weights.length);
        expect(decoded.every(Number.isFinite)).toBe(true);
        // Never worse than to say nothing, but for the rounding of a level or a scale.
        expect(noise).toBeLessThanOrEqual(weights.reduce((sum, each) => sum + each ** 2, 0) * 1.01 + 1e-6);
      }),
      { seed: 5, numRuns: 40 },
    );
  });

  // What the papers and the measured sketch promise on normal weights; for scale, 6.02 dB a bit is the law's bound.
  it.each([
    ['ternary', 1.73, 6.8],
    ['trellis', 2.001, 10.4],
    ['seedlm', 3.251, 12.5],
    ['int4', 4.13, 18.6],
    ['int8', 8.13, 43],
  ] as const)('%s: takes at most %f bits of normal weights and keeps %f dB', (name, bits, db) => {
    const found = through(codec(name), gaussians(name === 'seedlm' ? 20_000 : 200_000, 3));
    expect(found.bits).toBeLessThanOrEqual(bits);
    expect(found.snrDb).toBeGreaterThan(db);
    expect(found.snrDb).toBeLessThan(6.0206 * found.bits);
  });
});

describe('ternary', () => {
  it('puts five trits into a byte, the first lowest', () => {
    const { parts, decoded } = through(codec('ternary'), Float32Array.of(2, 0, -2, 2, 2));
    // (2 + 1·3 + 0·9 + 2·27 + 2·81), by hand.
    expect([...parts[0]!.bytes]).toEqual([221]);
    expect([...decoded]).toEqual([2, 0, -2, 2, 2]);
  });

  it('begins at the mean magnitude, and from there on only errs less', () => {
    const weights = gaussians(12_800, 9);
    let noise = 0;
    for (let begin = 0; begin < weights.length; begin += 128) {
      const group = weights.subarray(begin, begin + 128);
      const gamma = group.reduce((sum, value) => sum + Math.abs(value), 0) / 128;
      for (const value of group) {
        noise += (value - gamma * Math.max(-1, Math.min(1, Math.round(value / gamma)))) ** 2;
      }
    }
    expect(through(codec('ternary'), weights).noise).toBeLessThan(noise);
  });
});

describe('int4', () => {
  it('puts the first of two into the low half, in two’s complement', () => {
    const { parts, decoded } = through(codec('int4'), Float32Array.of(7, -1, 3, 0));
    expect([...parts[0]!.bytes]).toEqual([0xf7, 0x03]);
    expect([...decoded]).toEqual([7, -1, 3, 0]);
  });
});

describe('int8', () => {
  it('is off by half a step at most', () => {
    const weights = gaussians(128, 4);
    const step = Math.max(...weights.map(Math.abs)) / 127;
    const { decoded } = through(codec('int8'), weights);
    weights.forEach((value, at) => expect(Math.abs(value - decoded[at]!)).toBeLessThan(step * 0.57));
  });
});

describe('the trellis', () => {
  it('finds the best of all paths', () => {
    const one = codec('trellis');
    for (let seed = 0; seed < 5; seed++) {
      const weights = gaussians(6, seed);
      const { parts, noise } = through(one, weights);
      const levels = parts[1]!.bytes;
      let best = Infinity;
      for (let path = 0; path < 4 ** 6; path++) {
        const codes = Uint8Array.of(path & 255, path >> 8);
        const decoded = one.decode({ codes, levels }, 6);
        best = Math.min(
          best,
          weights.reduce((sum, value, at) => sum + (value - decoded[at]!) ** 2, 0),
        );
      }
      expect(noise).toBeCloseTo(best, 12);
    }
  });

  it('goes on where a block of 4096 ended', () => {
    const random = randomOf(6);
    const weights = Float32Array.from({ length: 9000 }, () => gaussian(random));
    const { decoded } = through(codec('trellis'), weights);
    const tail =
      weights.subarray(4096).reduce((sum, value, at) => sum + (value - decoded[4096 + at]!) ** 2, 0) / 4904;
    expect(10 * Math.log10(1 / tail)).toBeGreaterThan(10.4);
  });
});

describe('SeedLM', () => {
  /** The states of x¹⁰ + x⁷ + 1 by its recurrence sₙ₊₁₀ = sₙ₊₃ ⊕ sₙ, bit by bit. */
  const states = (() => {
    const bits = [1, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    for (let at = 0; at < 1100; at++) bits.push(bits[at + 3]! ^ bits[at]!);
    return Array.from({ length: 1060 }, (_, at) =>
      bits.slice(at, at + 10).reduce((sum, bit, i) => sum + bit * 2 ** i, 0),
    );
  })();

  it('unrolls a register that passes through all 1023 states', () => {
    expect(new Set(states.slice(0, 1023)).size).toBe(1023);
  });

  it('is U·t·2^e of the register’s states, exactly', () => {
    const [seed, down, codes] = [517, 3, [5, -8, 7]] as const;
    const fields = [[seed, 10], [down, 4], ...codes.map((code) => [code & 15, 4] as const)] as const;
    let bits = 0n;
    let at = 0n;
    for (const [value, width] of fields) {
      bits |= BigInt(value) << at;
      at += BigInt(width);
    }
    const bytes = Uint8Array.from({ length: 4 }, (_, index) => Number((bits >> BigInt(8 * index)) & 255n));
    const decoded = codec('seedlm').decode({ bits: bytes, highest: Uint8Array.of(1) }, 8);
    const wanted = Array.from({ length: 8 }, (_, row) => {
      const sum = codes.reduce(
        (total, code, column) => total + ((states[seed + 3 * row + column]! - 512) / 511) * code,
        0,
      );
      return Math.fround(sum * 2 ** (1 - down));
    });
    expect([...decoded]).toEqual(wanted);
  });
});
