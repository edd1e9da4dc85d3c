/** What decided a triage model's answer: the tokens that spoke for and against it, and the past issues most like it. */
import { blocksOf } from './issue-blocks.ts';
import { columnOf } from './issue-row.ts';
import type { IssueText } from './issue-tokens.ts';
import type { OpenTriage, TriageAnswer } from './triage-classifier.ts';

/** How the blocks are called before people. */
const BLOCK_NAMES = ['form', 'word', 'prose', 'title letters', 'section', 'code', 'opening'] as const;

export interface Reason {
  /** One of `BLOCK_NAMES`. */
  readonly where: string;
  /** The tokens of one column; more than one where hashes met, or where one word stands in several forms. */
  readonly tokens: readonly string[];
  /** How much it adds to the label's score beyond what it adds to the strongest other label's. */
  readonly weight: number;
}

/**
 * The tokens of an issue in the order of what they did for a label. The weights of all tokens and the difference of the
 * labels' biases sum to the difference of their scores: nothing else decided.
 *
 * @param model   that answered
 * @param issue   that it was asked about
 * @param asked   its answer, and the label to be explained
 * @returns       the strongest for it first, the strongest against it last; tokens that the model does not know left out
 * @throws        RangeError when the model has no such label: a programmer's error
 * @cost          featurising once more, and one sort
 * @source        linear models: a score is the sum of its entries' parts
 */
export function reasonsFor(
  model: Pick<OpenTriage, 'labels' | 'features'>,
  issue: IssueText,
  { answer, label }: { readonly answer: TriageAnswer; readonly label: string },
): readonly Reason[] {
  const { labels, features } = model;
  const mine = labels.indexOf(label);
  if (mine < 0) throw new RangeError(`no label ${label} among ${labels.join(', ')}`);
  const other = rivalOf(answer.probabilities, mine);
  const tokensOf = tokensByColumn(blocksOf(features, issue), features.bits);
  const reasons: Reason[] = [];
  answer.row.columns.forEach((column, entry) => {
    const at = entry * labels.length;
    const weight = answer.parts[at + mine]! - (other < 0 ? 0 : answer.parts[at + other]!);
    if (weight === 0) return;
    const block = answer.row.blocks[entry]!;
    const tokens = tokensOf.get(keyOf(block, column)) ?? [];
    reasons.push({ where: BLOCK_NAMES[block]!, tokens, weight });
  });
  return reasons.sort((a, b) => b.weight - a.weight);
}

/** The likeliest of the other labels; −1 where there is none. */
function rivalOf(probabilities: readonly number[], mine: number): number {
  let best = -1;
  probabilities.forEach((probability, label) => {
    if (label !== mine && (best < 0 || probability > probabilities[best]!)) best = label;
  });
  return best;
}

function tokensByColumn(blocks: readonly (readonly string[])[], bits: number): ReadonlyMap<number, string[]> {
  const found = new Map<number, string[]>();
  blocks.forEach((tokens, block) => {
    for (const token of new Set(tokens)) {
      const key = keyOf(block, columnOf(token, block, bits));
      found.set(key, [...(found.get(key) ?? []), token]);
    }
  });
  return found;
}

function keyOf(block: number, column: number): number {
  return block * 2 ** 20 + column;
}

export interface Likeness {
  /** Place in what was compared with. */
  readonly index: number;
  /** Cosine of the scaled rows, 0 to 1. */
  readonly similarity: number;
}

/**
 * The issues most like one, as the model sees likeness: tokens count as much as they tell labels apart.
 *
 * @param one      the answer about the issue in question
 * @param others   answers of the same model about other issues
 * @param most     how many to give
 * @returns        the most alike first
 * @throws         never
 * @cost           one look-up an entry of the others
 * @source         cosine similarity; the kernel of `jointRidge` without its projects
 */
export function mostAlike(
  one: TriageAnswer,
  others: readonly TriageAnswer[],
  most: number,
): readonly Likeness[] {
  const mine = new Map<number, number>();
  one.row.columns.forEach((column, entry) => {
    mine.set(keyOf(one.row.blocks[entry]!, column), one.values[entry]!);
  });
  const length = lengthOf(one);
  return others
    .map((other, index) => {
      let product = 0;
      other.row.columns.forEach((column, entry) => {
        product += (mine.get(keyOf(other.row.blocks[entry]!, column)) ?? 0) * other.values[entry]!;
      });
      const lengths = length * lengthOf(other);
      return { index, similarity: lengths === 0 ? 0 : product / lengths };
    })
    .sort((a, b) => b.similarity - a.similarity)
    .slice(0, most);
}

function lengthOf({ values }: TriageAnswer): number {
  return Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
}
