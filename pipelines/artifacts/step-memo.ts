/** What each step gave when it was performed, by the step's digest: why nothing is done twice. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { hexOf, type Digest } from '../../registry/base/digest.ts';
import { canonical } from '../../registry/base/json.ts';
import { ArtifactRef } from '../../registry/schema/artifact.ts';
import { codeOf, writeDurably } from './durable.ts';

export const StepOutputs = z.strictObject({
  outputs: z.record(z.string(), ArtifactRef),
  /** Milliseconds it took when it was performed. */
  tookMs: z.int().min(0),
});
export type StepOutputs = z.infer<typeof StepOutputs>;

export interface StepMemo {
  get(step: Digest): Promise<StepOutputs | null>;
  put(step: Digest, outputs: StepOutputs): Promise<void>;
}

export function folderMemo(folder: string): StepMemo {
  const pathOf = (step: Digest): string => path.join(folder, `${hexOf(step)}.json`);
  return {
    async get(step) {
      try {
        return StepOutputs.parse(JSON.parse(await readFile(pathOf(step), 'utf8')));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return null;
        // A memo is only ever a shortcut: an unreadable one means the step is performed again.
        if (error instanceof SyntaxError || error instanceof z.ZodError) return null;
        throw error;
      }
    },
    put: (step, outputs) => writeDurably(pathOf(step), `${canonical(outputs)}\n`),
  };
}

export function memoryMemo(): StepMemo {
  const kept = new Map<Digest, StepOutputs>();
  return {
    get: async (step) => kept.get(step) ?? null,
    put: async (step, outputs) => void kept.set(step, outputs),
  };
}
