/** Artifacts in a folder: `sha256/ab/<62 hex>`, as git and container registries lay theirs out. */
import { access, readFile } from 'node:fs/promises';
import path from 'node:path';
import { digestOf, hexOf, type Digest } from '../../registry/base/digest.ts';
import { artifactDamaged, artifactMissing } from '../faults.ts';
import { codeOf, writeDurably } from './durable.ts';
import type { ArtifactStore } from './store.ts';

export function folderStore(folder: string): ArtifactStore {
  const pathOf = (digest: Digest): string => {
    const hex = hexOf(digest);
    return path.join(folder, 'sha256', hex.slice(0, 2), hex.slice(2));
  };
  const has = async (digest: Digest): Promise<boolean> => {
    try {
      await access(pathOf(digest));
      return true;
    } catch {
      return false;
    }
  };

  return {
    where: folder,
    has,
    async put(kind, bytes) {
      const digest = digestOf(bytes);
      if (!(await has(digest))) await writeDurably(pathOf(digest), bytes);
      return { kind, digest, sizeBytes: bytes.byteLength };
    },
    async get(digest) {
      const bytes = await read(pathOf(digest), { digest, where: folder });
      const found = digestOf(bytes);
      if (found !== digest) throw artifactDamaged({ digest, found, path: pathOf(digest) });
      return bytes;
    },
  };
}

async function read(file: string, { digest, where }: { digest: Digest; where: string }): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw artifactMissing({ digest, where }, error);
    throw error;
  }
}
