/** `fettle attest <module>`: puts a name to the statement that an inert module may act. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { ModuleName, SignedAttestation } from '../../registry/schema/policy.ts';
import { signWord } from '../../registry/trust/signatures.ts';
import { fileUnreadable, inputWrong } from '../faults.ts';
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
    licence: z.array(z.string().min(1)).default([]).describe('licence that allows it'),
    days: z.coerce.number().int().min(1).max(366).default(90).describe('how long it holds'),
  }),
  writes: true,
  examples: ['fettle attest paper-trading --licence MIT', 'fettle attest paper-trading signed-by-ada.json'],

  async run(context, { module, file: name, licence, days }) {
    const ledger = await openReader(context);
    const { origin } = await viewIn(ledger);
    const file = path.resolve(context.folder, name);
    const before = await readDraft(file, { module, origin });
    if (before === null && licence.length === 0) {
      throw inputWrong({
        verb: 'attest',
        name: '--licence',
        wanted: 'at least one to begin with',
        found: 'none',
      });
    }
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
        [
          `${counted(count, 'signature')} in ${file}: ${attestation.module} may act until ${attestation.expires.slice(0, 10)} under ${attestation.licences.join(', ')}.`,
          `Next: fettle activate ${module} --with ${name}`,
        ].join('\n'),
    };
  },
});

/** What a statement must be about before anybody's name is put to it. */
export interface Subject {
  readonly module: string;
  readonly origin: string;
}

async function readDraft(file: string, about: Subject): Promise<SignedAttestation | null> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text === null) return null;
  return readAttestation(file, text, about);
}

/** @throws fileUnreadable, also for a statement about another module or registry than the one asked for */
export function readAttestation(file: string, text: string, about: Subject): SignedAttestation {
  const found = SignedAttestation.safeParse(jsonOf(file, text));
  const wanted = `an attestation that ${about.module} may act in ${about.origin}`;
  if (!found.success) throw fileUnreadable({ file, wanted, found: z.prettifyError(found.error) });
  const { module, origin } = found.data.attestation;
  if (module === about.module && origin === about.origin) return found.data;
  throw fileUnreadable({ file, wanted, found: `one that ${module} may act in ${origin}` });
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fileUnreadable({ file, wanted: 'JSON', found: String(error) });
  }
}
