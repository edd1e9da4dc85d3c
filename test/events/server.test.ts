/** The door: what it refuses to start with, how it stops, and that a kill makes nothing happen twice or never. */
import { beforeAll, describe, expect, it } from 'vitest';
import { credentialsMissing, secretMissing, workflowsMisnamed } from '../../bot/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import type { Twin } from '../fakes/github/twin.ts';
import { openedTwin } from '../fixtures/twin.ts';
import { temporaryFolder } from '../temporary.ts';
import { environmentFor, openDoor, webhookOf, type Door } from './door.ts';

const SETTINGS = 'models:\n  digits:\n    recipe: train-and-promote\n';
const TRAIN = `name: train
run-name: train \${{ inputs.request }}
on:
  workflow_dispatch:
    inputs:
      model: { type: string }
      reason: { type: string }
      request: { type: string }
jobs: {}
`;

let twin: Twin;
beforeAll(async () => {
  const files = { '.github/fettle.yml': SETTINGS, '.github/workflows/train.yml': TRAIN };
  twin = await openedTwin({ repositories: [{ name: 'octo/models', files }] });
});

describe('the door of the app', () => {
  it.each([
    ['no webhook secret', { WEBHOOK_SECRET: '' }, secretMissing.code],
    ['no key', { PRIVATE_KEY: 'a password' }, credentialsMissing.code],
    ['workflows of no commit', { FETTLE_BOT_WORKFLOWS: 'acme/fettle@main' }, workflowsMisnamed.code],
  ])('does not open with %s, and says what to do', async (_, changes, code) => {
    const door = await openDoor({ ...environmentFor(twin, temporaryFolder()), ...changes });
    expect(door.url).toBeNull();
    expect(await door.ended).toBe(1);
    expect(door.lines.join('\n')).toContain(`"code":"${code}"`);
    expect(door.lines.at(-1)).toContain('"what":"mend"');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('finishes what it took before it ends on %s', async (signal) => {
    const door = await openDoor(environmentFor(twin, temporaryFolder()));
    twin.webhooksTo(webhookOf(door));
    const { number } = await twin.issue({ as: 'rita', title: signal });
    await twin.comment({ as: 'linus', on: Number(number), body: '/fettle help' });
    const taken = (): boolean =>
      twin.hooks.attempts.some(
        ({ event, status, payload }) =>
          event === 'issue_comment' &&
          status === 202 &&
          JSON.stringify(payload).includes(`"title":"${signal}"`),
      );
    await expect.poll(taken, { interval: 5 }).toBe(true);
    door.child.kill(signal);
    expect(await door.ended).toBe(0);
    const told = (await twin.comments(Number(number))).map(({ body }) => String(body));
    expect(told).toEqual(['/fettle help', expect.stringContaining('/fettle status')]);
  });

  it('is killed three times, and every command among duplicates and stragglers starts one run', async () => {
    const random = randomOf(4);
    const folder = temporaryFolder();
    const environment = environmentFor(twin, folder);
    const written: number[] = [];
    const start = async (): Promise<Door> => {
      await offerComments(twin);
      const door = await openDoor(environment);
      twin.webhooksTo(webhookOf(door));
      return door;
    };
    twin.hooks.onTheWay(({ name }) =>
      name !== 'issue_comment'
        ? null
        : {
            copies: random.nextFloat() < 0.1 ? 2 : 1,
            ...(random.nextFloat() < 0.05 ? { delayMs: 300 } : {}),
          },
    );
    let door = await start();
    const { number } = await twin.issue({ as: 'rita', title: 'Kill it' });
    for (let count = 1; count <= COMMANDS; count++) {
      const { id } = await twin.comment({ as: 'linus', on: Number(number), body: '/fettle train digits' });
      written.push(Number(id));
      if (count % Math.ceil(COMMANDS / 4) !== 0 || count === COMMANDS) continue;
      await new Promise((resolve) => setTimeout(resolve, random.nextBelow(400)));
      door.child.kill('SIGKILL');
      await door.ended;
      door = await start();
    }
    await twin.settled();
    const asked = (): readonly (string | undefined)[] =>
      twin.memory.runs.map(({ inputs }) => inputs['request']);
    const wanted = written.map((id) => `comment-${id}`);
    await expect.poll(() => new Set(asked()).size, { timeout: 60_000 }).toBe(COMMANDS);
    door.child.kill('SIGTERM');
    expect(await door.ended).toBe(0);
    expect([...asked()].sort()).toEqual([...wanted].sort());
    const stickies = (await twin.comments(Number(number))).filter(({ body }) =>
      String(body).startsWith('<!-- fettle:sticky'),
    );
    expect(stickies).toHaveLength(1);
  }, 120_000);
});

const COMMANDS = 12;

/** The stand-in has no list of all comments of a repository, so that it is given one. */
async function offerComments(of: Twin): Promise<void> {
  const threads = (await of.request({ as: 'ada' }, 'GET', 'issues?state=all&per_page=100')) as readonly {
    readonly number: number;
  }[];
  const body = (await Promise.all(threads.map(({ number }) => of.comments(number)))).flat();
  of.faults.clear();
  of.faults.plan({
    fault: { kind: 'answer', answer: { status: 200, body } },
    when: ({ path }) => path.endsWith('/issues/comments'),
    times: Number.POSITIVE_INFINITY,
  });
}
