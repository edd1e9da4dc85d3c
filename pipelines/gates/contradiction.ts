/** The evidence agrees with itself: numbers that cannot all be true decide nothing. */
import * as z from 'zod';
import { pointsRange } from '../../registry/report/words.ts';
import type { Metric } from '../../registry/schema/metric.ts';
import type { Evidence } from '../scores/evidence.ts';
import { defineGate } from './gate.ts';

/** Recorded numbers are rounded to six digits. */
const ROUNDING = 1e-6;

const DAY_MS = 86_400_000;

export const contradiction = defineGate({
  name: 'contradiction',
  rail: 'contradiction',
  says: 'The evidence does not contradict itself: counts, metrics, intervals and times agree.',
  params: z.strictObject({}),

  judge(evidence) {
    const found = [...metricFlaws(evidence), ...pairFlaws(evidence), ...timeFlaws(evidence)];
    const numbers = { wanted: 'no contradiction', found: found.length === 0 ? 'none' : `${found.length}` };
    const [first = 'counts, metrics, intervals and times agree'] = found;
    const more = found.length > 1 ? `; and ${found.length - 1} more` : '';
    return {
      answer: found.length === 0 ? 'pass' : 'investigate',
      reason: `${first}${more}`.slice(0, 1000),
      ...numbers,
    };
  },
});

function metricFlaws({ metrics, confusion }: Evidence): readonly string[] {
  const items = confusion.flat().reduce((sum, count) => sum + count, 0);
  const right = confusion.reduce((sum, row, place) => sum + (row[place] ?? 0), 0);
  const accuracy = metrics.find(({ name }) => name === 'accuracy');
  const counted = accuracy === undefined || items === 0 ? null : right / items;
  return [
    ...metrics.flatMap(metricFlaw),
    ...(accuracy !== undefined && accuracy.n !== items
      ? [`accuracy is told of ${accuracy.n} items, and ${items} were counted`]
      : []),
    ...(counted !== null && accuracy !== undefined && Math.abs(Number(accuracy.value) - counted) > ROUNDING
      ? [`accuracy ${accuracy.value} is told, and ${right} of ${items} were right`]
      : []),
  ];
}

function metricFlaw({ name, value, unit, interval }: Metric): readonly string[] {
  const number = Number(value);
  if (!Number.isFinite(number)) return [`${name} is no number`];
  if (unit === 'ratio' && (number < 0 || number > 1)) return [`${name} ${value} is no share`];
  if (interval === null) return [];
  const [low, high] = [Number(interval.low), Number(interval.high)];
  // A percentile bootstrap need not hold its own estimate; an interval that is upside down is wrong whatever made it.
  return low <= high
    ? []
    : [`the interval of ${name} ends before it begins: ${interval.low} to ${interval.high}`];
}

function pairFlaws({ comparison, confusion }: Evidence): readonly string[] {
  if (comparison === null) return [];
  const items = confusion.flat().reduce((sum, count) => sum + count, 0);
  const { n, accuracy, macroF1 } = comparison;
  const apart =
    (accuracy.low > 0 && macroF1.high < 0) || (accuracy.high < 0 && macroF1.low > 0)
      ? [`accuracy ${pointsRange(accuracy)} and macro-F1 ${pointsRange(macroF1)} point opposite ways`]
      : [];
  return [...(n > items ? [`${n} items were compared, and ${items} were scored`] : []), ...apart];
}

function timeFlaws({ court }: Evidence): readonly string[] {
  const { nowMs, championMs, before } = court;
  const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  const ahead = before.find(({ atMs }) => atMs - DAY_MS > nowMs + DAY_MS);
  return [
    ...(championMs !== null && nowMs < championMs
      ? [
          `it is judged on ${dayOf(nowMs)}, before the version that serves was registered on ${dayOf(championMs)}`,
        ]
      : []),
    ...(ahead === undefined
      ? []
      : [`candidates were judged on ${dayOf(ahead.atMs - DAY_MS)}, after ${dayOf(nowMs)}`]),
  ];
}
