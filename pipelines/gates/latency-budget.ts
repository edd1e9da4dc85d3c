/** One prediction is fast enough, seldom cases included. */
import * as z from 'zod';
import { defineGate } from './gate.ts';

const Params = z.strictObject({
  p99Ms: z.number().gt(0).default(50).describe('milliseconds that 99 of 100 predictions must stay under'),
});

export const latencyBudget = defineGate({
  name: 'latency-budget',
  says: 'A prediction is fast enough, 99 times of 100.',
  params: Params,

  judge({ measures }, { p99Ms: most }) {
    if (measures === null) return { answer: 'investigate', reason: 'the latency was not measured' };
    const { n, p99Ms } = measures.latency;
    const told = `p99 ${p99Ms.toFixed(2)} ms over ${n} predictions`;
    if (p99Ms <= most) return { answer: 'pass', reason: `${told}, budget ${most} ms` };
    return { answer: 'fail', reason: `${told}, wanted at most ${most} ms` };
  },
});
