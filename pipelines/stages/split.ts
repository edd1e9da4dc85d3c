/** Batch -> dataset: the newest rows are held out for ever, and no copy of them is ever trained on. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import type { Digest } from '../../registry/base/digest.ts';
import { decodeBatch, type Row } from '../artifacts/batch.ts';
import {
  datasetOf,
  decodeDataset,
  encodeDataset,
  isLearned,
  namesIn,
  PART,
  rowsOf,
  type Dataset,
  type Member,
  type Renaming,
} from '../artifacts/dataset.ts';
import { groupMissing, inputChanged, nothingToHoldOut } from '../faults.ts';
import { withdrawNearCopies } from './near-leaks.ts';
import { defineStage, optional, required } from './stage.ts';

const Params = z.strictObject({
  /** Share of a batch that is held out, its newest rows. */
  holdout: z.number().gt(0).max(0.9),
  /** Takes the share from every label of every project on its own, where labels come in seasons. */
  stratify: z.boolean(),
  /** Takes only the rows of this group; null takes all. */
  group: z.string().nullable(),
});
type Params = z.infer<typeof Params>;

export const split = defineStage({
  name: 'split',
  version: 3,
  takes: { batch: required('batch'), prior: optional('dataset') },
  gives: { dataset: 'dataset' },
  params: Params,
  reaches: 'nothing',

  async perform({ read, readIfAny, digestOf, load, write }, params) {
    const batch = decodeBatch(await read('batch'));
    const known = await readIfAny('prior');
    const prior = known === null ? datasetOf(batch.input, []) : decodeDataset(known);
    if (JSON.stringify(prior.input) !== JSON.stringify(batch.input)) {
      throw inputChanged({ wanted: JSON.stringify(prior.input), found: JSON.stringify(batch.input) });
    }
    const before =
      batch.input.kind === 'text'
        ? {
            held: await rowsOf(prior, PART.holdout, load),
            trained: await rowsOf(prior, PART.train, load),
            names: batch.rows.some(({ was }) => was !== undefined) ? await namesIn(prior, load) : [],
          }
        : null;
    const members = memberOf({ rows: batch.rows, batch: digestOf('batch'), prior, before, params });
    await write('dataset', encodeDataset(datasetOf(batch.input, [...prior.members, ...members])));
  },
});

interface Before {
  readonly held: readonly Row[];
  readonly trained: readonly Row[];
  /** As `namesIn`; none where no row of the batch says that its label was renamed. */
  readonly names?: readonly ReadonlySet<string>[];
}

export interface SplitAsk {
  readonly rows: readonly Row[];
  readonly batch: Digest;
  readonly prior: Dataset;
  /** The rows of that dataset, where they are texts that can nearly be the same; null for numbers. */
  readonly before: Before | null;
  readonly params: Params;
}

/**
 * The batch's place in the dataset; none when the dataset holds that batch already.
 *
 * A row is left out when its content or its id is that of a held-out row, or its text nearly that, or when it would be held out but was
 * trained on before. Held-out rows whose label no row to train on has go to training: nothing could learn it else.
 */
export function memberOf({ rows, batch, prior, before, params }: SplitAsk): readonly Member[] {
  if (prior.members.some((member) => member.batch === batch)) return [];
  const mine = rows.map(({ group }) => params.group === null || group === params.group);
  if (params.group !== null && !mine.includes(true)) throw groupMissing({ group: params.group });

  const contents = rows.map(({ input }) => hash(contentOf(input)));
  const ids = rows.map(({ id }) => hash(id));
  const parts = assign(rows, mine, params);
  if (before !== null) keepCorrections(rows, parts, before.trained);
  withdrawCopies({ parts, contents, ids, prior });
  if (before !== null) withdrawNearCopies({ rows, parts, ...before });
  if (prior.members.length === 0 && !(parts.includes(PART.train) && parts.includes(PART.holdout))) {
    throw nothingToHoldOut({ rows: mine.filter(Boolean).length, share: params.holdout });
  }
  const renamings = prior.members.length === 0 ? [] : renamingsIn(rows, prior, before?.names ?? []);
  const member = { batch, parts: parts.join(''), contents, ids };
  return [renamings.length === 0 ? member : { ...member, renamings }];
}

/**
 * Each name that was given up, with the one that the most rows say took its place. Names that stood beside each other are
 * two labels, and a name takes the place of one other: rows that say otherwise would make right what was told apart wrongly.
 */
function renamingsIn(
  rows: readonly Row[],
  { members }: Dataset,
  names: readonly ReadonlySet<string>[],
): Renaming[] {
  const living = new Set(rows.flatMap(({ label, was }) => (was === undefined ? [label] : [])));
  const counts = new Map<string, Renaming & { rows: number }>();
  for (const { label: to, was: from } of rows) {
    if (from === undefined || living.has(from)) continue;
    const key = JSON.stringify([from, to]);
    counts.set(key, { from, to, rows: 1 + (counts.get(key)?.rows ?? 0) });
  }
  const told: Renaming[] = [];
  for (const { from, to } of [...counts.values()].sort((a, b) => b.rows - a.rows)) {
    // A name that was given up itself is free again.
    const free = 1 + members.findLastIndex(({ renamings = [] }) => renamings.some((one) => one.from === to));
    const known = members.slice(free).flatMap(({ renamings = [] }) => renamings);
    const isTaken = [...known, ...told].some((one) => one.to === to && one.from !== from);
    const isTold = told.some((one) => one.from === from);
    if (!isTaken && !isTold && !stoodBeside(to, from, names.slice(free))) told.push({ from, to });
  }
  return told;
}

/** Whether a batch has the name as early as the last one that has the other. */
function stoodBeside(name: string, other: string, names: readonly ReadonlySet<string>[]): boolean {
  const last = names.findLastIndex((some) => some.has(other));
  return names.slice(0, last + 1).some((some) => some.has(name));
}

type Part = (typeof PART)[keyof typeof PART];

function assign(rows: readonly Row[], mine: readonly boolean[], { holdout, stratify }: Params): Part[] {
  const parts = rows.map(({ label }, index): Part =>
    mine[index] !== true ? PART.none : label === '' ? PART.denied : PART.train,
  );
  const groups = new Map<string, number[]>();
  rows.forEach(({ label, input }, index) => {
    if (parts[index] !== PART.train) return;
    const project = 'title' in input ? (input.project ?? '') : '';
    const key = stratify ? JSON.stringify([project, label]) : '';
    groups.set(key, [...(groups.get(key) ?? []), index]);
  });
  for (const members of groups.values()) {
    const byTime = members.sort((a, b) => compareTimes(rows[a], rows[b]) || a - b);
    const kept = byTime.length - Math.round(byTime.length * holdout);
    for (const index of byTime.slice(kept)) parts[index] = PART.holdout;
  }
  const learnt = new Set(rows.filter((_, index) => parts[index] === PART.train).map(({ label }) => label));
  rows.forEach(({ label }, index) => {
    if (parts[index] === PART.holdout && !learnt.has(label)) parts[index] = PART.train;
  });
  return parts;
}

/** A row that was trained on under another label is trained on again: held out, the error would stay. */
function keepCorrections(rows: readonly Row[], parts: Part[], trained: readonly Row[]): void {
  const labels = new Map(trained.map(({ id, label }) => [id, label]));
  rows.forEach(({ id, label, was }, index) => {
    const known = labels.get(id);
    const isSame = known === label || known === was;
    if (parts[index] === PART.holdout && known !== undefined && !isSame) parts[index] = PART.train;
  });
}

function compareTimes(a: Row | undefined, b: Row | undefined): number {
  const [left, right] = [a?.at ?? '', b?.at ?? ''];
  return left < right ? -1 : left > right ? 1 : 0;
}

interface Copies {
  readonly parts: Part[];
  readonly contents: readonly string[];
  readonly ids: readonly string[];
  readonly prior: Dataset;
}

function withdrawCopies({ parts, contents, ids, prior }: Copies): void {
  const held = new Set<string>();
  const trained = new Set<string>();
  for (const member of prior.members) {
    [...member.parts].forEach((part, index) => {
      const marks = [member.contents[index] ?? '', member.ids[index] ?? ''];
      if (part === PART.holdout) marks.forEach((mark) => held.add(mark));
      if (part === PART.train) marks.forEach((mark) => trained.add(mark));
    });
  }
  const marksOf = (index: number): readonly string[] => [contents[index] ?? '', ids[index] ?? ''];
  parts.forEach((part, index) => {
    if (part !== PART.holdout) return;
    if (marksOf(index).some((mark) => held.has(mark) || trained.has(mark))) parts[index] = PART.none;
    else marksOf(index).forEach((mark) => held.add(mark));
  });
  parts.forEach((part, index) => {
    if (isLearned(part) && marksOf(index).some((mark) => held.has(mark))) parts[index] = PART.none;
  });
}

function contentOf(input: Row['input']): string {
  if (!('title' in input)) return JSON.stringify(input);
  return `${input.title}\n${input.body}`.toLowerCase().replaceAll(/\s+/g, ' ').trim();
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
