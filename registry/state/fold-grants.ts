/** Verdicts -> what candidates were granted of the budget of false promotions, day by day. */
import { decimal } from '../base/decimal.ts';
import { KEPT } from '../schema/state.ts';
import type { GateVerdict, Granted } from '../schema/verdict.ts';

/** @param at  when the verdict was given */
export function grantedAfter(
  before: readonly Granted[],
  at: string,
  gates: readonly GateVerdict[],
): readonly Granted[] {
  const alphas = gates.flatMap(({ alpha }) => (alpha === undefined ? [] : [chanceOf(alpha)]));
  if (alphas.length === 0) return before;
  const day = at.slice(0, 10);
  const known = before.find((one) => one.day === day);
  const spent = Number(known?.alpha ?? 0) + Math.max(...alphas);
  const today = { day, judged: (known?.judged ?? 0) + 1, alpha: decimal(spent, 12) };
  const all = [...before.filter((one) => one.day !== day), today];
  return all.sort((a, b) => (a.day < b.day ? -1 : 1)).slice(-KEPT.grants);
}

/** Whatever a log says, a fold goes on and no chance is given back. */
function chanceOf(alpha: string): number {
  return Math.min(1, Math.max(0, Number(alpha)));
}
