/** Artifacts in memory, for tests and for rehearsals that must leave nothing behind. */
import { readFile, writeFile } from 'node:fs/promises';
import { digestOf, type Digest } from '../../registry/base/digest.ts';
import type { ArtifactKind, ArtifactRef } from '../../registry/schema/artifact.ts';
import { artifactMissing } from '../faults.ts';
import { refusePointer } from './pointer.ts';
import type { ArtifactStore } from './store.ts';

export function memoryStore(): ArtifactStore {
  const kept = new Map<Digest, Uint8Array>();
  const put = async (kind: ArtifactKind, bytes: Uint8Array): Promise<ArtifactRef> => {
    refusePointer(bytes, `the ${kind} to keep`);
    const digest = digestOf(bytes);
    // A Buffer's own slice would share the caller's memory.
    kept.set(digest, Uint8Array.from(bytes));
    return { kind, digest, sizeBytes: bytes.byteLength };
  };
  const get = async (digest: Digest): Promise<Uint8Array> => {
    const bytes = kept.get(digest);
    if (bytes === undefined) throw artifactMissing({ digest, where: 'memory' });
    return Uint8Array.from(bytes);
  };
  return {
    where: 'memory',
    put,
    get,
    has: async (digest) => kept.has(digest),
    putFile: async (kind, file) => put(kind, await readFile(file)),
    getFile: async (digest, file) => writeFile(file, await get(digest), { flag: 'wx' }),
  };
}
