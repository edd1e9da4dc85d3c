import { describe, expect, it } from 'vitest';
import { Decimal } from '../../registry/base/decimal.ts';
import { KEPT } from '../../registry/schema/state.ts';
import type { Granted } from '../../registry/schema/verdict.ts';
import { grantedAfter } from '../../registry/state/fold-grants.ts';

const gate = (alpha: string | null) => ({
  gate: 'improvement',
  answer: 'investigate' as const,
  reason: 'r',
  ...(alpha === null ? {} : { alpha: Decimal.parse(alpha) }),
});

describe('what candidates were granted', () => {
  it('is added up by day, and only for gates that keep a budget', () => {
    const first = grantedAfter([], '2026-11-20T08:00:00.000Z', [gate('0.01'), gate(null)]);
    const second = grantedAfter(first, '2026-11-20T20:00:00.000Z', [gate('0.002')]);
    expect(second).toEqual([{ day: '2026-11-20', judged: 2, alpha: '0.012000000000' }]);
    expect(grantedAfter(second, '2026-11-21T00:00:00.000Z', [gate(null)])).toBe(second);
    // A clock that went back.
    expect(grantedAfter(second, '2026-11-19T00:00:00.000Z', [gate('0.001')]).map(({ day }) => day)).toEqual([
      '2026-11-19',
      '2026-11-20',
    ]);
  });

  it('is bounded', () => {
    let all: readonly Granted[] = [];
    for (let day = 0; day < 200; day++) {
      const at = new Date(Date.UTC(2026, 0, 1) + day * 86_400_000).toISOString();
      all = grantedAfter(all, at, [gate('0.01')]);
    }
    expect(all).toHaveLength(KEPT.grants);
  });
});
