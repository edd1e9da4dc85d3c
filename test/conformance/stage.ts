/** What every stage promises. */
import { describe, expect, it } from 'vitest';
import type { Checkpoints } from '../../pipelines/artifacts/checkpoints.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import type { Stage } from '../../pipelines/stages/stage.ts';
import type { ArtifactRef } from '../../registry/schema/artifact.ts';

export interface StageCase {
  readonly stage: Stage;
  readonly params: unknown;
  /** Left out, nothing was left before. */
  readonly checkpoints?: Checkpoints;
  /** Fills the store and says what lies in the stage's slots. */
  prepare(store: ArtifactStore): Promise<Readonly<Record<string, ArtifactRef>>>;
}

export type Outputs = Readonly<Record<string, Uint8Array>>;

/** Performs a stage alone, as the engine would. */
export async function performStage(
  { stage, params, checkpoints, prepare }: StageCase,
  seed = 1,
): Promise<Outputs> {
  const store = memoryStore();
  const slots = await prepare(store);
  const outputs: Record<string, Uint8Array> = {};
  const refOf = (slot: string): ArtifactRef => {
    const ref = slots[slot];
    if (ref === undefined) throw new Error(`slot ${slot} is not filled`);
    return ref;
  };
  await stage.perform(
    {
      seed,
      read: (slot) => store.get(refOf(slot).digest),
      readIfAny: async (slot) => (slots[slot] === undefined ? null : store.get(refOf(slot).digest)),
      digestOf: (slot) => refOf(slot).digest,
      load: (digest) => store.get(digest),
      recall: async (key) => (await checkpoints?.get(key)) ?? null,
      leave: async (key, bytes) => checkpoints?.put(key, bytes),
      write: async (slot, bytes) => void (outputs[slot] = bytes),
      tell: () => undefined,
    },
    params,
  );
  return outputs;
}

export function describeStage(given: StageCase): void {
  const { stage } = given;

  describe(`${stage.name}, as any stage`, () => {
    it('writes every slot that it promised, and no other', async () => {
      expect(Object.keys(await performStage(given)).sort()).toEqual(Object.keys(stage.gives).sort());
    });

    it('takes what was prepared for it, by kind', async () => {
      const slots = await given.prepare(memoryStore());
      for (const [slot, { kind, required }] of Object.entries(stage.takes)) {
        if (required) expect(slots[slot]?.kind).toBe(kind);
      }
    });

    it.runIf(stage.reaches === 'nothing')(
      'gives the same bytes for the same inputs, parameters and seed',
      async () => {
        const [first, second] = [await performStage(given), await performStage(given)];
        for (const slot of Object.keys(first)) {
          expect(Buffer.from(first[slot] ?? [])).toEqual(Buffer.from(second[slot] ?? []));
        }
      },
    );

    it('refuses parameters that it does not know', async () => {
      await expect(performStage({ ...given, params: { nonsense: true } })).rejects.toThrow();
    });
  });
}
