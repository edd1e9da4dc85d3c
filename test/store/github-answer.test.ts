/** What GitHub's answers mean: each is sent over HTTP, read by octokit and judged by what octokit makes of it. */
import { Octokit } from '@octokit/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { verdictOn, verdictOnShape, type Verdict } from '../../registry/store/github-answer.ts';
import type { Answer, Fault } from '../fakes/github/answers.ts';
import type { GitHub } from '../fakes/github/git-only.ts';
import { openGitHub } from '../fixtures/github.ts';

type Case = readonly [situation: string, fault: Fault, kind: Verdict['kind'], seconds?: number | null];

const DATE = { date: 'Fri, 20 Nov 2026 12:00:00 GMT' };
/** Seconds since 1970 of half a minute later. */
const RESET = String(Date.UTC(2026, 10, 20, 12, 0, 30) / 1000);

function rest(status: number, message: string, headers: Answer['headers'] = {}): Fault {
  return { kind: 'answer', answer: { status, body: { message, documentation_url: 'x' }, headers } };
}

function graph(...errors: readonly object[]): Fault {
  return { kind: 'answer', answer: { status: 200, body: { data: { repository: null }, errors } } };
}

const REST: readonly Case[] = [
  ['a connection that ends', { kind: 'drop' }, 'unknown'],
  ['a connection that ends after the deed', { kind: 'lose' }, 'unknown'],
  ['a page of HTML from a proxy', { kind: 'html', status: 502 }, 'unknown'],
  ['500', rest(500, 'Server Error'), 'unknown'],
  ['502 in JSON', rest(502, 'Server Error'), 'unknown'],
  ['503', rest(503, 'Service unavailable'), 'unknown'],
  ['504', rest(504, 'We could not respond to your request in time.'), 'unknown'],
  ['408', rest(408, 'Request Timeout'), 'unknown'],
  ['bad credentials', rest(401, 'Bad credentials'), 'refused'],
  ['missing rights', rest(403, 'Resource not accessible by integration'), 'refused'],
  ['an archived repository', rest(403, 'Repository was archived so is read-only.'), 'refused'],
  ['a block by law', rest(451, 'Repository access blocked'), 'refused'],
  ['what is not there', rest(404, 'Not Found'), 'absent'],
  ['what is gone', rest(410, 'Gone'), 'absent'],
  ['a repository without any commit', rest(409, 'Git Repository is empty.'), 'refused'],
  ['a conflict', rest(409, 'Reference update conflict'), 'stale'],
  ['a ref that is there', rest(422, 'Reference already exists'), 'exists'],
  ['a ref that has moved', rest(422, 'Update is not a fast forward'), 'stale'],
  ['the same with a hyphen', rest(422, 'Update is not a fast-forward'), 'stale'],
  ['a rule', rest(422, 'Repository rule violations found\n\nCannot update this protected ref.'), 'refused'],
  ['a call that is wrong', rest(422, 'Invalid request.\n\n"sha" is not a string.'), 'refused'],
  ['a call that is too large', rest(413, 'Payload Too Large'), 'refused'],
  ['a limit with its pause', rest(429, 'Too many requests', { 'retry-after': '7' }), 'wait', 7],
  ['403 with a pause', rest(403, 'Forbidden', { 'retry-after': '31' }), 'wait', 31],
  [
    'a used-up hour',
    rest(403, 'API rate limit exceeded for installation ID 1.', {
      ...DATE,
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': RESET,
    }),
    'wait',
    30,
  ],
  [
    'a used-up hour that ended meanwhile',
    rest(429, 'API rate limit exceeded', {
      date: 'Fri, 20 Nov 2026 12:01:00 GMT',
      'x-ratelimit-remaining': '0',
      'x-ratelimit-reset': RESET,
    }),
    'wait',
    1,
  ],
  [
    'a secondary limit without a pause',
    rest(403, 'You have exceeded a secondary rate limit. Please wait a few minutes.'),
    'wait',
    null,
  ],
  ['the older words for it', rest(403, 'You have triggered an abuse detection mechanism.'), 'wait', null],
  ['a pause that is no number', rest(429, 'Slow down', { 'retry-after': 'soon' }), 'wait', null],
];

const STALE = {
  type: 'STALE_DATA',
  path: ['createCommitOnBranch'],
  message: 'Expected branch to point to "1234" but it did not.  Pull and try again.',
};

const GRAPH: readonly Case[] = [
  ['a branch that has moved', graph(STALE), 'stale'],
  ['the same in words alone', graph({ message: STALE.message }), 'stale'],
  [
    'missing rights',
    graph({ type: 'FORBIDDEN', message: 'Resource not accessible by integration' }),
    'refused',
  ],
  [
    'a rule',
    graph({ type: 'UNPROCESSABLE', message: 'Repository rule violations found\n\nGH013' }),
    'refused',
  ],
  [
    'too few scopes',
    graph({ type: 'INSUFFICIENT_SCOPES', message: 'Your token has not been granted' }),
    'refused',
  ],
  ['what is not there', graph({ type: 'NOT_FOUND', message: 'Could not resolve to a Repository' }), 'absent'],
  [
    'a limit',
    graph({ type: 'RATE_LIMITED', message: 'API rate limit exceeded for user ID 1.' }),
    'wait',
    null,
  ],
  ['a limit in words alone', graph({ message: 'You have exceeded a secondary rate limit' }), 'wait', null],
  [
    'an error of theirs',
    graph({ message: 'Something went wrong while executing your query on 2026-11-20T12:00:00Z.' }),
    'unknown',
  ],
  ['a query that took too long', graph({ message: 'Timeout on validation of query' }), 'unknown'],
  ['a kind that is not known', graph({ type: 'NEW_KIND', message: 'What?' }), 'unknown'],
  ['words that are not known', graph({ message: 'What?' }), 'unknown'],
  [
    'a query that is wrong',
    graph({
      message: "Field 'x' doesn't exist on type 'Repository'",
      extensions: { code: 'undefinedField' },
    }),
    'refused',
  ],
  ['one clear and one unclear error', graph(STALE, { message: 'Something went wrong' }), 'unknown'],
  ['two clear errors', graph({ type: 'FORBIDDEN', message: 'no' }, STALE), 'stale'],
  ['HTML in place of GraphQL', { kind: 'html', status: 502 }, 'unknown'],
  ['a connection that ends', { kind: 'lose' }, 'unknown'],
];

function named(cases: readonly Case[]) {
  return cases.map(([situation, fault, kind, seconds = null]) => ({ situation, fault, kind, seconds }));
}

describe('github-answer', () => {
  let github: GitHub;
  let octokit: Octokit;

  beforeAll(async () => {
    ({ github } = await openGitHub());
    octokit = new Octokit({ auth: 'writer', baseUrl: github.url });
  });

  async function thrownBy(send: () => Promise<unknown>, fault: Fault): Promise<unknown> {
    github.fail(() => fault);
    try {
      return await send();
    } catch (error) {
      return error;
    }
  }

  function verdictFor(kind: Verdict['kind'], seconds: number | null): object {
    return kind === 'wait' ? { kind, seconds, said: expect.any(String) } : { kind, said: expect.any(String) };
  }

  it.each(named(REST))('takes from REST $situation', async ({ fault, kind, seconds }) => {
    const send = () => octokit.request('POST /repos/octo/models/git/refs', { ref: 'refs/heads/x', sha: '1' });
    expect(verdictOn(await thrownBy(send, fault))).toEqual(verdictFor(kind, seconds));
  });

  it.each(named(GRAPH))('takes from GraphQL $situation', async ({ fault, kind, seconds }) => {
    const send = () => octokit.graphql('query FettleTop { repository { id } }');
    expect(verdictOn(await thrownBy(send, fault))).toEqual(verdictFor(kind, seconds));
  });

  it('takes an answer that takes too long for unclear', async () => {
    const request = { signal: AbortSignal.timeout(20) };
    const send = () => octokit.request('GET /repos/octo/models/git/ref/heads/x', { request });
    const thrown = await thrownBy(send, { kind: 'delay', ms: 200 });
    expect(verdictOn(thrown).kind).toBe('unknown');
  });

  it('takes whatever else is thrown for unclear', () => {
    for (const thrown of [null, undefined, 'text', 7, new TypeError('no'), { status: 404 }, { errors: [] }]) {
      expect(verdictOn(thrown).kind).toBe('unknown');
    }
    expect(verdictOnShape('expected string').kind).toBe('unknown');
  });

  it('tells what was said in one short line, without what acts on terminals', async () => {
    const noisy = rest(401, `no\n\u001b[31m\u0007${'x'.repeat(2000)}`);
    const send = () => octokit.request('GET /repos/octo/models/git/ref/heads/x');
    const { said } = verdictOn(await thrownBy(send, noisy));
    expect(said).toMatch(/^401 no \[31m x+…$/);
    expect(said.length).toBeLessThan(310);
    const html = verdictOn(await thrownBy(send, { kind: 'html', status: 502 }));
    expect(html.said).toBe('502 Unicorn! &middot; GitHub');
  });
});
