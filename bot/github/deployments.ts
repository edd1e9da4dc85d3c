/** A promotion as GitHub knows it: a Deployment in the environment of its channel, with a status. */
import * as z from 'zod';
import { callsTo, rest } from './call.ts';
import type { Place } from './place.ts';

export interface DeploymentAsk {
  /** Commit of the code, or the branch where the version was made outside one. */
  readonly ref: string;
  readonly environment: string;
  readonly task: string;
  readonly description: string;
  /** With the position of the decision, `seq`, by which it is found again. */
  readonly payload: Readonly<Record<string, string | number | null>>;
  readonly isProduction: boolean;
}

const Made = z.object({ data: z.object({ id: z.int() }) });

/** GitHub gives a payload back as it was sent, older servers as text. */
const Payload = z.preprocess(
  (value) => (typeof value === 'string' ? parsed(value) : value),
  z.object({ seq: z.int() }).nullable().catch(null),
);
const Listed = z.object({
  data: z.array(
    z.object({ id: z.int(), payload: Payload, creator: z.object({ login: z.string() }).nullish() }),
  ),
});
const Statuses = z.object({ data: z.array(z.object({ id: z.int() })) });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/**
 * Shown once: one of the app's own for the same decision stands, and a crash may have left it without its status.
 *
 * @param self  login of the app
 * @throws githubRefused, githubAway
 */
export async function deploy(place: Place, ask: DeploymentAsk, self: string): Promise<void> {
  const known = await shownBefore(place, ask, self);
  if (known !== null && (await hasStatus(place, known))) return;
  await succeed(place, known ?? (await begin(place, ask)), ask);
}

async function shownBefore(
  place: Place,
  { environment, task, payload }: DeploymentAsk,
  self: string,
): Promise<number | null> {
  const route = 'GET /repos/{owner}/{repo}/deployments';
  const found = await callsTo(place).get(rest(route, { environment, task, per_page: 30 }, Listed));
  const mine = found.data.find(
    (one) => one.creator?.login === self && one.payload !== null && one.payload.seq === payload['seq'],
  );
  return mine?.id ?? null;
}

async function hasStatus(place: Place, id: number): Promise<boolean> {
  const route = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
  const found = await callsTo(place).get(rest(route, { deployment_id: id, per_page: 1 }, Statuses));
  return found.data.length > 0;
}

async function begin(place: Place, ask: DeploymentAsk): Promise<number> {
  const calls = callsTo(place);
  const made = await calls.attempt(
    rest(
      'POST /repos/{owner}/{repo}/deployments',
      {
        ref: ask.ref,
        environment: ask.environment,
        task: ask.task,
        description: ask.description.slice(0, 140),
        payload: ask.payload,
        production_environment: ask.isProduction,
        auto_merge: false,
        // The gates have judged; what else has to pass, the environment's own rules say.
        required_contexts: [],
      },
      Made,
    ),
  );
  if (!made.ok) throw calls.faultFor(made.verdict);
  return made.value.data.id;
}

async function succeed(place: Place, id: number, { description }: DeploymentAsk): Promise<void> {
  const calls = callsTo(place);
  const route = 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
  const status = { deployment_id: id, state: 'success', description: description.slice(0, 140) };
  const told = await calls.attempt(rest(route, { ...status, auto_inactive: true }, Made));
  if (!told.ok) throw calls.faultFor(told.verdict);
}
