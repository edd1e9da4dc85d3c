/** A metric is above a floor even at the low end of its interval. */
import * as z from 'zod';
import { percent } from '../../registry/report/words.ts';
import { defineGate } from './gate.ts';

const Params = z.strictObject({
  metric: z.enum(['accuracy', 'macro_f1']).default('macro_f1').describe('which metric'),
  floor: z
    .number()
    .min(0)
    .max(1)
    .default(0.5)
    .describe('what the low end of its 95% interval must reach, as a share'),
});

export const metricFloor = defineGate({
  name: 'metric-floor',
  rail: 'strategic',
  says: 'The low end of a metric’s interval is above a floor.',
  params: Params,

  judge({ metrics }, { metric, floor }) {
    const found = metrics.find(({ name }) => name === metric);
    const interval = found?.interval ?? null;
    if (found === undefined || interval === null) {
      return { answer: 'investigate', reason: `no ${metric} with an interval was measured` };
    }
    const [low, high] = [Number(interval.low), Number(interval.high)];
    const told = `${metric} ${percent(Number(found.value))} (95% CI ${percent(low)} to ${percent(high)})`;
    const numbers = {
      wanted: `at least ${percent(floor)} at the low end`,
      found: `${percent(low)} to ${percent(high)}`,
    };
    if (low >= floor) return { answer: 'pass', reason: `${told}, floor ${percent(floor)}`, ...numbers };
    // A floor inside the interval is neither reached nor missed.
    const answer = high < floor ? 'fail' : 'investigate';
    return { answer, reason: `${told}, wanted at least ${percent(floor)} at the low end`, ...numbers };
  },
});
