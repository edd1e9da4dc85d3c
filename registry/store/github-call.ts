/** Calls to GitHub's API that pause when told to, and that are sent again only where that changes nothing. */
import * as z from 'zod';
import { remoteBusy, remoteRefused, remoteUnreachable } from '../faults.ts';
import { verdictOn, verdictOnShape, type Verdict } from './github-answer.ts';

/** As octokit has it; who made it saw to the address, the token and whatever is between. */
export interface GitHubApi {
  request(route: string, parameters: Readonly<Record<string, unknown>>): Promise<unknown>;
  graphql(query: string, variables: Readonly<Record<string, unknown>>): Promise<unknown>;
}

export interface GitHubPlace {
  readonly api: GitHubApi;
  readonly owner: string;
  readonly name: string;
  readonly sleep: (ms: number) => Promise<void>;
  /** How long all pauses of one call of the port may last together; two minutes when left out. */
  readonly patienceMs?: number;
  /** How long one answer may take; a minute when left out. */
  readonly answerMsMax?: number;
}

/** One call and how its answer is read. */
export interface Ask<T> {
  readonly answer: z.ZodType<T>;
  send(place: GitHubPlace, signal: AbortSignal): Promise<unknown>;
}

export type Reply<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly verdict: Verdict };

type Parameters = Readonly<Record<string, unknown>>;

/** @param answer  of octokit's whole response, which has `data` and `headers` */
export function rest<T>(route: string, parameters: Parameters, answer: z.ZodType<T>): Ask<T> {
  return {
    answer,
    send: ({ api, owner, name }, signal) =>
      api.request(route, { owner, repo: name, ...parameters, request: { signal } }),
  };
}

/** @param answer  of the `data` of the answer */
export function graph<T>(query: string, variables: Parameters, answer: z.ZodType<T>): Ask<T> {
  return {
    answer,
    send: ({ api }, signal) => api.graphql(query, { ...variables, request: { signal } }),
  };
}

/** The calls of one call of the port, which share its patience. */
export interface Calls {
  readonly place: GitHubPlace;
  /** For people. */
  readonly remote: string;
  /** Sends it once, apart from pauses: what GitHub refuses to look at yet was not done. */
  attempt<T>(ask: Ask<T>): Promise<Reply<T>>;
  /**
   * Sends what may be sent twice until it is answered; null where there is no such thing.
   *
   * @throws remoteRefused, remoteBusy, remoteUnreachable
   */
  find<T>(ask: Ask<T>): Promise<T | null>;
  /** The same of what has to be there. */
  get<T>(ask: Ask<T>): Promise<T>;
  faultFor(verdict: Verdict): Error;
}

const PATIENCE_MS = 120_000;
const ANSWER_MS_MAX = 60_000;

/** Pauses before what may be sent again is; a quarter of a minute in all. */
export const AGAIN_AFTER_MS: readonly number[] = [0, 1000, 4000, 10_000];

/** Where GitHub does not say for how long: its documentation asks for a minute, then for more each time. */
const UNTOLD_MS = 60_000;

export function callsTo(place: GitHubPlace): Calls {
  const remote = `${place.owner}/${place.name}`;
  let left = place.patienceMs ?? PATIENCE_MS;

  const faultFor = (verdict: Verdict): Error => {
    const { said } = verdict;
    if (verdict.kind === 'refused' || verdict.kind === 'absent') return remoteRefused({ remote, said });
    return remoteUnreachable({ remote, said });
  };

  const pauseFor = async (ms: number, said: string): Promise<void> => {
    if (ms > left) throw remoteBusy({ remote, seconds: Math.ceil(ms / 1000), said });
    left -= ms;
    await place.sleep(ms);
  };

  const attempt = async <T>(ask: Ask<T>): Promise<Reply<T>> => {
    for (let untold = UNTOLD_MS; ;) {
      const reply = await sendOnce(place, ask);
      if (reply.ok || reply.verdict.kind !== 'wait') return reply;
      const { seconds, said } = reply.verdict;
      await pauseFor(seconds === null ? untold : seconds * 1000, said);
      if (seconds === null) untold *= 2;
    }
  };

  const find = async <T>(ask: Ask<T>): Promise<T | null> => {
    let verdict: Verdict = { kind: 'unknown', said: '' };
    for (const ms of AGAIN_AFTER_MS) {
      if (ms > 0) await place.sleep(ms);
      const reply = await attempt(ask);
      if (reply.ok) return reply.value;
      ({ verdict } = reply);
      if (verdict.kind === 'absent') return null;
      if (verdict.kind === 'refused') break;
    }
    throw faultFor(verdict);
  };

  const get = async <T>(ask: Ask<T>): Promise<T> => {
    const found = await find(ask);
    if (found !== null) return found;
    throw remoteRefused({ remote, said: 'no such repository, or no right to it' });
  };

  return { place, remote, attempt, find, get, faultFor };
}

async function sendOnce<T>(place: GitHubPlace, ask: Ask<T>): Promise<Reply<T>> {
  try {
    const signal = AbortSignal.timeout(place.answerMsMax ?? ANSWER_MS_MAX);
    const result = ask.answer.safeParse(await ask.send(place, signal));
    if (result.success) return { ok: true, value: result.data };
    return { ok: false, verdict: verdictOnShape(z.prettifyError(result.error)) };
  } catch (error) {
    return { ok: false, verdict: verdictOn(error) };
  }
}
