/** Two stores as one: a folder that is read first and needs no network, and a place that other machines read too. */
import { FettleError } from '../../registry/base/fault.ts';
import type { Digest } from '../../registry/base/digest.ts';
import { artifactDamaged, artifactMissing, storeUnreachable } from '../faults.ts';
import type { FolderStore } from './folder-store.ts';
import type { ArtifactStore } from './store.ts';

export interface Layers {
  readonly cache: FolderStore;
  readonly shared: ArtifactStore;
  /** Whether what was fetched is kept here; a rehearsal keeps nothing. */
  readonly keeps: 'fetched' | 'nothing';
}

/** How one thing is read from either. */
interface Reading<T> {
  fromHere(): Promise<T>;
  fromThere(): Promise<T>;
}

/**
 * What is put is kept in both before anybody hears of it, so that a registry never names bytes that only one machine
 * has. What is here is read without asking anybody.
 */
export function sharedStore({ cache, shared, keeps }: Layers): ArtifactStore {
  const where = `${cache.where} and ${shared.where}`;
  // Nobody waits twice for a network that is not there.
  let offline = false;

  /** What is not here, or was damaged here, is fetched. */
  const read = async <T>(digest: Digest, { fromHere, fromThere }: Reading<T>): Promise<T> => {
    try {
      return await fromHere();
    } catch (error) {
      if (!is(error, artifactMissing) && !is(error, artifactDamaged)) throw error;
    }
    try {
      if (keeps === 'nothing') return await fromThere();
      await cache.fill(digest, (beside) => shared.getFile(digest, beside));
    } catch (error) {
      throw is(error, artifactMissing) ? artifactMissing({ digest, where }, error) : error;
    }
    return fromHere();
  };

  return {
    where,
    async put(kind, bytes) {
      await cache.put(kind, bytes);
      return shared.put(kind, bytes);
    },
    async putFile(kind, file) {
      await cache.putFile(kind, file);
      return shared.putFile(kind, file);
    },
    get: (digest) => read(digest, { fromHere: () => cache.get(digest), fromThere: () => shared.get(digest) }),
    getFile: (digest, file) =>
      read(digest, {
        fromHere: () => cache.getFile(digest, file),
        fromThere: () => shared.getFile(digest, file),
      }),
    /** Whether other machines have it too; without a network, whether it is here. */
    async has(digest) {
      if (offline && (await cache.has(digest))) return true;
      try {
        return await shared.has(digest);
      } catch (error) {
        if (!is(error, storeUnreachable) || !(await cache.has(digest))) throw error;
        offline = true;
        return true;
      }
    },
  };
}

function is(error: unknown, { code }: { readonly code: string }): boolean {
  return error instanceof FettleError && error.code === code;
}
