/** Whether what came in since the last training is worth another one: by evidence, not by the calendar. */

export interface RetrainEvidence {
  /** Whether nothing was ever trained. */
  readonly first: boolean;
  /** Labels that people gave since. */
  readonly labels: number;
  /** Labels of the model that people took away, or changed. */
  readonly corrections: number;
  /** How many issues have each label that the model does not know, under its name of today. */
  readonly unknown: ReadonlyMap<string, number>;
  /** What noticed that the model errs more than it did; null where nothing has. */
  readonly drift: string | null;
}

export interface RetrainRule {
  readonly labels: number;
  readonly corrections: number;
  /** Issues from which on a label is worth learning. */
  readonly examples: number;
}

export type RetrainReason = 'first' | 'labels' | 'corrections' | 'new-label' | 'drift';

/**
 * @param evidence  since the last training
 * @returns         every reason that there is to train now, the strongest first; none: wait
 * @cost            one look at each unknown label
 * @source          ours: thresholds are settings, drift comes from `drift.ts`
 */
export function retrainNow(evidence: RetrainEvidence, rule: RetrainRule): readonly RetrainReason[] {
  const { first, labels, corrections, unknown, drift } = evidence;
  // Without a single label there is nothing to learn from, whatever else happened.
  if (labels === 0) return [];
  const learnable = [...unknown.values()].filter((count) => count >= rule.examples).length;
  // Two labels to tell apart are the least that anything can be learned from.
  if (first) return learnable >= 2 ? ['first'] : [];
  const told: readonly (readonly [RetrainReason, boolean])[] = [
    ['drift', drift !== null],
    ['new-label', learnable > 0],
    ['corrections', corrections >= rule.corrections],
    ['labels', labels >= rule.labels],
  ];
  return told.flatMap(([reason, holds]) => (holds ? [reason] : []));
}
