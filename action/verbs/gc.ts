/** `fettle gc`: removes from this clone the artifacts that the registry names nowhere. */
import * as z from 'zod';
import type { Kept, Lying } from '../../pipelines/artifacts/folder-store.ts';
import { shortOf, type Digest } from '../../registry/base/digest.ts';
import type { ArtifactKind } from '../../registry/schema/artifact.ts';
import type { RunId } from '../../registry/schema/run.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { neededBy } from './needed-artifacts.ts';
import { defineVerb, type Paint } from './verb.ts';
import { bytesText, counted } from './words.ts';
import { openReader, openShelf, viewIn } from './workplace.ts';

const HOUR_MS = 3_600_000;

export const gc = defineVerb({
  name: 'gc',
  says: 'Removes artifacts from this clone that no version, channel, dataset or kept run needs.',
  words: [],
  input: z.strictObject({
    spareHours: z.coerce
      .number()
      .pipe(z.number().min(0))
      .default(24)
      .describe('spare what was written in the last so many hours: a run may be about to name it'),
  }),
  writes: true,
  examples: ['fettle gc --dry-run', 'fettle gc --spare-hours 0'],

  async run(context, { spareHours }) {
    const ledger = await openReader(context);
    const { state } = await viewIn(ledger);
    const { local, store } = await openShelf(context, ledger.repository);
    const sinceMs = Date.parse(context.now()) - spareHours * HOUR_MS;
    const running = runningSince(state, sinceMs);
    const needed = await neededBy(state, store);
    const sorted = sortedOut(await local.list(), { needed, sinceMs });
    const removed = running === null ? sorted.removed : [];
    if (!context.dryRun) for (const { digest } of removed) await local.remove(digest);
    const told = { ...sorted, removed, running, dryRun: context.dryRun };
    return { data: { ...told, removedBytes: bytesOf(removed) }, text: (paint) => textOf(told, paint) };
  },
});

/** What a run in progress has made is named by nobody until it ends. */
function runningSince({ models }: RegistryState, sinceMs: number): RunId | null {
  const runs = [...models.values()].flatMap((model) => model.runs);
  const open = runs.find(
    ({ finishedAt, startedAt }) => finishedAt === null && Date.parse(startedAt) >= sinceMs,
  );
  return open?.run ?? null;
}

interface Sieve {
  readonly needed: ReadonlyMap<Digest, ArtifactKind>;
  readonly sinceMs: number;
}

interface Sorted {
  readonly removed: readonly Kept[];
  /** Needed by nobody, but too young to be sure. */
  readonly spared: readonly Kept[];
  readonly keptCount: number;
  readonly keptBytes: number;
}

function sortedOut(lying: readonly Lying[], { needed, sinceMs }: Sieve): Sorted {
  const kept = lying.filter(({ digest }) => needed.has(digest));
  const unneeded = lying.filter(({ digest }) => !needed.has(digest));
  const isYoung = ({ writtenAtMs }: Lying): boolean => writtenAtMs > sinceMs;
  const named = ({ digest, sizeBytes }: Lying): Kept => ({ digest, sizeBytes });
  return {
    removed: unneeded.filter((one) => !isYoung(one)).map(named),
    spared: unneeded.filter(isYoung).map(named),
    keptCount: kept.length,
    keptBytes: bytesOf(kept),
  };
}

function bytesOf(all: readonly Kept[]): number {
  return all.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

interface Telling extends Sorted {
  readonly running: RunId | null;
  readonly dryRun: boolean;
}

function textOf({ removed, spared, keptCount, keptBytes, running, dryRun }: Telling, paint: Paint): string {
  const rows = removed.map(({ digest, sizeBytes }) => [shortOf(digest), bytesText(sizeBytes)]);
  const wait = `${running ?? ''} has begun and not ended, and may need anything: nothing is removed until it has.`;
  return [
    ...(running === null ? [] : [paint.warn(wait)]),
    ...(rows.length === 0 ? [] : [paint.table([['artifact', 'size'], ...rows])]),
    `${dryRun ? 'Would remove' : 'Removed'} ${counted(removed.length, 'artifact')} of ${bytesText(bytesOf(removed))}.`,
    `${counted(keptCount, 'artifact')} of ${bytesText(keptBytes)} needed.`,
    ...(spared.length === 0
      ? []
      : [paint.dim(`${counted(spared.length, 'artifact')} spared for being young (--spare-hours).`)]),
  ].join('\n');
}
