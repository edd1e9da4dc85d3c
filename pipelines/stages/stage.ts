/** The port of this room: one step of a pipeline, from artifacts to artifacts. */
import type * as z from 'zod';
import type { Digest } from '../../registry/base/digest.ts';
import type { ArtifactKind } from '../../registry/schema/artifact.ts';

export interface StageContext {
  readonly seed: number;
  /** The bytes in a slot. */
  read(slot: string): Promise<Uint8Array>;
  /** The bytes in a slot that need not be filled; null when it is not. */
  readIfAny(slot: string): Promise<Uint8Array | null>;
  /** The digest of the bytes in a slot. */
  digestOf(slot: string): Digest;
  /** Bytes that an artifact in a slot refers to. */
  load(digest: Digest): Promise<Uint8Array>;
  write(slot: string, bytes: Uint8Array): Promise<void>;
  /** What an earlier performance of this stage, with these parameters and this seed, left under a key; null for none. */
  recall(key: Digest): Promise<Uint8Array | null>;
  /** Leaves bytes for a later one. With or without them the outputs are the same: they may be gone at any time. */
  leave(key: Digest, bytes: Uint8Array): Promise<void>;
  /** Tells how far a long step has come. */
  tell(done: number, total: number): void;
}

export interface Slot {
  readonly kind: ArtifactKind;
  readonly required: boolean;
}

export interface Stage {
  readonly name: string;
  /** Raised whenever the same inputs would give other bytes, so that nothing old is taken for new. */
  readonly version: number;
  readonly takes: Readonly<Record<string, Slot>>;
  readonly gives: Readonly<Record<string, ArtifactKind>>;
  readonly params: z.ZodType;
  /** Worth a machine of its own: minutes rather than seconds on many rows. */
  readonly heavy?: true;
  /** What decides its output beyond inputs, parameters and seed; such a step is performed once a run. */
  readonly reaches: 'nothing' | 'clock';
  perform(context: StageContext, params: unknown): Promise<void>;
}

export interface StageDefinition<P> extends Omit<Stage, 'params' | 'perform'> {
  readonly params: z.ZodType<P>;
  perform(context: StageContext, params: P): Promise<void>;
}

/** Gives `perform` its parameters parsed, so that no stage sees a word that its schema did not. */
export function defineStage<P>(definition: StageDefinition<P>): Stage {
  return {
    ...definition,
    perform: (context, params) => definition.perform(context, definition.params.parse(params)),
  };
}

export const required = (kind: ArtifactKind): Slot => ({ kind, required: true });
export const optional = (kind: ArtifactKind): Slot => ({ kind, required: false });
