/** `fettle prove <what>`: a proof that anybody can check without the registry: this is in the log, and the log only grew. */
import path from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { proofOf } from '../../registry/audit/prove.ts';
import { registryMissing } from '../../registry/faults.ts';
import { VersionRef } from '../../registry/schema/model.ts';
import { modelOf, versionOf } from '../../registry/state/query.ts';
import { defineVerb } from './verb.ts';
import { openReader, viewIn, type Ledger } from './workplace.ts';

const Position = z.coerce.number().int().min(0);

export const prove = defineVerb({
  name: 'prove',
  says: 'Writes a proof that an event is in the log, and that the log only grew since an earlier size.',
  words: ['what'],
  input: z.strictObject({
    what: z.string().describe('a position in the log, or model@version for its registration'),
    since: Position.optional().describe('an earlier size that the log must have grown from'),
    out: z.string().optional().describe('the file to write; printed when left out'),
  }),
  writes: false,
  examples: ['fettle prove digits@1.4.0', 'fettle prove 17 --since 10 --out proof.json'],

  async run(context, { what, since, out }) {
    const ledger = await openReader(context);
    const { log } = ledger.registry;
    const seq = await positionOf(ledger, what);
    const snapshot = await log.read([]);
    if (snapshot === null) throw registryMissing({ where: log.where });
    const proof = proofOf({ snapshot, entries: await log.entries(0), seq, since: since ?? null });
    const text = `${JSON.stringify(proof, null, 2)}\n`;
    if (out !== undefined) await writeDurably(path.resolve(context.folder, out), text);
    return {
      data: proof,
      text: () => (out === undefined ? text.trimEnd() : `Proved event ${seq} of ${proof.size} in ${out}.`),
    };
  },
});

async function positionOf(ledger: Ledger, what: string): Promise<number> {
  const position = Position.safeParse(what);
  if (position.success) return position.data;
  const { model, version } = VersionRef.parse(what);
  return versionOf(modelOf((await viewIn(ledger)).state, model), version).seq;
}
