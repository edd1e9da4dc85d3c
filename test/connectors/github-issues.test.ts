import { setTimeout as pause } from 'node:timers/promises';
import { Octokit } from '@octokit/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { BURST, COPIES_MOST, githubIssues } from '../../pipelines/connectors/github-issues.ts';
import type { Feed, Pull } from '../../pipelines/connectors/feed.ts';
import { remoteBusy } from '../../registry/faults.ts';
import type { GitHubApi } from '../../registry/store/github-call.ts';
import { describeFeed } from '../conformance/feed.ts';
import { secondaryLimit } from '../fakes/github/faults.ts';
import type { Twin } from '../fakes/github/twin.ts';
import { openedTwin } from '../fixtures/twin.ts';
import '../matchers.ts';

const LABELS = ['bug', 'feature', 'question'] as const;
const FAMILY = new Set<string>(LABELS);
const START: Pull = { cursor: null, known: new Map() };

async function world(): Promise<Twin> {
  const twin = await openedTwin();
  for (const name of [...LABELS, 'wontfix']) {
    await twin.request({ as: 'ada' }, 'POST', 'labels', { name, color: 'cccccc' });
  }
  return twin;
}

interface Opened {
  readonly feed: Feed;
  readonly pauses: number[];
}

/** The stand-in knows no edits of bodies: they are told here as GitHub tells them, newest first. */
function opened(
  twin: Twin,
  more: { readonly callsMost?: number; readonly edits?: object; readonly reserve?: number } = {},
): Opened {
  const pauses: number[] = [];
  const octokit = new Octokit({ auth: twin.tokens['linus'], baseUrl: twin.url });
  const api: GitHubApi = {
    request: (route, parameters) => octokit.request(route, parameters),
    graphql: async () => ({ repository: more.edits ?? {} }),
  };
  const feed = githubIssues({
    api,
    owner: 'octo',
    name: 'models',
    sleep: async (ms) => void pauses.push(ms),
    family: FAMILY,
    machines: new Set(['grace']),
    ...more,
  });
  return { feed, pauses };
}

/** The stand-in's clock has milliseconds; moments that differ need no more. */
async function labelled(twin: Twin, label: string, words: { readonly title: string }): Promise<number> {
  const { number } = await twin.issue({ as: 'rita', body: 'It is so.', ...words });
  await pause(2);
  await twin.label({ as: 'tara', on: Number(number), labels: [label] });
  return Number(number);
}

describe('github-issues', () => {
  let twin: Twin;

  beforeAll(async () => {
    twin = await world();
    for (const [index, label] of [...LABELS, ...LABELS].entries()) {
      await labelled(twin, label, { title: `Issue ${index}` });
    }
  });

  describeFeed({
    name: 'github-issues',
    open: async (callsMost) => opened(twin, callsMost === undefined ? {} : { callsMost }).feed,
  });

  it('tells repository, number, label, words, and what the author is', async () => {
    const { rows } = await opened(twin).feed.pull(START);
    expect(rows[0]).toMatchObject({
      id: 'octo/models#1',
      repo: 'octo/models',
      number: '1',
      label: 'bug',
      not: '',
      title: 'Issue 0',
      body: 'It is so.',
      author_association: 'NONE',
    });
    expect(Date.parse(rows[0]?.['labelled_at'] ?? '')).toBeGreaterThan(
      Date.parse(rows[0]?.['created_at'] ?? ''),
    );
  });

  it('asks for no timeline of what is known and has not changed', async () => {
    const known = new Map([1, 2, 3, 4, 5, 6].map((n) => [`octo/models#${n}`, LABELS[(n - 1) % 3] ?? '']));
    const before = twin.calls.length;
    const { rows } = await opened(twin).feed.pull({ cursor: null, known });
    expect(rows).toEqual([]);
    expect(twin.calls.length - before).toBe(1);
  });

  it('leaves calls of the hour to others, and goes on where it stopped', async () => {
    const { feed } = opened(twin, { reserve: 1_000_000 });
    const pulled = await feed.pull(START);
    expect(pulled.done).toBe(false);
    expect(pulled.rows.length).toBeLessThan(6);
  });

  it('pauses as long as GitHub asks, and gives what it has when that is too long', async () => {
    const { feed, pauses } = opened(twin);
    const timeline = ({ path }: { path: string }): boolean => path.endsWith('/3/timeline');
    twin.faults.plan({ fault: secondaryLimit(7), when: timeline });
    expect((await feed.pull(START)).rows).toHaveLength(6);
    expect(pauses).toEqual([7000]);
    twin.faults.plan({ fault: secondaryLimit(4000, 429), when: timeline });
    const stopped = await feed.pull(START);
    expect([stopped.done, stopped.rows.length]).toEqual([false, 2]);
    twin.faults.plan({ fault: secondaryLimit(4000), when: ({ path }) => path.endsWith('/issues') });
    await expect(feed.pull(START)).rejects.toThrowFault(remoteBusy);
    twin.faults.clear();
  });
});

describe('github-issues, of what people and machines did', () => {
  let twin: Twin;
  const pulled = async (more: Parameters<typeof opened>[1] = {}) =>
    new Map((await opened(twin, more).feed.pull(START)).rows.map((row) => [Number(row['number']), row]));

  beforeAll(async () => {
    twin = await world();
  });

  it('never learns from apps, listed accounts and pull requests, and keeps a no to a machine’s label', async () => {
    const token = await twin.installationToken();
    const give = async (as: string, label: string): Promise<number> => {
      const { number } = await twin.issue({ as: 'rita', title: `By ${as}` });
      await twin.label({ as, on: Number(number), labels: [label] });
      return Number(number);
    };
    const [app, listed, denied, corrected, other] = [
      await give(token, 'bug'),
      await give('grace', 'bug'),
      await give(token, 'bug'),
      await give(token, 'bug'),
      await give('tara', 'wontfix'),
    ];
    for (const on of [denied, corrected]) {
      await twin.request({ as: 'tara' }, 'DELETE', `issues/${on}/labels/bug`);
    }
    await twin.label({ as: 'tara', on: corrected, labels: ['feature'] });
    await twin.push({ as: 'linus', branch: 'change', files: { 'a.txt': 'a' } });
    const pull = await twin.pull({ as: 'linus', head: 'change' });
    await twin.label({ as: 'tara', on: Number(pull['number']), labels: ['bug'] });

    const rows = await pulled();
    expect([app, listed, other, Number(pull['number'])].filter((number) => rows.has(number))).toEqual([]);
    expect(rows.get(denied)).toMatchObject({ label: '', not: 'bug' });
    expect(rows.get(corrected)).toMatchObject({ label: 'feature', not: 'bug' });
  });

  it('has the words that were labelled, whatever became of them', async () => {
    const number = await labelled(twin, 'bug', { title: 'Before' });
    await pause(5);
    const path = `issues/${number}`;
    await twin.request({ as: 'rita' }, 'PATCH', path, { body: 'Solved, see the end.' });
    const edits = {
      [`i${number}`]: {
        userContentEdits: {
          nodes: [
            { editedAt: '2100-01-01T00:00:00Z', diff: 'Solved, see the end.' },
            { editedAt: '2020-01-01T00:00:00Z', diff: 'It is so.' },
          ],
        },
      },
    };
    expect((await pulled({ edits })).get(number)?.['body']).toBe('It is so.');
  });

  it('leaves out what one account labels faster than people judge', async () => {
    const many = BURST.most + 3;
    for (let index = 0; index < many; index++) {
      const { number } = await twin.issue({ as: 'rita', title: `Flood ${index}` });
      await twin.label({ as: 'linus', on: Number(number), labels: ['question'] });
    }
    const { rows, quarantined } = await opened(twin).feed.pull(START);
    expect(rows.filter(({ title }) => title?.startsWith('Flood'))).toHaveLength(BURST.most);
    expect(quarantined).toBe(3);
  });

  it('leaves out what is the same again and again, whoever labels it and however it is set', async () => {
    const by = ['ada', 'linus', 'tara', 'ada', 'tara'];
    for (const [index, as] of by.entries()) {
      const title = index % 2 === 0 ? 'Buy it  now' : 'buy it now';
      const { number } = await twin.issue({ as: 'rita', title, body: 'Really.' });
      await twin.label({ as, on: Number(number), labels: ['question'] });
    }
    const other = await twin.issue({ as: 'rita', title: 'Buy it now', body: 'Really.' });
    await twin.label({ as: 'tara', on: Number(other['number']), labels: ['bug'] });
    const { rows } = await opened(twin).feed.pull(START);
    const copies = rows.filter(({ title }) => /buy/i.test(title ?? ''));
    expect(copies.map(({ label }) => label)).toEqual([
      ...Array.from({ length: COPIES_MOST }, () => 'question'),
      'bug',
    ]);
  });
});
