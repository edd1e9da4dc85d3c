/** What an append writes: decided from the files that lie there, before anything is touched. */
import type { Digest } from '../base/digest.ts';
import { canonical } from '../base/json.ts';
import { appendLeaf } from '../base/merkle.ts';
import { idempotencyConflict, logMoved, registryDamaged } from '../faults.ts';
import { GENESIS, lineOf, type Entry } from '../schema/entry.ts';
import type { IdemKey, RegistryEvent } from '../schema/event.ts';
import { bodyOf } from '../trust/note.ts';
import {
  attachmentPath,
  CHECKPOINT_PATH,
  checkpointFor,
  checkFormat,
  FORMAT_PATH,
  FORMAT_TEXT,
  HEAD_PATH,
  headText,
  idemLine,
  idemPath,
  isViewPath,
  linesOf,
  parseHead,
  positionsIn,
  readLine,
  sameHead,
  segmentPath,
  SEGMENT_SIZE,
} from './lay-out.ts';
import { epochFiles, isEpochPath, leaves } from './epoch.ts';
import type { AppendAsk, Head } from './log.ts';

export interface Plan {
  readonly head: Head;
  /** Whole files by path; none when every event was in the log already. */
  readonly files: ReadonlyMap<string, string>;
  /** What lies there and goes, because an epoch begins. */
  readonly gone: readonly string[];
  /** What is new, in order. */
  readonly events: readonly RegistryEvent[];
}

/** The files of these paths at one moment; a path without a file is left out. */
type Load = (paths: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** What lies there, at one moment. */
export interface Source {
  readonly load: Load;
  /** Of what left the tree when an epoch began. @throws historyMissing */
  readonly bygone: Load;
  /** Every path. */
  list(): Promise<readonly string[]>;
}

/** Where no registry was begun. */
export const NOTHING: Source = {
  load: async () => new Map(),
  bygone: async () => new Map(),
  list: async () => [],
};

/** @throws logMoved, idempotencyConflict, registryForeign, registryFromFuture, registryDamaged, historyMissing */
export async function planAppend(source: Source, ask: AppendAsk, where: string): Promise<Plan> {
  const { load } = source;
  const size = ask.expected?.size ?? 0;
  const needed = [FORMAT_PATH, HEAD_PATH, segmentPath(size), ...ask.events.map(({ idem }) => idemPath(idem))];
  const files = await load([...new Set(needed)]);
  expectHead(files, ask.expected, where);
  const fresh = await withoutDuplicates(source, files, ask.events);
  const { expected } = ask;
  if (fresh.length === 0 && expected !== null) {
    return { head: expected, files: new Map(), gone: [], events: [] };
  }
  const plan = planned(files, fresh, ask);
  return { ...plan, gone: await goneWith(plan.files, source, ask) };
}

async function goneWith(
  files: ReadonlyMap<string, string>,
  { list }: Source,
  { expected, epoch }: AppendAsk,
): Promise<readonly string[]> {
  if (epoch === undefined || expected === null) return [];
  const begins = { size: expected.size, policy: epoch.policy };
  return (await list()).filter((path) => (isEpochPath(path) || leaves(path, begins)) && !files.has(path));
}

function expectHead(files: ReadonlyMap<string, string>, expected: Head | null, where: string): void {
  const text = files.get(HEAD_PATH);
  if (text !== undefined) checkFormat(files.get(FORMAT_PATH), where);
  const found = text === undefined ? null : parseHead(text);
  if (!sameHead(found, expected)) throw logMoved({ expected: nameOf(expected), found: nameOf(found) });
}

/** How a head is called in messages. */
export function nameOf(head: Head | null): string {
  return head === null ? 'no registry' : `${head.size} events (${head.prev.slice(0, 12)})`;
}

async function withoutDuplicates(
  source: Source,
  files: ReadonlyMap<string, string>,
  events: readonly RegistryEvent[],
): Promise<readonly RegistryEvent[]> {
  const known = positionsIn(
    files,
    events.map(({ idem }) => idem),
  );
  const logged = await loadEntries(source, [...known.values()]);
  const fresh = new Map<IdemKey, RegistryEvent>();
  for (const event of events) {
    const { idem } = event;
    const seq = known.get(idem);
    const before = seq === undefined ? fresh.get(idem) : logged.get(seq)?.envelope;
    if (before === undefined) fresh.set(idem, event);
    else if (deedOf(before) !== deedOf(event)) {
      throw idempotencyConflict({ idem, seq: seq ?? [...fresh.keys()].indexOf(idem) });
    }
  }
  return [...fresh.values()];
}

/** What was done, without when and by whom: the same deed may be asked for again later, or from another door. */
export function deedOf({
  type,
  subject,
  body,
}: Pick<Entry['envelope'], 'type' | 'subject' | 'body'>): string {
  return canonical({ type, subject, body });
}

async function loadEntries(
  { load, bygone }: Source,
  seqs: readonly number[],
): Promise<ReadonlyMap<number, Entry>> {
  if (seqs.length === 0) return new Map();
  const paths = [...new Set(seqs.map(segmentPath))];
  const here = await load(paths);
  const others = paths.filter((path) => !here.has(path));
  const files = new Map([...here, ...(others.length === 0 ? [] : await bygone(others))]);
  return new Map(
    seqs.map((seq) => {
      const path = segmentPath(seq);
      const index = seq % SEGMENT_SIZE;
      const line = linesOf(files.get(path) ?? '')[index];
      if (line === undefined) {
        throw registryDamaged({
          where: path,
          wanted: `position ${seq}, which idem/ names`,
          found: 'no such line',
        });
      }
      return [seq, readLine(line, `${path}:${index + 1}`)];
    }),
  );
}

function planned(
  before: ReadonlyMap<string, string>,
  events: readonly RegistryEvent[],
  ask: AppendAsk,
): Omit<Plan, 'gone'> {
  const files = new Map<string, string>();
  const add = (path: string, text: string): void => {
    files.set(path, (files.get(path) ?? before.get(path) ?? '') + text);
  };
  const bundles = ask.bundles ?? [];
  const digestFor = ({ idem }: RegistryEvent): Digest | null =>
    bundles.find(({ idems }) => idems.has(idem))?.digest ?? null;
  let head = ask.expected ?? beginning(events[0]);
  for (const event of events) {
    expectPlace(event, head, ask);
    const { line, leaf } = lineOf({ seq: head.size, prev: head.prev, event, bundle: digestFor(event) });
    add(segmentPath(head.size), `${line}\n`);
    add(idemPath(event.idem), idemLine(event.idem, head.size));
    const frontier = appendLeaf(head.frontier, head.size, leaf);
    const epoch = event.type === 'epoch.begun' ? event.body.epoch : head.epoch;
    head = { ...head, epoch, size: head.size + 1, prev: leaf, frontier };
  }
  head = { ...head, reducer: ask.reducer };
  if (ask.expected === null) files.set(FORMAT_PATH, FORMAT_TEXT);
  files.set(HEAD_PATH, headText(head));
  const checkpoint = checkpointFor(head);
  files.set(CHECKPOINT_PATH, ask.seal?.(checkpoint) ?? bodyOf(checkpoint));
  for (const { digest, text } of bundles) files.set(attachmentPath(digest), text);
  if (ask.epoch !== undefined && ask.expected !== null) {
    for (const [path, text] of epochFiles(ask.expected, ask.epoch.files)) files.set(path, text);
  }
  for (const [path, text] of typeof ask.view === 'function' ? ask.view(events) : ask.view) {
    if (!isViewPath(path)) throw new TypeError(`${path} is no view file`);
    files.set(path, text);
  }
  return { head, files, events };
}

/** Who gets these wrong has an error in the program; whoever wrote such lines all the same is found by verification. */
function expectPlace(event: RegistryEvent, head: Head, { expected, epoch }: AppendAsk): void {
  if ((event.type === 'registry.created') !== (head.size === 0)) {
    throw new TypeError(`a log begins with registry.created and holds no other, found ${event.type}`);
  }
  if (head.size === expected?.size && (event.type === 'epoch.begun') !== (epoch !== undefined)) {
    throw new TypeError(`an epoch begins with epoch.begun and what it begins on, found ${event.type}`);
  }
  if (event.type === 'epoch.begun' && head.size !== expected?.size) {
    throw new TypeError('epoch.begun is the first event of its append');
  }
}

function beginning(event: RegistryEvent | undefined): Head {
  if (event?.type !== 'registry.created') {
    throw new TypeError(`a log begins with registry.created, found ${event?.type ?? 'no event'}`);
  }
  const { origin, epoch } = event.body;
  return { origin, epoch, size: 0, prev: GENESIS, frontier: [], reducer: 0 };
}
