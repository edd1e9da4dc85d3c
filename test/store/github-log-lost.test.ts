/** The log on GitHub's API when answers are lost: whichever call it is, no event is lost and none is there twice. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { logMoved, remoteUnreachable } from '../../registry/faults.ts';
import type { GitHubApi } from '../../registry/store/github-call.ts';
import { githubLog } from '../../registry/store/github-log.ts';
import { problemsIn } from '../conformance/event-log.ts';
import type { Fault } from '../fakes/github/answers.ts';
import type { Request } from '../fakes/github/git-only.ts';
import { eventOf } from '../fixtures/events.ts';
import { git } from '../fixtures/git.ts';
import { begun, idemsOf, openGitHub, put, putAtLast, type OpenedGitHub } from '../fixtures/github.ts';

const BRANCH = 'fettle/registry';

/** After these the caller cannot know whether the request was carried out; after some of them it was. */
const UNSURE: readonly Fault[] = [
  { kind: 'drop' },
  { kind: 'lose' },
  { kind: 'truncate' },
  { kind: 'mask', status: 502 },
  { kind: 'html', status: 503 },
  { kind: 'answer', answer: { status: 200, body: { errors: [{ message: 'Something went wrong' }] } } },
  { kind: 'answer', answer: { status: 200, body: { data: null } } },
];

type Fails = (request: Request) => boolean;

/** Lets each call of a test fail in turn. @param test  gives how many calls it made */
async function eachPosition(test: (opened: OpenedGitHub, fails: Fails) => Promise<number>): Promise<number> {
  for (let position = 0; position < 40; position++) {
    const opened = await openGitHub();
    const made = await test(opened, ({ index }) => index >= position);
    await opened.github.close();
    if (made <= position) return position;
  }
  throw new Error('a test that makes 40 calls makes too many');
}

describe('github-log when answers are lost', () => {
  const created = eventOf('registry.created');
  const batch = [eventOf('model.promoted'), eventOf('model.retired')];
  const wanted = [created, ...batch].map(({ idem }) => idem);

  it.each(UNSURE)('records each event once whichever one call ends so: $kind', async (fault) => {
    const positions = await eachPosition(async ({ folder, github, place }, fails) => {
      let left = 1;
      github.fail((request) => (fails(request) && left-- > 0 ? fault : null));
      const log = githubLog(place());
      const head = await log.append({ expected: null, events: [created], view: new Map(), reducer: 1 });
      await log.append({ expected: head, events: batch, view: new Map(), reducer: 1 });
      const made = github.requests.length;
      github.fail(() => null);
      expect(await idemsOf(log)).toEqual(wanted);
      expect(await problemsIn(log)).toEqual([]);
      expect(git(folder, 'rev-list', '--count', BRANCH).trim()).toBe('2');
      return made;
    });
    // Four calls begin a registry, three go on with it.
    expect(positions).toBe(7);
  });

  it.each(UNSURE.slice(0, 3))(
    'loses and doubles nothing where all calls from one on end so: $kind',
    async (fault) => {
      await eachPosition(async ({ github, place }, fails) => {
        github.fail((request) => (fails(request) ? fault : null));
        const log = githubLog(place());
        const tries = async (): Promise<void> => {
          if ((await log.read([])) === null) await put(log, created);
          await put(log, ...batch);
        };
        const end = await tries().catch((error: unknown) => error);
        if (end !== undefined) expect(end).toThrowFault(remoteUnreachable);
        const made = end === undefined ? github.requests.length : Number.POSITIVE_INFINITY;
        github.fail(() => null);
        await tries();
        expect(await idemsOf(log)).toEqual(wanted);
        return made;
      });
    },
  );

  it('sends nothing again before it has looked, and nothing at all when it finds its events', async () => {
    const { github, log } = await begun();
    const from = github.requests.length;
    github.fail(({ what, index }) => (what === 'FettleAppend' && index < from + 5 ? { kind: 'lose' } : null));
    expect((await put(log, eventOf('model.retired'))).size).toBe(2);
    const calls = github.requests.slice(from).map(({ what }) => what);
    expect(calls.slice(3)).toEqual(['FettleAppend', 'FettleTop', 'FettleFiles']);
  });

  it('decides anew when another writer was first while its own call was lost', async () => {
    const { github, place, log } = await begun();
    const other = githubLog(place());
    let lost = false;
    github.fail(({ what }) => {
      if (what !== 'FettleAppend' || lost) return null;
      lost = true;
      return { kind: 'drop' };
    });
    const mine = { ...place(), sleep: async () => void (await put(other, eventOf('run.finished'))) };
    const late = put(githubLog(mine), eventOf('model.retired'));
    await expect(late).rejects.toThrowFault(logMoved);
    expect((await log.read([]))?.head.size).toBe(2);
  });

  it('is not misled by a server that has not heard of the commit yet', async () => {
    const { github, place, log } = await begun();
    const { api } = place();
    let lag = 0;
    let seen: unknown = null;
    const lagging: GitHubApi = {
      request: (route, parameters) => api.request(route, parameters),
      async graphql(query, variables) {
        const top = query.includes('FettleTop');
        if (top && lag-- > 0) return seen;
        const answer = await api.graphql(query, variables);
        if (top) seen = answer;
        return answer;
      },
    };
    let lost = 1;
    github.fail(({ what }) => {
      if (what !== 'FettleAppend' || lost-- <= 0) return null;
      lag = 1;
      return { kind: 'lose' };
    });
    expect((await put(githubLog({ ...place(), api: lagging }), eventOf('model.retired'))).size).toBe(2);
    expect((await log.read([]))?.head.size).toBe(2);
    // It was sent again, and GitHub itself said that the branch had moved.
    expect(github.requests.filter(({ what }) => what === 'FettleAppend')).toHaveLength(2);
  });

  // Oracle: the set of the keys that were asked for.
  it('records each of 16 events once, whatever becomes of a third of all calls of two writers', async () => {
    const weather = fc.infiniteStream(fc.option(fc.constantFrom(...UNSURE), { freq: 2 }));
    await fc.assert(
      fc.asyncProperty(weather, async (faults) => {
        const { github, place, log } = await begun();
        github.fail(() => faults.next().value ?? null);
        const events = [0, 1].map(() => Array.from({ length: 8 }, () => eventOf('run.finished')));
        await Promise.all(
          events.map(async (mine) => {
            for (const event of mine) await putAtLast(githubLog(place()), event);
          }),
        );
        github.fail(() => null);
        const idems = events.flat().map(({ idem }) => idem);
        expect((await idemsOf(log)).slice(1).toSorted()).toEqual(idems.toSorted());
        expect(await problemsIn(log)).toEqual([]);
        await github.close();
      }),
      { numRuns: 3, seed: 20261120, endOnFailure: true },
    );
  });

  it('does nothing twice when a call that was given up arrives late', async () => {
    const { folder, github, place } = await begun();
    let slow = 1;
    github.fail(({ what }) => (what === 'FettleAppend' && slow-- > 0 ? { kind: 'delay', ms: 400 } : null));
    const log = githubLog({ ...place(), answerMsMax: 150 });
    expect((await put(log, eventOf('model.retired'))).size).toBe(2);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect((await log.read([]))?.head.size).toBe(2);
    expect(git(folder, 'rev-list', '--count', BRANCH).trim()).toBe('2');
  });
});
