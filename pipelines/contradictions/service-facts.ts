/** What serves, what was taken back, what is wanted, and what is closed, as facts. */
import { servingIn } from '../../registry/report/story.ts';
import { minutesText } from '../../registry/report/words.ts';
import type { Channel, ModelName, Version } from '../../registry/schema/model.ts';
import type {
  Decision,
  ModelState,
  PromotionWord,
  TrustState,
  VersionState,
} from '../../registry/schema/state.ts';
import { estimateOf } from '../../registry/state/leases.ts';
import { eventAt, factOf, type Fact } from './fact.ts';

/** Closed by people until people open it again. */
const SHUT = { rank: 'people', changes: true, guards: true } as const;

export function closures({ stopped, frozen }: TrustState): readonly Fact[] {
  const all = [
    ...frozen.map((one) => ({ ...one, says: `${one.channel} is frozen` })),
    ...(stopped === null ? [] : [{ ...stopped, channel: null, says: 'everything is stopped' }]),
  ];
  return all.map(({ says, by, reason, seq, channel }) =>
    factOf(
      { ...SHUT, says: `${says} by ${by}: ${reason}`, where: eventAt(seq), seq },
      { kind: 'closed', model: null, channel },
    ),
  );
}

export function serviceFacts(known: ModelState): readonly Fact[] {
  const { versions } = known;
  return [
    ...servingIn(known).flatMap(([channel, version]) => [
      servesFact(known, channel, version),
      ...figureFacts(
        known.model,
        versions.find((one) => one.version === version),
      ),
    ]),
    ...versions.flatMap((version) => backFacts(known, version)),
  ];
}

/** Decisions by which a version comes to serve. */
const SERVING: readonly Decision['what'][] = ['promoted', 'rolled-back', 'imported'];

function servesFact({ model, decisions }: ModelState, channel: Channel, version: Version): Fact {
  const says = `${model}@${version} serves ${channel}`;
  const last = decisions.findLast(
    (one) => one.version === version && one.channel === channel && SERVING.includes(one.what),
  );
  const statement = { kind: 'serves', model, version, channel, waived: last?.waived ?? [] } as const;
  if (last === undefined) {
    return factOf({ says, where: `service of ${model}`, rank: 'people', changes: true }, statement);
  }
  const { automatic, by, seq } = last;
  return factOf(
    {
      says: `${says}, by ${automatic ? 'the gates' : by}`,
      where: eventAt(seq),
      rank: automatic ? 'gates' : 'people',
      seq,
      changes: true,
    },
    statement,
  );
}

/** Only while nobody has trusted it again. */
function backFacts({ model, decisions }: ModelState, { version, rolledBack }: VersionState): readonly Fact[] {
  const last = decisions.findLast((one) => one.what === 'rolled-back' && one.before === version);
  if (rolledBack === null || last === undefined || last.channel === null) return [];
  const { channel, seq, automatic } = last;
  const says = `${model}@${version} was taken back from ${channel}: ${rolledBack}`;
  const rank = automatic ? 'gates' : 'people';
  return [
    factOf(
      { says, where: eventAt(seq), rank, seq, changes: true },
      { kind: 'taken-back', model, version, channel },
    ),
  ];
}

/** As the gates read them: of a metric with an interval, its low end. */
function figureFacts(model: ModelName, known: VersionState | undefined): readonly Fact[] {
  const evaluation = known?.evaluation ?? null;
  if (known === undefined || evaluation === null) return [];
  const { version } = known;
  const ref = `${model}@${version}`;
  const items = evaluation.confusion.flat().reduce((sum, count) => sum + count, 0);
  const figures = [
    { metric: 'items', value: items, says: `${ref} was scored on ${items} items` },
    ...evaluation.metrics.map(({ name, value, interval }) => ({
      metric: name,
      value: Number(interval?.low ?? value),
      says: `${name} of ${ref} is ${value}${interval === null ? '' : `, at least ${interval.low}`}`,
    })),
  ];
  return figures.map(({ metric, value, says }) =>
    factOf(
      { says, where: `evaluation of ${ref}`, rank: 'counted' },
      { kind: 'figure', model, version, metric, value },
    ),
  );
}

/** What people want of a model, what its runs take, and whether it is at its end. */
export function wishFacts(known: ModelState): readonly Fact[] {
  const { model, asked, retired, decisions } = known;
  const ms = estimateOf(known);
  const seq = decisions.findLast(({ what }) => what === 'retired')?.seq ?? null;
  const where = seq === null ? `service of ${model}` : eventAt(seq);
  return [
    ...asked.flatMap((word) => askedFacts(known, word)),
    ...(ms === null
      ? []
      : [
          factOf(
            { says: `a run of ${model} took ${minutesText(ms)}`, where: `runs of ${model}`, rank: 'counted' },
            { kind: 'takes', model, ms },
          ),
        ]),
    ...(retired === null
      ? []
      : [
          factOf(
            { ...SHUT, says: `${model} is retired: ${retired.reason}`, where, seq },
            { kind: 'closed', model, channel: null },
          ),
        ]),
  ];
}

function askedFacts({ model, versions }: ModelState, { of, by, seq }: PromotionWord): readonly Fact[] {
  const { version, channel } = of;
  const ref = `${model}@${version}`;
  const wish = factOf(
    { says: `${by} wants ${ref} in ${channel}`, where: eventAt(seq), rank: 'asked', seq, changes: true },
    { kind: 'wants', model, channel },
  );
  const made = versions.find((one) => one.version === version);
  if (made === undefined) return [wish];
  const account = made.byId;
  const author = account === null ? 'somebody without an account' : `account ${account}`;
  const says = `${ref}, which is to serve ${channel}, was made by ${author}`;
  return [
    wish,
    factOf(
      { says, where: eventAt(made.seq), rank: 'counted' },
      { kind: 'made', what: channel, model, version, account },
    ),
  ];
}
