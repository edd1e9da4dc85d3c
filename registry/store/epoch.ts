/** What an epoch leaves of those before it in the tree: which files go, and what lies there in their place. */
import { isSealedPath } from '../schema/seal.ts';
import {
  HEAD_PATH,
  headText,
  parseHead,
  saysOf,
  segmentPath,
  segmentPaths,
  SEGMENT_SIZE,
  type Stretch,
} from './lay-out.ts';
import type { Head } from './log.ts';

const FOLDER = 'epoch/';

/** The head as it was when the newest epoch began; there is none before the second. */
export const EPOCH_HEAD_PATH = `${FOLDER}${HEAD_PATH}`;

export function isEpochPath(path: string): boolean {
  return path.startsWith(FOLDER);
}

/** What the newest epoch begins on. */
export interface Beginning {
  /** Events before it. */
  readonly size: number;
  /** Version of the policy in force there; 0 for none. */
  readonly policy: number;
}

/** @param files  of the registry at that moment; those that a seal is over are kept */
export function epochFiles(head: Head, files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const sealed = [...files].filter(([path]) => isSealedPath(path));
  const kept = sealed.map(([path, text]): [string, string] => [`${FOLDER}${path}`, text]);
  return new Map([[EPOCH_HEAD_PATH, headText(head)], ...kept]);
}

/** The folder's files, by the paths that they had. */
export function filesInEpoch(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const kept = [...files].filter(([path]) => isEpochPath(path));
  return new Map(kept.map(([path, text]) => [path.slice(FOLDER.length), text]));
}

/** @param text  of a head file; null where there is none. @returns null where it is no head */
export function headIn(text: string | null): Head | null {
  try {
    return parseHead(text ?? '');
  } catch (error) {
    saysOf(error);
    return null;
  }
}

export interface Segments {
  /** Those that left the tree, which come first. */
  readonly left: readonly string[];
  readonly kept: readonly string[];
}

/** @param text  of the epoch's head; undefined where there is none. @throws registryDamaged, registryFromFuture */
export function segmentsOf({ first, end }: Stretch, text: string | undefined): Segments {
  const until = text === undefined ? 0 : firstKeptAfter(parseHead(text).size);
  const kept = Math.max(first, until);
  return { left: segmentPaths(first, Math.min(end, kept)), kept: segmentPaths(kept, end) };
}

/** A segment with a line of the new epoch stays whole. */
export function firstKeptAfter(size: number): number {
  return size - (size % SEGMENT_SIZE);
}

/**
 * Whether the path goes when an epoch begins: segments that end before it, every bundle, since lines after it name
 * others, and the policies that are no longer in force. What replaces the folder of the epoch before is told by its
 * files.
 */
export function leaves(path: string, { size, policy }: Beginning): boolean {
  if (path.startsWith('att/')) return true;
  const version = /^policy\/(\d+)\.json$/.exec(path)?.[1];
  if (version !== undefined) return Number(version) < policy;
  // Nine digits in a path of one length sort as their numbers do.
  return /^log\/\d{3}\/\d{3}\/\d{3}\.jsonl$/.test(path) && path < segmentPath(firstKeptAfter(size));
}
