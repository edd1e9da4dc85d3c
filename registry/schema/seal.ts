/** When the log is sealed, and over which of its files. */
import { digestOf, hexOf, type Digest } from '../base/digest.ts';

/** Whoever appends over a multiple of this seals what is there then. */
export const SEAL_EVERY = 4096;

/** The page for people is left out, because its words change with every Fettle; policies are in the state. */
export const SEALED_FOLDERS = ['state', 'index', 'idem'] as const;

export function isSealedPath(path: string): boolean {
  const [top = ''] = path.split('/', 1);
  const tops: readonly string[] = SEALED_FOLDERS;
  return tops.includes(top);
}

/** Whether appending so many events to a log of this size reaches a mark. */
export function isSealDue(size: number, count: number): boolean {
  return marksBefore(size) < marksBefore(size + count);
}

export function marksBefore(size: number): number {
  return Math.floor(size / SEAL_EVERY);
}

/** Of files as they lie there. */
export function sealOfFiles(files: ReadonlyMap<string, string>): Digest {
  const sealed = [...files].filter(([path]) => isSealedPath(path));
  return sealOfDigests(new Map(sealed.map(([path, text]) => [path, hexOf(digestOf(text))])));
}

/** Like `sha256sum` of the sorted files, with the path first. */
export function sealOfDigests(digests: ReadonlyMap<string, string>): Digest {
  const lines = [...digests].map(([path, hex]) => `${path} ${hex}\n`);
  return digestOf(lines.toSorted().join(''));
}
