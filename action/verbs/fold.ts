/** `fettle fold`: takes up what other writers left in the inbox. */
import * as z from 'zod';
import { readSettings } from '../../pipelines/settings/read.ts';
import { foldRulesOf } from './fold-rules.ts';
import { defineVerb } from './verb.ts';
import { counted } from './words.ts';
import { openReader, viewIn } from './workplace.ts';

export const fold = defineVerb({
  name: 'fold',
  says: 'Takes what other writers left in the inbox into the log.',
  words: [],
  input: z.strictObject({}),
  writes: true,
  examples: ['fettle fold', 'fettle fold --dry-run'],

  async run(context) {
    const ledger = await openReader(context);
    await viewIn(ledger);
    if (context.dryRun) {
      const waiting = await ledger.inbox.list();
      return {
        data: { waiting: waiting.map(({ ref }) => ref) },
        text: () => `${counted(waiting.length, 'parcel')} in ${ledger.inbox.where}.`,
      };
    }
    const settings = await readSettings(ledger.repository.top);
    const found = await ledger.registry.fold(ledger.inbox, foldRulesOf(settings));
    return {
      data: found,
      text: (paint) => {
        const { folded, refused, known } = found;
        if (folded + refused + known === 0) return `Nothing waits in ${ledger.inbox.where}.`;
        const parts = [
          `${paint.good('folded')} ${counted(folded, 'parcel')}`,
          ...(known === 0 ? [] : [`${known} already in the log`]),
          ...(refused === 0 ? [] : [paint.bad(`${refused} refused; \`fettle doctor\` says why`)]),
        ];
        return `${parts.join(', ')}.`;
      },
    };
  },
});
