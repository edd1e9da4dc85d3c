/** Artifacts in memory, for tests and for rehearsals that must leave nothing behind. */
import { digestOf, type Digest } from '../../registry/base/digest.ts';
import { artifactMissing } from '../faults.ts';
import type { ArtifactStore } from './store.ts';

export function memoryStore(): ArtifactStore {
  const kept = new Map<Digest, Uint8Array>();
  return {
    where: 'memory',
    async put(kind, bytes) {
      const digest = digestOf(bytes);
      // A Buffer's own slice would share the caller's memory.
      kept.set(digest, Uint8Array.from(bytes));
      return { kind, digest, sizeBytes: bytes.byteLength };
    },
    async get(digest) {
      const bytes = kept.get(digest);
      if (bytes === undefined) throw artifactMissing({ digest, where: 'memory' });
      return Uint8Array.from(bytes);
    },
    async has(digest) {
      return kept.has(digest);
    },
  };
}
