/** What is said of two versions where nothing pairs them. */
import { describe, expect, it } from 'vitest';
import { decimal } from '../../registry/base/decimal.ts';
import { candidate, register } from '../fixtures/registry.ts';
import { newWorld } from './world.ts';

/** A candidate whose accuracy has this interval. */
function scored(word: string, [low = 0, high = 1]: readonly number[]): ReturnType<typeof candidate> {
  const made = candidate(word, 'pass');
  const interval = { low: decimal(low), high: decimal(high), method: 'wilson' };
  const value = decimal((low + high) / 2);
  const metric = {
    name: 'accuracy',
    value,
    unit: 'ratio' as const,
    better: 'higher' as const,
    n: 100,
    interval,
  };
  return { ...made, evaluation: { ...made.evaluation, metrics: [metric] } };
}

describe('/fettle compare', () => {
  it.each([
    [[0.9, 0.95], [0.8, 0.85], 'the intervals are apart in `accuracy` better'],
    [[0.8, 0.85], [0.9, 0.95], 'the intervals are apart in `accuracy` worse'],
    [[0.85, 0.95], [0.8, 0.9], 'all intervals overlap'],
  ])('tells intervals of %s after %s as what they are', async (after, before, says) => {
    const world = newWorld();
    await register(world.registry, scored('first', before));
    await register(world.registry, scored('second', after));
    const { verdict } = await world.ask('/fettle compare digits@1.0.0 digits@1.1.0');
    expect(verdict).toContain(says);
  });
});
