import { describe, expect, it } from 'vitest';
import { diagonalOf } from '../../pipelines/quantum/diagonal.ts';
import { ENTRANTS } from '../../pipelines/quantum/entrants.ts';
import { standingProblems } from '../../pipelines/quantum/problem-set.ts';
import { couplingsOf, hashOf } from '../../pipelines/solvers/qubo.ts';

const SMALL = standingProblems(1).slice(0, 3);

/** Every look takes so long. */
function ticking(stepMs: number): () => number {
  let now = 0;
  return () => (now += stepMs);
}

const ASK = { seed: 5, budgetMs: 20, shots: 400, evaluations: 24, depth: 3 };

describe.each(ENTRANTS)('the entrant $name', (entrant) => {
  it.each(SMALL)('tells values that $name has, with their counts, and what they took', ({ qubo }) => {
    const values = new Set(diagonalOf(qubo));
    const entry = entrant.enter(qubo, { ...ASK, clockMs: ticking(0.5) });
    expect(entry.energies.every(([energy]) => values.has(energy))).toBe(true);
    expect(entry.energies.map(([energy]) => energy)).toEqual(
      entry.energies.map(([energy]) => energy).toSorted((a, b) => a - b),
    );
    const attempts = entry.energies.reduce((sum, [, times]) => sum + times, 0);
    if (entrant.kind === 'simulated') {
      expect(attempts).toBe(ASK.shots);
      expect(entry.shots).toBe(ASK.shots + 100 * entry.evaluations);
      expect(entry.evaluations).toBeLessThanOrEqual(ASK.evaluations);
    } else {
      expect([entry.shots, entry.evaluations, entry.setupMs]).toEqual([0, 0, 0]);
      // One look at the clock an attempt, or a hundred guesses, of half a millisecond each.
      const looks = entrant.kind === 'chance' ? attempts / 100 : attempts;
      expect(looks).toBe(ASK.budgetMs / 0.5);
      expect(entry.attemptMs * attempts).toBeCloseTo(ASK.budgetMs, 6);
    }
    expect(entry.certain).toBe(entrant.kind === 'exact');
  });

  it('finds the same again with the same seed and the same clock', () => {
    const enter = () => entrant.enter(SMALL[0]!.qubo, { ...ASK, clockMs: ticking(0.5) });
    expect(enter()).toEqual(enter());
  });

  it('begins nothing after its budget: one attempt, and no tuning, where that is spent at once', () => {
    const entry = entrant.enter(SMALL[0]!.qubo, { ...ASK, budgetMs: 1, clockMs: ticking(10) });
    const attempts = entry.energies.reduce((sum, [, times]) => sum + times, 0);
    const once = entrant.kind === 'chance' ? 100 : entrant.kind === 'simulated' ? ASK.shots : 1;
    expect(attempts).toBe(once);
    expect(entry.evaluations).toBeLessThanOrEqual(1);
  });
});

describe('the entrants', () => {
  it('are of every kind that needs no machine elsewhere, each with a name of its own', () => {
    expect(new Set(ENTRANTS.map(({ kind }) => kind))).toEqual(
      new Set(['exact', 'classical', 'simulated', 'chance']),
    );
    expect(new Set(ENTRANTS.map(({ name }) => name)).size).toBe(ENTRANTS.length);
  });

  it('see circuits by shots alone: tuned angles are better than those they began from, for some seed', () => {
    const { qubo } = SMALL[2]!;
    const meanOf = (name: string, seed: number) => {
      const entrant = ENTRANTS.find((one) => one.name === name)!;
      const ask = { ...ASK, seed, budgetMs: 1e9, evaluations: 200, clockMs: ticking(0.001) };
      const { energies } = entrant.enter(qubo, ask);
      return energies.reduce((sum, [energy, times]) => sum + energy * times, 0) / ASK.shots;
    };
    const gains = [1, 2, 3].map((seed) => meanOf('qaoa-fixed', seed) - meanOf('qaoa-tuned', seed));
    expect(Math.max(...gains)).toBeGreaterThan(0);
  });
});

describe('the standing problems', () => {
  it('are the same for a seed, others for another, and each of its kind', () => {
    const hashes = (seed: number) => standingProblems(seed).map(({ qubo }) => hashOf(qubo));
    expect(hashes(1)).toEqual(hashes(1));
    expect(new Set([...hashes(1), ...hashes(2)]).size).toBe(24);
    for (const { name, qubo } of standingProblems(3)) {
      const [kind, n] = name.split('-');
      expect(qubo.n).toBe(Number(n));
      if (kind !== 'cut') continue;
      // Three edges at every vertex, none twice: the row sums of a cut are −3.
      const degrees = Array.from({ length: qubo.n }, () => 0);
      for (const { i, j, weight } of couplingsOf(qubo)) {
        expect(weight).toBe(2);
        degrees[i]! += 1;
        degrees[j]! += 1;
      }
      expect(degrees).toEqual(Array.from({ length: qubo.n }, () => 3));
      expect([...qubo.linear]).toEqual(degrees.map((degree) => -degree));
    }
  });
});
