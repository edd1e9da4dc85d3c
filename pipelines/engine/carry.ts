/** A plan as bytes, so that another machine can perform one of its steps; every digest is checked when it is read. */
import * as z from 'zod';
import { Digest } from '../../registry/base/digest.ts';
import { ArtifactRef } from '../../registry/schema/artifact.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { RunId } from '../../registry/schema/run.ts';
import { planMisshapen, stepUnknown } from '../faults.ts';
import type { Stage } from '../stages/stage.ts';
import { digestOfStep, type Plan, type PlannedStep } from './plan.ts';

const FORMAT = 'fettle-plan/1';

const Origin = z.discriminatedUnion('from', [
  z.strictObject({ from: z.literal('input'), artifact: ArtifactRef }),
  z.strictObject({ from: z.literal('step'), step: z.string(), slot: z.string() }),
]);

const Carried = z.strictObject({
  format: z.literal(FORMAT),
  code: z.string(),
  model: ModelName,
  run: RunId,
  recipe: z.string(),
  digest: Digest,
  steps: z.array(
    z.strictObject({
      name: z.string(),
      stage: z.string(),
      params: z.record(z.string(), z.json()),
      seed: z.int(),
      takes: z.record(z.string(), Origin),
      digest: Digest,
    }),
  ),
});

/** Without what confirms: a verdict is given where the run is recorded, and confirmed there. */
export interface CarriedPlan extends Omit<Plan, 'confirmation'> {
  readonly model: ModelName;
}

export function encodePlan({ model, run, recipe, digest, steps }: CarriedPlan, code: string): Uint8Array {
  const told = steps.map(({ stage, ...step }) => ({ ...step, stage: stage.name }));
  return Buffer.from(
    `${JSON.stringify({ format: FORMAT, code, model, run, recipe, digest, steps: told })}\n`,
  );
}

export interface Here {
  /** Version of the code that will perform it. */
  readonly code: string;
  readonly stages: readonly Stage[];
}

/** @throws planMisshapen when it was planned by another Fettle, or a digest is not that of what it names */
export function decodePlan(bytes: Uint8Array, { code, stages }: Here): CarriedPlan {
  const { model, run, recipe, digest, ...carried } = parsed(bytes);
  if (carried.code !== code) {
    throw planMisshapen({ wanted: `a plan of Fettle ${code}`, found: `one of ${carried.code}` });
  }
  const steps: PlannedStep[] = [];
  for (const { stage: name, digest: told, ...step } of carried.steps) {
    const stage = stages.find((known) => known.name === name);
    if (stage === undefined) throw planMisshapen({ wanted: 'a stage that is known', found: `\`${name}\`` });
    const planned = { ...step, stage };
    const found = digestOfStep(planned, { code, earlier: steps });
    if (found !== told) throw planMisshapen({ wanted: `step \`${step.name}\` to be ${told}`, found });
    steps.push({ ...planned, digest: found });
  }
  return { model, run, recipe, digest, steps };
}

function parsed(bytes: Uint8Array): z.infer<typeof Carried> {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return Carried.parse(JSON.parse(text));
  } catch (error) {
    throw planMisshapen({ wanted: FORMAT, found: `\`${text.slice(0, 60)}\`` }, error);
  }
}

/** The step and every one before it that it rests on, in their order. @throws stepUnknown */
export function leadingTo({ run, steps }: Pick<Plan, 'run' | 'steps'>, name: string): readonly PlannedStep[] {
  const target = steps.find((step) => step.name === name);
  if (target === undefined) throw stepUnknown({ run, step: name, known: steps.map((step) => step.name) });
  const wanted = new Set([name]);
  for (const step of steps.toReversed()) {
    if (!wanted.has(step.name)) continue;
    for (const origin of Object.values(step.takes)) if (origin.from === 'step') wanted.add(origin.step);
  }
  return steps.filter((step) => wanted.has(step.name));
}
