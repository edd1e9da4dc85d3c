/** `fettle schema`: the JSON Schema of .github/fettle.yml, for editors. */
import * as z from 'zod';
import { settingsSchema } from '../../pipelines/settings/settings.ts';
import { defineVerb } from './verb.ts';

export const schema = defineVerb({
  name: 'schema',
  says: 'Prints the JSON Schema of .github/fettle.yml.',
  words: [],
  input: z.strictObject({}),
  writes: false,
  examples: ['fettle schema > fettle.schema.json'],

  async run() {
    const found = settingsSchema();
    return { data: found, text: () => JSON.stringify(found, null, 2) };
  },
});
