/** What lies in a folder of artifacts and in one of step memos, and how it is taken out for good. */
import { readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { Digest, hexOf } from '../../registry/base/digest.ts';
import type { ArtifactKind } from '../../registry/schema/artifact.ts';
import { codeOf } from './durable.ts';
import { StepOutputs } from './step-memo.ts';

export interface FolderContents {
  /** Every digest that lies there, sorted. */
  digests(): Promise<readonly Digest[]>;
  /** Takes the bytes out; those that are not there are out already. */
  remove(digest: Digest): Promise<void>;
  /** Takes out what writers that are gone left half-written, which may be anything. @returns how many */
  removeLeftovers(): Promise<number>;
}

/** @param folder  that of a folder store */
export function contentsOf(folder: string): FolderContents {
  const top = path.join(folder, 'sha256');
  return {
    async digests() {
      const files = await filesBelow(top);
      const found = files.map((file) => Digest.safeParse(`sha256:${file.replaceAll(/[\\/]/g, '')}`));
      return found.flatMap(({ data }) => (data === undefined ? [] : [data])).sort();
    },
    async remove(digest) {
      const hex = hexOf(digest);
      await rm(path.join(top, hex.slice(0, 2), hex.slice(2)), { force: true });
    },
    removeLeftovers: () => removeLeftovers(top),
  };
}

export interface StepMemos {
  /** What the steps say of the bytes that they gave. */
  kinds(): Promise<ReadonlyMap<Digest, ArtifactKind>>;
  /** Takes out the memos that name any of these. @returns how many */
  removeNaming(digests: ReadonlySet<Digest>): Promise<number>;
}

/** @param folder  that of a folder memo */
export function memosIn(folder: string): StepMemos {
  return {
    async kinds() {
      const memos = await readMemos(folder);
      const outputs = memos.flatMap(({ memo }) => Object.values(memo.outputs));
      return new Map(outputs.map(({ digest, kind }) => [digest, kind]));
    },
    async removeNaming(digests) {
      const memos = await readMemos(folder);
      const naming = memos.filter(({ memo }) =>
        Object.values(memo.outputs).some(({ digest }) => digests.has(digest)),
      );
      for (const { file } of naming) await rm(file, { force: true });
      return naming.length;
    },
  };
}

interface Memo {
  readonly file: string;
  readonly memo: StepOutputs;
}

async function readMemos(folder: string): Promise<readonly Memo[]> {
  const files = (await filesBelow(folder)).filter((file) => file.endsWith('.json'));
  const memos: Memo[] = [];
  for (const name of files) {
    const file = path.join(folder, name);
    const memo = StepOutputs.safeParse(jsonOf(await readFile(file, 'utf8')));
    // An unreadable memo means nothing to anybody: the step is performed again.
    if (memo.success) memos.push({ file, memo: memo.data });
  }
  return memos;
}

/** `.tmp-<process>-<random>`, as durable writes name what they have not finished. */
const LEFTOVER = /^\.tmp-(\d+)-/;

async function removeLeftovers(top: string): Promise<number> {
  const left = (await filesBelow(top)).filter((file) => {
    const writer = LEFTOVER.exec(path.basename(file))?.[1];
    return writer !== undefined && !isAlive(Number(writer));
  });
  for (const file of left) await rm(path.join(top, file), { force: true });
  return left.length;
}

function isAlive(writer: number): boolean {
  try {
    process.kill(writer, 0);
    return true;
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
}

/** Paths from the folder; none where there is no such folder. */
async function filesBelow(folder: string): Promise<readonly string[]> {
  try {
    const found = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = found.filter((entry) => entry.isFile());
    return files.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)));
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
