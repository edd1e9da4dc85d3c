/** `fettle stage <run> <step>`: performs one step of a planned run here, under a lease in the registry. */
import { randomBytes } from 'node:crypto';
import path from 'node:path';
import * as z from 'zod';
import { folderStore } from '../../pipelines/artifacts/folder-store.ts';
import { folderMemo } from '../../pipelines/artifacts/step-memo.ts';
import { decodePlan, leadingTo, type CarriedPlan } from '../../pipelines/engine/carry.ts';
import { perform } from '../../pipelines/engine/perform.ts';
import { planMisshapen } from '../../pipelines/faults.ts';
import { STAGES } from '../../pipelines/stages/index.ts';
import { Digest } from '../../registry/base/digest.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { decideLease, decideReturn, type LeaseAsk } from '../../registry/decide/lease.ts';
import type { LeaseEnd } from '../../registry/schema/lease.ts';
import { RunId, type StepRecord } from '../../registry/schema/run.ts';
import { durationText } from '../../registry/report/words.ts';
import manifest from '../../package.json' with { type: 'json' };
import { startHeartbeat } from './heartbeat.ts';
import { performanceOf, type Workshop } from './training.ts';
import { defineVerb, type VerbContext } from './verb.ts';
import { decideIn } from './workplace.ts';
import { openWorkshop, type OpenWorkshop } from './workshop.ts';

const MINUTE_MS = 60_000;

export const stage = defineVerb({
  name: 'stage',
  says: 'Performs one step of a planned run on this machine, under a lease in the registry.',
  words: ['run', 'step'],
  input: z.strictObject({
    run: RunId.describe('a run that `fettle plan` began'),
    step: z.string().describe('the step to perform, with what it rests on where that is not known'),
    plan: Digest.describe('the plan, by its digest in the artifact store'),
    to: z
      .string()
      .optional()
      .describe('folder for a copy of what was made, to be carried to another machine'),
  }),
  writes: true,
  examples: ['fettle stage run-0123456789abcdef train --plan sha256:… --to made'],

  async run(context, { run, step, plan: digest, to }) {
    const opened = await openWorkshop(context);
    const { shop } = opened;
    const plan = decodePlan(await shop.store.get(digest), { code: manifest.version, stages: STAGES });
    if (plan.run !== run) throw planMisshapen({ wanted: `the plan of ${run}`, found: `that of ${plan.run}` });
    const work = (): Promise<StepRecord> => performStep(shop, plan, step);
    const record = context.dryRun ? await work() : await underLease(context, opened, { plan, step, work });
    if (to !== undefined && !context.dryRun) {
      await carry(shop, record, path.resolve(context.folder, to));
    }
    return {
      data: { model: plan.model, run, record, dryRun: context.dryRun },
      reason: record.known ? 'known_already' : 'performed',
      text: (paint) =>
        `${paint.bold(step)} of ${run} ${
          record.known ? 'was known already' : `performed in ${durationText(record.tookMs)}`
        }`,
    };
  },
});

async function performStep(shop: Workshop, plan: CarriedPlan, name: string): Promise<StepRecord> {
  const steps = leadingTo(plan, name);
  const performed = await perform(steps, performanceOf(shop));
  const record = performed.get(name);
  if (record === undefined) throw new TypeError(`${name} was performed and is not among the records`);
  return record;
}

interface Leased {
  readonly plan: CarriedPlan;
  readonly step: string;
  work(): Promise<StepRecord>;
}

/** @throws leaseHeld, leaseSpent, runNotOpen, budgetSpent, leaseLost, and whatever the step throws */
async function underLease(
  context: VerbContext,
  { shop, ledger, settings }: OpenWorkshop,
  { plan, step, work }: Leased,
): Promise<StepRecord> {
  const { model, run } = plan;
  shop.checkBudget(model, (await shop.registry.readModel(model))?.state.models.get(model));
  const minutes = settings.compute.lease;
  const lease = { model, run, step, holder: holderOf(context), minutes };
  const asked = (): LeaseAsk => ({ ...lease, now: context.now() });
  await decideIn(ledger, context, (state) => decideLease(state, asked()));
  const { folder, actor, source, secrets } = context;
  const heartbeat = startHeartbeat({
    context: { folder, actor, source, secrets, startedAt: context.now() },
    remote: settings.registry.remote,
    lease,
    everyMs: (minutes * MINUTE_MS) / 3,
  });
  const giveBack = (end: LeaseEnd): Promise<unknown> =>
    decideIn(ledger, context, (state) => decideReturn(state, { ...asked(), end }));
  try {
    const record = await work();
    await heartbeat.stop();
    await giveBack({ kind: 'performed', record });
    return record;
  } catch (error) {
    await heartbeat.stop();
    if (error instanceof FettleError) {
      const end = { kind: 'failed' as const, fault: error.code, says: error.message.slice(0, 2000) };
      // The fault itself is what people must see; that the lease could not be given back would only hide it.
      await giveBack(end).catch(() => undefined);
    }
    throw error;
  }
}

/** Which machine this is, to whoever reads the registry. */
function holderOf({ source }: VerbContext): string {
  if (source.door === 'action') return `github-actions/${source.run_id}.${source.attempt}`;
  return `local/${randomBytes(6).toString('hex')}`;
}

/** The bytes and the memo of one step, laid out as `.fettle` is, so that putting them there is all it takes. */
async function carry(shop: Workshop, record: StepRecord, folder: string): Promise<void> {
  const store = folderStore(path.join(folder, 'artifacts'));
  for (const { kind, digest } of Object.values(record.outputs)) {
    await store.put(kind, await shop.store.get(digest));
  }
  const { outputs, tookMs } = record;
  await folderMemo(path.join(folder, 'steps')).put(record.digest, { outputs, tookMs });
}
