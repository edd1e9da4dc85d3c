import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { duelOf } from '../../action/verbs/live-duel.ts';
import type { ShadowLine } from '../../action/verbs/label-shadow.ts';
import { temporaryRepository } from '../temporary.ts';
import { fettle } from './fettle.ts';

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

const SETTINGS = `models:
  triage:
    recipe: issue-triage
    columns: { id: id, label: label, project: repo, at: at, title: title, body: body }
    promote: candidate
    gates: { enough-samples: null, metric-floor: null, no-regression: null, latency-budget: null, slices: null, temporal: null }
    triage: { audit: 1 }
`;
const Told = z.object({ data: z.object({ left: z.int(), n: z.int(), wins: z.int(), losses: z.int() }) });

/** Issues whose label shows in one word of the title. */
function issuesCsv(from: number, count: number, at: (index: number) => string): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const row = from + index;
    const word = row % 2 === 0 ? 'crash' : 'support';
    const own = 'abcdefghijklmnopqrstuvwxyz'[row % 26]?.repeat(3 + (row % 5)) ?? '';
    return `octo/models#${row},octo/models,${at(index)},${word} ${own},about the ${own},${row % 2 === 0 ? 'bug' : 'feature'}`;
  });
  return ['id,repo,at,title,body,label', ...lines, ''].join('\n');
}

describe('a duel where nobody kept what was said', () => {
  it('is fought again on what people labelled since, new to both and left to people', () => {
    const folder = temporaryRepository();
    mkdirSync(path.join(folder, '.github'));
    writeFileSync(path.join(folder, '.github/fettle.yml'), SETTINGS);
    const done = (...words: readonly string[]): string => {
      const { code, stdout, stderr } = fettle(folder, words);
      expect([code, stderr]).toMatchObject([0, expect.anything()]);
      return stdout;
    };
    const taken = (name: string, csv: string): void => {
      writeFileSync(path.join(folder, name), csv);
      done('run', 'triage', '--from', name, '--quiet');
    };
    taken(
      'first.csv',
      issuesCsv(0, 120, () => '2026-01-01T00:00:00Z'),
    );
    taken(
      'second.csv',
      issuesCsv(120, 40, () => '2026-01-02T00:00:00Z'),
    );
    done('promote', 'triage@1.0.0', '--to', 'production');
    done('promote', 'triage@1.1.0', '--to', 'staging');
    expect(Told.parse(JSON.parse(done('duel', 'triage', '--json'))).data.left).toBe(0);
    // Every other one was opened before the two had their places: the bot may have said something of it.
    taken(
      'third.csv',
      issuesCsv(200, 60, (index) => (index % 2 === 0 ? '2999-01-01T00:00:00Z' : '2026-01-03T00:00:00Z')),
    );
    const { left, n, wins, losses } = Told.parse(JSON.parse(done('duel', 'triage', '--json'))).data;
    expect(n).toBe(left);
    expect([n > 10, n <= 30, wins, losses]).toEqual([true, true, 0, 0]);
  }, 60_000);
});
