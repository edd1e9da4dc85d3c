/** Not worse than what serves: paired on identical items, so that luck with the items cannot decide. */
import * as z from 'zod';
import { decimal } from '../../registry/base/decimal.ts';
import { points, pointsRange, signed, signedPoints } from '../../registry/report/words.ts';
import type { Comparison, Difference } from '../scores/comparison.ts';
import type { SecondLook } from '../scores/evidence.ts';
import { mcnemar } from '../stats/compare.ts';
import { defineGate, pText } from './gate.ts';

const Params = z.strictObject({
  margin: z
    .number()
    .min(0)
    .max(0.2)
    .default(0.02)
    .describe('loss of accuracy or macro-F1 that would still be acceptable, as a share'),
  alpha: z
    .number()
    .gt(0)
    .max(0.2)
    .default(0.05)
    .describe('chance of calling an equal candidate worse, over both metrics together'),
  near: z
    .number()
    .min(0)
    .max(1)
    .default(0.25)
    .describe('a pass that is so near the margin, as a share of it, is looked at a second time'),
});
type Params = z.infer<typeof Params>;

/**
 * Non-inferiority. `fail`: shown to be worse, by the exact McNemar test on accuracy at alpha/2 or by a macro-F1 interval wholly below
 * zero. `pass`: shown not to be worse by more than the margin, by the low ends of both intervals. `investigate`:
 * neither is shown; a point estimate alone never promotes. A pass near the margin must pass again: with other
 * resamples, without a loss shown on the items that no verdict had used before, and trained again with another seed.
 */
export const noRegression = defineGate({
  name: 'no-regression',
  rail: 'analytical',
  says: 'Not worse than the version that serves, on identical items.',
  params: Params,

  judge({ against, comparison, again }, params) {
    if (against === null) {
      return { answer: 'pass', reason: 'nothing serves yet, so there is nothing to fall behind' };
    }
    if (comparison === null) {
      return { answer: 'investigate', reason: `no held-out item was scored by ${against} too` };
    }
    const first = answer(comparison, params);
    const near = first === 'pass' && isNear(comparison, params);
    const doubt = near ? (doubtOf(again, params) ?? rerunDoubt(again, params)) : null;
    return {
      answer: doubt === null ? first : 'investigate',
      reason: `${reasonOf(comparison, against)}${doubt ?? (near ? confirmedText(again) : '')}`,
      wanted: `low ends at least −${points(params.margin)}`,
      margin: decimal(params.margin),
      found: `accuracy ${pointsRange(comparison.accuracy)}`,
    };
  },

  wantsRerun({ comparison, again }, params) {
    if (comparison === null || again === null || again.retrained !== null) return false;
    const near = answer(comparison, params) === 'pass' && isNear(comparison, params);
    return near && doubtOf(again, params) === null;
  },
});

function isNear({ accuracy, macroF1 }: Comparison, { margin, near }: Params): boolean {
  return Math.min(accuracy.low, macroF1.low) < -margin * (1 - near);
}

/** What the second look has against it; null when it says the same. */
function doubtOf(again: SecondLook | null, { margin, alpha }: Params): string | null {
  if (again === null) return '; near the margin, and nobody looked a second time';
  const { macroF1, fresh } = again;
  if (macroF1.low < -margin) {
    return `; near the margin, and not confirmed by other resamples: macro-F1 ${differenceOf(macroF1)}`;
  }
  if (fresh !== null && mcnemar(fresh).pWorse <= alpha) {
    return `; near the margin, and ${fresh.wins} won, ${fresh.losses} lost of ${fresh.n} items that no verdict had used`;
  }
  return null;
}

/** Of a second training; null where it passes too, or where the record is of a time that knew none. */
function rerunDoubt(again: SecondLook | null, params: Params): string | null {
  const retrained = again?.retrained;
  if (retrained === undefined) return null;
  if (retrained === null) return '; near the margin, and not trained again';
  if (answer(retrained, params) === 'pass') return null;
  const { accuracy, macroF1 } = retrained;
  return `; near the margin, and not confirmed by training again with another seed: accuracy ${differenceOf(accuracy)}, macro-F1 ${differenceOf(macroF1)}`;
}

function confirmedText(again: SecondLook | null): string {
  const retrained = again?.retrained ?? null;
  const trained =
    retrained === null
      ? ''
      : ` and by training again with another seed: accuracy ${differenceOf(retrained.accuracy)}`;
  return `; near the margin, confirmed by a second look${trained}`;
}

function answer(
  { accuracy, macroF1, pWorse }: Comparison,
  { margin, alpha }: Params,
): 'pass' | 'fail' | 'investigate' {
  if (pWorse <= alpha / 2 || macroF1.high < 0) return 'fail';
  return accuracy.low >= -margin && macroF1.low >= -margin ? 'pass' : 'investigate';
}

function reasonOf(compared: Comparison, version: string): string {
  const { n, wins, losses, pWorse, detectable, accuracy, macroF1 } = compared;
  return [
    `against ${version} on ${n} items: accuracy ${differenceOf(accuracy)}`,
    `macro-F1 ${differenceOf(macroF1)}`,
    `${wins} won, ${losses} lost, exact McNemar p(worse) ${pText(pWorse)}`,
    `least visible difference ${points(detectable)}`,
  ].join('; ');
}

function differenceOf({ estimate, low, high }: Difference): string {
  return `${signedPoints(estimate)} (95% CI ${signed(low)} to ${signed(high)})`;
}
