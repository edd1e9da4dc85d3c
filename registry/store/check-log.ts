/** Inspects the files of a registry: every way in which they are not what the log says. */
import { canonical } from '../base/json.ts';
import { appendLeaf, leafHash } from '../base/merkle.ts';
import { GENESIS, parseLine, type Entry } from '../schema/entry.ts';
import {
  CHECKPOINT_PATH,
  checkFormat,
  checkpointText,
  FORMAT_PATH,
  HEAD_PATH,
  headText,
  idemLine,
  idemPath,
  isCanonical,
  isViewPath,
  linesOf,
  parseHead,
  saysOf,
  segmentPath,
  segmentPaths,
  SEGMENT_SIZE,
} from './lay-out.ts';
import type { Head, Problem } from './log.ts';

type Files = ReadonlyMap<string, string>;

interface Walk {
  /** What the head must be; null when the log does not begin as one. */
  readonly head: Head | null;
  /** What the idempotency files must hold. */
  readonly shards: Files;
  readonly size: number;
  readonly problems: readonly Problem[];
}

/** @param files  all of them, by path; the view is left to whoever can derive it */
export function problemsOf(files: Files, where: string): readonly Problem[] {
  const walk = walkLog(files);
  return [
    ...formatProblems(files, where),
    ...walk.problems,
    ...headProblems(files, walk.head),
    ...shardProblems(files, walk.shards),
    ...strangers(files, walk),
  ];
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
function walkLog(files: Files): Walk {
  const { lines, problems } = linesIn(files);
  const shards = new Map<string, string>();
  const keys = new Map<string, number>();
  const found: Problem[] = [...problems];
  let [prev, frontier]: [string, readonly string[]] = [GENESIS, []];
  let first: Entry | null = null;
  for (const [seq, { where, line }] of lines.entries()) {
    const inspected = inspectLine(line, { where, seq, prev });
    found.push(...inspected.found);
    prev = leafHash(line);
    frontier = appendLeaf(frontier, seq, prev);
    if (inspected.entry === null) continue;
    if (seq === 0) first = inspected.entry;
    const { idem } = inspected.entry.envelope;
    const before = keys.get(idem);
    if (before !== undefined) found.push(duplicate(where, idem, before));
    keys.set(idem, seq);
    shards.set(idemPath(idem), (shards.get(idemPath(idem)) ?? '') + idemLine(idem, seq));
  }
  const size = lines.length;
  return { head: headOf(first, { size, prev, frontier }, files), shards, size, problems: found };
}

interface Lines {
  readonly lines: readonly { readonly where: string; readonly line: string }[];
  readonly problems: readonly Problem[];
}

/** A segment that is not full ends the log; files after it are told of as unexpected. */
function linesIn(files: Files): Lines {
  const lines: Lines['lines'][number][] = [];
  const problems: Problem[] = [];
  for (let path = segmentPath(0); files.has(path); path = segmentPath(lines.length)) {
    const text = files.get(path) ?? '';
    const found = linesOf(text);
    lines.push(...found.map((line, index) => ({ where: `${path}:${index + 1}`, line })));
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
  readonly prev: string;
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
  if (!isCanonical(line)) {
    found.push({
      code: 'canonical',
      where,
      wanted: 'canonical JSON',
      found: 'other bytes of the same value',
    });
  }
  if (entry.seq !== seq) found.push({ code: 'seq', where, wanted: String(seq), found: String(entry.seq) });
  if (entry.prev !== prev) found.push({ code: 'chain', where, wanted: prev, found: entry.prev });
  return { entry, found };
}

function duplicate(where: string, idem: string, before: number): Problem {
  return { code: 'idem', where, wanted: 'a key of its own', found: `${idem}, used at position ${before}` };
}

function segmentProblem(where: string, wanted: string, found: string): Problem {
  return { code: 'segment', where, wanted, found };
}

/** The head that the log asks for; which fold made the view is known to the head alone. */
function headOf(
  first: Entry | null,
  chain: Pick<Head, 'size' | 'prev' | 'frontier'>,
  files: Files,
): Head | null {
  if (first?.event?.type !== 'registry.created') return null;
  const { origin, epoch } = first.event.body;
  return { origin, epoch, ...chain, reducer: headIn(files)?.reducer ?? 0 };
}

function headIn(files: Files): Head | null {
  try {
    return parseHead(files.get(HEAD_PATH) ?? '');
  } catch {
    // Whatever is wrong with it is told by comparing it with the head that the log asks for.
    return null;
  }
}

function headProblems(files: Files, head: Head | null): readonly Problem[] {
  if (head === null) {
    return [
      { code: 'log', where: segmentPath(0), wanted: 'registry.created first', found: 'something else' },
    ];
  }
  return [
    ...compared(files, { code: 'head', where: HEAD_PATH, wanted: headText(head) }),
    ...compared(files, { code: 'checkpoint', where: CHECKPOINT_PATH, wanted: checkpointText(head) }),
  ];
}

function shardProblems(files: Files, shards: Files): readonly Problem[] {
  return [...shards].flatMap(([where, wanted]) => compared(files, { code: 'idem', where, wanted }));
}

function compared(files: Files, { code, where, wanted }: Omit<Problem, 'found'>): readonly Problem[] {
  const found = files.get(where);
  if (wanted === found) return [];
  return [
    { code, where, wanted: shortened(wanted), found: found === undefined ? 'no file' : shortened(found) },
  ];
}

function shortened(text: string): string {
  return canonical(text.length > 300 ? `${text.slice(0, 300)}…` : text);
}

function strangers(files: Files, { size, shards }: Walk): readonly Problem[] {
  const segments = new Set(segmentPaths(0, size));
  const own = new Set([FORMAT_PATH, HEAD_PATH, CHECKPOINT_PATH]);
  return [...files.keys()]
    .filter((path) => !own.has(path) && !segments.has(path) && !shards.has(path) && !isViewPath(path))
    .map((path) => ({ code: 'unexpected-file', where: path, wanted: 'no such file', found: 'one' }));
}
