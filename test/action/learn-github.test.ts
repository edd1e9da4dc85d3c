/** `fettle learn` from the issues of a repository, through the command line and the GitHub stand-in. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { challengerMissing, issueUnknown } from '../../action/faults.ts';
import { cursorOf } from '../../action/verbs/fed-source.ts';
import { evidenceThin } from '../../pipelines/faults.ts';
import type { Twin } from '../fakes/github/twin.ts';
import { openedTwin } from '../fixtures/twin.ts';
import { git, temporaryRepository } from '../temporary.ts';
import { cleanEnvironment } from './fettle.ts';

const Named = z.array(z.object({ name: z.string() }));
const CLI = path.resolve(import.meta.dirname, '../../action/cli.ts');

const SETTINGS = `models:
  issue-triage:
    recipe: issue-triage
    from: github-issues
    columns: { label: label, project: repo, at: created_at, title: title, body: body, association: author_association }
    gates: { enough-samples: null, metric-floor: null, no-regression: null, latency-budget: null }
    triage:
      labels: { bug: label, feature: suggest }
      retrain: { labels: 30, corrections: 2 }
`;

/** Not by the blocking helper: the stand-in answers in this very process. */
function ended(folder: string, words: readonly string[], twin: Twin): Promise<string> {
  const world = {
    GITHUB_TOKEN: twin.tokens['linus'] ?? '',
    GITHUB_REPOSITORY: 'octo/models',
    GITHUB_API_URL: twin.url,
  };
  const child = spawn(process.execPath, [CLI, ...words], { cwd: folder, env: cleanEnvironment(world) });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  }
  return new Promise((resolve) => child.on('close', (code) => resolve(`${out}\ncode ${code}`)));
}

describe('a model that learns from the issues of its repository', () => {
  let twin: Twin;
  let folder: string;

  async function labelled(from: number, to: number, turned = false): Promise<void> {
    for (let index = from; index < to; index++) {
      const label = (index % 2 === 0) === turned ? 'feature' : 'bug';
      const word = index % 2 === 0 ? 'crash' : 'support';
      const own = 'abcdefghijklmnopqrstuvwxyz'[index % 26]?.repeat(3 + (index % 5)) ?? '';
      const { number } = await twin.issue({ as: 'rita', title: `${word} ${own}`, body: `about the ${own}` });
      // Each of three people keeps below what is taken for a burst.
      const as = ['ada', 'linus', 'tara'][index % 3] ?? 'ada';
      await twin.label({ as, on: Number(number), labels: [label] });
    }
  }

  beforeAll(async () => {
    twin = await openedTwin();
    for (const name of ['bug', 'feature']) {
      await twin.request({ as: 'ada' }, 'POST', 'labels', { name, color: 'cccccc' });
    }
    folder = temporaryRepository();
    mkdirSync(path.join(folder, '.github'));
    writeFileSync(path.join(folder, '.github/fettle.yml'), SETTINGS);
    await labelled(0, 60);
  });

  it('trains on what people labelled, waits while little is new, and goes on when enough is', async () => {
    expect(await ended(folder, ['learn'], twin)).toMatch(
      /60 issues[^]*issue-triage@1\.0\.0 serves[^]*code 0$/,
    );
    const quiet = await ended(folder, ['learn', '--json'], twin);
    expect(quiet).toContain(evidenceThin.code);
    expect(quiet).toMatch(/code 0$/);
    // A correction by a person: the label changes on issues that were learned.
    for (const number of [1, 3]) {
      await twin.request({ as: 'tara' }, 'DELETE', `issues/${number}/labels/bug`);
      await twin.label({ as: 'tara', on: number, labels: ['feature'] });
    }
    expect(await ended(folder, ['learn'], twin)).toMatch(
      /2 issues with new[^]*issue-triage@1\.1\.0[^]*code 0$/,
    );
    expect(git(folder, 'log', '--format=%s', 'fettle/registry')).not.toBe('');
  });

  it('labels and suggests what it is sure of, once, and never against a person', async () => {
    const opened = async (title: string, labels: readonly string[] = []): Promise<number> => {
      const { number } = await twin.issue({ as: 'rita', title, body: 'about the bbbb' });
      if (labels.length > 0) await twin.label({ as: 'tara', on: Number(number), labels });
      return Number(number);
    };
    const labelsOn = async (number: number): Promise<readonly string[]> => {
      const told = await twin.request({ as: 'ada' }, 'GET', `issues/${number}/labels`);
      return Named.parse(told).map(({ name }) => name);
    };
    const crash = 'crash bbbb';
    const [bug, denied, feature, human] = [
      await opened(crash),
      await opened(crash),
      await opened('support bbbb'),
      await opened(crash, ['feature']),
    ];
    await twin.label({ as: 'linus', on: denied, labels: ['bug'] });
    await twin.request({ as: 'tara' }, 'DELETE', `issues/${denied}/labels/bug`);

    const before = twin.calls.length;
    const rehearsed = await ended(folder, ['label', '--dry-run'], twin);
    expect(rehearsed).toMatch(/2 issues would be[^]*code 0$/);
    expect(twin.calls.slice(before).filter(({ writes }) => writes)).toEqual([]);

    const told = await ended(folder, ['label', '--json'], twin);
    expect(told).toMatch(/code 0$/);
    expect(told).toContain('denied');
    expect([
      await labelsOn(bug),
      await labelsOn(denied),
      await labelsOn(feature),
      await labelsOn(human),
    ]).toEqual([['bug'], [], [], ['feature']]);
    const [comment, ...more] = await twin.comments(feature);
    expect([String(comment?.['body']).includes('`feature`'), more]).toEqual([true, []]);

    const again = twin.calls.length;
    expect(await ended(folder, ['label', '--since', '2020-01-01T00:00:00Z'], twin)).toMatch(
      /0 issues labelled/,
    );
    expect(twin.calls.slice(again).filter(({ writes }) => writes)).toEqual([]);
    expect(await ended(folder, ['label', '--issue', '9999', '--json'], twin)).toContain(issueUnknown.code);

    await ended(folder, ['stop', '--reason', 'a drill'], twin);
    expect(await ended(folder, ['label'], twin)).toMatch(/stopped: a drill[^]*code 3$/);
    expect(await ended(folder, ['resume', '--reason', 'over'], twin)).toMatch(/resumed: over[^]*code 0$/);
  });

  it('goes through a range of issues within the cap of a run, and tells where to go on', async () => {
    const numbers: number[] = [];
    for (let index = 0; index < 4; index++) {
      const { number } = await twin.issue({ as: 'rita', title: 'support bbbb', body: 'about the bbbb' });
      numbers.push(Number(number));
    }
    const suggested = async (): Promise<readonly number[]> =>
      Promise.all(numbers.map(async (number) => (await twin.comments(number)).length));
    const [first = 0, , third = 0] = numbers;
    const settings = path.join(folder, '.github/fettle.yml');
    writeFileSync(settings, SETTINGS.replace('retrain:', 'most: 2\n      retrain:'));
    const range = ['label', '--from', `${first}`, '--to', `${third}`];

    const rehearsed = await ended(folder, [...range, '--dry-run'], twin);
    expect(rehearsed).toMatch(/2 issues would be[^]*1 enough[^]*code 0$/);
    expect(rehearsed).toContain(`To do it: fettle label issue-triage --from ${first} --to ${third}\n`);
    expect(await suggested()).toEqual([0, 0, 0, 0]);

    const rest = `fettle label issue-triage --from ${third} --to ${third}`;
    expect(await ended(folder, range, twin)).toContain(`go on with: ${rest}\n`);
    expect(await suggested()).toEqual([1, 1, 0, 0]);
    expect(await ended(folder, rest.split(' ').slice(1), twin)).toMatch(/1 issue labelled/);
    expect(await suggested()).toEqual([1, 1, 1, 0]);

    const before = twin.calls.length;
    const again = await ended(folder, range, twin);
    expect(again).toMatch(/0 issues labelled or commented; left: 3 unchanged/);
    expect(again).not.toContain('go on');
    expect(twin.calls.slice(before).filter(({ writes }) => writes)).toEqual([]);
    expect(await ended(folder, [...range, '--issue', '4'], twin)).toMatch(/without `--issue`[^]*code 2$/);
    writeFileSync(settings, SETTINGS);
  });

  it('trains on too few labels for a training when they show that it errs more than it did', async () => {
    await labelled(60, 86, true);
    const told = await ended(folder, ['learn'], twin);
    expect(told).toMatch(/Worth a training: drift \((page-hinkley|adwin)\)/);
    expect(told).toContain('issue-triage@1.2.0');
  });

  it('leaves issues to people while a challenger watches, and compares the two on what they say', async () => {
    expect(await ended(folder, ['duel', 'issue-triage', '--json'], twin)).toContain(challengerMissing.code);
    const staged = ['promote', 'issue-triage@1.0.0', '--to', 'staging'];
    expect(await ended(folder, staged, twin)).toMatch(/code 0$/);
    writeFileSync(
      path.join(folder, '.github/fettle.yml'),
      SETTINGS.replace('retrain:', 'audit: 1\n      retrain:'),
    );
    const { number } = await twin.issue({ as: 'rita', title: 'crash bbbb', body: 'about the bbbb' });
    const before = twin.calls.length;
    const told = await ended(folder, ['label', '--issue', `${number}`], twin);
    expect(told).toMatch(/0 issues labelled or commented; left: 1 (left-to-people|abstains)/);
    expect(twin.calls.slice(before).filter(({ writes }) => writes)).toEqual([]);
    expect(await ended(folder, ['duel', 'issue-triage'], twin)).toContain(
      '1 issue left to people, none of them labelled yet',
    );
    writeFileSync(path.join(folder, 'labels.csv'), `id,label\nocto/models#${number},bug\n`);
    expect(await ended(folder, ['duel', 'issue-triage', '--from', 'labels.csv'], twin)).toMatch(
      /on 1 issue of 1 that were left to people: not decided[^]*code 0$/,
    );
  });
});

describe('where a feed goes on', () => {
  const run = (kind: 'completed' | 'failed', source: string) =>
    ({ outcome: { kind }, asked: { source: JSON.stringify(source) } }) as never;

  it('is what the latest completed run read to, and the beginning where there is none', () => {
    const runs = [
      run('completed', 'github-issues@2026-01-02T00:00:00Z.jsonl'),
      run('failed', 'github-issues@2026-01-09T00:00:00Z.jsonl'),
      run('completed', 'github-issues@2026-01-01T00:00:00Z.jsonl'),
      run('completed', 'other.csv'),
    ];
    expect(cursorOf({ runs })).toBe('2026-01-02T00:00:00Z');
    expect(cursorOf({ runs: runs.slice(3) })).toBeNull();
    expect(cursorOf(undefined)).toBeNull();
  });
});
