/** The parts that replies are made of: tables, notes and names, with whatever came from outside made harmless. */
import { FettleError } from '../../registry/base/fault.ts';
import {
  approvalsMissing,
  channelFrozen,
  gateNotPassed,
  modelUnknown,
  promotionRefused,
  registryStopped,
  versionUnknown,
} from '../../registry/faults.ts';
import {
  broughtBy,
  closuresIn,
  deciderOf,
  metricNamed,
  servesSince,
  servingIn,
} from '../../registry/report/story.ts';
import {
  codeSpan,
  counted,
  grouped,
  markdown,
  scoreText,
  shareText,
  timeText,
} from '../../registry/report/words.ts';
import type { Channel, ModelName, Version } from '../../registry/schema/model.ts';
import type { ModelState, TrustState, VersionState } from '../../registry/schema/state.ts';
import { versionOf } from '../../registry/state/query.ts';
import type { Proposal } from '../policy/proposals.ts';
import type { ReasonCode, Reply } from './command.ts';

export function refused(reason: ReasonCode, verdict: string, more: Partial<Reply> = {}): Reply {
  return { model: null, state: 'refused', reason, verdict, details: '', next: null, ...more };
}

export function done(verdict: string, more: Partial<Reply> = {}): Reply {
  return { model: null, state: 'done', reason: 'done', verdict, details: '', next: null, ...more };
}

/** `model@version` in a code span, in which nobody is pinged. */
export function named(model: string, version: string): string {
  return codeSpan(`${model}@${version}`);
}

/** Text whose code spans stay code spans. */
export function spoken(text: string): string {
  return text
    .split('`')
    .map((part, index) => (index % 2 === 0 ? markdown(part) : codeSpan(part)))
    .join('');
}

const REASONS: ReadonlyMap<string, ReasonCode> = new Map([
  [modelUnknown.code, 'not_found'],
  [versionUnknown.code, 'not_found'],
  [approvalsMissing.code, 'approval_needed'],
  [channelFrozen.code, 'policy_refused'],
  [promotionRefused.code, 'policy_refused'],
  [registryStopped.code, 'policy_refused'],
  [gateNotPassed.code, 'policy_refused'],
]);

/** What went wrong, as far as it is the asker's business. */
export function faultReply(error: unknown, model: string | null): Reply {
  if (error instanceof FettleError && error.audience === 'user') {
    const reason = REASONS.get(error.code) ?? 'registry_refused';
    return refused(reason, `Not done: ${markdown(error.message)}.`, { model, details: spoken(error.mend) });
  }
  const code = error instanceof FettleError ? error.code : 'unexpected';
  const verdict =
    'Not done: something outside broke. Nothing was changed by half; the same command can be asked again.';
  return refused('failed', verdict, { model, details: `The operator finds it under ${codeSpan(code)}.` });
}

export function servingTable(models: readonly ModelState[]): string {
  const rows = models.flatMap(servingRows);
  const head = '| model | channel | version | accuracy (95% CI) | macro-F1 (95% CI) | since | decided by |';
  return [head, '|---|---|---|---:|---:|---|---|', ...rows].join('\n');
}

function servingRows(known: ModelState): readonly string[] {
  const serving = servingIn(known);
  const name = codeSpan(known.model);
  if (serving.length === 0) {
    return [`| ${name} | – | ${known.retired === null ? 'nothing serves yet' : 'retired'} | | | | |`];
  }
  return serving.map(([channel, version]) => {
    const one = known.versions.find((found) => found.version === version) ?? null;
    const by = broughtBy(known, channel);
    const cells = [
      name,
      channel,
      `**${version}**`,
      shareText(metricNamed(one, 'accuracy')),
      shareText(metricNamed(one, 'macro_f1')),
      timeText(servesSince(known, channel) ?? one?.at ?? ''),
      by === null ? '–' : markdown(deciderOf(by)),
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

/** What is closed, by whom and why; nothing where everything is open. */
export function closedNotes(trust: TrustState, models: readonly ModelState[]): readonly string[] {
  return closuresIn(trust, models).map(
    ({ what, by, reason }) => `**${what}** by ${markdown(by)}: ${markdown(reason)}`,
  );
}

export function proposalsTable(proposals: readonly Proposal[]): string {
  const rows = proposals.map(({ id, model, of, asked }) => {
    const by = asked === null ? 'the gates' : markdown(asked.by);
    return `| ${named(model, of.version)} | ${of.channel} | ${of.replaces ?? 'nothing'} | ${by} | \`${id}\` |`;
  });
  const head = '| waits for people | into | in place of | proposed by | id |\n|---|---|---|---|---|';
  return [head, ...rows].join('\n');
}

/** Every metric of both beside each other, with what the registry has of their intervals. */
export function metricsTable(after: VersionState, before: VersionState | null): string {
  const metrics = after.evaluation?.metrics ?? [];
  if (metrics.length === 0) return '_It was never scored._';
  const was = before === null ? '' : ` ${before.version} |`;
  const rows = metrics.map((metric) => {
    const old = metricNamed(before, metric.name);
    const now = scoreText(metric);
    const then = old === null ? '–' : scoreText(old);
    // Each was scored when it was made; the holdout has grown since.
    const items =
      old === null || old.n === metric.n ? grouped(metric.n) : `${grouped(old.n)}, ${grouped(metric.n)}`;
    return `| ${codeSpan(metric.name)} |${before === null ? '' : ` ${then} |`} ${now} | ${items} |`;
  });
  return [
    `| metric (95% CI) |${was} ${after.version} | items |`,
    `|---|${before === null ? '' : '---:|'}---:|---:|`,
    ...rows,
  ].join('\n');
}

const SIGNS = { pass: '✔', fail: '✘', investigate: '?' } as const;

export function gatesTable({ verdict }: VersionState): string {
  if (verdict === null) return '_No gate has judged it._';
  const rows = verdict.gates.map(
    ({ gate, answer, reason }) =>
      `| ${SIGNS[answer]}\u00A0${answer} | ${codeSpan(gate)} | ${markdown(reason)} |`,
  );
  return ['| | gate | why |', '|---|---|---|', ...rows].join('\n');
}

export interface Change {
  readonly known: ModelState;
  readonly version: Version;
  readonly channel: Channel;
  readonly before: Version | null;
}

/** What a promotion would change, or has changed. */
export function changeDetails({ known, version, before }: Change): string {
  const after = versionOf(known, version);
  const old = known.versions.find((one) => one.version === before) ?? null;
  const digest = after.artifacts['model']?.digest;
  return [
    metricsTable(after, old),
    '',
    gatesTable(after),
    ...(digest === undefined ? [] : ['', `Model file ${codeSpan(digest)}.`]),
  ].join('\n');
}

export function choices(models: readonly { readonly model: ModelName }[]): string {
  return models.length === 0
    ? 'There is no model yet.'
    : `There ${models.length === 1 ? 'is' : 'are'} ${counted(models.length, 'model')}: ${models
        .slice(0, 20)
        .map(({ model }) => codeSpan(model))
        .join(', ')}.`;
}
