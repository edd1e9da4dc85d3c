/** A metric that is asked for by name, of any outcomes: what lets old versions be scored on what was thought of later. */
import type { Outcomes } from '../artifacts/outcomes.ts';
import { metricUnknown } from '../faults.ts';
import { bootstrapOf, type Estimate } from '../stats/bootstrap.ts';
import {
  accuracyOf,
  brierOf,
  calibrationErrorOf,
  confusionOf,
  macroF1Of,
  reportsOf,
} from '../stats/classification.ts';

/** Whole metrics, and those of one label, written `f1:bug`. */
const METRICS = ['accuracy', 'macro_f1', 'ece', 'brier'] as const;
const LABEL_METRICS = ['precision', 'recall', 'f1'] as const;

/** Asked before anything is scored, which takes its time. @throws metricUnknown */
export function expectMetric(name: string): void {
  const kind = name.includes(':') ? name.slice(0, name.indexOf(':')) : null;
  const known = kind === null ? METRICS : LABEL_METRICS;
  if (known.some((one) => one === (kind ?? name))) return;
  throw metricUnknown({
    found: name,
    known: [...METRICS, ...LABEL_METRICS.map((one) => `${one}:<label>`)],
  });
}

/**
 * One metric of outcomes.
 *
 * @param outcomes  one item or more
 * @param name      one of `METRICS`, or one of `LABEL_METRICS`, a colon and a label
 * @returns         0 to 1, 0 to 2 for brier; null for a label that neither occurs nor was given
 * @throws          metricUnknown when there is no such metric
 * @cost            a pass over the items
 * @source          `pipelines/stats/classification.ts`
 */
export function metricNamed(outcomes: Outcomes, name: string): number | null {
  expectMetric(name);
  const { truth, predicted, probabilities, labels } = outcomes;
  const classCount = labels.length;
  const confusion = confusionOf({ truth, predicted, classCount });
  const whole: Readonly<Record<string, () => number>> = {
    accuracy: () => accuracyOf(confusion),
    macro_f1: () => macroF1Of(confusion),
    ece: () => calibrationErrorOf({ truth, probabilities, classCount }),
    brier: () => brierOf({ truth, probabilities, classCount }),
  };
  const found = whole[name];
  if (found !== undefined) return found();
  const colon = name.indexOf(':');
  const [kind, label] = [name.slice(0, colon), name.slice(colon + 1)];
  const rate = LABEL_METRICS.find((one) => one === kind);
  if (rate === undefined) throw new TypeError(`${name} was looked up before`);
  const place = labels.indexOf(label);
  if (place < 0) return null;
  const report = reportsOf(confusion)[place];
  return report === undefined || (report.support === 0 && !predicted.includes(place)) ? null : report[rate];
}

/** Fixed, so that the same outcomes have the same intervals for ever. */
const DRAWN = { resamples: 1000, seed: 20_02 } as const;

export interface NamedScore extends Estimate {
  /** Less that of the other outcomes, on the same draws of the items that both have; null where that cannot be told. */
  readonly difference: Estimate | null;
}

/**
 * One metric of outcomes with its 95% interval, and beside other outcomes of the very same items in the same order.
 *
 * @param outcomes  one item or more
 * @param name      as for `metricNamed`
 * @param other     of another version; null for none
 * @returns         null for a label that neither occurs nor was given
 * @throws          metricUnknown when there is no such metric
 * @cost            1,000 passes over the items of each
 * @source          `bootstrapOf`
 */
export function scoreNamed(outcomes: Outcomes, name: string, other: Outcomes | null): NamedScore | null {
  if (metricNamed(outcomes, name) === null) return null;
  const items = outcomes.truth.length;
  const of = (one: Outcomes, drawn: Int32Array): number =>
    metricNamed(drawnFrom(one, drawn), name) ?? Number.NaN;
  const alone = bootstrapOf(items, DRAWN, (drawn) => of(outcomes, drawn));
  if (other === null || metricNamed(other, name) === null) return { ...alone, difference: null };
  const difference = bootstrapOf(items, DRAWN, (drawn) => of(outcomes, drawn) - of(other, drawn));
  return { ...alone, difference };
}

function drawnFrom(
  { truth, predicted, probabilities, labels, ...rest }: Outcomes,
  drawn: Int32Array,
): Outcomes {
  const width = labels.length;
  const places = Array.from(drawn);
  return {
    ...rest,
    labels,
    ids: [],
    truth: places.map((item) => truth[item] ?? 0),
    predicted: places.map((item) => predicted[item] ?? 0),
    probabilities: places.flatMap((item) => probabilities.slice(item * width, (item + 1) * width)),
  };
}
