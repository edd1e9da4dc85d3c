/** Better than what serves, at a chance of error that a budget of false promotions still grants. */
import * as z from 'zod';
import { decimal } from '../../registry/base/decimal.ts';
import { points, signedPoints } from '../../registry/report/words.ts';
import type { Comparison } from '../scores/comparison.ts';
import type { Court } from '../scores/evidence.ts';
import { itemsNeeded } from '../stats/power.ts';
import { grantOf } from '../stats/spending.ts';
import { defineGate } from './gate.ts';

const MONTH_MS = 30 * 86_400_000;

const Params = z.strictObject({
  falsePromotions: z
    .number()
    .gt(0)
    .max(100)
    .default(1)
    .describe('false promotions that may be expected in 30 days, over all candidates together'),
  alphaMax: z
    .number()
    .gt(0)
    .max(0.2)
    .default(0.025)
    .describe('the most that one candidate is granted of it, however few there are'),
  near: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('a pass at more than so much of what was granted is trained again with another seed'),
});
type Params = z.infer<typeof Params>;

/**
 * `pass`: more accurate by the exact McNemar test at the granted chance. `fail`: worse by the same test at `alphaMax`.
 * `investigate`: neither. If no candidate is truly better, the expected number of passes in any 30 days is at most
 * `falsePromotions`, however many candidates there are and however often they come. A pass near what was granted must
 * be confirmed by a second training, at `alphaMax`: asking more of a pass leaves the budget as it is. What passes at 0.025
 * is more than a standard error better, so that a holdout that is asked again and again is kept as by the Ladder.
 */
export const improvement = defineGate({
  name: 'improvement',
  rail: 'strategic',
  says: 'Better than the version that serves, within a budget of false promotions.',
  standard: false,
  params: Params,

  judge({ against, comparison, court, again }, params) {
    const { falsePromotions, alphaMax } = params;
    if (against === null) {
      return { answer: 'pass', reason: 'nothing serves yet, so there is nothing to be better than' };
    }
    if (comparison === null) {
      return { answer: 'investigate', reason: `no held-out item was scored by ${against} too` };
    }
    const { granted, spent, judged } = grantFor(params, court);
    const { pBetter, pWorse } = comparison;
    const first = pBetter <= granted ? 'pass' : pWorse <= alphaMax ? 'fail' : 'investigate';
    const doubt = isNear(pBetter, granted, params) ? doubtOf(again?.retrained, params) : null;
    const answer = doubt === null ? first : 'investigate';
    return {
      answer,
      reason: [
        evidenceText(comparison, against),
        `granted ${granted.toExponential(1)} of ${falsePromotions} false promotions a month, ${spent.toFixed(2)} spent on ${judged} candidates`,
        ...(doubt === null ? [] : [doubt]),
        ...(first === 'investigate' ? [needText(comparison, granted)] : []),
      ].join('; '),
      alpha: decimal(granted, 12),
      budget: { most: decimal(falsePromotions), spent: decimal(spent, 12) },
      wanted: `p(better) at most ${granted.toExponential(1)}`,
      found: `p(better) ${chanceText(pBetter)}`,
    };
  },

  wantsRerun({ comparison, court, again }, params) {
    if (comparison === null || again === null || again.retrained !== null) return false;
    return isNear(comparison.pBetter, grantFor(params, court).granted, params);
  },
});

/** Rounded down, so that what is recorded is what was judged by, and never more than was granted. */
function grantFor({ falsePromotions, alphaMax }: Params, { before, nowMs }: Court) {
  const { alpha, ...rest } = grantOf({ falsePromotions, windowMs: MONTH_MS, alphaMax }, before, nowMs);
  return { granted: Math.floor(alpha * 1e12) / 1e12, ...rest };
}

function isNear(pBetter: number, granted: number, { near }: Params): boolean {
  return pBetter <= granted && pBetter > near * granted;
}

/** What a second training has against it; nothing where the record is of a time that knew none. */
function doubtOf(retrained: Comparison | null | undefined, { alphaMax }: Params): string | null {
  if (retrained === undefined) return null;
  if (retrained === null) return 'near what was granted, and not trained again';
  if (retrained.pBetter <= alphaMax) return null;
  return `near what was granted, and not confirmed by training again with another seed: p(better) ${chanceText(retrained.pBetter)}`;
}

function evidenceText({ n, wins, losses, accuracy, pBetter }: Comparison, version: string): string {
  return `against ${version} on ${n} items: accuracy ${signedPoints(accuracy.estimate)}, ${wins} won, ${losses} lost, exact McNemar p(better) ${chanceText(pBetter)}`;
}

function chanceText(p: number): string {
  return p < 0.0001 ? p.toExponential(1) : p.toFixed(4);
}

/** How many items would show the difference that was seen, were it the true one. */
function needText({ n, wins, losses, accuracy }: Comparison, alpha: number): string {
  if (accuracy.estimate <= 0 || alpha === 0) return 'no gain was seen';
  const needed = itemsNeeded(accuracy.estimate, { discordance: (wins + losses) / n, alpha });
  return `a true gain of ${points(accuracy.estimate)} needs about ${needed} items`;
}
