/** `fettle resume`: takes back the switch that stopped everything. */
import * as z from 'zod';
import { decideResumption } from '../../registry/decide/activate.ts';
import { promoteCommand, servingIn, standingOf } from '../../registry/report/story.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { lastVersion } from '../../registry/state/query.ts';
import { defineVerb } from './verb.ts';
import { decideIn, openReader, viewIn } from './workplace.ts';

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
    const { models } = (await viewIn(ledger)).state;
    const waiting = events.length === 0 ? [] : [...models.values()].flatMap(waitingIn);
    return {
      data: { changed: events.length > 0, reason, waiting },
      text: (paint) => {
        if (events.length === 0) return 'Nothing is stopped.';
        const more =
          waiting.length === 0
            ? []
            : ['Passed every gate, and waits to be promoted:', ...waiting.map((one) => `  ${one}`)];
        return [`${paint.good('resumed')}: ${reason}`, ...more].join('\n');
      },
    };
  },
});

/** How to promote the newest version, where it passed and serves nowhere: gates promote only when they judge. */
function waitingIn(known: ModelState): readonly string[] {
  const newest = lastVersion(known);
  if (newest === null || known.retired !== null || standingOf(newest, known) !== 'passed') return [];
  const channel = servingIn(known)[0]?.[0] ?? 'production';
  return [promoteCommand(known.model, newest.version, channel)];
}
