import { describe, expect, it } from 'vitest';
import { codesOf, FAKES, honest, outcomes } from './fakes.ts';
describe('the honesty of a score', () => {
  it.each(FAKES)('finds %s out', (_says, code, lie) => {
    expect(codesOf(lie(honest(1)))).toContain(code);
  });

  it('has nothing to say of 20 honest runs', () => {
    for (let seed = 1; seed <= 20; seed++) expect(codesOf(honest(seed))).toEqual([]);
  });

  // Another machine's processor may round the last digits of a probability otherwise.
  it('takes the last digits of a probability for noise, and another answer for a lie', () => {
    const one = honest(3);
    const own = outcomes(3);
    const near = { ...own, probabilities: own.probabilities.map((p) => p + 2e-6) };
    expect(codesOf({ ...one, again: near })).toEqual([]);
  });
});
