/** What a phase of the forge measured, with what its page shows: numbers by name, tables and plots. */
import * as z from 'zod';
import { artifactMisshapen } from '../faults.ts';

const FORMAT = 'fettle-phase/1';

const Table = z.strictObject({
  title: z.string(),
  columns: z.array(z.string()),
  rows: z.array(z.array(z.union([z.string(), z.number()]))),
});

const Plot = z.strictObject({
  title: z.string(),
  kind: z.enum(['lines', 'points']),
  across: z.string(),
  up: z.string(),
  series: z.array(z.strictObject({ name: z.string(), points: z.array(z.tuple([z.number(), z.number()])) })),
});

export const Phase = z.strictObject({
  format: z.literal(FORMAT),
  phase: z.string(),
  /** By the names that gates ask for; what could not be measured is left out. */
  measured: z.record(z.string(), z.number()),
  tables: z.array(Table),
  plots: z.array(Plot),
  /** What a reader should know of how it was measured. */
  notes: z.array(z.string()),
});
export type Phase = z.infer<typeof Phase>;

export function encodePhase(phase: Omit<Phase, 'format'>): Uint8Array {
  return Buffer.from(`${JSON.stringify({ format: FORMAT, ...phase })}\n`);
}

/** @throws artifactMisshapen */
export function decodePhase(bytes: Uint8Array): Phase {
  const text = Buffer.from(bytes).toString('utf8');
  try {
    return Phase.parse(JSON.parse(text));
  } catch (error) {
    throw artifactMisshapen({ wanted: FORMAT, found: text.slice(0, 80) }, error);
  }
}
