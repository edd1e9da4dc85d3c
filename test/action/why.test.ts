import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { git, temporaryFolder } from '../temporary.ts';
import { fettle } from './fettle.ts';

const SETTINGS = `models:
  issue-triage:
    recipe: issue-triage
    columns: { id: id, label: label, project: repo, association: author, title: title, body: body }
    gates: { enough-samples: null, metric-floor: null, no-regression: null, latency-budget: null }
`;

/** Issues of two projects, whose label shows in one word of the title. */
function issuesCsv(from: number, count: number): string {
  const lines = Array.from({ length: count }, (_, index) => {
    const row = from + index;
    const word = row % 2 === 0 ? 'crash' : 'support';
    const own = 'abcdefghijklmnopqrstuvwxyz'[row % 26]?.repeat(3 + (row % 5)) ?? '';
    const author = row % 3 === 0 ? 'MEMBER' : 'NONE';
    return `i${row},${row % 4 < 2 ? 'one' : 'two'},${author},${word} ${own},about the ${own},${row % 2 === 0 ? 'bug' : 'feature'}`;
  });
  return ['id,repo,author,title,body,label', ...lines, ''].join('\n');
}

const Envelope = z.object({ data: z.record(z.string(), z.unknown()) });
const folder = temporaryFolder();

function asked(...words: string[]): Record<string, unknown> {
  const { code, stdout, stderr } = fettle(folder, [...words, '--json']);
  expect(stderr === '' || code === 0, stderr).toBe(true);
  return Envelope.parse(JSON.parse(stdout)).data;
}

describe('a model of issues', () => {
  beforeAll(() => {
    git(folder, 'init', '--quiet');
    writeFileSync(path.join(folder, 'first.csv'), issuesCsv(0, 160));
    writeFileSync(path.join(folder, 'second.csv'), issuesCsv(160, 60));
    const settings = path.join(folder, '.github');
    git(folder, 'config', 'user.name', 'Ada');
    git(folder, 'config', 'user.email', 'ada@example.org');
    mkdirSync(settings);
    writeFileSync(path.join(settings, 'fettle.yml'), SETTINGS);
  });

  it('is trained with its slices told, twice, and each version is scored again on the same items', () => {
    const first = fettle(folder, ['run', 'issue-triage', '--from', 'first.csv']);
    expect(first.stdout).toMatch(/project one .*\n.*project two/);
    expect(first.stdout).toContain('author member');
    expect(first.stdout).toContain('calibration: ECE');
    expect(fettle(folder, ['run', 'issue-triage', '--from', 'second.csv']).code).toBe(0);
    const { items, versions } = asked('score', 'issue-triage', '--metric', 'recall:bug');
    expect(items).toBeGreaterThan(20);
    expect(versions).toMatchObject([
      { version: '1.0.0', value: 1 },
      { version: '1.1.0', value: 1 },
    ]);
  });

  it('tells why: the word that decided, the past issues most like it, and how sure it is', () => {
    writeFileSync(path.join(folder, 'issue.md'), '# crash again\nabout the thing\n');
    const told = asked('why', 'issue-triage', '--file', 'issue.md', '--project', 'one');
    expect(told).toMatchObject({ by: 'issue-triage@1.1.0', label: 'bug', projectKnown: true });
    expect(JSON.stringify(told['reasonsFor'])).toContain('"crash"');
    expect(told['alike']).toMatchObject([{ label: 'bug' }, { label: 'bug' }, { label: 'bug' }]);
    // Every held-out issue is as sure, and as right: a word decides each.
    const { items, right } = z.object({ items: z.int(), right: z.int() }).parse(told['record']);
    expect([items >= 20, right]).toEqual([true, items]);
    expect(told['sums']).toMatchObject({ rival: 'feature' });
    const text = fettle(folder, [
      'why',
      'issue-triage@1.0.0',
      '--title',
      'crash',
      '--project',
      'none of them',
    ]);
    expect(text.stdout).toContain('It knows no such project');
    expect(text.stdout).toContain('by issue-triage@1.0.0');
  });

  it('tells what speaks against a label that it did not choose', () => {
    const told = asked('why', 'issue-triage', '--title', 'crash', '--label', 'feature', '--project', 'one');
    expect(JSON.stringify(told['reasonsAgainst'])).toContain('crash');
  });

  it('says what is missing or unknown', () => {
    expect(fettle(folder, ['why', 'issue-triage', '--title', 'a', '--label', 'x']).stderr).toContain(
      'bug, feature',
    );
    expect(fettle(folder, ['why', 'issue-triage', '--file', 'no.md']).stderr).toContain('no.md');
    expect(fettle(folder, ['score', 'issue-triage', '--metric', 'x']).stderr).toContain('macro_f1');
  });

  it('abstains from an answer that it is not sure of', () => {
    const { predictions } = asked(
      'predict',
      'issue-triage',
      '--title',
      'thing',
      '--body',
      'other',
      '--project',
      'one',
    );
    expect(predictions).toMatchObject([{ given: [] }]);
  });
});
