/** What the GitHub stand-in breaks on demand, and what it says of requests that GitHub does not know. */
import { Octokit } from '@octokit/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openedTwin } from '../../fixtures/twin.ts';
import { BAD_GATEWAY, LOST_ANSWER, secondaryLimit } from './faults.ts';
import type { Twin } from './twin.ts';

let twin: Twin;
let api: Octokit;
const place = { owner: 'octo', repo: 'models' };
const comments = { ...place, issue_number: 1 };
const POST = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';

beforeAll(async () => {
  twin = await openedTwin();
  api = new Octokit({ auth: await twin.installationToken(), baseUrl: twin.url });
  await twin.issue({ as: 'ada', title: 'A place to talk' });
});

function read(): Promise<unknown> {
  return api.request('GET /repos/{owner}/{repo}', place);
}

describe('faults', () => {
  it('come as often as planned, for what was picked, and never to what a test does itself', async () => {
    twin.faults.plan({ fault: BAD_GATEWAY, times: 2, when: ({ operation }) => operation === 'repos/get' });
    await twin.request({ as: 'ada' }, 'GET', '');
    await api.request('GET /repos/{owner}/{repo}/issues/1', place);
    await expect(read()).rejects.toMatchObject({ status: 502 });
    await expect(read()).rejects.toMatchObject({ status: 502 });
    await read();
  });

  it('say how long to wait', async () => {
    twin.faults.plan({ fault: secondaryLimit(7) });
    await expect(read()).rejects.toMatchObject({
      status: 403,
      response: { headers: { 'retry-after': '7' } },
    });
    twin.faults.plan({ fault: secondaryLimit(1, 429) });
    await expect(read()).rejects.toMatchObject({ status: 429 });
  });

  it('lose the answer to what was done', async () => {
    twin.faults.plan({ fault: LOST_ANSWER });
    await expect(api.request(POST, { ...comments, body: 'done all the same' })).rejects.toMatchObject({
      status: 500,
    });
    expect((await twin.comments(1)).map((one) => one['body'])).toEqual(['done all the same']);
  });

  it('come by themselves when a token has asked too often', async () => {
    twin.limitRequests(2);
    await read();
    const { headers } = await api.request('GET /repos/{owner}/{repo}', place);
    expect(headers).toMatchObject({ 'x-ratelimit-limit': '2', 'x-ratelimit-remaining': '0' });
    await expect(read()).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('rate limit exceeded'),
    });
    twin.limitRequests(5_000);
  });
});

describe('the contract', () => {
  it('lists what GitHub does not describe: operations, parameters, bodies', async () => {
    await read();
    expect(twin.violations).toHaveLength(0);
    await expect(api.request('GET /repos/octo/models/nothing')).rejects.toMatchObject({ status: 404 });
    await api.request('GET /repos/octo/models/issues?stat=open&per_page=lots');
    await api.request('POST /repos/octo/models/issues/1/comments', { body: 'x', bodi: 'y' });
    await expect(
      api.request('POST /repos/octo/models/issues/comments/1/reactions', { content: 'thumbs' }),
    ).rejects.toThrow();
    expect(twin.violations.splice(0).flatMap(({ errors }) => errors)).toEqual([
      'GitHub describes no GET /repos/octo/models/nothing',
      'the query has no parameter stat',
      expect.stringContaining('query per_page: /value must be integer'),
      'the body has no property bodi',
      expect.stringContaining('/content must be equal to one of the allowed values'),
    ]);
  });

  it('counts writes, so that a command can be held to a budget', async () => {
    const from = twin.calls.length;
    await api.request(POST, { ...comments, body: 'one write' });
    await read();
    const calls = twin.calls
      .slice(from)
      .map(({ operation, writes, status, login }) => [operation, writes, status, login]);
    expect(calls).toEqual([
      ['issues/create-comment', true, 201, 'fettle[bot]'],
      ['repos/get', false, 200, 'fettle[bot]'],
    ]);
  });
});
