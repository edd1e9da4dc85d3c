import { describe, expect, it } from 'vitest';
import { duelOf } from '../../action/verbs/live-duel.ts';
import type { ShadowLine } from '../../action/verbs/label-shadow.ts';

const PAIR = { model: 'triage', champion: '1.0.0', challenger: '1.1.0', alpha: 0.05 };

/** The champion says `bug` of everything, the challenger `feature`. */
function line(index: number, changes: Partial<ShadowLine> = {}): ShadowLine {
  return {
    id: `octo/models#${index}`,
    at: '2026-01-01T00:00:00Z',
    arm: 'champion',
    share: 0,
    audit: true,
    champion: { version: '1.0.0', label: 'bug', probability: 0.9 },
    challenger: { version: '1.1.0', label: 'feature', probability: 0.6 },
    ...changes,
  };
}

function said(labels: readonly string[]): ReadonlyMap<string, string> {
  return new Map(labels.map((label, index) => [`octo/models#${index}`, label]));
}

const some = (count: number, label: string): readonly string[] => Array<string>(count).fill(label);

describe('a duel on live issues', () => {
  // Twelve wins are enough against two losses, and ten against one: the table of `winsNeeded`.
  it('is decided where the evidence reaches one over the chance that was set, for either side', () => {
    const lines = Array.from({ length: 20 }, (_, index) => line(index));
    const decided = (labels: readonly string[]) => duelOf(lines, said(labels), PAIR).verdict;
    expect(decided([...some(12, 'feature'), ...some(2, 'bug')])).toBe('better');
    expect(decided([...some(11, 'feature'), ...some(2, 'bug')])).toBe('undecided');
    expect(decided([...some(10, 'bug'), ...some(1, 'feature')])).toBe('worse');
    expect(decided(some(20, 'question'))).toBe('undecided');
  });

  it('counts what was left to people and labelled by them, of this pair alone', () => {
    const lines = [
      line(0),
      line(1, { audit: false }),
      line(2, { champion: { version: '0.9.0', label: 'bug', probability: 1 } }),
      line(3),
    ];
    const { left, n, wins, losses, accuracy } = duelOf(lines, said(some(3, 'feature')), PAIR);
    expect({ left, n, wins, losses, accuracy }).toEqual({ left: 2, n: 1, wins: 1, losses: 0, accuracy: 1 });
    expect(duelOf([], new Map(), PAIR)).toMatchObject({ n: 0, needed: null, verdict: 'undecided' });
  });

  it('believes neither where the shares did not come out as they were meant', () => {
    const lines = Array.from({ length: 200 }, (_, index) => line(index, { share: 0.5 }));
    expect(duelOf(lines, said(some(200, 'feature')), PAIR).verdict).toBe('suspect');
  });
});
