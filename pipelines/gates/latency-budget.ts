/** One prediction is fast enough, seldom cases included. */
import * as z from 'zod';
import { defineGate } from './gate.ts';

const Params = z.strictObject({
  p99Ms: z.number().gt(0).default(50).describe('milliseconds that 99 of 100 predictions must stay under'),
});

export const latencyBudget = defineGate({
  name: 'latency-budget',
  rail: 'tactical',
  says: 'A prediction is fast enough, 99 times of 100.',
  needs: ['measure'],
  params: Params,

  judge({ metrics }, { p99Ms: most }) {
    const latency = metrics.find(({ name }) => name === 'latency_p99');
    if (latency === undefined) return { answer: 'investigate', reason: 'the latency was not measured' };
    const p99Ms = Number(latency.value);
    const told = `p99 ${p99Ms.toFixed(2)} ms over ${latency.n} predictions`;
    const numbers = { wanted: `at most ${most} ms`, found: `${p99Ms.toFixed(2)} ms` };
    if (p99Ms <= most) return { answer: 'pass', reason: `${told}, budget ${most} ms`, ...numbers };
    return { answer: 'fail', reason: `${told}, wanted at most ${most} ms`, ...numbers };
  },
});
