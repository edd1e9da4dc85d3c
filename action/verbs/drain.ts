/** `fettle drain`: sends on what could reach nobody when it was recorded. */
import * as z from 'zod';
import { drainSpool, spooledIn } from './outbox.ts';
import { defineVerb } from './verb.ts';
import { counted } from './words.ts';
import { openReader } from './workplace.ts';

export const drain = defineVerb({
  name: 'drain',
  says: 'Sends on the events that were kept here because nothing could be reached.',
  words: [],
  input: z.strictObject({}),
  writes: true,
  examples: ['fettle drain'],

  async run(context) {
    const { repository, inbox } = await openReader(context);
    if (context.dryRun) {
      const files = await spooledIn(repository);
      return { data: { waiting: files }, text: () => `${counted(files.length, 'parcel')} kept here.` };
    }
    const refs = await drainSpool(repository, inbox);
    return {
      data: { sent: refs },
      text: () =>
        refs.length === 0
          ? 'Nothing is kept here.'
          : `${counted(refs.length, 'parcel')} sent to ${inbox.where}. Next: fettle fold`,
    };
  },
});
