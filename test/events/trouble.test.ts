/** GitHub in its moods: limits, expired tokens, locked threads, archived repositories, and another app at the same time. */
import { beforeEach, describe, expect, it } from 'vitest';
import { secondaryLimit } from '../fakes/github/faults.ts';
import { openLiving, startBeside, type Living } from './living.ts';

let living: Living;
let on: number;
beforeEach(async () => {
  living ??= await openLiving();
  living.twin.faults.clear();
  on = Number((await living.twin.issue({ as: 'rita', title: 'A thread' }))['number']);
});

describe('the app', () => {
  it('waits as long as a secondary limit says, and answers then', async () => {
    living.twin.faults.plan({
      fault: secondaryLimit(30),
      when: ({ method, path }) => method === 'POST' && path.endsWith('/comments'),
    });
    await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    expect(await living.told(on)).toHaveLength(1);
  });

  it('answers though its token was taken back', async () => {
    await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    await living.settled();
    living.twin.expireTokens();
    await living.twin.comment({ as: 'ada', on, body: '/fettle level' });
    expect(await living.told(on)).toEqual([expect.stringContaining('ada has admin')]);
  });

  it('answers in one comment though two of it hear the same', async () => {
    const other = await startBeside(living.twin);
    living.twin.webhooksTo(living.app.url + '/api/github/webhooks');
    await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    await living.settled();
    const delivery = living.twin.hooks.attempts.findLast(({ event }) => event === 'issue_comment');
    living.twin.webhooksTo(other.app.url + '/api/github/webhooks');
    await living.twin.hooks.redeliver(String(delivery?.guid));
    await other.settled();
    expect(await living.told(on)).toHaveLength(1);
    living.twin.webhooksTo(living.app.url + '/api/github/webhooks');
  });

  it('fails quietly in a locked thread, and does not stop', async () => {
    await living.twin.lock({ as: 'ada', issue: on });
    await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    await living.settled();
    const next = Number((await living.twin.issue({ as: 'rita', title: 'Another' }))['number']);
    await living.twin.comment({ as: 'linus', on: next, body: '/fettle level' });
    expect(await living.told(next)).toHaveLength(1);
  });

  it('leaves an archived repository alone', async () => {
    const before = living.app.ingress.counts.taken;
    const payload = { action: 'created', installation: { id: 1 }, issue: { number: 1 }, sender: {} };
    const repository = { id: 1, name: 'm', owner: { login: 'o' }, default_branch: 'main', archived: true };
    const user = { id: 1, login: 'ada', type: 'User' };
    const comment = { id: 1, body: '/fettle status', created_at: '', updated_at: '', user };
    const { EVENTS } = await import('../../bot/events/index.ts');
    const read = EVENTS.find(({ name }) => name === 'issue_comment')?.read;
    expect(read?.({ ...payload, repository, comment })).toBeNull();
    expect(read?.({ ...payload, repository: { ...repository, archived: false }, comment })).not.toBeNull();
    expect(living.app.ingress.counts.taken).toBe(before);
  });

  it.each([
    ['of a bot', { user: { id: 2, login: 'x[bot]', type: 'Bot' } }],
    ['without the word', { body: 'fettle status is nice, /fettler too' }],
  ])('does not even keep a comment %s', async (_, changes) => {
    const { issueComment } = await import('../../bot/events/issue-comment.ts');
    const user = { id: 1, login: 'ada', type: 'User' };
    const comment = { id: 1, body: '/fettle status', created_at: '', updated_at: '', user, ...changes };
    const repository = { id: 1, name: 'm', owner: { login: 'o' }, default_branch: 'main' };
    const payload = { action: 'created', installation: { id: 1 }, issue: { number: 1 }, repository, comment };
    expect(issueComment.read(payload)).toBeNull();
    expect(issueComment.read({ ...payload, action: 'edited' })).toBeNull();
  });
});
