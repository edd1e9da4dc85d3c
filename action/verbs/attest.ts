/** `fettle attest <module>`: puts a name to the statement that an inert module may act. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { ModuleName, SignedAttestation } from '../../registry/schema/policy.ts';
import { signWord } from '../../registry/trust/signatures.ts';
import { fileUnreadable } from '../faults.ts';
import { signersIn } from './secret-folder.ts';
import { defineVerb } from './verb.ts';
import { counted } from './words.ts';
import { openReader, viewIn } from './workplace.ts';

export const attest = defineVerb({
  name: 'attest',
  says: 'Drafts or signs the statement that lets an inert module act.',
  words: ['module', 'file'],
  input: z.strictObject({
    module: ModuleName.describe('the module that the policy declares inert'),
    file: z.string().default('fettle-attestation.json').describe('where the statement is kept'),
    licence: z.array(z.string().min(1)).default([]).describe('licence that allows it; may be repeated'),
    days: z.coerce.number().int().min(1).max(366).default(90).describe('how long it holds'),
  }),
  writes: true,
  examples: ['fettle attest paper-trading --licence MIT', 'fettle attest paper-trading signed-by-ada.json'],

  async run(context, { module, file: name, licence, days }) {
    const ledger = await openReader(context);
    const { origin } = await viewIn(ledger);
    const file = path.resolve(context.folder, name);
    const before = await readDraft(file);
    const expires = new Date(Date.parse(context.now()) + days * 86_400_000).toISOString();
    const attestation = before?.attestation ?? { origin, module, licences: licence, expires };
    const signers = await signersIn(ledger.repository, context.secrets);
    const mine = signers.map((signer) => signWord(signer, 'attestation', attestation));
    const kept = (before?.signatures ?? []).filter(({ keyid }) => !mine.some((one) => one.keyid === keyid));
    const signed = SignedAttestation.safeParse({ attestation, signatures: [...kept, ...mine] });
    if (!signed.success) {
      throw fileUnreadable({ file, wanted: 'an attestation', found: z.prettifyError(signed.error) });
    }
    if (!context.dryRun) await writeDurably(file, `${JSON.stringify(signed.data, null, 2)}\n`);
    const count = signed.data.signatures.length;
    return {
      data: { file, ...signed.data },
      text: () =>
        `${counted(count, 'signature')} in ${file}.\nNext: fettle activate ${module} --with ${name}`,
    };
  },
});

async function readDraft(file: string): Promise<SignedAttestation | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  return readAttestation(file, text);
}

/** @throws fileUnreadable */
export function readAttestation(file: string, text: string): SignedAttestation {
  try {
    const found = SignedAttestation.safeParse(JSON.parse(text));
    if (found.success) return found.data;
    throw fileUnreadable({ file, wanted: 'an attestation', found: z.prettifyError(found.error) });
  } catch (error) {
    if (error instanceof SyntaxError) throw fileUnreadable({ file, wanted: 'JSON', found: error.message });
    throw error;
  }
}
