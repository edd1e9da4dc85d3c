/** Lets machines of GitHub perform the heavy steps of a run, and waits until the last of them is over. */
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { storeNotChosen } from '../../pipelines/faults.ts';
import { actionsRunner } from '../../pipelines/runners/github-actions.ts';
import type { JobState, Runner, StageJob, Ticket } from '../../pipelines/runners/runner.ts';
import { SETTINGS_FILE } from '../../pipelines/settings/settings.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import type { StepRecord } from '../../registry/schema/run.ts';
import { leaseOf } from '../../registry/state/leases.ts';
import { apiUnknown } from '../faults.ts';
import type { VerbContext } from './verb.ts';
import type { OpenWorkshop } from './workshop.ts';

const WORKFLOW = 'stage.yml';
const LOOK_MS = 1000;
const LOOK_MS_MAX = 15_000;

const OVER: readonly JobState[] = ['over', 'failed', 'cancelled'];

/**
 * What a machine elsewhere performed is known to the registry afterwards; what failed there is left to be done here.
 *
 * @throws storeNotChosen, apiUnknown, and whatever keeps GitHub from taking the first job
 */
export async function performElsewhere(
  context: VerbContext,
  { shop, shelf }: OpenWorkshop,
  jobs: readonly StageJob[],
): Promise<void> {
  if (jobs.length === 0) return;
  if (shelf.shared === null) throw storeNotChosen({ file: SETTINGS_FILE });
  const runner = runnerFor(context, shop.registry);
  const open: Open = new Map();
  for (const job of jobs) {
    const ticket = await runner.submit(job);
    const { end } = context.progress.step(`${job.step} of ${job.model} on ${job.label}`);
    if (ticket.url !== null) context.progress.say(ticket.url);
    open.set(ticket, end);
  }
  await waitFor(runner, open);
  // What the machines wrote is known there; the run that is joined here must know it too.
  await shop.registry.log.refresh?.();
}

type Open = Map<Ticket, (note: string) => void>;

async function waitFor(runner: Runner, open: Open): Promise<void> {
  for (let wait = LOOK_MS; open.size > 0; wait = Math.min(2 * wait, LOOK_MS_MAX)) {
    await sleep(wait);
    for (const [ticket, end] of open) {
      const state = await runner.poll(ticket);
      if (!OVER.includes(state)) continue;
      open.delete(ticket);
      end(state === 'over' ? '' : `${state} there, performed here`);
    }
  }
}

/** @throws apiUnknown */
function runnerFor(context: VerbContext, registry: Registry): Runner {
  const { api, token, repository } = context.secrets.stores.github;
  if (token === null || repository === null) {
    throw apiUnknown({ found: token === null ? 'no token' : 'no repository' });
  }
  return actionsRunner({
    api: new URL(api),
    repository,
    token,
    workflow: WORKFLOW,
    ref: null,
    now: context.now,
    ticketFor: () => `ticket-${randomBytes(8).toString('hex')}`,
    recordOf: (job) => recordIn(registry, job),
  });
}

async function recordIn(registry: Registry, { model, run, step }: StageJob): Promise<StepRecord | null> {
  await registry.log.refresh?.();
  const view = await registry.readModel(model);
  const end = leaseOf(view?.state.models.get(model), run, step)?.end ?? null;
  return end?.kind === 'performed' ? end.record : null;
}
