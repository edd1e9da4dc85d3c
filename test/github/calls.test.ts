/** How the app spends what GitHub lets it: a budget of writes, a memory of what cannot change, faults in its own words. */
import { Octokit } from '@octokit/core';
import { describe, expect, it } from 'vitest';
import { githubAway, githubRefused } from '../../bot/faults.ts';
import { answerOf } from '../../bot/github/reactions.ts';
import { renewingApi } from '../../bot/github/renewing.ts';
import { CONTENT_BUDGET, openBudget } from '../../bot/github/budget.ts';
import { callsTo, rest } from '../../bot/github/call.ts';
import { rememberingApi, type Memo } from '../../bot/github/memo.ts';
import { countedApi, isContent } from '../../bot/github/place.ts';
import * as z from 'zod';
import { openedTwin } from '../fixtures/twin.ts';
import '../matchers.ts';

describe('the budget of writes', () => {
  async function timesOf(count: number, step: number): Promise<readonly number[]> {
    let now = 0;
    const budget = openBudget({
      perMinute: 3,
      perHour: 5,
      nowMs: () => now,
      sleep: async (ms) => void (now += ms),
    });
    const times: number[] = [];
    for (let index = 0; index < count; index++) {
      await budget.spend();
      times.push(now);
      now += step;
    }
    return times;
  }

  it('lets no more through in a minute, and no more in an hour', async () => {
    expect(await timesOf(7, 0)).toEqual([0, 0, 0, 60_000, 60_000, 3_600_000, 3_600_000]);
  });

  it('holds nobody up who asks seldom', async () => {
    expect(await timesOf(4, 900_000)).toEqual([0, 900_000, 1_800_000, 2_700_000]);
  });

  it('keeps the order of those who wait together', async () => {
    const slept: number[] = [];
    const budget = openBudget({
      perMinute: 1,
      perHour: 10,
      nowMs: () => 0,
      sleep: async (ms) => void slept.push(ms),
    });
    await Promise.all([budget.spend(), budget.spend(), budget.spend()]);
    expect(slept).toEqual([60_000, 120_000]);
  });

  it('waits by the clock on the wall before it makes one more than a minute allows', async () => {
    const twin = await openedTwin();
    const { number } = await twin.issue({ as: 'rita', title: 'A place to talk' });
    const auth = await twin.installationToken({ app: 'github-actions' });
    const octokit = new Octokit({ auth, baseUrl: twin.url });
    let sentAt = 0;
    const github = {
      request: (route: string, parameters: Readonly<Record<string, unknown>>) => {
        sentAt = Date.now();
        return octokit.request(route, parameters);
      },
      graphql: async () => ({}),
    };
    // All that a minute allows is made when all but these milliseconds of that minute have passed already.
    const left = 300;
    let ago = 60_000 - left;
    const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
    const budget = openBudget({ ...CONTENT_BUDGET, sleep, nowMs: () => Date.now() - ago });
    const began = Date.now();
    for (let index = 0; index < CONTENT_BUDGET.perMinute; index++) await budget.spend();
    ago = 0;
    const api = countedApi(github, { asked: { calls: 0, writes: 0 }, budget });
    const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
    await api.request(route, { owner: 'octo', repo: 'models', issue_number: Number(number), body: 'late' });
    // A timer may fire a moment before its time.
    expect(sentAt - began).toBeGreaterThan(left - 5);
    expect(sentAt - began).toBeLessThan(left + 5000);
    expect(await twin.comments(Number(number))).toMatchObject([{ body: 'late' }]);
  });

  it('counts what makes content, and no reading, reaction or cancelling', async () => {
    expect(isContent('POST /repos/{owner}/{repo}/issues/{issue_number}/comments')).toBe(true);
    expect(isContent('GET /repos/{owner}/{repo}/issues')).toBe(false);
    expect(isContent('POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions')).toBe(false);
    expect(isContent('POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel')).toBe(false);
    const asked = { calls: 0, writes: 0 };
    const none = { request: async () => ({}), graphql: async () => ({}) };
    const api = countedApi(none, { asked, budget: { spend: async () => undefined } });
    await api.graphql('mutation X { a }', {});
    await api.graphql('query X { a }', {});
    await api.request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {});
    expect(asked).toEqual({ calls: 3, writes: 2 });
  });
});

describe('the memory of what cannot change', () => {
  const OID = 'a'.repeat(40);

  function counting(answer: unknown): {
    readonly api: ReturnType<typeof rememberingApi>;
    readonly asked: string[];
  } {
    const asked: string[] = [];
    const memo: Memo = { answers: new Map() };
    const ask = async (what: string): Promise<unknown> => {
      asked.push(what);
      return answer;
    };
    return { asked, api: rememberingApi({ request: ask, graphql: ask }, memo) };
  }

  it('asks once for what is named by what it holds', async () => {
    const { api, asked } = counting({ data: 1 });
    for (const signal of [1, 2]) {
      await api.graphql('query F', { owner: 'o', name: 'n', f0: OID, f1: `${OID}:a/b`, request: { signal } });
      await api.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
        owner: 'o',
        repo: 'n',
        tree_sha: OID,
      });
    }
    expect(asked).toHaveLength(2);
  });

  it('asks every time for what a name may mean something else tomorrow, of another repository, or is not there', async () => {
    const { api, asked } = counting({ data: 1 });
    for (const f0 of ['HEAD:a', 'HEAD:a', 'refs/heads/main']) {
      await api.graphql('query F', { owner: 'o', name: 'n', f0 });
    }
    for (const name of ['n', 'm']) await api.graphql('query F', { owner: 'o', name, f0: OID });
    await api.graphql('query None', { owner: 'o', name: 'n' });
    expect(asked).toHaveLength(6);
    const absent = counting({ repository: { f0: null } });
    for (const _ of [1, 2]) await absent.api.graphql('query F', { owner: 'o', name: 'n', f0: OID });
    expect(absent.asked).toHaveLength(2);
  });
});

describe('a call', () => {
  function answering(status: number): ReturnType<typeof callsTo> {
    const response = { status, headers: {}, data: { message: 'no' } };
    const request = async (): Promise<unknown> =>
      Promise.reject(Object.assign(new Error('no'), { response }));
    const api = { request, graphql: request };
    return callsTo({ api, owner: 'octo', name: 'models', sleep: async () => undefined });
  }
  const ask = rest('GET /repos/{owner}/{repo}', {}, z.object({}));

  it('that GitHub refuses is told so, with the repository', async () => {
    await expect(answering(403).get(ask)).rejects.toThrowFault(githubRefused);
    await expect(answering(404).get(ask)).rejects.toThrowFault(githubRefused);
  });

  it('that nobody answers is to be tried later', async () => {
    await expect(answering(502).get(ask)).rejects.toThrowFault(githubAway);
  });
});

describe('a yes', () => {
  const thumb = (id: number | null, content: string) => ({
    content,
    created_at: '2026-11-21T12:00:00Z',
    user: id === null ? null : { id },
  });
  const place = (pages: readonly (readonly unknown[])[]) => ({
    owner: 'octo',
    name: 'models',
    sleep: async () => undefined,
    api: {
      request: async (_: string, { page }: Readonly<Record<string, unknown>>) => ({
        data: pages[Number(page) - 1] ?? [],
      }),
      graphql: () => Promise.reject(new Error('not asked')),
    },
  });
  const others = Array.from({ length: 100 }, (_, index) => thumb(index < 50 ? null : 1000 + index, '+1'));

  it('is looked for on every page, among reactions of others and of accounts that are gone', async () => {
    const ask = { comment: 1, account: 7 };
    expect(await answerOf(place([others, [thumb(7, '+1')]]), ask)).toBe('yes');
    expect(await answerOf(place([others, [thumb(7, 'rocket')]]), ask)).toBeNull();
    expect(await answerOf(place([[...others.slice(1), thumb(7, '+1')], [thumb(7, '-1')]]), ask)).toBe('no');
  });
});

describe('a token', () => {
  it('that is refused is replaced once, and no more', async () => {
    let [left, renewed] = [1, 0];
    const refusal = Object.assign(new Error('Bad credentials'), { status: 401 });
    const client = {
      request: async () => (left-- > 0 ? Promise.reject(refusal) : 'done'),
      graphql: async () => Promise.reject(refusal),
    };
    const renew = async () => {
      renewed += 1;
      return client;
    };
    const api = renewingApi(client, { known: () => null, renew });
    expect(await api.request('GET /x', {})).toBe('done');
    await expect(api.graphql('query', {})).rejects.toBe(refusal);
    expect(renewed).toBe(2);
  });
});
