/** The port of this room: evidence -> a verdict. Pure: evidence is gathered elsewhere, a gate only judges. */
import type * as z from 'zod';
import type { GateVerdict } from '../../registry/schema/verdict.ts';
import type { Evidence } from '../scores/evidence.ts';

export interface Gate {
  readonly name: string;
  /** One sentence: what a candidate must show. */
  readonly says: string;
  /** Whether a candidate is judged by it where the settings do not name it. */
  readonly standard: boolean;
  readonly params: z.ZodType<object>;
  judge(evidence: Evidence, params: unknown): GateVerdict;
}

export interface GateDefinition<P extends object> extends Omit<Gate, 'params' | 'judge' | 'standard'> {
  /** True unless told. */
  readonly standard?: boolean;
  readonly params: z.ZodType<P>;
  judge(evidence: Evidence, params: P): Omit<GateVerdict, 'gate'>;
}

export function defineGate<P extends object>(definition: GateDefinition<P>): Gate {
  return {
    ...definition,
    standard: definition.standard ?? true,
    judge: (evidence, params) => ({
      gate: definition.name,
      ...definition.judge(evidence, definition.params.parse(params)),
    }),
  };
}

/** `93.4%` */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** `1.2 points`, of a difference of shares. */
export function points(difference: number): string {
  return `${(difference * 100).toFixed(1)} points`;
}

/** The same with its sign, which tells a gain from a loss. */
export function signedPoints(difference: number): string {
  return `${difference < 0 ? '−' : '+'}${points(Math.abs(difference))}`;
}
