/** Metrics against bounds of their own: absolute, or beside what serves; many at once without blaming chance. */
import * as z from 'zod';
import { percent, points, pointsRange, signedPoints } from '../../registry/report/words.ts';
import { normalCdf } from '../maths/special.ts';
import type { Difference } from '../scores/comparison.ts';
import type { Evidence } from '../scores/evidence.ts';
import { holm } from '../stats/multiple.ts';
import { defineGate } from './gate.ts';

const METRICS = ['accuracy', 'macro_f1'] as const;
type MetricName = (typeof METRICS)[number];

/** The 97.5% quantile of the normal distribution: half a 95% interval in standard errors. */
const Z_HALF = 1.959964;

const Share = z.number().min(-1).max(1);
const Bounds = z.partialRecord(z.enum(METRICS), Share);

const Params = z.strictObject({
  least: Bounds.default({}).describe('what the low end of a metric’s interval must reach, as a share'),
  gain: Bounds.default({}).describe(
    'the same of its difference to the version that serves; below 0, the loss that is still acceptable',
  ),
  alpha: z
    .number()
    .gt(0)
    .max(0.2)
    .default(0.05)
    .describe('chance of failing a candidate that keeps every bound, over all of them together'),
});
type Params = z.infer<typeof Params>;

interface Held {
  readonly says: string;
  /** Its interval, and its bound, alone. */
  readonly found: string;
  readonly wanted: string;
  readonly reached: boolean;
  /** One-sided p-value of "it keeps the bound", from the interval's own half-width. */
  readonly pMissed: number;
}

/**
 * `pass`: every low end reaches its bound; each is shown at 97.5% on its own, so all together are too
 * (intersection–union, R. L. Berger, Technometrics 24 (1982)). `fail`: some bound is shown to be missed, adjusted over
 * all of them by Holm. `investigate`: neither, or one was not measured.
 */
export const bounds = defineGate({
  name: 'bounds',
  rail: 'strategic',
  says: 'Every bounded metric keeps its bound, by itself or beside the version that serves.',
  standard: false,
  params: Params,

  judge(evidence, params) {
    const asked = askedOf(evidence, params);
    const missing = asked.find(({ held }) => held === null);
    if (missing !== undefined) {
      return { answer: 'investigate', reason: `${missing.name} was not measured where its bound is` };
    }
    const held = asked.flatMap(({ held: one }) => (one === null ? [] : [one]));
    if (held.length === 0) return { answer: 'pass', reason: 'no bound applies' };
    const adjusted = holm(held.map(({ pMissed }) => pMissed));
    const worst = adjusted.indexOf(Math.min(...adjusted));
    const failed = (adjusted[worst] ?? 1) <= params.alpha;
    const open = held.findIndex(({ reached }) => !reached);
    const told = held[failed ? worst : Math.max(0, open)]?.says ?? '';
    const others =
      held.length > 1
        ? `; ${held.filter(({ reached }) => reached).length} of ${held.length} bounds kept`
        : '';
    return {
      answer: failed ? 'fail' : open < 0 ? 'pass' : 'investigate',
      reason: `${told}${others}`,
      ...numbersOf(held),
    };
  },
});

function numbersOf(held: readonly Held[]): { readonly wanted: string; readonly found: string } {
  const [only] = held;
  if (held.length === 1 && only !== undefined) return { wanted: only.wanted, found: only.found };
  return {
    wanted: `${held.length} bounds kept`,
    found: `${held.filter(({ reached }) => reached).length} kept`,
  };
}

function askedOf(
  evidence: Evidence,
  { least, gain }: Params,
): readonly { name: MetricName; held: Held | null }[] {
  const absolute = METRICS.flatMap((name) => {
    const bound = least[name];
    return bound === undefined ? [] : [{ name, held: absoluteOf(evidence, name, bound) }];
  });
  // Where nothing serves there is nothing to be beside.
  if (evidence.against === null) return absolute;
  const relative = METRICS.flatMap((name) => {
    const bound = gain[name];
    return bound === undefined ? [] : [{ name, held: relativeOf(evidence, name, bound) }];
  });
  return [...absolute, ...relative];
}

function absoluteOf({ metrics }: Evidence, name: MetricName, bound: number): Held | null {
  const metric = metrics.find((one) => one.name === name);
  if (metric === undefined || metric.interval === null) return null;
  const [estimate, low, high] = [metric.value, metric.interval.low, metric.interval.high].map(Number) as [
    number,
    number,
    number,
  ];
  const says = `${name} ${percent(estimate)} (95% CI ${percent(low)} to ${percent(high)}), bound ${percent(bound)}`;
  const told = {
    found: `${name} ${percent(low)} to ${percent(high)}`,
    wanted: `low end at least ${percent(bound)}`,
  };
  return { says, ...told, reached: low >= bound, pMissed: missedOf({ estimate, low, high }, bound) };
}

function relativeOf({ comparison, against }: Evidence, name: MetricName, bound: number): Held | null {
  if (comparison === null) return null;
  const difference = name === 'accuracy' ? comparison.accuracy : comparison.macroF1;
  const says = `${name} ${signedPoints(difference.estimate)} beside ${against ?? ''} (95% CI ${pointsRange(difference)}), bound ${bound < 0 ? '−' : '+'}${points(Math.abs(bound))}`;
  const told = {
    found: `${name} ${pointsRange(difference)}`,
    wanted: `low end at least ${signedPoints(bound)}`,
  };
  return { says, ...told, reached: difference.low >= bound, pMissed: missedOf(difference, bound) };
}

/** P(estimate this low | true value = bound) by the normal with the interval's upper half-width; no width decides alone. */
function missedOf({ estimate, high }: Difference, bound: number): number {
  const error = (high - estimate) / Z_HALF;
  if (error <= 0) return estimate < bound ? 0 : 1;
  return normalCdf((estimate - bound) / error);
}
