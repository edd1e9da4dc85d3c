/** What the registry needs of a store: what its state names, and the batches that its datasets name. */
import { decodeDataset } from '../../pipelines/artifacts/dataset.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { artifactMissing } from '../../pipelines/faults.ts';
import type { Digest } from '../../registry/base/digest.ts';
import { FettleError } from '../../registry/base/fault.ts';
import type { ArtifactKind } from '../../registry/schema/artifact.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { neededIn } from '../../registry/state/needed.ts';

/**
 * By digest, with what it is. A dataset that is nowhere any more names nothing.
 *
 * @throws artifactDamaged, since what a damaged dataset names cannot be guessed
 */
export async function neededBy(
  state: RegistryState,
  store: ArtifactStore,
): Promise<ReadonlyMap<Digest, ArtifactKind>> {
  const { digests, kinds } = neededIn(state);
  const needed = new Map([...digests].map((digest) => [digest, kinds.get(digest) ?? 'package'] as const));
  for (const [digest, kind] of kinds) {
    if (kind !== 'dataset') continue;
    for (const batch of await batchesOf(digest, store)) needed.set(batch, 'batch');
  }
  return needed;
}

async function batchesOf(dataset: Digest, store: ArtifactStore): Promise<readonly Digest[]> {
  try {
    return decodeDataset(await store.get(dataset)).members.map(({ batch }) => batch);
  } catch (error) {
    if (error instanceof FettleError && error.code === artifactMissing.code) return [];
    throw error;
  }
}
