/** No slow slide: losses that are each small enough to pass do not add up below what served best. */
import * as z from 'zod';
import { percent } from '../../registry/report/words.ts';
import { defineGate } from './gate.ts';

/**
 * `investigate`: the whole interval of its accuracy lies below that of the best version that ever served. They were
 * scored on different items, so it may be the items: a person looks. `pass`: the intervals meet.
 */
export const temporal = defineGate({
  name: 'temporal',
  rail: 'temporal',
  says: 'Not below the best version that ever served, by more than both intervals allow.',
  params: z.strictObject({}),

  judge({ best, metrics }) {
    if (best === null) return { answer: 'pass', reason: 'nothing has served yet' };
    const interval = metrics.find(({ name }) => name === 'accuracy')?.interval ?? null;
    if (interval === null) {
      return { answer: 'investigate', reason: 'no accuracy with an interval was measured' };
    }
    const [high, low] = [Number(interval.high), Number(best.low)];
    const numbers = { wanted: `reaches ${percent(low)}`, found: `up to ${percent(high)}` };
    const told = `accuracy up to ${percent(high)}, and ${best.version}, the best that served, had ${percent(low)} or more`;
    return { answer: high < low ? 'investigate' : 'pass', reason: told, ...numbers };
  },
});
