/** Comments and their answers: who is answered, once, in one comment, and what happens when GitHub is in the way. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { startApp } from '../../bot/app.ts';
import { commentChanged, lockUnreadable, secretMissing } from '../../bot/faults.ts';
import { Delivery } from '../../bot/ingress/delivery-log.ts';
import { openJournal } from '../../bot/journal.ts';
import { WEBHOOK_PATH } from '../../bot/web/serve.ts';
import '../matchers.ts';
import { temporaryFolder } from '../temporary.ts';
import { candidate, register } from '../fixtures/registry.ts';
import { openLiving, startBeside, type Living } from './living.ts';
import { PLAIN_VOICE } from './plain-voice.ts';
import { registryIn } from './seeded.ts';

let living: Living;
beforeAll(async () => {
  living = await openLiving({
    twin: { repositories: [{ name: 'octo/models', files: { '.github/workflows/train.yml': TRAIN } }] },
  });
});

afterEach(() => {
  living.twin.faults.clear();
  living.twin.webhooksTo(`${living.app.url}${WEBHOOK_PATH}`);
});

const TRAIN = 'name: train\non:\n  workflow_dispatch: {}\njobs: {}\n';

async function thread(): Promise<number> {
  return Number((await living.twin.issue({ as: 'rita', title: 'A thread' }))['number']);
}

async function feelings(comment: number): Promise<readonly unknown[]> {
  await living.settled();
  return (await living.twin.reactions(comment)).map(({ content }) => content);
}

describe('a command in a comment', () => {
  it('is answered in one comment that later commands rewrite, with eyes before and a rocket after', async () => {
    const on = await thread();
    const first = await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    expect(await living.told(on)).toEqual([expect.stringContaining('linus has write')]);
    expect(await feelings(Number(first['id']))).toEqual(['eyes', 'rocket']);
    const second = await living.twin.comment({ as: 'ada', on, body: 'Hm.\n\n/fettle level' });
    const told = await living.told(on);
    expect(told).toEqual([expect.stringContaining('ada has admin')]);
    expect(told[0]).toContain(`answered=${Number(first['id'])},${Number(second['id'])} `);
  });

  it('has a comment per model', async () => {
    const on = await thread();
    for (const model of ['digits', 'letters', 'digits']) {
      await living.twin.comment({ as: 'linus', on, body: `/fettle level ${model}` });
      await living.settled();
    }
    expect(await living.told(on)).toHaveLength(2);
  });

  it('of a stranger meets silence: no comment, no reaction', async () => {
    const on = await thread();
    const { id } = await living.twin.comment({ as: 'stella', on, body: '/fettle level' });
    expect(await living.told(on)).toEqual([]);
    expect(await feelings(Number(id))).toEqual([]);
  });

  it('is refused where it was edited before it was looked at', async () => {
    const on = await thread();
    living.twin.webhooksTo(null);
    const { id } = await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    await living.twin.settled();
    await living.twin.editComment({ as: 'linus', id: Number(id), body: '/fettle train' });
    await resend(on, Number(id), '/fettle level');
    const told = await living.told(on);
    expect(told).toEqual([expect.stringContaining(commentChanged.code)]);
    expect(await feelings(Number(id))).toEqual(['eyes', 'confused']);
  });

  it('that was deleted before it was looked at is not answered', async () => {
    const on = await thread();
    living.twin.webhooksTo(null);
    const { id } = await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    await living.twin.deleteComment({ as: 'linus', id: Number(id) });
    await resend(on, Number(id), '/fettle level');
    expect(await living.told(on)).toEqual([]);
  });

  it('is not acted upon again when the same comment is delivered under another GUID', async () => {
    const on = await thread();
    const { id } = await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    await living.settled();
    const calls = living.twin.calls.length;
    await resend(on, Number(id), '/fettle level');
    await living.settled();
    expect(living.twin.calls.length).toBe(calls);
  });

  it('is not acted upon again by an app that lost its delivery log', async () => {
    const on = await thread();
    const { id } = await living.twin.comment({ as: 'linus', on, body: '/fettle train' });
    await living.settled();
    const runs = living.twin.memory.runs.length;
    const other = await startBeside(living.twin);
    await other.app.ingress.take({
      ...(await commentDelivery(on, Number(id), '/fettle train')),
      id: 'again',
    });
    await other.settled();
    expect(living.twin.memory.runs.length).toBe(runs);
  });

  it('is not led astray by a comment of somebody else that has the marker', async () => {
    const on = await thread();
    const forged = '<!-- fettle:sticky model=- answered= -->\nforged';
    await living.twin.comment({ as: 'stella', on, body: forged });
    await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    expect(await living.told(on)).toHaveLength(1);
    expect((await living.twin.comments(on)).map(({ body }) => body)).toContain(forged);
  });

  it('finds its comment on the second page of a long thread', async () => {
    const on = await thread();
    living.twin.webhooksTo(null);
    for (let n = 0; n < 100; n++) await living.twin.comment({ as: 'rita', on, body: `remark ${n}` });
    living.twin.webhooksTo(`${living.app.url}${WEBHOOK_PATH}`);
    await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    await living.settled();
    await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    await living.settled();
    const page = `issues/${on}/comments?per_page=100&page=2`;
    const rest = z
      .array(z.object({ body: z.string() }))
      .parse(await living.twin.request({ as: 'ada' }, 'GET', page));
    expect(rest.filter(({ body }) => body.startsWith('<!-- fettle:sticky'))).toHaveLength(1);
  });

  it('is answered though no reaction can be made', async () => {
    const on = await thread();
    living.twin.faults.plan({
      fault: { kind: 'answer', answer: { status: 403, body: { message: 'Resource not accessible' } } },
      when: ({ path }) => path.endsWith('/reactions'),
      times: 2,
    });
    await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    expect(await living.told(on)).toHaveLength(1);
  });

  it.each([403, 502])('is not obeyed where GitHub answers %i when asked who may do what', async (status) => {
    const on = await thread();
    living.twin.faults.plan({
      fault: { kind: 'answer', answer: { status, body: { message: 'no' } } },
      when: ({ path }) => path.endsWith('/permission'),
      times: 1,
    });
    await living.twin.comment({ as: 'ada', on, body: '/fettle level' });
    expect(await living.told(on)).toEqual([]);
  });

  it('outlives a storm of 502', async () => {
    const on = await thread();
    living.twin.faults.plan({
      fault: { kind: 'answer', answer: { status: 502, body: { message: 'Bad gateway' } } },
      when: ({ method, path }) => method === 'GET' && path.endsWith('/comments'),
      times: 3,
    });
    await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    expect(await living.told(on)).toHaveLength(1);
  });

  it('asks for 6 calls beside what the command itself needs', async () => {
    const on = await thread();
    const before = living.twin.calls.length;
    await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    await living.settled();
    const calls = living.twin.calls.slice(before).filter(({ login }) => login.endsWith('[bot]'));
    expect(calls.map(({ method, path: at }) => `${method} ${at}`)).toHaveLength(6);
  });
});

describe('a comment that waits', () => {
  it('is told again once the registry says that it has happened, by whatever hand', async () => {
    const on = await thread();
    const registry = await registryIn(living.twin);
    await register(registry, candidate('first', 'pass'));
    await living.settled();
    await living.twin.comment({ as: 'linus', on, body: '/fettle wait digits' });
    expect(await living.told(on)).toEqual([expect.stringContaining('waiting')]);
    await register(registry, candidate('second', 'pass'));
    expect(await living.told(on)).toEqual([expect.stringContaining('1.1.0 promoted to production')]);
  });
});

describe('a question', () => {
  async function asked(on: number): Promise<number> {
    await living.twin.comment({ as: 'linus', on, body: '/fettle ask' });
    const question = async (): Promise<number | undefined> =>
      (await living.twin.comments(on)).flatMap(({ body, id }) =>
        String(body).startsWith('<!-- fettle:question') ? [Number(id)] : [],
      )[0];
    await expect.poll(question, { interval: 5 }).toBeDefined();
    return (await question()) ?? 0;
  }

  it('is answered by the thumb of whoever asked, and becomes the answer', async () => {
    const on = await thread();
    const question = await asked(on);
    await living.twin.react({ as: 'linus', comment: question, content: '+1' });
    expect(await living.told(on)).toEqual([expect.stringContaining('answered yes')]);
  });

  it('is not answered by anybody else, whoever it is', async () => {
    const on = await thread();
    const question = await asked(on);
    await living.twin.react({ as: 'ada', comment: question, content: '+1' });
    expect(await living.told(on)).toEqual([expect.stringContaining('answered timed-out')]);
  });

  it('is not answered yes by both thumbs', async () => {
    const on = await thread();
    const question = await asked(on);
    living.twin.faults.plan({
      fault: { kind: 'answer', answer: { status: 404, body: { message: 'Not Found' } } },
      when: ({ method, path }) => method === 'GET' && path.endsWith('/reactions'),
      times: 1,
    });
    await living.twin.react({ as: 'linus', comment: question, content: '-1' });
    await living.twin.react({ as: 'linus', comment: question, content: '+1' });
    expect(await living.told(on)).toEqual([expect.stringContaining('answered no')]);
    living.twin.faults.clear();
  });
});

describe('a lock', () => {
  it('is had by one, told to the next, and let go', async () => {
    const on = await thread();
    const verdicts = [];
    for (const [as, word] of [
      ['linus', 'lock'],
      ['ada', 'lock'],
      ['linus', 'unlock'],
      ['ada', 'lock'],
    ] as const) {
      await living.twin.comment({ as, on, body: `/fettle ${word}` });
      verdicts.push((await living.told(on))[0]?.split('\n')[1]);
    }
    expect(verdicts).toEqual(['locked', 'held by linus', 'unlocked', 'locked']);
  });

  it('that says nothing is held by somebody unknown', async () => {
    const on = await thread();
    await living.twin.push({ as: 'ada', branch: 'fettle/lock/staging', files: { 'lock.json': 'not JSON' } });
    await living.twin.comment({ as: 'linus', on, body: '/fettle lock' });
    expect(await living.told(on)).toEqual([expect.stringContaining('no readable lock.json')]);
    await living.twin.comment({ as: 'linus', on, body: '/fettle unlock' });
    expect(await living.told(on)).toEqual([expect.stringContaining(lockUnreadable.code)]);
  });
});

describe('the app', () => {
  it('does not start without a secret', async () => {
    const { twin } = living;
    const started = startApp({
      appId: twin.app.id,
      privateKey: twin.app.privateKey,
      secret: 'development',
      apiUrl: twin.url,
      folder: temporaryFolder(),
      host: '127.0.0.1',
      port: 0,
      pages: [],
      workflows: null,
      voice: PLAIN_VOICE,
      journal: openJournal(
        () => undefined,
        () => '',
      ),
      now: () => '',
      sleep: async () => undefined,
      lookEveryMs: 0,
    });
    await expect(started).rejects.toThrowFault(secretMissing);
  });

  it('finds by looking a comment that was never delivered', async () => {
    const on = await thread();
    living.twin.webhooksTo(null);
    await living.twin.comment({ as: 'linus', on, body: '/fettle level' });
    await living.twin.settled();
    // The stand-in has no list of all comments of a repository.
    const body = await living.twin.comments(on);
    living.twin.faults.plan({
      fault: { kind: 'answer', answer: { status: 200, body } },
      when: ({ path: at }) => at.endsWith('/issues/comments'),
    });
    const other = await startBeside(living.twin, { lookEveryMs: 6_000_000 });
    await expect.poll(async () => (await other.told(on)).length, { interval: 20, timeout: 10_000 }).toBe(1);
    // And once an hour it looks at what may have fallen silent.
    await other.settled();
    expect(readFileSync(path.join(other.folder, 'deliveries.jsonl'), 'utf8')).toContain(
      '"name":"fettle_look"',
    );
    expect(other.app.ingress.counts.failed).toBe(0);
  });

  it('tells of what goes wrong without a word of the payload', () => {
    expect(living.lines.join('')).not.toMatch(/remark 7|A thread|a secret of the stand-in|ghs_/);
  });
});

/** A delivery of the comment as it is told now, but with the body that it had. */
async function commentDelivery(on: number, id: number, body: string): Promise<Omit<Delivery, 'at'>> {
  const log = readFileSync(path.join(living.folder, 'deliveries.jsonl'), 'utf8');
  const [first] = log.split('\n').filter((line) => line.includes('"name":"issue_comment"'));
  const { delivery } = z.object({ delivery: Delivery }).parse(JSON.parse(first ?? ''));
  const known = (await living.twin.comments(on)).find((one) => one['id'] === id);
  const times = { created_at: '2026-11-21T00:00:00Z', updated_at: '2026-11-21T00:00:00Z' };
  const comment = { id, user: { id: 1, login: 'linus', type: 'User' }, ...times, ...known, body };
  const payload = { ...z.looseObject({}).parse(delivery.payload), issue: { number: on }, comment };
  return { id: `resent-${id}`, name: 'issue_comment', lane: delivery.lane, payload };
}

/** As GitHub redelivers: the payload of then, under a GUID of its own. */
async function resend(on: number, id: number, body: string): Promise<void> {
  await living.app.ingress.take(await commentDelivery(on, id, body));
}
