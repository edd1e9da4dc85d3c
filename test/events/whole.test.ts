/** The whole app with its real commands: what people see of it, and what it costs GitHub. */
import { beforeAll, describe, expect, it } from 'vitest';
import { converse } from '../../bot/commands/converse.ts';
import { renderSticky } from '../../bot/commands/render.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import '../matchers.ts';
import type { Called } from '../fakes/github/front.ts';
import { openLiving, type Living } from './living.ts';
import { seed } from './seeded.ts';
import { stateOfDigits } from '../fixtures/registry.ts';

const SETTINGS = `bot:
  dashboard: true
models:
  digits:
    recipe: train-and-promote
    from: data/digits.csv
    promote: null
`;
const TRAIN =
  'name: train\non:\n  workflow_dispatch:\n    inputs:\n      model:\n        type: string\njobs: {}\n';

let living: Living;
let registry: Registry;
beforeAll(async () => {
  living = await openLiving({
    twin: {
      repositories: [
        {
          name: 'octo/models',
          files: { '.github/fettle.yml': SETTINGS, '.github/workflows/train.yml': TRAIN },
        },
      ],
    },
    app: { voice: { converse, render: renderSticky }, pages: ['octo/models'] },
  });
  registry = await seed(living.twin);
  await living.settled();
});

async function thread(): Promise<number> {
  return Number((await living.twin.issue({ as: 'rita', title: 'A thread' }))['number']);
}

/** What the app asked of GitHub for one command, up to the reaction that ends it. */
function callsOf(from: number): readonly Called[] {
  const bot = living.twin.calls.slice(from).filter(({ login }) => login === `${living.twin.app.slug}[bot]`);
  return bot.slice(
    0,
    bot.findLastIndex(({ operation }) => operation === 'reactions/create-for-issue-comment') + 1,
  );
}

/** Reactions make no content. */
function writesContent({ writes, operation, body }: Called): boolean {
  if (operation === 'graphql') return JSON.stringify(body).includes('"query":"mutation');
  return writes && !String(operation).startsWith('reactions/');
}

describe('/fettle status', () => {
  it('is answered with what serves, with 7 calls of which one makes content', async () => {
    const on = await thread();
    await living.settled();
    const from = living.twin.calls.length;
    await living.twin.comment({ as: 'linus', on, body: '/fettle status' });
    expect(await living.told(on)).toEqual([expect.stringContaining('`digits@1.0.0` serves production')]);
    expect(callsOf(from).map(({ operation }) => operation)).toEqual([
      'issues/list-comments',
      'repos/get-collaborator-permission-level',
      'graphql',
      'reactions/create-for-issue-comment',
      'graphql',
      'issues/create-comment',
      'reactions/create-for-issue-comment',
    ]);
    expect(callsOf(from).filter(writesContent)).toHaveLength(1);
  });
});

describe('/fettle promote', () => {
  it('lets the version serve, tells it as a Deployment, and makes content 4 times', async () => {
    const on = await thread();
    await living.settled();
    const from = living.twin.calls.length;
    await living.twin.comment({ as: 'ada', on, body: '/fettle promote digits@1.1.0 to production' });
    expect(await living.told(on)).toEqual([expect.stringContaining('`digits@1.1.0` now serves production')]);
    expect((await stateOfDigits(registry)).serving.production).toBe('1.1.0');
    expect(living.twin.memory.deployments.at(-1)?.thing).toMatchObject({
      environment: 'production',
      task: 'fettle:digits',
      description: 'digits@1.1.0 to production',
    });
    expect(
      callsOf(from)
        .filter(writesContent)
        .map(({ operation }) => operation),
    ).toEqual([
      'graphql',
      'repos/create-deployment',
      'repos/create-deployment-status',
      'issues/create-comment',
    ]);
  });
});
