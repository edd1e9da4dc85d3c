/** Honest runs, and twenty ways to make a liar of one: for the test of honesty and for the benchmark. */
import { outcomesOf, type Outcomes } from '../../pipelines/artifacts/outcomes.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { metricsOf } from '../../pipelines/scores/evidence.ts';
import { findingsOf, type Claim, type Examined, type HonestyCode } from '../../pipelines/scores/honesty.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { Decimal } from '../../registry/base/decimal.ts';
import type { Metric } from '../../registry/schema/metric.ts';

const LABELS = ['bug', 'feature', 'question'];

/** A model that is right about four times in five, with probabilities of its own. */
export function outcomes(seed: number, n = 60): Outcomes {
  const random = randomOf(seed);
  const items = Array.from({ length: n }, (_, item) => {
    const truth = random.nextBelow(3);
    const said = random.nextFloat() < 0.8 ? truth : random.nextBelow(3);
    const sure = 0.5 + 0.4 * random.nextFloat();
    const probabilities = LABELS.map((_label, label) => (label === said ? sure : (1 - sure) / 2));
    return { id: `${seed}-${item}`, truth: LABELS[truth] ?? '', probabilities };
  });
  return outcomesOf(items, LABELS);
}

export function honest(seed: number): Examined {
  const recorded = outcomes(seed);
  return {
    version: `1.${seed}.0`,
    model: digestOf(`model ${seed}`),
    outcomes: digestOf(JSON.stringify(recorded)),
    metrics: [
      ...metricsOf(recorded),
      { name: 'size', value: Decimal.parse('2048'), unit: 'bytes', better: 'lower', n: 1, interval: null },
    ],
    recorded,
    again: structuredClone(recorded),
    trainedOn: new Set(['other-1', 'other-2']),
  };
}

const OTHERS: readonly Claim[] = [91, 92, 93].map(honest);

export function codesOf(examined: Examined): readonly HonestyCode[] {
  return [...new Set(findingsOf(examined, OTHERS).map(({ code }) => code))];
}

function withMetric(name: string, changes: Partial<Metric>): (one: Examined) => Examined {
  return (one) => ({
    ...one,
    metrics: one.metrics.map((metric) => (metric.name === name ? { ...metric, ...changes } : metric)),
  });
}

function withOutcomes(change: (recorded: Outcomes) => Outcomes): (one: Examined) => Examined {
  return (one) => {
    const recorded = change(one.recorded ?? outcomes(1));
    return { ...one, recorded, again: recorded, metrics: metricsOf(recorded) };
  };
}

const constant = (recorded: Outcomes): Outcomes => ({
  ...recorded,
  predicted: recorded.predicted.map(() => 1),
  probabilities: recorded.predicted.flatMap(() => [0.2, 0.6, 0.2]),
});

/** Each makes a liar of an honest run; and by what it is found out. */
export const FAKES: readonly (readonly [string, HonestyCode, (one: Examined) => Examined])[] = [
  [
    'an accuracy nobody measured',
    'metric-differs',
    withMetric('accuracy', { value: Decimal.parse('0.990000') }),
  ],
  [
    'a macro-F1 one digit off',
    'metric-differs',
    withMetric('macro_f1', { value: Decimal.parse('0.700001') }),
  ],
  [
    'a calibration error of nought',
    'metric-differs',
    withMetric('ece', { value: Decimal.parse('0.000000') }),
  ],
  ['an interval made narrower', 'metric-differs', narrowed],
  ['more items than there are', 'metric-differs', withMetric('accuracy', { n: 6000 })],
  ['an interval left out', 'metric-differs', withMetric('accuracy', { interval: null })],
  ['percent for a share', 'unit-wrong', withMetric('accuracy', { value: Decimal.parse('93.4') })],
  ['bytes for a share', 'unit-wrong', withMetric('accuracy', { unit: 'bytes' })],
  ['an accuracy of which less is better', 'unit-wrong', withMetric('accuracy', { better: 'lower' })],
  ['a size in milliseconds', 'unit-wrong', withMetric('size', { unit: 'ms' })],
  ['a size below nought', 'unit-wrong', withMetric('size', { value: Decimal.parse('-5') })],
  ['a metric of no items', 'unit-wrong', withMetric('accuracy', { n: 0 })],
  ['a metric that no outcome decides', 'metric-unknown', withMetric('ece', { name: 'goodness' })],
  ['no outcomes at all', 'no-outcomes', (one) => ({ ...one, recorded: null, again: null })],
  ['one answer to everything', 'answers-constant', withOutcomes(constant)],
  [
    'outcomes of another version',
    'outcomes-copied',
    (one) => ({ ...one, outcomes: OTHERS[0]?.outcomes ?? one.outcomes }),
  ],
  [
    'the model of another version',
    'model-unchanged',
    (one) => ({ ...one, model: OTHERS[1]?.model ?? one.model }),
  ],
  ['outcomes that the model does not give', 'outcomes-differ', (one) => ({ ...one, again: outcomes(77) })],
  [
    'held-out items in training',
    'trained-on-holdout',
    (one) => ({ ...one, trainedOn: new Set(one.recorded?.ids) }),
  ],
  [
    'easy items counted twice',
    'item-twice',
    withOutcomes((recorded) => ({
      ...recorded,
      ids: recorded.ids.map((id, row) => (row === 5 ? (recorded.ids[4] ?? id) : id)),
    })),
  ],
];

function narrowed(one: Examined): Examined {
  const interval = { low: Decimal.parse('0.799999'), high: Decimal.parse('0.800001'), method: 'wilson' };
  return withMetric('accuracy', { interval })(one);
}
