/** What machines elsewhere performed, for whoever joins a run: only what is worth another machine is taken from one. */
import type { StepMemo, StepOutputs } from '../../pipelines/artifacts/step-memo.ts';
import type { Plan, PlannedStep } from '../../pipelines/engine/plan.ts';
import type { ModelName } from '../../registry/schema/model.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { performedElsewhere } from '../../registry/state/leases.ts';

export interface Joining {
  readonly state: RegistryState;
  readonly model: ModelName;
  readonly plan: Plan;
}

/**
 * What a machine elsewhere gave counts as what was performed here, if its bytes are in the store. What it says of how
 * good its model is counts for nothing: rows are split and models scored where the gates judge.
 */
export function memoWithElsewhere(memo: StepMemo, { state, model, plan }: Joining): StepMemo {
  const heavy = new Map(
    plan.steps.flatMap((step) => (step.stage.heavy === true ? [[step.digest, step] as const] : [])),
  );
  return {
    ...memo,
    async get(digest) {
      const known = await memo.get(digest);
      const step = heavy.get(digest);
      if (known !== null || step === undefined) return known;
      const record = performedElsewhere(state, { model, run: plan.run, digest });
      if (record?.step !== step.name || !gives(step, record)) return null;
      return { outputs: record.outputs, tookMs: record.tookMs };
    },
  };
}

/** What its stage promises, and nothing else. */
export function gives({ stage }: PlannedStep, { outputs }: Pick<StepOutputs, 'outputs'>): boolean {
  const slots = Object.entries(stage.gives);
  return (
    slots.length === Object.keys(outputs).length &&
    slots.every(([slot, kind]) => outputs[slot]?.kind === kind)
  );
}
