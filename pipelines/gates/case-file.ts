/** One version's case, from the registry alone: who decided what and when, and the verdict derived again. */
import type { Entry } from '../../registry/schema/entry.ts';
import type { Decision, ModelState, VersionState } from '../../registry/schema/state.ts';
import type { Answer, GateVerdict } from '../../registry/schema/verdict.ts';
import { boundText } from '../../registry/report/story.ts';
import { evidenceFrom } from '../scores/evidence.ts';
import type { Comparison } from '../scores/comparison.ts';
import { serviceAgain } from '../scores/service.ts';
import { itemsNeeded } from '../stats/power.ts';
import { judgedAgain, railsOf, type JudgedRecord, type Rail, type Rejudged } from './court.ts';

export interface CaseFile {
  readonly model: string;
  readonly version: string;
  readonly against: string | null;
  readonly answer: Answer | null;
  readonly gates: readonly GateVerdict[];
  readonly rails: readonly Rail[];
  /** Null where the verdict was recorded without what it was judged by. */
  readonly rejudged: Rejudged | null;
  readonly comparison: Comparison | null;
  /** A second training beside the same version; null where none was called for. */
  readonly retrained: Comparison | null;
  /** Items that would show the difference that was seen, were it the true one; null where none was seen. */
  readonly itemsNeeded: number | null;
  readonly budget: Budget | null;
  readonly decisions: readonly Decided[];
  /** False where something that was derived again came out otherwise than it was recorded. */
  readonly agrees: boolean;
  /** The verdict in one sentence. */
  readonly sentence: string;
}

/** False promotions in 30 days: how many may be expected, and how many were granted before and after. */
export interface Budget {
  readonly most: number;
  readonly before: number;
  readonly granted: number;
  readonly after: number;
}

export interface Decided extends Decision {
  /** The e-value of its service derived again, and whether it reaches what was allowed; null where none was recorded. */
  readonly service: { readonly eValue: number; readonly threshold: number; readonly agrees: boolean } | null;
}

/** Positions of one append that may hold the verdict of a version that was registered at `seq`. */
export function verdictSpan({ seq }: VersionState): readonly [from: number, until: number] {
  return [seq, seq + 3];
}

/** @param entries  those of `verdictSpan`; others are passed over */
export function caseOf(known: ModelState, version: VersionState, entries: readonly Entry[]): CaseFile {
  const record = recordIn(entries, known, version);
  const rejudged = record === null ? null : judgedAgain(record);
  const evidence = record === null ? null : evidenceFrom(record);
  const comparison = evidence?.comparison ?? null;
  const gates = version.verdict?.gates ?? [];
  const decisions = known.decisions
    .filter((one) => one.version === version.version || one.before === version.version)
    .map((one) => ({ ...one, service: serviceOf(one) }));
  const file = {
    model: known.model,
    version: version.version,
    against: version.verdict?.against ?? null,
    answer: version.verdict?.answer ?? null,
    gates,
    rails: gates.length === 0 ? [] : railsOf(gates),
    rejudged,
    comparison,
    retrained: evidence?.again?.retrained ?? null,
    itemsNeeded: comparison === null ? null : neededOf(comparison),
    budget: budgetOf(gates),
    decisions,
    agrees: (rejudged?.agrees ?? true) && decisions.every(({ service }) => service?.agrees ?? true),
  };
  const bound = version.verdict?.answer === 'pass' ? boundText(version.verdict) : null;
  return { ...file, sentence: sentenceOf(file, bound) };
}

function recordIn(
  entries: readonly Entry[],
  { model }: ModelState,
  { version, evaluation }: VersionState,
): JudgedRecord | null {
  for (const { event } of entries) {
    if (event?.type !== 'verdict.given' || event.subject !== model || event.body.version !== version) {
      continue;
    }
    const { judged, against, answer, gates } = event.body;
    return judged === undefined || evaluation === null
      ? null
      : { ...evaluation, judged, against, answer, gates };
  }
  return null;
}

function serviceOf({ evidence }: Decision): Decided['service'] {
  if (evidence === null) return null;
  const { errorsThen, alpha, detectedAt, expectedErrorMax } = evidence;
  if (errorsThen === undefined || alpha === undefined) return null;
  const eValue = serviceAgain({ n: detectedAt, errors: errorsThen, errorRateMax: Number(expectedErrorMax) });
  const threshold = 1 / Number(alpha);
  // Rounding of the last digit must not turn a threshold that was just reached.
  return { eValue, threshold, agrees: eValue >= threshold * (1 - 1e-9) };
}

function neededOf({ accuracy, wins, losses, n }: Comparison): number | null {
  const seen = Math.abs(accuracy.estimate);
  return seen === 0 ? null : itemsNeeded(seen, { discordance: (wins + losses) / n });
}

function budgetOf(gates: readonly GateVerdict[]): Budget | null {
  const kept = gates.find(({ budget }) => budget !== undefined);
  if (kept?.budget === undefined) return null;
  const [most, before, granted] = [kept.budget.most, kept.budget.spent, kept.alpha ?? '0'].map(Number) as [
    number,
    number,
    number,
  ];
  return { most, before, granted, after: before + granted };
}

const SAYS: Readonly<Record<Answer, string>> = {
  pass: 'passed every gate',
  fail: 'was refused',
  investigate: 'was held for a person to decide',
};

function sentenceOf(file: Omit<CaseFile, 'sentence'>, bound: string | null): string {
  const { model, version, against, answer, gates, decisions } = file;
  if (answer === null) return `${model}@${version} was never judged.`;
  const open = gates.find((gate) => gate.answer === answer && answer !== 'pass');
  const beside = against === null ? 'with nothing serving before it' : `beside ${against}`;
  const shown = bound === null || against === null ? '' : `, ${bound}`;
  const told = open === undefined ? shown : `: ${open.gate}: ${open.reason.split('; ')[0] ?? ''}`;
  const last = decisions.findLast(({ what }) => what === 'promoted' || what === 'rolled-back');
  return `${model}@${version} ${SAYS[answer]} ${beside}${told}${last === undefined ? '' : `; ${lastText(version, last)}`}.`;
}

function lastText(version: string, { what, version: to, at, channel, automatic, by }: Decision): string {
  const when = `${at.slice(0, 16).replace('T', ' ')} UTC`;
  const who = automatic ? 'automatically' : `by ${by}`;
  if (what === 'promoted') {
    return to === version ? `promoted to ${channel} ${who} on ${when}` : `${to} took its place on ${when}`;
  }
  return to === version ? `serves ${channel} again since ${when}, ${who}` : `taken back ${who} on ${when}`;
}
