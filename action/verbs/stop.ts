/** `fettle stop`: the switch that wins over everything. */
import * as z from 'zod';
import { decideStop } from '../../registry/decide/activate.ts';
import { defineVerb } from './verb.ts';
import { decideIn, openReader } from './workplace.ts';

export const stop = defineVerb({
  name: 'stop',
  says: 'Stops everything: no promotion, no module acts, until it is resumed. Rolling back stays possible.',
  words: [],
  input: z.strictObject({
    reason: z.string().min(1).max(1000).describe('why, for the record'),
  }),
  writes: true,
  examples: ['fettle stop --reason "wrong labels everywhere"'],

  async run(context, { reason }) {
    const ledger = await openReader(context);
    const events = await decideIn(ledger, context, (state) => decideStop(state, reason));
    return {
      data: { changed: events.length > 0, reason },
      text: (paint) =>
        events.length === 0 ? 'Everything is stopped already.' : `${paint.bad('stopped')}: ${reason}`,
    };
  },
});
