/** A metric that is asked for by name, of any outcomes: what lets old versions be scored on what was thought of later. */
import type { Outcomes } from '../artifacts/outcomes.ts';
import { metricUnknown } from '../faults.ts';
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
