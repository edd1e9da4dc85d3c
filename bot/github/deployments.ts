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
  readonly payload: Readonly<Record<string, string | null>>;
  readonly isProduction: boolean;
}

const Made = z.object({ data: z.object({ id: z.int() }) });

/** Two writes. @throws remoteRefused, remoteUnreachable */
export async function deploy(place: Place, ask: DeploymentAsk): Promise<void> {
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
  const route = 'POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
  const status = {
    deployment_id: made.value.data.id,
    state: 'success',
    description: ask.description.slice(0, 140),
  };
  const told = await calls.attempt(rest(route, { ...status, auto_inactive: true }, Made));
  if (!told.ok) throw calls.faultFor(told.verdict);
}
