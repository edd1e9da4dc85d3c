/** Decimals as strings: what is written, and what is refused. */
import { describe, expect, it } from 'vitest';
import { Decimal, decimal } from '../../registry/base/decimal.ts';

describe('decimal', () => {
  it('writes the number of digits that is asked for', () => {
    expect(decimal(0.5)).toBe('0.500000');
    expect(decimal(2 / 3, 3)).toBe('0.667');
    expect(decimal(12, 0)).toBe('12');
  });

  it('gives zero no sign, however small the number below it', () => {
    expect(decimal(-1e-9)).toBe('0.000000');
    expect(decimal(-0, 0)).toBe('0');
  });

  it('refuses what no decimal can say', () => {
    for (const value of [Number.NaN, Infinity, -Infinity, 1e15, -1e15]) {
      expect(() => decimal(value)).toThrow(TypeError);
    }
  });

  it('writes what its own schema takes', () => {
    for (const value of [0, -0.25, 999_999_999_999_999, 1 / 3]) {
      expect(Decimal.parse(decimal(value, 12))).toBe(decimal(value, 12));
    }
  });

  it('takes no exponent, no leading zero, no bare point and no signed zero', () => {
    for (const text of ['1e3', '01', '.5', '1.', '-0', '-0.00', '+1', ' 1', '']) {
      expect(Decimal.safeParse(text).success).toBe(false);
    }
  });
});
