/** The port of this room: evidence -> a verdict. Pure: evidence is gathered elsewhere, a gate only judges. */
import type * as z from 'zod';
import type { GateVerdict } from '../../registry/schema/verdict.ts';
import type { Evidence } from '../scores/evidence.ts';

/** Lanes of reasoning, each of which can stop a candidate: goals, required checks, statistics, trend, consistency. */
export const RAILS = ['strategic', 'tactical', 'analytical', 'temporal', 'contradiction'] as const;
export type RailName = (typeof RAILS)[number];

export interface Gate {
  readonly name: string;
  readonly rail: RailName;
  /** One sentence: what a candidate must show. */
  readonly says: string;
  /** Whether a candidate is judged by it where the settings do not name it. */
  readonly standard: boolean;
  /** Steps that its evidence comes from, beside those that make and score a version. */
  readonly needs: readonly string[];
  readonly params: z.ZodType<object>;
  judge(evidence: Evidence, params: unknown): GateVerdict;
  /** Whether its answer hangs on a second training, of which the evidence tells nothing yet. */
  wantsRerun(evidence: Evidence, params: unknown): boolean;
}

export interface GateDefinition<P extends object> extends Omit<
  Gate,
  'params' | 'judge' | 'standard' | 'needs' | 'wantsRerun'
> {
  /** True unless told. */
  readonly standard?: boolean;
  /** None unless told. */
  readonly needs?: readonly string[];
  readonly params: z.ZodType<P>;
  judge(evidence: Evidence, params: P): Omit<GateVerdict, 'gate'>;
  /** Never unless told. */
  wantsRerun?(evidence: Evidence, params: P): boolean;
}

export function defineGate<P extends object>(definition: GateDefinition<P>): Gate {
  return {
    ...definition,
    standard: definition.standard ?? true,
    needs: definition.needs ?? [],
    judge: (evidence, params) => ({
      gate: definition.name,
      ...definition.judge(evidence, definition.params.parse(params)),
    }),
    wantsRerun: (evidence, params) =>
      definition.wantsRerun?.(evidence, definition.params.parse(params)) ?? false,
  };
}

/** A p-value as people write it. */
export function pText(p: number): string {
  return p < 0.0001 ? '< 0.0001' : p.toFixed(4);
}
