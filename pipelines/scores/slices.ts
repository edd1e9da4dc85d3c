/** Outcomes cut into slices by what is known of their items: project, author, length, language, template. */
import type { Row } from '../artifacts/batch.ts';
import type { Outcomes } from '../artifacts/outcomes.ts';
import { bootstrapMacroF1 } from '../stats/bootstrap.ts';
import { accuracyOf, calibrationErrorOf, confusionOf, macroF1Of } from '../stats/classification.ts';
import { BOOTSTRAP } from './comparison.ts';

export interface Slice {
  /** Such as `project`. */
  readonly by: string;
  /** Such as `facebook/react`. */
  readonly value: string;
  readonly n: number;
  readonly accuracy: number;
  readonly macroF1: number;
  /** 95% percentile bootstrap. */
  readonly low: number;
  readonly high: number;
  readonly ece: number;
}

/** What templates are made of: headings, bold lines and checkboxes. */
const TEMPLATE_LINE = /^(?:#{1,6} .*|\*\*[^*\n]{2,120}\*\*:?\s*|\s*[-*] +\[[ xX]\].*)$/gm;
const BODY_MOST = 64 * 1024;

/** Smaller slices are not told: their numbers would only mislead. */
const SLICE_LEAST = 20;
const LENGTHS: readonly (readonly [number, string])[] = [
  [0, 'empty'],
  [300, 'short'],
  [1500, 'medium'],
  [Number.POSITIVE_INFINITY, 'long'],
];

/**
 * The slices that an issue lies in; what its source does not tell is left out.
 *
 * @param row  of a text batch; a row of numbers has the group alone
 * @returns    slice by what cuts it
 * @throws     never
 * @cost       linear in the length
 * @source     own: length in characters of the body, language by script and common words, template by its headings
 */
export function slicesOf({ input, group, association }: Row): Readonly<Record<string, string>> {
  const shared = group === '' ? {} : { group };
  if (!('title' in input)) return shared;
  const marks = input.body.slice(0, BODY_MOST).match(TEMPLATE_LINE)?.length ?? 0;
  const length = LENGTHS.find(([most]) => input.body.trim().length <= most)?.[1] ?? 'long';
  return {
    ...shared,
    ...(input.project === undefined || input.project === '' ? {} : { project: input.project }),
    ...(association === undefined || association === '' ? {} : { author: association.toLowerCase() }),
    length,
    language: languageOf(`${input.title} ${input.body.slice(0, 2000)}`),
    template: marks >= 2 ? 'followed' : 'none',
  };
}

/** Which script most letters are of; English is told from other Latin text by its commonest words. */
function languageOf(text: string): string {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return 'none';
  const latin = text.match(/\p{Script=Latin}/gu)?.length ?? 0;
  if (2 * latin < letters) return 'other script';
  const words = text.toLowerCase().match(/[a-z']+/g) ?? [];
  const common = words.filter((word) => ENGLISH.has(word)).length;
  return 12 * common >= words.length ? 'english' : 'other latin';
}

const ENGLISH = new Set(
  'the a an and or of to in on is it this that for with when not i be are as at if by from can do'.split(' '),
);

/**
 * Macro-F1, accuracy and calibration of every slice that is large enough.
 *
 * @param outcomes  of the rows, in any order
 * @param rows      by their ids; items without a row are in no slice
 * @returns         sorted by what cuts them, then by value
 * @throws          never
 * @cost            2,000 resamples a slice
 * @source          `bootstrapMacroF1`, `calibrationErrorOf`
 */
export function slicedScores(outcomes: Outcomes, rows: readonly Row[]): readonly Slice[] {
  const rowOf = new Map(rows.map((row) => [row.id, row]));
  const members = new Map<
    string,
    { readonly by: string; readonly value: string; readonly items: number[] }
  >();
  outcomes.ids.forEach((id, item) => {
    const row = rowOf.get(id);
    for (const [by, value] of row === undefined ? [] : Object.entries(slicesOf(row))) {
      const key = JSON.stringify([by, value]);
      const slice = members.get(key) ?? { by, value, items: [] };
      slice.items.push(item);
      members.set(key, slice);
    }
  });
  return [...members.entries()]
    .filter(([, { items }]) => items.length >= SLICE_LEAST)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, { by, value, items }]) => ({ by, value, ...scoreOf(outcomes, items) }));
}

function scoreOf(outcomes: Outcomes, items: readonly number[]): Omit<Slice, 'by' | 'value'> {
  const classCount = outcomes.labels.length;
  const truth = items.map((item) => outcomes.truth[item] ?? 0);
  const predicted = items.map((item) => outcomes.predicted[item] ?? 0);
  const probabilities = items.flatMap((item) =>
    outcomes.probabilities.slice(item * classCount, (item + 1) * classCount),
  );
  const confusion = confusionOf({ truth, predicted, classCount });
  const { low, high } = bootstrapMacroF1({ truth, predicted }, { classCount, ...BOOTSTRAP });
  return {
    n: items.length,
    accuracy: accuracyOf(confusion),
    macroF1: macroF1Of(confusion),
    low,
    high,
    ece: calibrationErrorOf({ truth, probabilities, classCount }),
  };
}

/** How right the surest answers are. */
export interface Coverage {
  /** Share of the items that are answered, the surest first. */
  readonly coverage: number;
  /** Share of right answers among them. */
  readonly accuracy: number;
  /** The probability that they all have at least. */
  readonly threshold: number;
}

/**
 * Answers only the surest share of the items, and says how many of those answers are right.
 *
 * @param outcomes  one item or more
 * @param shares    0 to 1 each
 * @returns         one a share; an item more or less where probabilities are equal does not matter
 * @throws          never
 * @cost            one sort
 * @source          R. El-Yaniv, Y. Wiener, JMLR 11 (2010), risk-coverage curve
 */
export function coverageOf(outcomes: Outcomes, shares: readonly number[]): readonly Coverage[] {
  const count = outcomes.labels.length;
  const answers = outcomes.truth
    .map((truth, item) => {
      const predicted = outcomes.predicted[item] ?? 0;
      return {
        sure: outcomes.probabilities[item * count + predicted] ?? 0,
        right: truth === predicted ? 1 : 0,
      };
    })
    .sort((a, b) => b.sure - a.sure);
  return shares.map((share) => {
    const answered = answers.slice(0, Math.max(1, Math.round(share * answers.length)));
    const right = answered.reduce((sum, answer) => sum + answer.right, 0);
    return { coverage: share, accuracy: right / answered.length, threshold: answered.at(-1)?.sure ?? 1 };
  });
}
