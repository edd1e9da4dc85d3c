/** Chooses, of what history holds in the place of files that left the tree, what the lines that stayed vouch for. */
import { digestOf } from '../base/digest.ts';
import { leafHash } from '../base/merkle.ts';
import { firstKeptAfter, headIn } from './epoch.ts';
import { attachmentPath, linesOf, segmentPath, segmentPaths, SEGMENT_SIZE } from './lay-out.ts';

type Files = ReadonlyMap<string, string>;

export interface History {
  /** The last commit of each earlier epoch, the newest first. Anybody who can push can make commits that look like one. */
  readonly ends: readonly string[];
  /** Those of the files that the commit holds. */
  textsAt(end: string, paths: readonly string[]): Promise<Files>;
}

/** Where the tree's own lines begin. */
export interface Kept {
  /** Position of the first line of the first segment in the tree. */
  readonly from: number;
  /** That segment; undefined where it is missing. */
  readonly text: string | undefined;
}

/** @param epochHead  text of the head that the newest epoch began on; undefined where there is none. @param paths  in the tree */
export async function keptFrom(
  epochHead: string | undefined,
  paths: () => Promise<readonly string[]>,
): Promise<number> {
  const head = headIn(epochHead ?? null);
  return head === null ? leastIn(await paths()) : firstKeptAfter(head.size);
}

function leastIn(paths: readonly string[]): number {
  const [least] = paths.filter((path) => path.startsWith('log/')).toSorted();
  return Number(least?.replaceAll(/\D/g, '') ?? '') * SEGMENT_SIZE;
}

/** Segments asked for at once: of a head that lies about its size nothing is found, and no more is asked for. */
const BATCH = 1024;

/**
 * Segments count where every hash of the chain leads from the tree's first line back to them, bundles by their digest;
 * of what does not count the next older commit is asked.
 */
export async function vouchedIn(history: History, paths: readonly string[], kept: Kept): Promise<Files> {
  const segments = paths.filter((path) => path.startsWith('log/'));
  const bundles = paths.filter((path) => !path.startsWith('log/'));
  return new Map([...(await segmentsIn(history, segments, kept)), ...(await bundlesIn(history, bundles))]);
}

async function segmentsIn(history: History, wanted: readonly string[], { from, text }: Kept): Promise<Files> {
  const found = new Map<string, string>();
  const [least] = wanted.toSorted();
  let anchor = prevIn(linesOf(text ?? '')[0]);
  if (least === undefined) return found;
  const isWanted = new Set(wanted);
  for (
    let end = from;
    anchor !== null && end > 0 && segmentPath(end - 1) >= least;
    end -= BATCH * SEGMENT_SIZE
  ) {
    const batch = segmentPaths(Math.max(0, end - BATCH * SEGMENT_SIZE), end).filter((path) => path >= least);
    const chained = await chainedIn(history, batch, anchor);
    for (const [path, chosen] of chained.texts) if (isWanted.has(path)) found.set(path, chosen);
    anchor = chained.texts.size < batch.length ? null : chained.anchor;
  }
  return found;
}

/** @param batch  segments that follow one another. @param anchor  leaf hash of the last line of the last of them */
async function chainedIn(
  history: History,
  batch: readonly string[],
  anchor: string,
): Promise<{ readonly texts: Files; readonly anchor: string }> {
  const texts = new Map<string, string>();
  const left = [...batch];
  let at = anchor;
  for (const end of history.ends) {
    if (left.length === 0) break;
    const read = await history.textsAt(end, left);
    for (let path = left.at(-1); path !== undefined; path = left.at(-1)) {
      const text = read.get(path);
      const before = text === undefined ? null : anchorBefore(text, at);
      if (text === undefined || before === null) break;
      texts.set(path, text);
      at = before;
      left.pop();
    }
  }
  return { texts, anchor: at };
}

/** @returns leaf hash of the line before a segment whose last line has this one; null where its lines do not lead there */
function anchorBefore(text: string, anchor: string): string | null {
  const lines = linesOf(text);
  if (lines.length !== SEGMENT_SIZE) return null;
  let at: string | null = anchor;
  for (const line of lines.toReversed()) {
    if (leafHash(line) !== at) return null;
    at = prevIn(line);
  }
  return at;
}

function prevIn(line: string | undefined): string | null {
  // As a line that Fettle wrote names it, after the bundle and the event.
  return /"prev":"([0-9a-f]{64})","seq":\d+\}$/.exec(line ?? '')?.[1] ?? null;
}

async function bundlesIn(history: History, paths: readonly string[]): Promise<Files> {
  const found = new Map<string, string>();
  for (const end of history.ends) {
    const left = paths.filter((path) => !found.has(path));
    if (left.length === 0) break;
    for (const [path, text] of await history.textsAt(end, left)) {
      if (attachmentPath(digestOf(text)) === path) found.set(path, text);
    }
  }
  return found;
}
