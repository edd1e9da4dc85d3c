/** Why a version stands where it stands: the gates' recorded numbers judged again, and compared with what was recorded. */
import { caseOf, verdictSpan, type CaseFile, type Decided } from '../../pipelines/gates/case-file.ts';
import type { RejudgedGate } from '../../pipelines/gates/court.ts';
import { deedOf, deciderOf } from '../../registry/report/story.ts';
import { clauseOf, grouped, pointsRange, signedPoints, timeText } from '../../registry/report/words.ts';
import type { Version } from '../../registry/schema/model.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { versionOf } from '../../registry/state/query.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { EXIT, type Paint, type Told } from './verb.ts';

/** @throws versionUnknown */
export async function decisionTold(log: EventLog, known: ModelState, wanted: Version | null): Promise<Told> {
  if (wanted === null) return { data: null, text: () => `${known.model} has no version yet.` };
  const version = versionOf(known, wanted);
  const file = caseOf(known, version, await log.entries(...verdictSpan(version)));
  return {
    data: file,
    text: (paint) => textOf(file, paint),
    exit: file.agrees ? EXIT.done : EXIT.damaged,
    reason: file.rejudged === null ? 'not_derivable' : file.agrees ? 'agrees' : 'disagrees',
  };
}

const MARKS = { pass: 'good', fail: 'bad', investigate: 'warn' } as const;

function textOf(file: CaseFile, paint: Paint): string {
  return [
    paint.bold(file.sentence),
    ...comparisonLines(file),
    ...gateLines(file, paint),
    ...railLines(file, paint),
    ...budgetLines(file),
    ...file.decisions.map((one) => decisionLine(one, paint)),
    derivedLine(file, paint),
  ].join('\n');
}

function comparisonLines({
  comparison,
  retrained,
  itemsNeeded,
  against,
  version,
}: CaseFile): readonly string[] {
  if (comparison === null) return [];
  const { n, wins, losses, pBetter, pWorse, detectable } = comparison;
  const again =
    retrained === null ? [] : [`  trained again with another seed: ${differencesText(retrained)}`];
  return [
    `${version} beside ${against ?? ''} on the same ${grouped(n)} held-out items:`,
    `  ${differencesText(comparison)}`,
    `  ${wins} won, ${losses} lost; exact McNemar p(better) ${pBetter.toPrecision(3)}, p(worse) ${pWorse.toPrecision(3)}`,
    `  these items show ${signedPoints(detectable).slice(1)} or more with 80% power; ${itemsNeeded === null ? 'no difference was seen' : `the difference that was seen would need ${grouped(itemsNeeded)}`}`,
    ...again,
  ];
}

function differencesText({ accuracy, macroF1 }: NonNullable<CaseFile['comparison']>): string {
  const told = ({ estimate, ...ends }: typeof accuracy): string =>
    `${signedPoints(estimate)} (95% CI ${pointsRange(ends)})`;
  return `accuracy ${told(accuracy)}, macro-F1 ${told(macroF1)}`;
}

/** A line a gate; what stopped it says its whole reason below. */
function gateLines({ gates, rejudged }: CaseFile, paint: Paint): readonly string[] {
  if (gates.length === 0) return [];
  const again = new Map((rejudged?.gates ?? []).map((one) => [one.recorded.gate, one]));
  const rows = gates.map((gate) => {
    const other = again.get(gate.gate);
    const derived = other === undefined ? '–' : other.agrees ? 'the same' : paint.bad('otherwise');
    const found = gate.found ?? clauseOf(gate.reason);
    return [`  ${paint[MARKS[gate.answer]](gate.answer)}`, gate.gate, found, gate.wanted ?? '–', derived];
  });
  const reasons = gates.flatMap((gate) => {
    const other = again.get(gate.gate);
    const differs = other !== undefined && !other.agrees;
    return [
      ...(gate.answer === 'pass' ? [] : [`  ${gate.gate}: ${gate.reason}`]),
      ...(differs ? [`  ${gate.gate}, ${paint.bad('derived again')}: ${againText(other)}`] : []),
    ];
  });
  return [paint.table([['  answer', 'gate', 'found', 'asked', 'derived again'], ...rows]), ...reasons];
}

function againText({ again }: RejudgedGate): string {
  if (again === null) return 'it cannot be: its parameters are not recorded, or no such gate is known';
  return `${again.answer}: ${again.reason}`;
}

function railLines({ rails }: CaseFile, paint: Paint): readonly string[] {
  if (rails.length === 0) return [];
  const told = rails.map(({ rail, answer }) => `${rail} ${paint[MARKS[answer]](answer)}`);
  return [`Rails: ${told.join(', ')}`];
}

function budgetLines({ budget }: CaseFile): readonly string[] {
  if (budget === null) return [];
  const { most, before, granted, after } = budget;
  return [
    `Budget: ${most} false promotions in 30 days; ${before.toFixed(4)} spent before, ${granted.toFixed(4)} granted, ${after.toFixed(4)} after`,
  ];
}

function decisionLine(one: Decided, paint: Paint): string {
  const waived = one.waived.length === 0 ? '' : paint.warn(` (waived: ${one.waived.join(', ')})`);
  const service =
    one.service === null
      ? ''
      : `; e-value ${one.service.eValue.toPrecision(3)} derived again, ${one.service.threshold.toFixed(0)} wanted: ${one.service.agrees ? 'agrees' : paint.bad('disagrees')}`;
  return `${paint.dim(timeText(one.at))} ${deedOf(one)}, decided by ${deciderOf(one)}${waived}: ${one.automatic && one.evidence === null ? clauseOf(one.reason) : one.reason}${service}`;
}

function derivedLine({ rejudged, agrees, answer }: CaseFile, paint: Paint): string {
  if (answer === null) return paint.dim('Nothing to derive again.');
  if (rejudged === null) {
    return paint.warn('Not derived again: its verdict was recorded without what it was judged by.');
  }
  return agrees
    ? `${paint.good('Derived again')} from the registry alone: every gate says the same.`
    : `${paint.bad('Does not agree')}: what is recorded does not follow from the recorded numbers.`;
}
