/** Cross-validation of the triage learner, dealt out by project and label: every issue is judged by a stranger. */
import { randomOf, shuffle } from '../maths/random.ts';
import { boilerplateOf, IssueBlocks, issueRow, rememberingRows, type RowMaker } from './issue-blocks.ts';
import type { IssueText } from './issue-tokens.ts';
import { learnTriage, type TriageParams } from './triage-learner.ts';
import { type Choice, scoresOf } from './triage-model.ts';

export interface LabelledIssue {
  readonly issue: IssueText;
  readonly labels: readonly string[];
}

/** An issue from which people took labels away, and gave it none. */
export interface DeniedIssue {
  readonly issue: IssueText;
  readonly denied: readonly string[];
}

export interface TriageValidation {
  readonly labels: readonly string[];
  readonly choice: Choice;
  readonly params: TriageParams;
  readonly folds: number;
  readonly seed: number;
  readonly progress?: (done: number, folds: number) => void;
  /** Rows that are made once for all folds, and for whatever else has the same maker. */
  readonly rowOf?: RowMaker;
  /** Learned from in every part, and never judged: nobody said what they are. */
  readonly denied?: readonly DeniedIssue[];
}

export interface UnseenScores {
  /** For each issue the fold that it was judged in. */
  readonly fold: Int32Array;
  /** Row-major, labels an issue; before calibration. */
  readonly scores: Float64Array;
}

/**
 * Learns k times on k−1 parts and scores the remaining one. What templates repeat is looked for in each k−1 parts anew.
 *
 * @param issues      two labels or more; a label with fewer than k issues is missing from some folds' judging
 * @param validation  see its fields; k is 2 or more
 * @returns           scores in the issues' order
 * @throws            examplesUnfit when the rest of a fold has too few labels
 * @cost              k fits, and k times the featurising
 * @source            R. Kohavi, IJCAI 1995, stratified cross-validation
 */
export function crossValidatedTriage(
  issues: readonly LabelledIssue[],
  validation: TriageValidation,
): UnseenScores {
  const { labels, folds, seed, progress, rowOf = rememberingRows() } = validation;
  const fold = dealt(issues, folds, seed);
  const scores = new Float64Array(issues.length * labels.length);
  for (let part = 0; part < folds; part++) {
    const learned = issues.filter((_, index) => fold[index] !== part);
    const { ask } = triageOf(learned, { ...validation, rowOf });
    issues.forEach(({ issue }, index) => {
      if (fold[index] === part) scores.set(ask(issue), index * labels.length);
    });
    progress?.(part + 1, folds);
  }
  return { fold, scores };
}

/**
 * Featurises and learns.
 *
 * @param issues  what is learned from
 * @param lesson  labels, choice and parameters; a maker of rows that remembers and issues that were denied, if any
 * @returns       features, examples with labels, model, and scores of any issue before calibration
 * @throws        examplesUnfit when there are too few labels
 * @cost          featurising and one fit
 * @source        `learnTriage`
 */
export function triageOf(
  issues: readonly LabelledIssue[],
  {
    labels,
    choice,
    params,
    rowOf = issueRow,
    denied = [],
  }: Omit<TriageValidation, 'folds' | 'seed' | 'progress'>,
) {
  const texts = issues.map(({ issue }) => issue);
  const features = IssueBlocks.parse({ kind: 'issue-blocks', version: 1, boilerplate: boilerplateOf(texts) });
  const read = (issue: IssueText) => ({ row: rowOf(features, issue), project: issue.project ?? '' });
  const examples = issues.map(({ issue, labels: own }) => ({ ...read(issue), labels: own }));
  const refused = denied.map((one) => ({ ...read(one.issue), labels: [], denied: one.denied }));
  const { model, iterations } = learnTriage({
    examples: [...examples, ...refused],
    bits: features.bits,
    labels,
    choice,
    params,
  });
  const ask = (issue: IssueText): Float64Array =>
    scoresOf(model, rowOf(features, issue), model.projects.indexOf(issue.project ?? ''));
  return { features, examples, model, iterations, ask };
}

/** The next issue of a project and label goes to the next fold, where the one before ended. */
function dealt(issues: readonly LabelledIssue[], folds: number, seed: number): Int32Array {
  if (!Number.isInteger(folds) || folds < 2) throw new RangeError(`2 folds or more, not ${folds}`);
  const random = randomOf(seed);
  const fold = new Int32Array(issues.length);
  const strata = Map.groupBy(issues.keys(), (index) => {
    const { issue, labels } = issues[index]!;
    return JSON.stringify([issue.project ?? '', ...labels]);
  });
  let next = 0;
  for (const [, members] of [...strata].sort(([a], [b]) => (a < b ? -1 : 1))) {
    shuffle(members, random);
    for (const index of members) {
      fold[index] = next % folds;
      next += 1;
    }
  }
  return fold;
}
