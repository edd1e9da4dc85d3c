/** What lies in the history of a registry because an epoch began: the lines before it, and the bundles they name. */
import { FettleError } from '../base/fault.ts';
import { Digest } from '../base/digest.ts';
import { historyMissing } from '../faults.ts';
import { EPOCH_HEAD_PATH, firstKeptAfter, headIn, leaves } from '../store/epoch.ts';
import { attachmentPath, linesOf, segmentPath, SEGMENT_SIZE } from '../store/lay-out.ts';
import type { EventLog, Head } from '../store/log.ts';

type Files = ReadonlyMap<string, string>;

/** Asked for at once: a head that lies about its size is found out by the first that is not there. */
const CHUNK = 1024;

/**
 * The files that lines from a position on need and that left the tree.
 *
 * @param files  of the tree; those that an epoch may have removed are not there
 * @returns null where the history at hand does not reach back to them
 */
export async function pastOf(
  log: Pick<EventLog, 'bygone'>,
  files: Files,
  from: number,
): Promise<Files | null> {
  const size = epochHeadIn(files)?.size ?? leastBefore(files);
  if (from >= size) return new Map();
  try {
    const segments = await segmentsBefore(log, files, { from, size });
    const bundles = bundlesIn(new Map([...files, ...segments]), { from, size });
    return new Map([...segments, ...(await log.bygone(bundles.filter((path) => !files.has(path))))]);
  } catch (error) {
    if (error instanceof FettleError && error.code === historyMissing.code) return null;
    throw error;
  }
}

/** Without lines that an epoch removed: whatever lies there in their place is not what history holds. */
export function stayed(files: Files): Files {
  const size = epochHeadIn(files)?.size ?? leastBefore(files);
  return new Map(
    [...files].filter(([path]) => !path.startsWith('log/') || !leaves(path, { size, policy: 0 })),
  );
}

/** The last head before the newest epoch; null where there is none, or none that can be read. */
export function epochHeadIn(files: Files): Head | null {
  return headIn(files.get(EPOCH_HEAD_PATH) ?? null);
}

/** Where the head of an epoch was lost: the first segment there holds the line by which it began. */
function leastBefore(files: Files): number {
  const first = [...files.keys()].filter((path) => path.startsWith('log/')).sort()[0];
  const digits = first?.replaceAll(/\D/g, '') ?? '';
  return Number(digits) === 0 ? 0 : (Number(digits) + 1) * SEGMENT_SIZE - 1;
}

interface Stretch {
  readonly from: number;
  readonly size: number;
}

async function segmentsBefore(
  log: Pick<EventLog, 'bygone'>,
  files: Files,
  { from, size }: Stretch,
): Promise<Files> {
  const found = new Map<string, string>();
  const end = firstKeptAfter(size);
  for (let at = firstKeptAfter(from); at < end; at += CHUNK * SEGMENT_SIZE) {
    const count = Math.min(CHUNK, (end - at) / SEGMENT_SIZE);
    const paths = Array.from({ length: count }, (_, index) => segmentPath(at + index * SEGMENT_SIZE));
    const wanted = paths.filter((path) => !files.has(path));
    const texts = await log.bygone(wanted);
    for (const [path, text] of texts) found.set(path, text);
    if (texts.size < wanted.length) break;
  }
  return found;
}

/** As a line that Fettle wrote names it; any other line is a finding of its own. */
const NAMED = /^\{"b":"(sha256:[0-9a-f]{64})"/;

function bundlesIn(files: Files, { from, size }: Stretch): readonly string[] {
  const paths = new Set<string>();
  for (let at = firstKeptAfter(from); at < size; at += SEGMENT_SIZE) {
    const text = files.get(segmentPath(at));
    if (text === undefined) break;
    for (const [index, line] of linesOf(text).entries()) {
      const named = at + index < from || at + index >= size ? null : NAMED.exec(line);
      if (named !== null) paths.add(attachmentPath(Digest.parse(named[1])));
    }
  }
  return [...paths];
}
