/** Takes out of a split what is nearly the same as something on the other side: a text re-posted with a word changed. */
import type { Row } from '../artifacts/batch.ts';
import { isLearned, PART } from '../artifacts/dataset.ts';
import { boilerplateOf, ownLines } from '../models/issue-blocks.ts';
import { nearCopies } from '../models/minhash.ts';

/** Share of three-word runs that two texts must have in common to be near copies. */
const LEAST = 0.7;

type Part = (typeof PART)[keyof typeof PART];

export interface Split {
  readonly rows: readonly Row[];
  /** One a row; changed. */
  readonly parts: Part[];
  /** Rows of the batches before. */
  readonly held: readonly Row[];
  readonly trained: readonly Row[];
}

/**
 * What would be held out goes when something trained on before, or held out already, is nearly the same; what would be
 * trained on goes when something held out is. What templates put into texts does not count, nor do short texts.
 */
export function withdrawNearCopies({ rows, parts, held, trained }: Split): void {
  const textOf = ownTextOf(rows);
  const heldTexts = nearCopies(LEAST);
  const trainedTexts = nearCopies(LEAST);
  for (const row of held) heldTexts.add(textOf(row));
  for (const row of trained) trainedTexts.add(textOf(row));
  rows.forEach((row, index) => {
    if (parts[index] !== PART.holdout) return;
    const text = textOf(row);
    if (heldTexts.has(text) || trainedTexts.has(text)) parts[index] = PART.none;
    else heldTexts.add(text);
  });
  rows.forEach((row, index) => {
    if (isLearned(parts[index]) && heldTexts.has(textOf(row))) parts[index] = PART.none;
  });
}

function ownTextOf(rows: readonly Row[]): (row: Row) => string {
  const issues = rows.flatMap(({ input }) => ('title' in input ? [input] : []));
  const common = new Set(boilerplateOf(issues));
  return ({ input }) => ('title' in input ? `${input.title}\n${ownLines(input.body, common)}` : '');
}
