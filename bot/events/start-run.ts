/** One run for one wish: whichever process of the app is first takes it on, and looks before it starts anything again. */
import { randomUUID } from 'node:crypto';
import type { Dispatched, Thread } from '../commands/command.ts';
import { claimLock, releaseLock } from '../github/locks.ts';
import type { Place } from '../github/place.ts';
import { dispatchRun, runAskedFor, runStartedSince, type Run } from '../github/runs.ts';
import { githubAway, lockUnreadable } from '../faults.ts';
import type { Desk } from './event.ts';
import { AskedRun, Intent, keyOfRun, Started } from './steps.ts';

export interface StartAsk {
  readonly place: Place;
  readonly thread: Thread;
  readonly workflow: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** What the step is called in the delivery log. */
  readonly key: string;
  /** When it was asked for, ISO 8601. */
  readonly askedAt: string;
}

/** A call that a crash cut off is looked for before it is made again. */
export async function startOnce(desk: Desk, ask: StartAsk): Promise<Dispatched> {
  const done = Started.safeParse(desk.steps.recall(ask.key));
  if (done.success) return done.data;
  const { intent, isOld } = await intentOf(desk, ask.key);
  if (!(await isMine(desk, ask, intent))) return seenSoon(desk, ask);
  const { place, thread, workflow, inputs } = ask;
  const found = isOld ? await startedBefore(desk, ask, intent) : await startedByOther(desk, ask, intent);
  const ref = thread.repository.defaultBranch;
  const started = found ?? (await dispatchRun(place, { workflow, ref, inputs }));
  await desk.steps.note({ key: ask.key, at: desk.now(), value: started });
  if (started.runId !== null) {
    const about = { thread: thread.number, comment: thread.commentId, model: inputs['model'] ?? null };
    const value = { ...about, lock: { name: lockOf(ask.key), claim: intent.claim } };
    await desk.steps.note({ key: keyOfRun(started.runId), at: desk.now(), value });
  }
  return started;
}

async function intentOf(desk: Desk, key: string): Promise<{ intent: Intent; isOld: boolean }> {
  const known = Intent.safeParse(desk.steps.recall(`${key}/intent`));
  if (known.success) return { intent: known.data, isOld: true };
  const intent = { at: desk.now(), claim: randomUUID() };
  await desk.steps.note({ key: `${key}/intent`, at: desk.now(), value: intent });
  return { intent, isOld: false };
}

function lockOf(key: string): string {
  return key.replaceAll('/', '-');
}

/** After an unclear answer the lock may be free: it is asked for again before anybody gives up. */
const CLAIMS = 3;

/**
 * Two processes of the app have delivery logs of their own; a ref that only one of them can make is what they share.
 *
 * @throws lockUnreadable, githubAway
 */
async function isMine(
  desk: Desk,
  { place, key, workflow }: StartAsk,
  { at, claim }: Intent,
): Promise<boolean> {
  const name = lockOf(key);
  // The account that acts is the app's, which has no number among people.
  const owner = { id: 0, login: desk.self.login };
  const words = { name, owner, reason: `starts ${workflow} once`, claim, since: at };
  for (let asked = 0; asked < CLAIMS; asked++) {
    const found = await claimLock(place, words);
    if (found.kind === 'held') return found.lock.claim === claim;
    if (found.kind === 'unreadable') throw lockUnreadable({ name });
  }
  throw githubAway({
    remote: `${place.owner}/${place.name}`,
    said: `nobody holds ${name}, nor can it be had`,
  });
}

/** Within it what was asked is handled for the first time, but for deliveries that race, which the lock decides. */
const LATE_MS = 60_000;

/** What another process started and is done with, so that its lock is gone: only the run itself still tells of it. */
async function startedByOther(desk: Desk, ask: StartAsk, { at }: Intent): Promise<Dispatched | null> {
  if (Date.parse(at) - Date.parse(ask.askedAt) < LATE_MS) return null;
  const run = await runFor(desk, ask.place, wishOf(ask));
  return run === null ? null : { runId: run.id, url: run.url };
}

/** What this process started before it was cut off. */
async function startedBefore(desk: Desk, ask: StartAsk, { at }: Intent): Promise<Dispatched | null> {
  const named = await runFor(desk, ask.place, wishOf(ask));
  if (named !== null) return { runId: named.id, url: named.url };
  const { place, workflow } = ask;
  // Workflows of a project's own may be called otherwise: then the first that is nobody else's.
  const isFree = (run: number): boolean => !AskedRun.safeParse(desk.steps.recall(keyOfRun(run))).success;
  return runStartedSince(place, { workflow, since: at, actor: desk.self.login, isFree });
}

interface Wish {
  readonly model: string;
  readonly request: string;
}

function wishOf({ inputs }: StartAsk): Wish {
  return { model: inputs['model'] ?? '', request: inputs['request'] ?? '' };
}

export async function runFor(desk: Desk, place: Place, wish: Wish): Promise<Run | null> {
  return runAskedFor(place, { ...wish, actor: desk.self.login });
}

const LOOKS = 15;
const LOOK_MS = 2000;

/** Another process starts it; its run is to be seen shortly after. */
async function seenSoon(desk: Desk, ask: StartAsk): Promise<Dispatched> {
  const found = await desk.turn.aside(async () => {
    for (let look = 0; look < LOOKS; look++) {
      const run = await runFor(desk, ask.place, wishOf(ask));
      if (run !== null) return run;
      await desk.sleep(LOOK_MS);
    }
    return null;
  });
  return { runId: found?.id ?? null, url: found?.url ?? null, byOther: true };
}

/** The run is over and its comment says so: nobody would start it again. */
export async function letGoOf(place: Place, { lock }: AskedRun): Promise<void> {
  if (lock !== undefined) await releaseLock(place, lock);
}
