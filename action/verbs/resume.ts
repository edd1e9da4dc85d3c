/** `fettle resume`: takes back the switch that stopped everything. */
import * as z from 'zod';
import { decideResumption } from '../../registry/decide/activate.ts';
import { defineVerb } from './verb.ts';
import { decideIn, openReader } from './workplace.ts';

export const resume = defineVerb({
  name: 'resume',
  says: 'Ends a stop.',
  words: [],
  input: z.strictObject({
    reason: z.string().min(1).max(1000).describe('why, for the record'),
  }),
  writes: true,
  examples: ['fettle resume --reason "found and mended"'],

  async run(context, { reason }) {
    const ledger = await openReader(context);
    const events = await decideIn(ledger, context, (state) => decideResumption(state, reason));
    return {
      data: { changed: events.length > 0, reason },
      text: (paint) => (events.length === 0 ? 'Nothing is stopped.' : `${paint.good('resumed')}: ${reason}`),
    };
  },
});
