/** `fettle share`: brings to the shared store what the registry needs and only this clone has. */
import * as z from 'zod';
import { storeNotChosen } from '../../pipelines/faults.ts';
import { SETTINGS_FILE } from '../../pipelines/settings/settings.ts';
import { shortOf, type Digest } from '../../registry/base/digest.ts';
import type { ArtifactKind } from '../../registry/schema/artifact.ts';
import { neededBy } from './needed-artifacts.ts';
import { defineVerb } from './verb.ts';
import { counted } from './words.ts';
import { openReader, openShelf, viewIn } from './workplace.ts';

interface Shared {
  readonly digest: Digest;
  readonly kind: ArtifactKind;
  readonly sizeBytes: number;
}

export const share = defineVerb({
  name: 'share',
  says: 'Brings to the shared store what the registry needs and only this clone has.',
  words: [],
  input: z.strictObject({}),
  writes: true,
  examples: ['fettle share --dry-run', 'fettle share'],

  async run(context) {
    const ledger = await openReader(context);
    const { state } = await viewIn(ledger);
    const { local, shared } = await openShelf(context, ledger.repository);
    if (shared === null) throw storeNotChosen({ file: SETTINGS_FILE });
    const needed = await neededBy(state, local);
    const brought: Shared[] = [];
    for (const { digest, sizeBytes } of await local.list()) {
      const kind = needed.get(digest);
      if (kind === undefined || (await shared.has(digest))) continue;
      if (!context.dryRun) await shared.put(kind, await local.get(digest));
      brought.push({ digest, kind, sizeBytes });
    }
    const bytes = brought.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    return {
      data: { where: shared.where, brought, bytes, dryRun: context.dryRun },
      text: (paint) =>
        [
          ...brought.map(({ digest, kind }) => `${shortOf(digest)} ${kind}`),
          `${context.dryRun ? 'Would bring' : 'Brought'} ${counted(brought.length, 'artifact')} of ${bytes} bytes to ${paint.bold(shared.where)}.`,
        ].join('\n'),
    };
  },
});
