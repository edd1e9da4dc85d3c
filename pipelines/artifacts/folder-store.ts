/** Artifacts in a folder: `sha256/ab/<62 hex>`, as git and container registries lay theirs out. */
import { constants } from 'node:fs';
import { access, copyFile, glob, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Digest, digestOf, hexOf } from '../../registry/base/digest.ts';
import { artifactDamaged, artifactMissing, artifactNotWritten } from '../faults.ts';
import { codeOf, durably, writeDurably } from './durable.ts';
import { digestOfFile, offeredFile } from './source.ts';
import { refusePointer } from './pointer.ts';
import type { ArtifactStore } from './store.ts';

export interface Kept {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

export interface Lying extends Kept {
  /** When it was written, in milliseconds since 1970. */
  readonly writtenAtMs: number;
}

export interface FolderStore extends ArtifactStore {
  /** Everything that lies here, by digest. */
  list(): Promise<readonly Lying[]>;
  /** Forgets it; harmless when it is not here. */
  remove(digest: Digest): Promise<void>;
  /** Lets `write` make the file of this digest; what it makes must have been verified. */
  fill(digest: Digest, write: (beside: string) => Promise<void>): Promise<void>;
}

/** Where an artifact lies below any root, the same in a folder and in a bucket. */
export function placeOf(digest: Digest): string {
  const hex = hexOf(digest);
  return `sha256/${hex.slice(0, 2)}/${hex.slice(2)}`;
}

export function folderStore(folder: string): FolderStore {
  const pathOf = (digest: Digest): string => path.join(folder, placeOf(digest));
  const has = async (digest: Digest): Promise<boolean> => {
    try {
      await access(pathOf(digest));
      return true;
    } catch {
      return false;
    }
  };
  const get = async (digest: Digest): Promise<Uint8Array> => {
    const bytes = await read(pathOf(digest), { digest, where: folder });
    const found = digestOf(bytes);
    if (found === digest) return bytes;
    refusePointer(bytes, pathOf(digest));
    throw artifactDamaged({ digest, found, path: pathOf(digest) });
  };

  return {
    where: folder,
    has,
    get,
    list: () => listed(folder),
    remove: (digest) => rm(pathOf(digest), { force: true }),
    fill: (digest, write) => durably(pathOf(digest), write),
    async put(kind, bytes) {
      refusePointer(bytes, `the ${kind} to keep`);
      const digest = digestOf(bytes);
      if (!(await has(digest))) await writeDurably(pathOf(digest), bytes);
      return { kind, digest, sizeBytes: bytes.byteLength };
    },
    async putFile(kind, file) {
      const { ref } = await offeredFile(kind, file);
      if (!(await has(ref.digest))) await copyDurably({ from: file, to: pathOf(ref.digest) }, ref);
      return ref;
    },
    async getFile(digest, file) {
      await copyVerified({ from: pathOf(digest), to: file }, { digest, where: folder });
    },
  };
}

interface Copy {
  readonly from: string;
  readonly to: string;
}

/** The copy is hashed, not the file before it was copied: it may have changed in between. */
async function copyDurably({ from, to }: Copy, { digest, sizeBytes }: Kept): Promise<void> {
  try {
    await durably(to, (beside) => copyVerified({ from, to: beside }, { digest, where: from }));
  } catch (error) {
    if (codeOf(error)?.startsWith('pipelines/') === true) throw error;
    const said = error instanceof Error ? error.message : String(error);
    throw artifactNotWritten({ path: to, sizeBytes, said }, error);
  }
}

async function copyVerified({ from, to }: Copy, { digest, where }: Wanted): Promise<void> {
  try {
    await copyFile(from, to, constants.COPYFILE_EXCL);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw artifactMissing({ digest, where }, error);
    throw error;
  }
  const found = await digestOfFile(to);
  if (found.digest === digest) return;
  await rm(to, { force: true });
  throw artifactDamaged({ digest, found: found.digest, path: from });
}

interface Wanted {
  readonly digest: Digest;
  readonly where: string;
}

async function read(file: string, { digest, where }: Wanted): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') throw artifactMissing({ digest, where }, error);
    throw error;
  }
}

async function listed(folder: string): Promise<readonly Lying[]> {
  const lying: Lying[] = [];
  for await (const file of glob('sha256/*/*', { cwd: folder })) {
    const digest = Digest.safeParse(`sha256:${file.split(/[\\/]/).slice(1).join('')}`);
    if (!digest.success) continue;
    const { size, mtimeMs } = await stat(path.join(folder, file));
    lying.push({ digest: digest.data, sizeBytes: size, writtenAtMs: mtimeMs });
  }
  return lying.sort((a, b) => (a.digest < b.digest ? -1 : 1));
}
