/** Performs a plan's steps in order; a step whose digest is known is not performed again. */
import { type Digest, digestOfValue } from '../../registry/base/digest.ts';
import type { ArtifactRef } from '../../registry/schema/artifact.ts';
import type { StepRecord } from '../../registry/schema/run.ts';
import type { Checkpoints } from '../artifacts/checkpoints.ts';
import type { StepMemo, StepOutputs } from '../artifacts/step-memo.ts';
import type { ArtifactStore } from '../artifacts/store.ts';
import { stageBrokePromise } from '../faults.ts';
import type { Origin, PlannedStep } from './plan.ts';

/** How a step is watched while it runs. */
export interface StepWatch {
  tell(done: number, total: number): void;
  end(note: string): void;
}

export interface Performance {
  readonly store: ArtifactStore;
  readonly memo: StepMemo;
  /** Where long stages go on; left out, they begin anew each time. */
  readonly checkpoints?: Checkpoints;
  /** Milliseconds of a clock that only goes forward. */
  readonly elapsedMs: () => number;
  watch(step: string): StepWatch;
}

/** What has been performed, by step. */
export type Performed = ReadonlyMap<string, StepRecord>;

/**
 * @param done  steps performed before; a plan may be performed piece by piece
 * @throws whatever the stage throws; the steps before it stay performed
 */
export async function perform(
  steps: readonly PlannedStep[],
  performance: Performance,
  done: Performed = new Map(),
): Promise<Performed> {
  const records = new Map(done);
  for (const step of steps) records.set(step.name, await performStep(step, performance, records));
  return records;
}

async function performStep(
  step: PlannedStep,
  performance: Performance,
  done: Performed,
): Promise<StepRecord> {
  const watch = performance.watch(step.name);
  const known = await knownOutputs(step.digest, performance);
  const made = known ?? (await make(step, performance, { done, watch }));
  watch.end(known === null ? '' : 'known');
  return {
    step: step.name,
    stage: step.stage.name,
    digest: step.digest,
    outputs: made.outputs,
    tookMs: known === null ? made.tookMs : 0,
    known: known !== null,
  };
}

/** A memo counts only while all the bytes that it speaks of are there. */
async function knownOutputs(step: Digest, { memo, store }: Performance): Promise<StepOutputs | null> {
  const known = await memo.get(step);
  if (known === null) return null;
  for (const { digest } of Object.values(known.outputs)) if (!(await store.has(digest))) return null;
  return known;
}

interface Making {
  readonly done: Performed;
  readonly watch: StepWatch;
}

async function make(
  step: PlannedStep,
  performance: Performance,
  { done, watch }: Making,
): Promise<StepOutputs> {
  const { store, memo, checkpoints, elapsedMs } = performance;
  const { stage, takes, seed } = step;
  const began = elapsedMs();
  const outputs: Record<string, ArtifactRef> = {};
  const refOf = (slot: string): ArtifactRef => {
    const ref = takes[slot] === undefined ? undefined : resolve(takes[slot], done);
    if (ref === undefined) {
      throw stageBrokePromise({ stage: stage.name, slot, found: 'it read though not filled' });
    }
    return ref;
  };

  await stage.perform(
    {
      seed,
      tell: watch.tell,
      digestOf: (slot) => refOf(slot).digest,
      read: (slot) => store.get(refOf(slot).digest),
      readIfAny: async (slot) => (takes[slot] === undefined ? null : store.get(refOf(slot).digest)),
      load: (digest) => store.get(digest),
      recall: async (key) => (await checkpoints?.get(markOf(step, key))) ?? null,
      leave: async (key, bytes) => checkpoints?.put(markOf(step, key), bytes),
      async write(slot, bytes) {
        const kind = stage.gives[slot];
        if (kind === undefined) {
          throw stageBrokePromise({ stage: stage.name, slot, found: 'a slot it never named' });
        }
        outputs[slot] = await store.put(kind, bytes);
      },
    },
    step.params,
  );
  for (const slot of Object.keys(stage.gives)) {
    if (outputs[slot] === undefined) {
      throw stageBrokePromise({ stage: stage.name, slot, found: 'nothing written' });
    }
  }
  const made = { outputs, tookMs: Math.round(elapsedMs() - began) };
  await memo.put(step.digest, made);
  return made;
}

/** What one stage leaves is nothing for another, nor for itself with other parameters. */
function markOf({ stage, params, seed }: PlannedStep, key: Digest): Digest {
  return digestOfValue({
    stage: stage.name,
    version: stage.version,
    params: JSON.stringify(params),
    seed,
    key,
  });
}

function resolve(origin: Origin, done: Performed): ArtifactRef | undefined {
  return origin.from === 'input' ? origin.artifact : done.get(origin.step)?.outputs[origin.slot];
}
