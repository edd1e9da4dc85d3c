/** Not worse than what serves: paired on identical items, so that luck with the items cannot decide. */
import * as z from 'zod';
import type { Comparison, Difference } from '../scores/comparison.ts';
import { defineGate, points, signedPoints } from './gate.ts';

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
});
type Params = z.infer<typeof Params>;

/**
 * `fail`: shown to be worse, by the exact McNemar test on accuracy at alpha/2 or by a macro-F1 interval wholly below
 * zero. `pass`: shown not to be worse by more than the margin, by the low ends of both intervals. `investigate`:
 * neither is shown; a point estimate alone never promotes.
 */
export const noRegression = defineGate({
  name: 'no-regression',
  says: 'Not worse than the version that serves, on identical items.',
  params: Params,

  judge({ against, comparison }, params) {
    if (against === null) {
      return { answer: 'pass', reason: 'nothing serves yet, so there is nothing to fall behind' };
    }
    if (comparison === null) {
      return { answer: 'investigate', reason: `no held-out item was scored by ${against} too` };
    }
    return { answer: answer(comparison, params), reason: reasonOf(comparison, against) };
  },
});

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
    `${wins} won, ${losses} lost, exact McNemar p(worse) ${pWorse < 0.0001 ? '< 0.0001' : pWorse.toFixed(4)}`,
    `least visible difference ${points(detectable)}`,
  ].join('; ');
}

function differenceOf({ estimate, low, high }: Difference): string {
  return `${signedPoints(estimate)} (95% CI ${signed(low)} to ${signed(high)})`;
}

function signed(share: number): string {
  return `${share < 0 ? '−' : '+'}${Math.abs(share * 100).toFixed(1)}`;
}
