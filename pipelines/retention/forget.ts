/** Writes stored bytes anew without the rows that are to be forgotten; what held them is told, and removed by others. */
import type { Digest } from '../../registry/base/digest.ts';
import type { ArtifactKind, ArtifactRef } from '../../registry/schema/artifact.ts';
import { decodeBatch, encodeBatch, type Batch, type Row } from '../artifacts/batch.ts';
import { datasetOf, encodeDataset, PART, type Member, isLearned } from '../artifacts/dataset.ts';
import { encodeOutcomes, type Outcomes } from '../artifacts/outcomes.ts';
import { markOf, readStored, type Stored } from './stored.ts';
import { withoutRows, type Table } from './tables.ts';
import {
  covers,
  isMadeOf,
  isRowWith,
  rowsWith,
  wantedRows,
  type Cell,
  type Makers,
  type Scope,
  type Wanted,
} from './wanted.ts';

export interface ForgetAsk {
  /** All that lie there. */
  readonly digests: readonly Digest[];
  load(digest: Digest): Promise<Uint8Array>;
  /** What the maker of the bytes says of them; undefined where nobody does. */
  kindOf(digest: Digest): ArtifactKind | undefined;
  readonly makers: Makers;
  /** Columns that name rows, in sources of which no batch is here. */
  readonly idColumns: readonly string[];
  /** What took the place of what was forgotten before. */
  readonly gone: ReadonlyMap<Digest, Digest | null>;
  readonly ids: readonly string[];
  readonly where: readonly Cell[];
  /** Only what these models were made from; null for all. */
  readonly scope: Scope;
  keep(kind: ArtifactKind, bytes: Uint8Array): Promise<ArtifactRef>;
}

export interface Rewritten {
  readonly kind: ArtifactKind;
  readonly removed: Digest;
  readonly replacement: Digest | null;
  readonly rows: number;
  /** Of a dataset: whether one of the rows was trained on. */
  readonly trained: boolean;
}

export interface Forgetting {
  readonly rewritten: readonly Rewritten[];
  /** Datasets of which a batch is not here, so that nobody can say which of its rows are left. */
  readonly unread: readonly Digest[];
}

/** Sources first, then batches, then what was made of them. */
export async function forgetRows(ask: ForgetAsk): Promise<Forgetting> {
  const survey = await surveyOf(ask);
  const links = await linksOf(ask, survey);
  const wanted = wantedRows(ask.ids, ask.scope);
  await addRowsWith(ask, { survey, links, wanted });
  const work: Work = { ask, wanted, marks: new Map(), batches: new Map(), rewritten: [], unread: [] };
  // What was replaced before is only read, for what it says of the others: its bytes are about to be removed.
  const isThere = (digest: Digest): boolean => !ask.gone.has(digest);
  for (const digest of survey.tables.filter(isThere)) {
    await forgetInTable(work, digest, links.get(digest) ?? []);
  }
  for (const { digest } of survey.batches.filter((one) => isThere(one.digest))) {
    await forgetInBatch(work, digest);
  }
  for (const digest of survey.datasets.filter(isThere)) await forgetInDataset(work, digest);
  for (const digest of survey.outcomes.filter(isThere)) await forgetInOutcomes(work, digest);
  return { rewritten: work.rewritten, unread: work.unread };
}

interface Survey {
  readonly tables: readonly Digest[];
  readonly batches: readonly Outline[];
  readonly datasets: readonly Digest[];
  readonly outcomes: readonly Digest[];
}

/** Enough of a batch to see, without reading it again, that it was not made of a table. */
interface Outline {
  readonly digest: Digest;
  readonly size: number;
  readonly ends: Batch;
}

async function surveyOf(ask: ForgetAsk): Promise<Survey> {
  const [tables, datasets, outcomes]: [Digest[], Digest[], Digest[]] = [[], [], []];
  const batches: Outline[] = [];
  for (const digest of ask.digests) {
    const stored = await storedAt(ask, digest);
    if (stored.kind === 'table') tables.push(digest);
    if (stored.kind === 'dataset') datasets.push(digest);
    if (stored.kind === 'outcomes') outcomes.push(digest);
    if (stored.kind !== 'batch') continue;
    const { input, rows } = stored.batch;
    batches.push({
      digest,
      size: rows.length,
      ends: { input, rows: [...rows.slice(0, 1), ...rows.slice(-1)] },
    });
  }
  return { tables, batches, datasets, outcomes };
}

async function storedAt({ load, kindOf }: ForgetAsk, digest: Digest): Promise<Stored> {
  return readStored(await load(digest), kindOf(digest));
}

async function rowsAt({ load }: ForgetAsk, digest: Digest): Promise<readonly Row[]> {
  return decodeBatch(await load(digest)).rows;
}

type Links = ReadonlyMap<Digest, readonly Digest[]>;

/** Which batches were made of which table. Nobody wrote it down for a run that failed, so it is seen from the rows. */
async function linksOf(ask: ForgetAsk, { tables, batches }: Survey): Promise<Links> {
  const links = new Map<Digest, readonly Digest[]>();
  for (const digest of tables) {
    const stored = await storedAt(ask, digest);
    if (stored.kind !== 'table') continue;
    const { table } = stored;
    const ends = { ...table, rows: [...table.rows.slice(0, 1), ...table.rows.slice(-1)] };
    const mine: Digest[] = [];
    for (const batch of batches) {
      if (batch.size !== table.rows.length || !isMadeOf(batch.ends.rows, ends)) continue;
      if (isMadeOf(await rowsAt(ask, batch.digest), table)) mine.push(batch.digest);
    }
    links.set(digest, mine);
  }
  return links;
}

interface Found {
  readonly survey: Survey;
  readonly links: Links;
  readonly wanted: Wanted;
}

/** A column of a source is in no batch: the ids of its rows are what the two have in common. */
async function addRowsWith(ask: ForgetAsk, { survey, links, wanted }: Found): Promise<void> {
  const { where, makers, scope } = ask;
  if (where.length === 0) return;
  const add = (rows: readonly Row[], from: readonly Digest[]): void => {
    const models = new Set(from.flatMap((digest) => [...makers(digest)]));
    for (const { id } of rows) wanted.add(id, models);
  };
  for (const digest of survey.tables) {
    const stored = await storedAt(ask, digest);
    if (stored.kind !== 'table' || !covers(scope, makers(digest))) continue;
    const indexes = rowsWith(stored.table, where);
    for (const batch of indexes.size === 0 ? [] : (links.get(digest) ?? [])) {
      const rows = await rowsAt(ask, batch);
      add(
        rows.filter((_, index) => indexes.has(index)),
        [digest, batch],
      );
    }
  }
  const linked = new Set([...links.values()].flat());
  for (const { digest } of survey.batches) {
    if (linked.has(digest) || !covers(scope, makers(digest))) continue;
    const rows = await rowsAt(ask, digest);
    add(
      rows.filter((row) => where.some((cell) => isRowWith(row, cell))),
      [digest],
    );
  }
}

interface Work {
  readonly ask: ForgetAsk;
  readonly wanted: Wanted;
  /** The marks of the ids that a batch has now; null for one that is not here. */
  readonly marks: Map<Digest, ReadonlySet<string> | null>;
  /** What took the place of a batch just now. */
  readonly batches: Map<Digest, Digest | null>;
  readonly rewritten: Rewritten[];
  readonly unread: Digest[];
}

interface Change {
  readonly kind: ArtifactKind;
  readonly removed: Digest;
  /** Null when nothing is left. */
  readonly bytes: Uint8Array | null;
  readonly rows: number;
  readonly trained?: boolean;
}

async function rewrite(work: Work, { kind, removed, bytes, rows, trained }: Change): Promise<Digest | null> {
  const replacement = bytes === null ? null : (await work.ask.keep(kind, bytes)).digest;
  work.rewritten.push({ kind, removed, replacement, rows, trained: trained ?? false });
  return replacement;
}

async function forgetInTable(work: Work, digest: Digest, linked: readonly Digest[]): Promise<void> {
  const { ask } = work;
  const bytes = await ask.load(digest);
  const stored = readStored(bytes, ask.kindOf(digest));
  if (stored.kind !== 'table') return;
  const { table } = stored;
  const makers = ask.makers(digest);
  const found = new Set(covers(ask.scope, makers) ? rowsWith(table, ask.where) : []);
  for (const batch of linked) {
    (await rowsAt(ask, batch)).forEach(({ id }, index) => {
      if (work.wanted.has(id, ask.makers(batch))) found.add(index);
    });
  }
  for (const index of linked.length === 0 ? rowsNamed(work, table, makers) : []) found.add(index);
  if (found.size === 0) return;
  const kind = ask.kindOf(digest) ?? 'source';
  await rewrite(work, { kind, removed: digest, bytes: withoutRows(bytes, table, found), rows: found.size });
}

function rowsNamed({ ask, wanted }: Work, { rows }: Table, makers: ReturnType<Makers>): readonly number[] {
  return rows.flatMap(({ cells }, index) =>
    ask.idColumns.some((column) => wanted.has(cells[column]?.trim() ?? '', makers)) ? [index] : [],
  );
}

async function forgetInBatch(work: Work, digest: Digest): Promise<void> {
  const { ask, wanted } = work;
  const { input, rows } = decodeBatch(await ask.load(digest));
  const makers = ask.makers(digest);
  const left = rows.filter(({ id }) => !wanted.has(id, makers));
  const gone = rows.length - left.length;
  if (gone === 0) return;
  const bytes = left.length === 0 ? null : encodeBatch({ input, rows: left });
  const replacement = await rewrite(work, { kind: 'batch', removed: digest, bytes, rows: gone });
  work.batches.set(digest, replacement);
  if (replacement !== null) work.marks.set(replacement, marksOf(left));
}

function marksOf(rows: readonly Row[]): ReadonlySet<string> {
  return new Set(rows.map(({ id }) => markOf(id)));
}

/** What a dataset lost is seen from what is left of its batches: so one made meanwhile is put right later too. */
async function forgetInDataset(work: Work, digest: Digest): Promise<void> {
  const stored = await storedAt(work.ask, digest);
  if (stored.kind !== 'dataset') return;
  const { dataset } = stored;
  const members: (Member | null)[] = [];
  let [rows, trained] = [0, false];
  for (const member of dataset.members) {
    const left = await memberLeft(work, member);
    if (left === 'unknown') {
      work.unread.push(digest);
      return;
    }
    const before = [...member.parts];
    rows += before.length - (left?.kept.length ?? 0);
    trained ||= before.some((part, index) => isLearned(part) && left?.kept.includes(index) !== true);
    members.push(left?.member ?? null);
  }
  if (rows === 0) return;
  const kept = members.filter((member) => member !== null);
  const bytes = isUsable(kept) ? encodeDataset(datasetOf(dataset.input, kept)) : null;
  await rewrite(work, { kind: 'dataset', removed: digest, bytes, rows, trained });
}

/** With nothing to train on or nothing to hold out, the next run begins anew. */
function isUsable(members: readonly Member[]): boolean {
  const parts = members.map((member) => member.parts).join('');
  return parts.includes(PART.train) && parts.includes(PART.holdout);
}

interface Left {
  readonly member: Member;
  /** Places of the rows that stay. */
  readonly kept: readonly number[];
}

/** Null where nothing of the batch is left; `unknown` where its rest is not here. */
async function memberLeft(work: Work, member: Member): Promise<Left | null | 'unknown'> {
  const all = [...member.parts].map((_, index) => index);
  const batch = lastOf(work, member.batch);
  if (batch === member.batch) return { member, kept: all };
  if (batch === null) return null;
  const marks = await marksIn(work, batch);
  if (marks === null) return 'unknown';
  const kept = all.filter((index) => marks.has(member.ids[index] ?? ''));
  const at = (list: ArrayLike<string>): string[] => kept.map((index) => list[index] ?? '');
  const left = {
    batch,
    parts: at(member.parts).join(''),
    contents: at(member.contents),
    ids: at(member.ids),
    ...(member.renamings === undefined ? {} : { renamings: member.renamings }),
  };
  return { member: left, kept };
}

function lastOf({ ask, batches }: Work, batch: Digest): Digest | null {
  let last: Digest | null = batch;
  for (const seen = new Set<Digest>(); last !== null && !seen.has(last);) {
    seen.add(last);
    const next: Digest | null | undefined = batches.has(last) ? batches.get(last) : ask.gone.get(last);
    if (next === undefined) return last;
    last = next;
  }
  return last;
}

async function marksIn({ ask, marks }: Work, batch: Digest): Promise<ReadonlySet<string> | null> {
  const known = marks.get(batch);
  if (known !== undefined) return known;
  const found = ask.digests.includes(batch) ? marksOf(await rowsAt(ask, batch)) : null;
  marks.set(batch, found);
  return found;
}

async function forgetInOutcomes(work: Work, digest: Digest): Promise<void> {
  const stored = await storedAt(work.ask, digest);
  if (stored.kind !== 'outcomes') return;
  const { outcomes } = stored;
  const makers = work.ask.makers(digest);
  const kept = outcomes.ids.flatMap((id, index) => (work.wanted.has(id, makers) ? [] : [index]));
  const rows = outcomes.ids.length - kept.length;
  if (rows === 0) return;
  const bytes = kept.length === 0 ? null : encodeOutcomes(outcomesAt(outcomes, kept));
  await rewrite(work, { kind: 'outcomes', removed: digest, bytes, rows });
}

function outcomesAt(outcomes: Outcomes, kept: readonly number[]): Outcomes {
  const { labels, ids, truth, predicted, probabilities } = outcomes;
  const width = labels.length;
  return {
    ...outcomes,
    ids: kept.map((index) => ids[index] ?? ''),
    truth: kept.map((index) => truth[index] ?? 0),
    predicted: kept.map((index) => predicted[index] ?? 0),
    probabilities: kept.flatMap((index) => probabilities.slice(index * width, (index + 1) * width)),
  };
}
