/** Inspects the files of a registry: every way in which they are not what the log says. */
import { digestOf, type Digest } from '../base/digest.ts';
import { canonical } from '../base/json.ts';
import { appendLeaf, leafHash, rootOf, type Frontier } from '../base/merkle.ts';
import { GENESIS, parseLine, type Entry } from '../schema/entry.ts';
import type { EventOf } from '../schema/event.ts';
import { marksBefore } from '../schema/seal.ts';
import { bodyOf, parseNote } from '../trust/note.ts';
import { headIn, isEpochPath } from './epoch.ts';
import {
  attachmentPath,
  CHECKPOINT_PATH,
  checkFormat,
  checkpointFor,
  FORMAT_PATH,
  HEAD_PATH,
  headText,
  idemLine,
  idemPath,
  isCanonicalLine,
  isViewPath,
  linesOf,
  saysOf,
  segmentPath,
  segmentPaths,
  SEGMENT_SIZE,
} from './lay-out.ts';
import type { Head, Problem } from './log.ts';

type Files = ReadonlyMap<string, string>;

/** A place in the log that is known to be good. */
export interface Known {
  readonly size: number;
  /** Leaf hash of the line before, hex. */
  readonly prev: string;
  readonly frontier: Frontier;
  /** Idempotency files as they were there, by path; all that the lines after it fall into. */
  readonly shards: Files;
}

export const FROM_START: Known = { size: 0, prev: GENESIS, frontier: [], shards: new Map() };

export interface Inspection {
  /** What the head must be; null when the log does not begin as one. */
  readonly head: Head | null;
  /** The lines after the known place that are events. */
  readonly entries: readonly Entry[];
  /** Root of the first lines, hex, for each size asked for that the log reaches. */
  readonly roots: ReadonlyMap<number, string>;
  readonly problems: readonly Problem[];
  /** The idempotency files that the walk had touched at each seal that was due and each epoch, by their positions. */
  readonly sealed: ReadonlyMap<number, Files>;
  /** The newest epoch that the walk saw begin. */
  readonly begun: Begun | null;
  /** What the walk accounts for; any other file is the view's, an epoch's, or a stranger. */
  readonly own: ReadonlySet<string>;
}

/** The line by which an epoch began. */
export interface Begun {
  readonly seq: number;
  readonly prev: string;
  readonly body: EventOf<'epoch.begun'>['body'];
}

interface Walk extends Omit<Inspection, 'own'> {
  /** What the idempotency files must hold. */
  readonly shards: Files;
  readonly bundles: ReadonlySet<Digest>;
  readonly size: number;
}

export interface Asked {
  readonly where: string;
  readonly from: Known;
  /** Sizes whose roots are wanted. */
  readonly sizes: readonly number[];
  /** Origin and epoch when the walk does not begin at the start. */
  readonly begun: Pick<Head, 'origin' | 'epoch'> | null;
}

/** @param files  by path; those that the lines after the known place touch, or all of them. The view is left out. */
export function inspectLog(files: Files, asked: Asked): Inspection {
  const walk = walkLog(files, asked);
  const { head, entries, roots, shards, sealed, begun, bundles } = walk;
  const segments = segmentPaths(asked.from.size, walk.size);
  const attachments = [...bundles].map(attachmentPath);
  const own = new Set([
    FORMAT_PATH,
    HEAD_PATH,
    CHECKPOINT_PATH,
    ...segments,
    ...shards.keys(),
    ...attachments,
  ]);
  const problems = [
    ...formatProblems(files, asked.where),
    ...walk.problems,
    ...headProblems(files, head),
    ...[...shards].flatMap(([where, wanted]) => compared(files, { code: 'idem', where, wanted })),
    ...[...bundles].flatMap((digest) => attachmentProblems(files, digest)),
    ...strangers(files, own),
  ];
  return { head, entries, roots, problems, sealed, begun, own };
}

function formatProblems(files: Files, where: string): readonly Problem[] {
  try {
    checkFormat(files.get(FORMAT_PATH), where);
    return [];
  } catch (error) {
    return [{ code: 'format', where: FORMAT_PATH, wanted: 'fettle-registry/1', found: saysOf(error) }];
  }
}

/** Goes on after a damaged line with the hash that this line really has, so that each damage is told once. */
function walkLog(files: Files, { from, sizes, begun }: Asked): Walk {
  const start = from.size - (from.size % SEGMENT_SIZE);
  const { lines, problems } = linesIn(files, start);
  const [shards, keys, bundles] = [new Map<string, string>(), new Map<string, number>(), new Set<Digest>()];
  const [roots, found] = [new Map<number, string>(), [...problems]];
  const [sealed, marks] = [new Map<number, Files>(), new Set<number>()];
  const entries: Entry[] = [];
  // Of the lines that were known before, only the last is known by its hash; it vouches for those before it.
  let [prev, frontier]: [string | null, Frontier] = [start === from.size ? from.prev : null, from.frontier];
  let epochs: Epochs = { number: begun?.epoch ?? 0, begun: null };
  for (const [index, { where, line }] of lines.entries()) {
    const seq = start + index;
    const { entry, found: faults } = inspectLine(line, { where, seq, prev });
    found.push(...faults);
    prev = leafHash(line);
    if (seq === from.size - 1 && prev !== from.prev) found.push(forked(where, from.prev, prev));
    if (seq < from.size) continue;
    if (sizes.includes(seq)) roots.set(seq, rootOf(frontier));
    const before = frontier;
    frontier = appendLeaf(frontier, seq, prev);
    if (entry === null) continue;
    entries.push(entry);
    if (entry.bundle !== null) bundles.add(entry.bundle);
    const { idem } = entry.envelope;
    if (entry.event?.type === 'snapshot.sealed' && !marks.has(marksBefore(seq))) {
      marks.add(marksBefore(seq));
      sealed.set(seq, new Map(shards));
    }
    const step = epochsAfter(epochs, { entry, where, frontier: before });
    if (step.epochs.begun !== epochs.begun) sealed.set(seq, new Map(shards));
    epochs = step.epochs;
    found.push(...step.found);
    const used = keys.get(idem);
    if (used !== undefined) found.push(duplicate(where, idem, used));
    keys.set(idem, seq);
    const shard = idemPath(idem);
    shards.set(shard, (shards.get(shard) ?? from.shards.get(shard) ?? '') + idemLine(idem, seq));
  }
  const size = start + lines.length;
  if (size < from.size) found.push(shortened(from.size, size));
  if (sizes.includes(size)) roots.set(size, rootOf(frontier));
  const origin = begun?.origin ?? beginningOf(entries[0]);
  const chain = { epoch: epochs.number, size, prev: prev ?? from.prev, frontier };
  const head = origin === null ? null : headOf({ origin, ...chain }, files);
  return { head, shards, bundles, sealed, begun: epochs.begun, size, problems: found, entries, roots };
}

interface Epochs {
  readonly number: number;
  /** The newest that the walk saw begin. */
  readonly begun: Begun | null;
}

interface Step {
  readonly entry: Entry;
  readonly where: string;
  /** Before the entry. */
  readonly frontier: Frontier;
}

/** What an epoch's first line says of those before it, held against them; what they fold to is held against it later. */
function epochsAfter(
  epochs: Epochs,
  { entry: { seq, prev, event }, where, frontier }: Step,
): { readonly epochs: Epochs; readonly found: readonly Problem[] } {
  if (event?.type === 'registry.created' && seq === 0) {
    return { epochs: { ...epochs, number: event.body.epoch }, found: [] };
  }
  if (event?.type !== 'epoch.begun') return { epochs, found: [] };
  const { body } = event;
  const number = epochs.number + 1;
  const told = `epoch ${body.epoch} after ${body.size} events of root ${rootOf(body.frontier)}`;
  const wanted = `epoch ${number} after ${seq} events of root ${rootOf(frontier)}`;
  const isNear = epochs.begun !== null && seq - epochs.begun.seq < SEGMENT_SIZE;
  const isSame = told === wanted && canonical(body.frontier) === canonical(frontier);
  if (isSame && !isNear) return { epochs: { number, begun: { seq, prev, body } }, found: [] };
  const problem = { code: 'epoch', where, wanted, found: told };
  // One that leaves every line where it is says nothing, and a log full of them would be slow to walk.
  const near = { ...problem, wanted: `${SEGMENT_SIZE} events in an epoch`, found: 'fewer' };
  return { epochs, found: [isSame ? near : problem] };
}

function forked(where: string, wanted: string, found: string): Problem {
  return { code: 'fork', where, wanted: `the line ${wanted.slice(0, 12)}, verified before`, found };
}

function shortened(wanted: number, found: number): Problem {
  return {
    code: 'rollback',
    where: 'log',
    wanted: `at least ${wanted} events, verified before`,
    found: `${found}`,
  };
}

interface Lines {
  readonly lines: readonly { readonly where: string; readonly line: string }[];
  readonly problems: readonly Problem[];
}

/** A segment that is not full ends the log; files after it are told of as unexpected. */
function linesIn(files: Files, start: number): Lines {
  const lines: Lines['lines'][number][] = [];
  const problems: Problem[] = [];
  for (let path = segmentPath(start); files.has(path); path = segmentPath(start + lines.length)) {
    const text = files.get(path) ?? '';
    const found = linesOf(text);
    for (const [index, line] of found.entries()) lines.push({ where: `${path}:${index + 1}`, line });
    if (!text.endsWith('\n')) problems.push(segmentProblem(path, 'a line feed at the end', 'none'));
    if (found.length > SEGMENT_SIZE) {
      problems.push(segmentProblem(path, `${SEGMENT_SIZE} lines at most`, `${found.length}`));
    }
    if (found.length !== SEGMENT_SIZE) break;
  }
  return { lines, problems };
}

interface Place {
  readonly where: string;
  readonly seq: number;
  /** Null where the hash of the line before is not known. */
  readonly prev: string | null;
}

interface Inspected {
  readonly entry: Entry | null;
  readonly found: readonly Problem[];
}

function inspectLine(line: string, { where, seq, prev }: Place): Inspected {
  let entry: Entry;
  try {
    entry = parseLine(line, where);
  } catch (error) {
    return { entry: null, found: [{ code: 'line', where, wanted: 'an event', found: saysOf(error) }] };
  }
  const found: Problem[] = [];
  if (!isCanonicalLine(entry, line)) {
    found.push({
      code: 'canonical',
      where,
      wanted: 'canonical JSON',
      found: 'other bytes of the same value',
    });
  }
  if (entry.seq !== seq) found.push({ code: 'seq', where, wanted: String(seq), found: String(entry.seq) });
  if (prev !== null && entry.prev !== prev) {
    found.push({ code: 'chain', where, wanted: prev, found: entry.prev });
  }
  return { entry, found };
}

function duplicate(where: string, idem: string, before: number): Problem {
  return { code: 'idem', where, wanted: 'a key of its own', found: `${idem}, used at position ${before}` };
}

function segmentProblem(where: string, wanted: string, found: string): Problem {
  return { code: 'segment', where, wanted, found };
}

function beginningOf(first: Entry | undefined): string | null {
  return first?.event?.type === 'registry.created' ? first.event.body.origin : null;
}

/** The head that the log asks for; which fold made the view is known to the head alone, and what else is wrong with it is told. */
function headOf(chain: Omit<Head, 'reducer'>, files: Files): Head {
  return { ...chain, reducer: headIn(files.get(HEAD_PATH) ?? null)?.reducer ?? 0 };
}

function headProblems(files: Files, head: Head | null): readonly Problem[] {
  if (head === null) {
    return [
      { code: 'log', where: segmentPath(0), wanted: 'registry.created first', found: 'something else' },
    ];
  }
  return [
    ...compared(files, { code: 'head', where: HEAD_PATH, wanted: headText(head) }),
    ...checkpointProblems(files, head),
  ];
}

/** Who signed it is for whoever knows the policy to judge. */
function checkpointProblems(files: Files, head: Head): readonly Problem[] {
  const text = files.get(CHECKPOINT_PATH);
  const wanted = bodyOf(checkpointFor(head));
  if (text !== undefined && parseNote(text)?.body === wanted) return [];
  return compared(files, { code: 'checkpoint', where: CHECKPOINT_PATH, wanted });
}

function attachmentProblems(files: Files, digest: Digest): readonly Problem[] {
  const where = attachmentPath(digest);
  const text = files.get(where);
  const found = text === undefined ? 'no file' : digestOf(text);
  return found === digest ? [] : [{ code: 'bundle', where, wanted: digest, found }];
}

function compared(files: Files, { code, where, wanted }: Omit<Problem, 'found'>): readonly Problem[] {
  const found = files.get(where);
  if (wanted === found) return [];
  return [{ code, where, wanted: brief(wanted), found: found === undefined ? 'no file' : brief(found) }];
}

function brief(text: string): string {
  return canonical(text.length > 300 ? `${text.slice(0, 300)}…` : text);
}

function strangers(files: Files, own: ReadonlySet<string>): readonly Problem[] {
  return [...files.keys()]
    .filter((path) => !own.has(path) && !isViewPath(path) && !isEpochPath(path))
    .map((path) => ({ code: 'unexpected-file', where: path, wanted: 'no such file', found: 'one' }));
}
