/** Two processes of the app at one repository, each with a delivery log of its own: what is to be done once is done once. */
import { Octokit } from '@octokit/core';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { converse } from '../../bot/commands/converse.ts';
import { renderSticky } from '../../bot/commands/render.ts';
import type { Voice } from '../../bot/events/event.ts';
import { look } from '../../bot/events/look.ts';
import { claimLock } from '../../bot/github/locks.ts';
import { WEBHOOK_PATH } from '../../bot/web/serve.ts';
import { decidePromotion } from '../../registry/decide/promote.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { Version } from '../../registry/schema/model.ts';
import { BAD_GATEWAY } from '../fakes/github/faults.ts';
import { candidate, DIGITS, register, stateOfDigits } from '../fixtures/registry.ts';
import { send } from '../ingress/deliveries.ts';
import { openLiving, startBeside, type Living } from './living.ts';
import { registryIn, seed } from './seeded.ts';

const TRAIN = `name: train
run-name: train \${{ inputs.model }} \${{ inputs.request }} \${{ inputs.reason }}
on:
  workflow_dispatch:
    inputs:
      model: { type: string }
      reason: { type: string }
      request: { type: string }
jobs: {}
`;
const FILES = {
  '.github/fettle.yml':
    'bot: { confirm: [] }\nmodels: { digits: { recipe: train-and-promote, promote: null } }\n',
  '.github/workflows/train.yml': TRAIN,
};
const VOICE = { converse, render: renderSticky };
const REPLY = { model: null, state: 'started', reason: 'run_started', details: '', next: null } as const;

let living: Living;
let other: Living;
let registry: Registry;
beforeAll(async () => {
  living = await openLiving({
    twin: { repositories: [{ name: 'octo/models', files: FILES }] },
    app: { voice: VOICE },
  });
  registry = await seed(living.twin);
  await living.settled();
  other = await startBeside(living.twin, { voice: VOICE });
});

async function thread(): Promise<number> {
  return Number((await living.twin.issue({ as: 'rita', title: 'A thread' }))['number']);
}

async function staging(): Promise<string | undefined> {
  return (await stateOfDigits(registry)).serving.staging;
}

async function tenures(): Promise<number> {
  return (await stateOfDigits(registry)).tenures.filter(({ channel }) => channel === 'staging').length;
}

const Runs = z.object({
  workflow_runs: z.array(z.object({ id: z.number(), display_title: z.string() })),
});

async function runs(): Promise<z.infer<typeof Runs>['workflow_runs']> {
  return Runs.parse(await living.twin.request({ as: 'ada' }, 'GET', 'actions/runs?per_page=100'))
    .workflow_runs;
}

/** What a comment is delivered as, to whichever process. */
async function deliveryOf(on: number, said: unknown): Promise<string> {
  return JSON.stringify({
    action: 'created',
    installation: { id: living.twin.app.installationId },
    repository: await living.twin.request({ as: 'ada' }, 'GET', ''),
    issue: { number: on },
    comment: said,
  });
}

describe('two apps', () => {
  /** The same delivery to both at once. @returns the comment */
  async function raced(body: string): Promise<number> {
    const on = await thread();
    living.twin.webhooksTo(null);
    const said = await living.twin.comment({ as: 'ada', on, body });
    const payload = await deliveryOf(on, said);
    const secret = living.twin.app.webhookSecret;
    await Promise.all([living, other].map(({ app }) => send({ url: app.url, body: payload, secret })));
    await Promise.all([living, other].map((one) => one.settled()));
    return Number(said['id']);
  }

  it('that race for one comment do it once', async () => {
    const version = (await staging()) === '1.1.0' ? '1.0.0' : '1.1.0';
    const before = await tenures();
    await raced(`/fettle promote digits@${version} to staging`);
    expect([await staging(), await tenures()]).toEqual([version, before + 1]);
  });

  it('that race for one command start one run of it', async () => {
    for (let race = 0; race < 4; race++) {
      const comment = await raced('/fettle train digits');
      const name = `train digits comment-${comment} `;
      const mine = (await runs()).filter(({ display_title: title }) => title.startsWith(name));
      expect(mine).toHaveLength(1);
    }
  });

  it('let go of what kept each other from a run once it is over', async () => {
    living.twin.webhooksTo(`${living.app.url}${WEBHOOK_PATH}`);
    const on = await thread();
    const said = await living.twin.comment({ as: 'ada', on, body: '/fettle train digits' });
    await living.settled();
    const claims = async (): Promise<number> => {
      const name = `heads/fettle/lock/comment-${String(said['id'])}-`;
      const found = await living.twin.request({ as: 'ada' }, 'GET', `git/matching-refs/${name}`);
      return z.array(z.unknown()).parse(found).length;
    };
    expect(await claims()).toBe(1);
    const name = `train digits comment-${String(said['id'])} `;
    const run = (await runs()).find(({ display_title: title }) => title.startsWith(name));
    await living.twin.finishRun(run?.id ?? 0, 'success');
    await living.settled();
    expect(await claims()).toBe(0);
  });

  /** Told to the first alone, its run is over and its reply gone: only the run still keeps the second from another. */
  async function ranOnce(): Promise<{ readonly payload: string; readonly runsOfIt: () => Promise<number> }> {
    living.twin.webhooksTo(`${living.app.url}${WEBHOOK_PATH}`);
    const on = await thread();
    const said = await living.twin.comment({ as: 'ada', on, body: '/fettle train digits' });
    await living.settled();
    const name = `train digits comment-${String(said['id'])} `;
    const mine = async (): Promise<z.infer<typeof Runs>['workflow_runs']> =>
      (await runs()).filter(({ display_title: title }) => title.startsWith(name));
    await living.twin.finishRun((await mine())[0]?.id ?? 0, 'success');
    await living.settled();
    living.twin.webhooksTo(null);
    for (const { id, user } of await living.twin.comments(on)) {
      const own = z.object({ login: z.literal(`${living.twin.app.slug}[bot]`) }).safeParse(user).success;
      if (own) await living.twin.deleteComment({ as: 'ada', id: Number(id) });
    }
    return { payload: await deliveryOf(on, said), runsOfIt: async () => (await mine()).length };
  }

  async function deliveredTo({ app, settled }: Living, body: string): Promise<void> {
    await send({ url: app.url, body, secret: living.twin.app.webhookSecret });
    await settled();
  }

  it('start it once, however much else ran in between', async () => {
    const { payload, runsOfIt } = await ranOnce();
    const inputs = { model: 'other', reason: 'r', request: 'mine' };
    for (let more = 0; more < 60; more++) {
      const ask = { ref: 'main', inputs };
      await living.twin.request({ as: 'ada' }, 'POST', 'actions/workflows/train.yml/dispatches', ask);
    }
    await deliveredTo(other, payload);
    expect(await runsOfIt()).toBe(1);
  });

  it('look once more with the lock in hand where the comment is not of this minute', async () => {
    const { payload, runsOfIt } = await ranOnce();
    const now = (): string => new Date(Date.now() + 120_000).toISOString();
    // The words of this voice start a run without a look at what is there.
    const rash: Voice = {
      ...VOICE,
      async converse(_, { outside, thread: { commentId } }) {
        const request = `comment-${commentId}`;
        const { runId } = await outside.dispatch('train.yml', { model: 'digits', reason: 'r', request });
        return [{ ...REPLY, verdict: `run ${runId}` }];
      },
    };
    await deliveredTo(await startBeside(living.twin, { voice: rash, now }), payload);
    expect(await runsOfIt()).toBe(1);
  });

  it('start nothing that the other holds, and say so where no run is to be seen', async () => {
    const on = await thread();
    living.twin.webhooksTo(null);
    const said = await living.twin.comment({ as: 'ada', on, body: '/fettle train digits' });
    const lock = { name: `comment-${String(said['id'])}-dispatch-0`, owner: { id: 0, login: 'x[bot]' } };
    const words = { ...lock, reason: 'r', claim: 'another', since: new Date().toISOString() };
    const place = {
      api: new Octokit({ baseUrl: living.twin.url, auth: living.twin.tokens['ada'] }),
      owner: 'octo',
      name: 'models',
      sleep: async () => {},
    };
    expect(await claimLock(place, words)).toMatchObject({ kind: 'held' });
    const before = (await runs()).length;
    living.twin.webhooksTo(`${living.app.url}${WEBHOOK_PATH}`);
    const payload = await deliveryOf(on, said);
    await send({ url: living.app.url, body: payload, secret: living.twin.app.webhookSecret });
    expect((await living.told(on)).join('')).toContain('Another process of this app took on the training');
    expect(await runs()).toHaveLength(before);
  });
});

describe('what was decided and not shown, as a crash leaves it', () => {
  const Deployments = z.array(z.object({ id: z.number(), description: z.string() }));
  const shown = async (description: string): Promise<z.infer<typeof Deployments>> => {
    const found = await living.twin.request(
      { as: 'ada' },
      'GET',
      'deployments?environment=staging&per_page=100',
    );
    return Deployments.parse(found).filter((one) => one.description === description);
  };
  const statuses = async (id: number): Promise<unknown> =>
    living.twin.request({ as: 'ada' }, 'GET', `deployments/${id}/statuses`);

  /** Appended minutes ago by somebody who was then no more. */
  async function promoted(word: string): Promise<string> {
    living.twin.webhooksTo(null);
    const now = (): string => new Date(Date.now() - 5 * 60_000).toISOString();
    const late = await registryIn(living.twin, now);
    await register(late, candidate(word, 'pass', { channel: null }));
    const version = Version.parse((await stateOfDigits(late)).versions.at(-1)?.version);
    const ask = { model: DIGITS, version, channel: 'staging' as const, waived: [], reason: 'r', now: now() };
    await late.execute((state) => decidePromotion(state, ask));
    return `digits@${version} to staging`;
  }

  async function looked(apps: readonly Living[], hour: string): Promise<void> {
    const repository = await living.twin.request({ as: 'ada' }, 'GET', '');
    const payload = { installation: { id: living.twin.app.installationId }, repository };
    await Promise.all(
      apps.map(({ app }) => app.ingress.take({ id: hour, name: look.name, lane: 'look', payload })),
    );
    await Promise.all(apps.map((one) => one.settled()));
  }

  it('is shown once, however often and by however many it is looked for', async () => {
    const description = await promoted('third');
    expect(await shown(description)).toEqual([]);
    for (const hour of ['one', 'two']) await looked([living, other], hour);
    const found = await shown(description);
    expect(found).toHaveLength(1);
    expect(await statuses(found[0]?.id ?? 0)).toMatchObject([{ state: 'success' }]);
  });

  it('is given the status that it lacks', async () => {
    const description = await promoted('fourth');
    living.twin.faults.plan({
      fault: BAD_GATEWAY,
      when: ({ operation }) => operation === 'repos/create-deployment-status',
      times: Number.POSITIVE_INFINITY,
    });
    await looked([living], 'three');
    living.twin.faults.clear();
    const [half, ...more] = await shown(description);
    expect([await statuses(half?.id ?? 0), more]).toEqual([[], []]);
    await looked([living, other], 'four');
    expect(await shown(description)).toHaveLength(1);
    expect(await statuses(half?.id ?? 0)).toMatchObject([{ state: 'success' }]);
  });

  it('is left to whoever decided it, as long as they may be at it', async () => {
    const now = (): string => new Date().toISOString();
    await register(registry, candidate('fifth', 'pass', { channel: null }));
    const version = Version.parse((await stateOfDigits(registry)).versions.at(-1)?.version);
    const ask = { model: DIGITS, version, channel: 'staging' as const, waived: [], reason: 'r', now: now() };
    await registry.execute((state) => decidePromotion(state, ask));
    await looked([living], 'five');
    expect(await shown(`digits@${version} to staging`)).toEqual([]);
  });
});
