/** `fettle help [verb]`: printed from the verbs themselves. */
import * as z from 'zod';
import { overview, usageOf } from './usage.ts';
import { VERBS, verbNamed } from './index.ts';
import { defineVerb } from './verb.ts';

export const help = defineVerb({
  name: 'help',
  says: 'Tells what can be asked, or everything about one verb.',
  words: ['verb'],
  input: z.strictObject({ verb: z.string().optional().describe('a verb') }),
  writes: false,
  examples: ['fettle help', 'fettle help run'],

  async run(_context, { verb: name }) {
    const verb = name === undefined ? null : await verbNamed(name).load();
    return {
      data:
        verb === null
          ? { verbs: VERBS.map((one) => ({ name: one.name, says: one.says })) }
          : { verb: verb.name, input: z.toJSONSchema(verb.input, { io: 'input' }) },
      text: (paint) => (verb === null ? overview(paint) : usageOf(verb, paint)),
    };
  },
});
