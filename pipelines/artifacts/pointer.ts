/** Knows a Git LFS pointer: a few lines of text that git hands out where the file itself was not fetched. */
import { artifactIsPointer } from '../faults.ts';

const OPENING = Buffer.from('version https://git-lfs.github.com/spec/');
/** The specification's own bound. */
const SIZE_BYTES_MAX = 1024;

export function isPointer(bytes: Uint8Array): boolean {
  return bytes.byteLength < SIZE_BYTES_MAX && OPENING.equals(bytes.subarray(0, OPENING.length));
}

/** @throws artifactIsPointer */
export function refusePointer(bytes: Uint8Array, where: string): void {
  if (isPointer(bytes)) throw artifactIsPointer({ where });
}
