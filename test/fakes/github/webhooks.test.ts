/** Webhooks of the GitHub stand-in: signed, complete, doubled, lost, late, and sent again on request. */
import { Octokit } from '@octokit/core';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { signatureOf, startReceiver, type Receiver } from '../../fixtures/receiver.ts';
import { openedTwin } from '../../fixtures/twin.ts';
import { contract } from './contract.ts';
import type { Twin } from './twin.ts';

let twin: Twin;
let hooks: Receiver;

beforeAll(async () => {
  twin = await openedTwin();
  hooks = await startReceiver();
  twin.webhooksTo(hooks.url);
  await twin.issue({ as: 'rita', title: 'A place to talk' });
  return () => hooks.close();
});
beforeEach(async () => {
  await twin.settled();
  twin.hooks.onTheWay(() => null);
  hooks.answerWith(202);
  hooks.received.length = 0;
});

function app(): Octokit {
  return new Octokit({ auth: twin.jwt(), baseUrl: twin.url, authStrategy: undefined });
}

async function said(body = '/fettle status'): Promise<void> {
  await twin.comment({ as: 'ada', on: 1, body });
  await twin.settled();
}

describe('webhooks', () => {
  it('arrive signed, each under a GUID of its own, with who installed the app', async () => {
    await said('one');
    await said('two');
    const [first, second] = hooks.of('issue_comment', 'created');
    expect(first?.headers['x-hub-signature-256']).toBe(
      signatureOf(twin.app.webhookSecret, first?.text ?? ''),
    );
    expect(first?.headers['user-agent']).toMatch(/^GitHub-Hookshot\//);
    expect(first?.guid).toMatch(/^[0-9a-f-]{36}$/);
    expect(second?.guid).not.toBe(first?.guid);
    expect(first?.payload).toMatchObject({
      installation: { id: twin.app.installationId },
      comment: { body: 'one', user: { login: 'ada', type: 'User' } },
      repository: { full_name: 'octo/models' },
    });
  });

  it('say whether a comment stands below an issue or a pull request', async () => {
    await twin.push({ as: 'linus', branch: 'topic', files: { a: '1' } });
    const pull = await twin.pull({ as: 'linus', head: 'topic' });
    await twin.comment({ as: 'ada', on: 1, body: 'issue' });
    await twin.comment({ as: 'ada', on: Number(pull['number']), body: 'pull' });
    await twin.settled();
    const [issue, other] = hooks.of('issue_comment').map(({ payload }) => payload['issue']);
    expect(issue).not.toHaveProperty('pull_request');
    expect(other).toHaveProperty('pull_request.url', `${twin.url}/repos/octo/models/pulls/${pull['number']}`);
  });

  it('tell of edited and deleted comments, and of labels', async () => {
    const comment = await twin.comment({ as: 'ada', on: 1, body: 'before' });
    await twin.editComment({ as: 'ada', id: Number(comment['id']), body: 'after' });
    await twin.deleteComment({ as: 'ada', id: Number(comment['id']) });
    await twin.label({ as: 'tara', on: 1, labels: ['question'] });
    await twin.settled();
    expect(hooks.of('issue_comment', 'edited')[0]?.payload).toMatchObject({ comment: { body: 'after' } });
    expect(hooks.of('issue_comment', 'deleted')).toHaveLength(1);
    expect(hooks.of('issues', 'labeled')[0]?.payload).toMatchObject({ label: { name: 'question' } });
  });

  it('arrive twice, late, forged or never, as a test wants it', async () => {
    twin.hooks.onTheWay(() => ({ copies: 2 }));
    await said();
    const copies = hooks.of('issue_comment');
    expect(copies.map(({ guid }) => guid)).toEqual([copies[0]?.guid, copies[0]?.guid]);
    twin.hooks.onTheWay(({ name }) => (name === 'issue_comment' ? { drop: true } : null));
    await said();
    expect(hooks.of('issue_comment')).toHaveLength(2);
    twin.hooks.onTheWay(() => ({ forged: true, delayMs: 20 }));
    await said();
    const forged = hooks.of('issue_comment').at(-1);
    expect(forged?.headers['x-hub-signature-256']).not.toBe(
      signatureOf(twin.app.webhookSecret, forged?.text ?? ''),
    );
  });

  it('are listed for the app, and sent again under the same GUID', async () => {
    hooks.answerWith(500);
    await said();
    hooks.answerWith(202);
    const { data } = await app().request('GET /app/hook/deliveries', { per_page: 1 });
    expect(data).toMatchObject([{ event: 'issue_comment', status_code: 500, redelivery: false }]);
    const delivery_id = Number(data[0]?.id);
    await app().request('POST /app/hook/deliveries/{delivery_id}/attempts', { delivery_id });
    await twin.settled();
    const guids = hooks.of('issue_comment').map(({ guid }) => guid);
    expect(guids).toEqual([data[0]?.guid, data[0]?.guid]);
    const { data: now } = await app().request('GET /app/hook/deliveries', { per_page: 1 });
    expect(now).toMatchObject([{ guid: data[0]?.guid, status_code: 202, redelivery: true }]);
  });

  it('tell of the installation, and of whatever a test makes up', async () => {
    await twin.tellInstallation('created');
    twin.tell({ name: 'ping', payload: { zen: 'Keep it logically awesome.' }, repository: null });
    await twin.settled();
    const [installed] = hooks.of('installation', 'created');
    expect(installed?.payload).toMatchObject({
      installation: { id: twin.app.installationId, account: { login: 'octo' } },
      repositories: [{ full_name: 'octo/models' }],
    });
    expect(hooks.of('ping')).toHaveLength(1);
  });

  it('have the shape that GitHub describes', async () => {
    const shaped = twin.hooks.attempts.filter(({ event }) => event === 'push' || event === 'issue_comment');
    const wrong = shaped.flatMap(({ event, payload }) => contract().webhook(event, payload));
    expect([...new Set(wrong)]).toStrictEqual([]);
  });
});
