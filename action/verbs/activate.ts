/** `fettle activate <module>`: lets an inert module act, or says why not; either way the attempt is recorded. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { decideActivation, decideAttestation } from '../../registry/decide/activate.ts';
import { ModuleName } from '../../registry/schema/policy.ts';
import { fileUnreadable } from '../faults.ts';
import { readAttestation } from './attest.ts';
import { defineVerb, EXIT } from './verb.ts';
import { decideIn, openReader, viewIn } from './workplace.ts';

export const activate = defineVerb({
  name: 'activate',
  says: 'Lets an inert module act if enough people have attested that it may.',
  words: ['module'],
  input: z.strictObject({
    module: ModuleName.describe('the module that the policy declares inert'),
    with: z.string().optional().describe('a file with the signed statement, to hand in first'),
  }),
  writes: true,
  examples: ['fettle activate paper-trading --with fettle-attestation.json'],

  async run(context, { module, with: name }) {
    const ledger = await openReader(context);
    const now = context.now();
    if (name !== undefined) {
      const file = path.resolve(context.folder, name);
      const text = await readFile(file, 'utf8').catch((error: unknown) => {
        throw fileUnreadable({ file, wanted: 'an attestation', found: String(error) });
      });
      const { origin } = await viewIn(ledger);
      const signed = readAttestation(file, text, { module, origin });
      await decideIn(ledger, context, (state) => decideAttestation(state, { signed, now }));
    }
    let found = { allowed: false, reason: '' };
    await decideIn(ledger, context, (state) => {
      const { deeds, allowed, reason } = decideActivation(state, { module, now });
      found = { allowed, reason };
      return deeds;
    });
    const { allowed, reason } = found;
    return {
      data: { module, allowed, reason },
      text: (paint) => `${allowed ? paint.good('may act') : paint.bad('stays inert')} ${module}: ${reason}.`,
      exit: allowed ? EXIT.done : EXIT.refused,
    };
  },
});
