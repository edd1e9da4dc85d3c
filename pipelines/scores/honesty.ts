/** Is a version's score what its files show? Each finding says what was recorded, and what the files say. */
import { decimal } from '../../registry/base/decimal.ts';
import type { Digest } from '../../registry/base/digest.ts';
import type { Metric } from '../../registry/schema/metric.ts';
import type { Outcomes } from '../artifacts/outcomes.ts';
import { metricsOf } from './evidence.ts';

export interface Claim {
  readonly version: string;
  /** Digest of the model's file. */
  readonly model: Digest;
  /** Digest of the recorded outcomes. */
  readonly outcomes: Digest;
  readonly metrics: readonly Metric[];
}

export interface Examined extends Claim {
  /** What was recorded, item by item; null when the bytes are not there. */
  readonly recorded: Outcomes | null;
  /** What the model's file gives on the held-out items now; null when it was not run again. */
  readonly again: Outcomes | null;
  /** Ids of the items that the model was trained on; null when the dataset is not there. */
  readonly trainedOn: ReadonlySet<string> | null;
}

export type HonestyCode =
  | 'no-outcomes'
  | 'metric-differs'
  | 'metric-unknown'
  | 'unit-wrong'
  | 'answers-constant'
  | 'outcomes-copied'
  | 'model-unchanged'
  | 'outcomes-differ'
  | 'trained-on-holdout'
  | 'item-twice';

export interface Finding {
  readonly version: string;
  readonly code: HonestyCode;
  readonly wanted: string;
  readonly found: string;
}

/** Metrics that are shares of the held-out items, and which way is better. */
const SHARES: Readonly<Record<string, Metric['better']>> = {
  accuracy: 'higher',
  macro_f1: 'higher',
  ece: 'lower',
  cv_macro_f1: 'higher',
};
const COSTS: Readonly<Record<string, Metric['unit']>> = {
  size: 'bytes',
  latency_p99: 'ms',
  data_bits: 'bits',
  model_bits: 'bits',
};

/** Fewer items than this may all be answered alike by chance. */
const ITEMS_LEAST = 20;

/** @param others  every other version of the model, older and newer */
export function findingsOf(examined: Examined, others: readonly Claim[]): readonly Finding[] {
  const { version, recorded } = examined;
  const say = (code: HonestyCode, wanted: string, found: string): Finding => ({
    version,
    code,
    wanted,
    found,
  });
  return [
    ...examined.metrics.flatMap((metric) => unitFindings(metric, say)),
    ...copyFindings(examined, others, say),
    ...(recorded === null
      ? [
          say(
            'no-outcomes',
            'the outcomes that the metrics were computed from',
            `none of ${examined.outcomes}`,
          ),
        ]
      : outcomeFindings(examined, recorded, say)),
  ];
}

type Say = (code: HonestyCode, wanted: string, found: string) => Finding;

function unitFindings({ name, value, unit, better, n, interval }: Metric, say: Say): readonly Finding[] {
  const [share, cost] = [SHARES[name], COSTS[name]];
  const told = `${name} ${value} ${unit}, ${better} is better`;
  if (share !== undefined) {
    const inside = [value, ...(interval === null ? [] : [interval.low, interval.high])].every(
      (text) => Number(text) >= 0 && Number(text) <= 1,
    );
    if (unit === 'ratio' && better === share && inside && n > 0) return [];
    return [say('unit-wrong', `${name} as a ratio of 0 to 1, ${share} is better`, told)];
  }
  if (cost !== undefined) {
    if (unit === cost && better === 'lower' && Number(value) >= 0) return [];
    return [say('unit-wrong', `${name} in ${cost}, lower is better`, told)];
  }
  return [];
}

function copyFindings(examined: Examined, others: readonly Claim[], say: Say): readonly Finding[] {
  const copied = others.find(
    ({ outcomes, model }) => outcomes === examined.outcomes && model !== examined.model,
  );
  const same = others.find(({ model }) => model === examined.model);
  return [
    ...(copied === undefined
      ? []
      : [
          say('outcomes-copied', 'outcomes of its own', `those of ${copied.version}, which is another model`),
        ]),
    ...(same === undefined
      ? []
      : [say('model-unchanged', 'a model of its own', `the very file of ${same.version}`)]),
  ];
}

function outcomeFindings(examined: Examined, recorded: Outcomes, say: Say): readonly Finding[] {
  const { metrics, again, trainedOn } = examined;
  const { ids, truth, predicted } = recorded;
  const twice = ids.length - new Set(ids).size;
  const leaked = trainedOn === null ? 0 : ids.filter((id) => trainedOn.has(id)).length;
  return [
    ...metricFindings(metrics, recorded, say),
    ...(twice === 0 ? [] : [say('item-twice', 'every held-out item once', `${twice} more than once`)]),
    ...(leaked === 0
      ? []
      : [say('trained-on-holdout', 'no held-out item in training', `${leaked} of ${ids.length} were`)]),
    ...(ids.length >= ITEMS_LEAST && new Set(truth).size > 1 && isConstant(recorded)
      ? [
          say(
            'answers-constant',
            'answers that vary with the items',
            `the same answer to all ${predicted.length}`,
          ),
        ]
      : []),
    ...(again === null || sameOutcomes(recorded, again)
      ? []
      : [
          say(
            'outcomes-differ',
            'what the model’s file gives on these items',
            differenceText(recorded, again),
          ),
        ]),
  ];
}

/** Every metric that outcomes decide is computed anew, by the same definitions, and compared digit by digit. */
function metricFindings(metrics: readonly Metric[], recorded: Outcomes, say: Say): readonly Finding[] {
  const wanted = new Map(metricsOf(recorded).map((metric) => [metric.name, metric]));
  return metrics.flatMap((metric): readonly Finding[] => {
    const { name } = metric;
    const own = wanted.get(name);
    // Costs were measured once, and folds have outcomes of their own.
    if (own === undefined) {
      return name in COSTS || name === 'cv_macro_f1'
        ? []
        : [say('metric-unknown', 'a metric that its outcomes decide', name)];
    }
    const [mine, theirs] = [textOf(own), textOf(metric)];
    return mine === theirs ? [] : [say('metric-differs', `${name} ${mine}`, theirs)];
  });
}

function textOf({ value, n, interval }: Metric): string {
  const ends = interval === null ? '' : ` (${interval.low}–${interval.high})`;
  return `${value}${ends} of ${n}`;
}

function isConstant({ predicted, probabilities, labels }: Outcomes): boolean {
  if (new Set(predicted).size > 1) return false;
  const width = labels.length;
  const first = probabilities.slice(0, width).join(',');
  return predicted.every((_, row) => probabilities.slice(row * width, (row + 1) * width).join(',') === first);
}

/** Probabilities of another machine may differ in their last digits. */
function sameOutcomes(a: Outcomes, b: Outcomes): boolean {
  return (
    a.labels.join('\n') === b.labels.join('\n') &&
    a.ids.join('\n') === b.ids.join('\n') &&
    a.truth.join() === b.truth.join() &&
    a.predicted.join() === b.predicted.join() &&
    a.probabilities.every((one, place) => Math.abs(one - (b.probabilities[place] ?? 2)) <= 1e-5)
  );
}

function differenceText(a: Outcomes, b: Outcomes): string {
  const places = new Map(b.ids.map((id, row) => [id, row]));
  const other = a.ids.filter((id, row) => {
    const there = places.get(id);
    return there === undefined || a.labels[a.predicted[row] ?? 0] !== b.labels[b.predicted[there] ?? 0];
  });
  const share = decimal(other.length / Math.max(1, a.ids.length), 3);
  return `other answers to ${other.length} of ${a.ids.length} items (${share})`;
}
