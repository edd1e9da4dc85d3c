/** Whether an issue gets a label by itself, gets a suggestion, or is left to people, and why. */
import type { Autonomy } from '../../pipelines/settings/triage.ts';

export type Skip =
  /** A label of the family is there, whoever gave it. */
  | 'labelled'
  | 'pull-request'
  | 'closed'
  /** No label reaches its threshold. */
  | 'abstains'
  | 'no-such-label'
  | 'off'
  /** A person took that label away from it. */
  | 'denied'
  /** So many issues were written to in this run already. */
  | 'enough'
  /** Of the share on which two versions are compared. */
  | 'left-to-people'
  | 'locked';

export type Leaning =
  | { readonly kind: 'skip'; readonly why: Skip }
  | { readonly kind: 'act'; readonly does: Exclude<Autonomy, 'off'>; readonly label: string };

export interface Answer {
  /** Labels whose thresholds are reached. */
  readonly given: readonly string[] | null;
  readonly label: string;
  readonly probability: number;
}

export interface LabelCase {
  readonly issue: {
    readonly labels: readonly string[];
    readonly isPull: boolean;
    readonly isOpen: boolean;
    readonly isLocked: boolean;
  };
  readonly answer: Answer;
  /** What each label of the family may do by itself; the family is whatever is named here. */
  readonly autonomy: ReadonlyMap<string, Autonomy>;
  /** Every label that the repository has, as it writes it. */
  readonly repository: readonly string[];
}

/** @returns what is to be done if nobody took that label away; GitHub holds labels to be the same whatever their case */
export function leaningOf({ issue, answer, autonomy, repository }: LabelCase): Leaning {
  const skip = (why: Skip): Leaning => ({ kind: 'skip', why });
  if (issue.isPull) return skip('pull-request');
  if (!issue.isOpen) return skip('closed');
  const family = new Set([...autonomy.keys()].map(folded));
  if (issue.labels.some((label) => family.has(folded(label)))) return skip('labelled');
  // A model without thresholds was never asked to be sure of anything.
  if (!(answer.given ?? []).includes(answer.label)) return skip('abstains');
  const label = repository.find((one) => folded(one) === folded(answer.label));
  if (label === undefined) return skip('no-such-label');
  const does = [...autonomy].find(([name]) => folded(name) === folded(label))?.[1] ?? 'off';
  if (does === 'off') return skip('off');
  if (does === 'suggest' && issue.isLocked) return skip('locked');
  return { kind: 'act', does, label };
}

/** @param removed  the labels that people took away from the issue */
export function isDenied(label: string, removed: readonly string[]): boolean {
  return removed.some((one) => folded(one) === folded(label));
}

function folded(label: string): string {
  return label.normalize('NFC').toLowerCase();
}

/** A comment of ours that is changed rather than written again. */
export const MARKER = '<!-- fettle:triage -->';

export interface Suggestion {
  readonly label: string;
  readonly probability: number;
  /** `model@version`. */
  readonly by: string;
}

export function suggestionText({ label, probability, by }: Suggestion): string {
  // No backtick of a label's name may end the code that it stands in.
  const fence = label.includes('`') ? '``' : '`';
  const pad = label.includes('`') ? ' ' : '';
  return [
    MARKER,
    `This looks like ${fence}${pad}${label}${pad}${fence} (${(probability * 100).toFixed(0)}% sure).`,
    '',
    `Whoever labels issues here decides: the label that you give, this one or another, is what ${by} learns from.`,
  ].join('\n');
}
