/** What there is to tell of a model, as plain words that every report shares: where versions stand, what decisions meant. */
import type { Metric } from '../schema/metric.ts';
import type { Channel, ModelName, Version } from '../schema/model.ts';
import type { Decision, ModelState, TrustState, VerdictState, VersionState } from '../schema/state.ts';
import { servedBefore, servingOf } from '../state/query.ts';

/** Where a version stands now. */
export type Standing = 'serving' | 'served' | 'passed' | 'held' | 'refused' | 'rolled back' | 'not judged';

export function standingOf({ version, rolledBack, verdict }: VersionState, known: ModelState): Standing {
  if (Object.values(known.serving).includes(version)) return 'serving';
  if (rolledBack !== null) return 'rolled back';
  if (known.tenures.some((tenure) => tenure.version === version)) return 'served';
  switch (verdict?.answer) {
    case 'pass':
      return 'passed';
    case 'fail':
      return 'refused';
    case 'investigate':
      return 'held';
    case undefined:
      return 'not judged';
  }
}

export function metricNamed(version: VersionState | null, name: string): Metric | null {
  return version?.evaluation?.metrics.find((metric) => metric.name === name) ?? null;
}

export function champion(known: ModelState): VersionState | null {
  return servingOf(known, 'production');
}

/** Channels in their order of trust, the most trusted first, with what serves each. */
export function servingIn({ serving }: ModelState): readonly (readonly [Channel, Version])[] {
  const order: readonly Channel[] = ['production', 'staging', 'candidate'];
  return order.flatMap((channel) => {
    const version = serving[channel];
    return version === undefined ? [] : [[channel, version] as const];
  });
}

export function servesSince({ tenures }: ModelState, channel: Channel): string | null {
  return tenures.findLast((tenure) => tenure.channel === channel && tenure.until === null)?.from ?? null;
}

/** The decision by which the present version came to serve; null when it left the bounded view. */
export function broughtBy({ decisions, serving }: ModelState, channel: Channel): Decision | null {
  const found = decisions.findLast(
    (decision) =>
      ['promoted', 'rolled-back', 'imported'].includes(decision.what) &&
      decision.channel === channel &&
      decision.version === serving[channel],
  );
  return found ?? null;
}

/** `1.10.0 promoted to production, in place of 1.8.0` */
export function deedOf({ what, version, before, channel }: Decision): string {
  const stays = before === null ? 'nothing serves' : `${before} still serves`;
  switch (what) {
    case 'promoted':
      return `${version} promoted to ${channel}${before === null ? ', where nothing served' : `, in place of ${before}`}`;
    case 'refused':
      return `${version} refused; ${stays}`;
    case 'held':
      return `${version} held for a person to decide; ${stays}`;
    case 'rolled-back':
      return `${before} rolled back; ${version} serves ${channel} again`;
    case 'imported':
      return version === null
        ? `nothing serves ${channel} any more, as its tag says`
        : `${version} serves ${channel}, as its tag says`;
    case 'retired':
      return before === null ? 'retired; nothing was serving' : `retired; ${before} serves no more`;
  }
}

const NEWEST: Readonly<Record<Standing, string>> = {
  serving: '',
  served: '',
  passed: 'passed and waits to be promoted',
  held: 'was held and waits for a person to decide',
  refused: 'was refused',
  'rolled back': 'was rolled back',
  'not judged': 'is not judged yet',
};

/** What became of the newest version, when it is not the one that serves; else empty. */
export function newestWord(known: ModelState): string {
  const newest = known.versions.at(-1);
  const what = newest === undefined ? '' : NEWEST[standingOf(newest, known)];
  return newest === undefined || what === '' ? '' : `The newest, ${newest.version}, ${what}.`;
}

/** Nobody's name stands for what was automatic: whoever started the run did not decide. */
export function deciderOf({ automatic, by, evidence }: Decision): string {
  if (!automatic) return by;
  return evidence === null ? 'the gates' : 'its live outcomes';
}

/** Why a version stands where it stands: taken back, promoted by hand, stopped by a gate, or passed. */
export function reasonOf(one: VersionState, { decisions }: ModelState): string {
  const { version, rolledBack, verdict, imported } = one;
  if (rolledBack !== null) return rolledBack;
  const hand = decisions.findLast(
    (decision) => decision.what === 'promoted' && decision.version === version && !decision.automatic,
  );
  if (hand !== undefined) return `promoted by hand, ${hand.by}: ${hand.reason}`;
  if (imported !== null) return `imported from the tag ${imported.tag}`;
  if (verdict === null) return 'not judged yet';
  const open = verdict.gates.find(({ answer }) => answer === verdict.answer && answer !== 'pass');
  return open === undefined ? 'every gate passed' : `${open.gate}: ${open.reason}`;
}

export interface Step {
  readonly command: string;
  readonly does: string;
}

/** What a person may want to do next, the way back first. */
export function nextSteps(known: ModelState): readonly Step[] {
  return [...judgeSteps(known), ...undoSteps(known)];
}

/** The way back for each channel, naming the version that would serve. */
export function undoSteps(known: ModelState): readonly Step[] {
  const { model } = known;
  const back = servingIn(known).flatMap(([channel, version]) => {
    const to = servedBefore(known, channel);
    const where = channel === 'production' ? '' : ` --on ${channel}`;
    const does = `${to} serves ${channel} again, in place of ${version}`;
    return to === null ? [] : [{ command: `fettle rollback ${model}${where}`, does }];
  });
  const retire = { command: `fettle retire ${model}`, does: 'nothing serves; the history stays' };
  return servingIn(known).length === 0 ? back : [...back, retire];
}

/** What a person types to let a version serve that passed every gate. */
export function promoteCommand(model: ModelName, version: Version, channel: Channel): string {
  const where = channel === 'production' ? '' : ` --to ${channel}`;
  return `fettle promote ${model}@${version}${where}`;
}

/** The newest version waits for a person only when it was held, or passed and was not promoted. */
function judgeSteps(known: ModelState): readonly Step[] {
  const newest = known.versions.at(-1);
  if (newest === undefined || known.retired !== null) return [];
  const standing = standingOf(newest, known);
  if (standing !== 'held' && standing !== 'passed') return [];
  const name = `${known.model}@${newest.version}`;
  const open = newest.verdict?.gates.filter(({ answer }) => answer !== 'pass') ?? [];
  const waived = open.map(({ gate }) => ` --waive ${gate}`).join('');
  return [
    {
      command: `fettle show ${name}`,
      does: `everything known of ${newest.version}, which ${standing === 'held' ? 'was held' : 'passed'}`,
    },
    {
      command: `fettle promote ${name}${waived}`,
      does: open.length === 0 ? 'it serves' : 'it serves all the same',
    },
  ];
}

/** What somebody closed: everything, a channel, or a model. */
export interface Closure {
  readonly what: string;
  readonly by: string;
  readonly reason: string;
}

/** Of what is closed, the first that keeps the gates from promoting into the channel; null where it is open. */
export function closureOver(trust: TrustState, model: ModelState, channel: Channel): Closure | null {
  const frozen = trust.frozen.filter((one) => one.channel === channel);
  return closuresIn({ ...trust, frozen }, [model])[0] ?? null;
}

/** So that nobody wonders why nothing is promoted. */
export function closuresIn(
  { stopped, frozen }: TrustState,
  models: readonly ModelState[],
): readonly Closure[] {
  return [
    ...(stopped === null ? [] : [{ ...stopped, what: 'Everything is stopped' }]),
    ...frozen.map((one) => ({ ...one, what: `The channel ${one.channel} is frozen` })),
    ...models.flatMap(({ model, hold }) => (hold === null ? [] : [{ ...hold, what: `${model} is held` }])),
  ];
}

/**
 * What a candidate was shown to lose at most or to gain at least, by the worse of its two intervals, with the loss that
 * is allowed beside it; null where no margin was set.
 */
export function boundText({ paired, gates }: Pick<VerdictState, 'paired' | 'gates'>): string | null {
  const margin = gates.find((gate) => gate.margin !== undefined)?.margin;
  if (paired === undefined || margin === undefined) return null;
  const low = Math.min(Number(paired.accuracy.low), Number(paired.macroF1.low));
  const points = (share: number): string => (Math.abs(share) * 100).toFixed(1);
  return low >= 0
    ? `shown to be better by ${points(low)} points or more`
    : `shown to be at most ${points(low)} points worse, where ${points(Number(margin))} are allowed`;
}
