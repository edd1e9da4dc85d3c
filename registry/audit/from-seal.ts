/** The newest seal that somebody trusted remembers, as a place that verification can begin at. */
import { FettleError } from '../base/fault.ts';
import { leafHash } from '../base/merkle.ts';
import { GENESIS } from '../schema/entry.ts';
import type { SignedPolicy } from '../schema/policy.ts';
import { marksBefore, SEAL_EVERY, sealOfFiles } from '../schema/seal.ts';
import type { RegistryState } from '../schema/state.ts';
import { REDUCER } from '../state/fold.ts';
import { policyPath, stateOf } from '../state/view.ts';
import type { Known } from '../store/check-log.ts';
import { isEpochPath } from '../store/epoch.ts';
import {
  CHECKPOINT_PATH,
  FORMAT_PATH,
  HEAD_PATH,
  idemLine,
  idemPath,
  linesOf,
  parseHead,
  readLine,
  segmentPath,
  segmentPaths,
  SEGMENT_SIZE,
} from '../store/lay-out.ts';
import type { EventLog, Head, Reached } from '../store/log.ts';

export interface Base {
  readonly known: Known;
  readonly state: RegistryState;
  readonly begun: Pick<Head, 'origin' | 'epoch'>;
  /** In force there. */
  readonly policy: SignedPolicy | null;
  /** Whether the idempotency files are all that there were, and not only those that changed since. */
  readonly whole: boolean;
  /** What says so: what was verified last, a seal, or the beginning of an epoch. */
  readonly by: 'pin' | 'seal' | 'epoch';
}

export interface SealedStart {
  readonly mark: string;
  readonly base: Base;
}

/** Where a mark was passed without a seal, or with one of another fold, the one before may do. */
const TRIES = 4;

/**
 * The root of whoever is trusted binds everything before it: the walk from here to there has to end in it, which it
 * does only over the lines that went before, and one of those is the seal. A seal that is the last line of what is
 * trusted is named by no line after it, and so is no place to begin.
 *
 * @param trusted  the fewest events that somebody trusted remembers
 * @returns null where there is no seal to begin at, or what lies there does not fit it: read everything then
 */
export async function sealedStart({ reached }: EventLog, trusted: number): Promise<SealedStart | null> {
  if (reached === undefined) return null;
  const last = marksBefore(trusted - 1);
  for (let mark = last; mark > Math.max(0, last - TRIES); mark--) {
    const found = await reached(mark * SEAL_EVERY).catch(expectFault);
    const base = found === null ? null : baseIn(found);
    if (found !== null && base !== null && base.known.size < trusted) return { mark: found.mark, base };
  }
  return null;
}

/** Whatever is wrong there is told of by whoever reads everything. */
function expectFault(error: unknown): null {
  if (error instanceof FettleError) return null;
  throw error;
}

function baseIn({ files, paths }: Reached): Base | null {
  try {
    const head = parseHead(files.get(HEAD_PATH) ?? '');
    if (head.reducer !== REDUCER) return null;
    const sealed = sealedBy(head, files);
    if (sealed === null) return null;
    const state = stateOf(files);
    const { origin, epoch, size, prev, frontier } = head;
    const { policy } = state.trust;
    if (strangersAmong(paths, { size, files, policy: policy?.policy.version ?? 0 })) return null;
    const shards = new Map([...files].filter(([path]) => path.startsWith('idem/')));
    const known = { size, prev, frontier, shards };
    return { known, state, begun: { origin, epoch }, policy, whole: true, by: 'seal' };
  } catch (error) {
    return expectFault(error);
  }
}

/** The seal as the last line, over just these files; the one line that its own key added to them is taken away. */
function sealedBy({ size, prev }: Head, files: ReadonlyMap<string, string>): number | null {
  const seq = size - 1;
  const where = segmentPath(seq);
  const line = linesOf(files.get(where) ?? '')[seq % SEGMENT_SIZE] ?? '';
  if (leafHash(line) !== prev || prev === GENESIS) return null;
  const { event } = readLine(line, where);
  if (event?.type !== 'snapshot.sealed' || event.body.size !== seq || event.body.reducer !== REDUCER) {
    return null;
  }
  const [path, own] = [idemPath(event.idem), idemLine(event.idem, seq)];
  const text = files.get(path) ?? '';
  if (!text.endsWith(own)) return null;
  const before = new Map(files);
  if (text === own) before.delete(path);
  else before.set(path, text.slice(0, -own.length));
  return sealOfFiles(before) === event.body.state ? seq : null;
}

interface Expected {
  readonly size: number;
  readonly policy: number;
  /** Those that the seal is over, among others. */
  readonly files: ReadonlyMap<string, string>;
}

/** Names of files that nobody reads from here on, and that Fettle would not have written. */
function strangersAmong(paths: readonly string[], { size, policy, files }: Expected): boolean {
  const policies = Array.from({ length: policy }, (_, index) => policyPath(index + 1));
  const others = ['README.md', FORMAT_PATH, HEAD_PATH, CHECKPOINT_PATH, ...segmentPaths(0, size)];
  const own = new Set([...files.keys(), ...others, ...policies]);
  return paths.some(
    (path) =>
      !own.has(path) && !isEpochPath(path) && !/^att\/([0-9a-f]{2})\/\1[0-9a-f]{62}\.json$/.test(path),
  );
}
