/** Writers and folders whose steps are mixed at random, against a model: each key once, each promise kept. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FettleError } from '../../registry/base/fault.ts';
import { canonical } from '../../registry/base/json.ts';
import { digestOf } from '../../registry/base/digest.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { idempotencyConflict, logMoved, remoteRefused } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import type { Envelope, RegistryEvent } from '../../registry/schema/event.ts';
import { gitInbox } from '../../registry/store/git-inbox.ts';
import { parcelRef, type Inbox } from '../../registry/store/inbox.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { logIn, problemsIn } from '../fixtures/faulty-world.ts';
import { git, newRepository } from '../fixtures/git.ts';
import { registryOn } from '../fixtures/registry.ts';
import { deedNamed, ORIGIN_OF_RUNS } from '../fixtures/runs.ts';

/** Ten thousand are asked for with `FETTLE_INTERLEAVINGS=10000`. */
const RUNS = Number(process.env['FETTLE_INTERLEAVINGS'] ?? 1000);
const RUNS_IN_GIT = Math.ceil(RUNS / 250);
const DAY = '2026-11-21';
const NOW = `${DAY}T08:00:00.000Z`;

/** The same word is the same key; more than one deed of it are several keys, of which the first is shared. */
interface Step {
  readonly how: 'append' | 'offer' | 'fold';
  readonly word: string;
  /** What is said under the key: another say under one key is a conflict. */
  readonly say: string;
  readonly deeds: number;
}

const STEP: fc.Arbitrary<Step> = fc.record({
  how: fc.constantFrom('append', 'append', 'offer', 'offer', 'fold'),
  word: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'),
  say: fc.constantFrom('x', 'x', 'x', 'y'),
  deeds: fc.integer({ min: 1, max: 2 }),
});
const PROGRAMS = fc.array(fc.array(STEP, { minLength: 1, maxLength: 4 }), { minLength: 2, maxLength: 4 });

interface Place {
  readonly log: EventLog;
  readonly inbox: Inbox;
}

/** Every call waits for its turn, and so falls anywhere between the calls of the others. */
function inTurns({ log, inbox }: Place, turn: () => Promise<void>): Place {
  const after = <A extends readonly unknown[], T>(call: (...args: A) => Promise<T>) => {
    return async (...args: A): Promise<T> => {
      await turn();
      return call(...args);
    };
  };
  return {
    log: { ...log, read: after(log.read), append: after(log.append), positions: after(log.positions) },
    inbox: { ...inbox, offer: after(inbox.offer), list: after(inbox.list), discard: after(inbox.discard) },
  };
}

function memoryInbox(): Inbox {
  const kept = new Map<string, string>();
  return {
    where: 'memory',
    async offer(day, text) {
      kept.set(parcelRef(day, text), text);
      return parcelRef(day, text);
    },
    list: async () => [...kept].map(([ref, text]) => ({ ref, mark: ref, text })),
    discard: async (offered) => offered.forEach(({ ref }) => kept.delete(ref)),
  };
}

function opened({ log, inbox }: Place, visit: string, sent: string[] = []): Registry {
  return registryOn(log, {
    visit,
    origin: ORIGIN_OF_RUNS,
    now: () => NOW,
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
    outbox: {
      eager: false,
      async send(parcel) {
        sent.push(`${canonical(parcel)}\n`);
        await inbox.offer(DAY, sent.at(-1) ?? '');
      },
    },
  });
}

/** What a step was told: recorded, offered, refused as another deed under one key, or that others were first. */
interface Told {
  readonly ended: 'recorded' | 'offered' | 'conflict' | 'moved' | 'folded';
  readonly events: readonly RegistryEvent[];
  /** The parcel that was offered. */
  readonly parcel: string | null;
}

function closed(log: EventLog): EventLog {
  return {
    ...log,
    append: async () => {
      throw remoteRefused({ remote: 'origin', said: 'closed to this writer' });
    },
  };
}

let visits = 0;

async function take(place: Place, { how, word, say, deeds }: Step): Promise<Told> {
  const none = { events: [], parcel: null };
  try {
    if (how === 'fold') {
      await opened(place, `fold ${visits++}`).fold(place.inbox);
      return { ended: 'folded', ...none };
    }
    const all = Array.from({ length: deeds }, (_, index) =>
      deedNamed(`${word} ${index} ${index === 0 ? say : ''}`),
    );
    const sent: string[] = [];
    const log = how === 'offer' ? closed(place.log) : place.log;
    const events = await opened({ ...place, log }, word, sent).execute(() => all);
    return { ended: how === 'offer' ? 'offered' : 'recorded', events, parcel: sent[0] ?? null };
  } catch (error) {
    if (!(error instanceof FettleError)) throw error;
    if (error.code === idempotencyConflict.code) return { ended: 'conflict', ...none };
    if (error.code === logMoved.code) return { ended: 'moved', ...none };
    throw error;
  }
}

type Scheduled = Pick<fc.Scheduler, 'schedule' | 'waitFor'>;

async function runAll(
  place: Place,
  programs: readonly (readonly Step[])[],
  scheduler: Scheduled,
): Promise<readonly Told[]> {
  const turns = inTurns(place, () => scheduler.schedule(Promise.resolve()));
  const all = programs.map(async (program) => {
    const told: Told[] = [];
    for (const step of program) told.push(await take(turns, step));
    return told;
  });
  return (await scheduler.waitFor(Promise.all(all))).flat();
}

function sayOf({ type, subject, body }: Pick<Envelope, 'type' | 'subject' | 'body'>): string {
  return canonical({ type, subject, body });
}

async function expectKept({ log, inbox }: Place, told: readonly Told[]): Promise<void> {
  await opened({ log, inbox }, 'last').fold(inbox);
  expect(await inbox.list()).toEqual([]);
  expect(await problemsIn(log)).toEqual([]);
  const entries = await log.entries(0);
  const said = new Map(entries.map(({ envelope }) => [envelope.idem, sayOf(envelope)]));
  expect(said.size).toBe(entries.length);
  const isIn = ({ events }: Told): boolean => events.every((event) => said.get(event.idem) === sayOf(event));
  expect(told.filter((one) => one.ended === 'recorded' && !isIn(one))).toEqual([]);
  // A parcel that could not be folded is named in the log, and no other is.
  const lost = told.filter((one) => one.ended === 'offered' && !isIn(one));
  const refused = entries.flatMap(({ event }) =>
    event?.type === 'parcel.refused' ? [event.body.parcel] : [],
  );
  expect(new Set(refused)).toEqual(new Set(lost.map(({ parcel }) => digestOf(parcel ?? ''))));
  const asked = new Set(told.flatMap(({ events }) => events.map(({ idem }) => idem)));
  const runs = entries.filter(({ envelope }) => envelope.type === 'run.started');
  expect(runs.filter(({ envelope }) => !asked.has(envelope.idem))).toEqual([]);
}

describe('writers and folders in any order', () => {
  beforeAll(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    vi.setTimerTickMode('nextTimerAsync');
  });
  afterAll(() => void vi.useRealTimers());

  it(`keep each key once and every promise, over ${RUNS} interleavings in memory`, async () => {
    const property = fc.asyncProperty(PROGRAMS, fc.scheduler(), async (programs, scheduler) => {
      const place = { log: memoryLog(), inbox: memoryInbox() };
      const first = { how: 'append', word: 'begin', say: 'x', deeds: 1 } as const;
      const begun = await take(place, first);
      await expectKept(place, [begun, ...(await runAll(place, programs, scheduler))]);
    });
    await fc.assert(property, { numRuns: RUNS });
  });

  it(`keep them in one repository of git too, over ${RUNS_IN_GIT} interleavings`, async () => {
    vi.useRealTimers();
    const property = fc.asyncProperty(PROGRAMS, fc.scheduler(), async (programs, scheduler) => {
      const folder = newRepository('--bare');
      const place = { log: logIn(folder), inbox: gitInbox({ folder, remote: null }) };
      const first = { how: 'append', word: 'begin', say: 'x', deeds: 1 } as const;
      const begun = await take(place, first);
      await expectKept(place, [begun, ...(await runAll(place, programs, scheduler))]);
      expect(git(folder, 'fsck', '--strict', '--no-dangling', '--no-progress')).toBe('');
    });
    await fc.assert(property, { numRuns: RUNS_IN_GIT, endOnFailure: true });
  });
});
