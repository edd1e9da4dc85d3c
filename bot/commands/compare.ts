/** `/fettle compare`: two versions beside each other, on the items that both were scored on where those are at hand. */
import * as z from 'zod';
import { decodeOutcomes } from '../../pipelines/artifacts/outcomes.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { comparisonOf, type Comparison, type Difference } from '../../pipelines/scores/comparison.ts';
import { pairedOf } from '../../pipelines/scores/evidence.ts';
import { codeSpan, counted, points, signedPoints } from '../../registry/report/words.ts';
import { VersionRef } from '../../registry/schema/model.ts';
import type { VersionState } from '../../registry/schema/state.ts';
import { modelOf, outcomesLeft, versionOf } from '../../registry/state/query.ts';
import { defineCommand } from './command.ts';
import { lookedAt, NOTHING_YET } from './looking.ts';
import { done, gatesTable, metricsTable, named } from './told.ts';

export const compare = defineCommand({
  name: 'compare',
  usage: 'compare <before> <after>',
  summary: 'Compares two versions, with intervals; on the same items where their outcomes are at hand.',
  examples: ['compare digits@1.3.0 digits@1.4.0'],
  level: 'triage',
  mutates: false,
  input: z.strictObject({ before: VersionRef, after: VersionRef }),

  async handle(context, { before, after }) {
    const view = await lookedAt(context);
    if (view === null) return NOTHING_YET;
    const [a, b] = [before, after].map((ref) => versionOf(modelOf(view.state, ref.model), ref.version));
    if (a === undefined || b === undefined) throw new TypeError('two versions were asked for');
    const names = { before: named(before.model, before.version), after: named(after.model, after.version) };
    const compared = await pairedIn((await context.outside.artifacts?.()) ?? null, a, b);
    const verdict =
      compared === null
        ? `${names.after} beside ${names.before}, by what the registry holds: ${onRecord(a, b)}`
        : `**${names.after} is ${verdictOf(compared)}** beside ${names.before}, on ${counted(compared.n, 'item')} that both were scored on.`;
    return done(verdict, {
      model: before.model === after.model ? after.model : null,
      details: [
        metricsTable(b, a),
        ...(compared === null ? heldThen(b, a) : ['', pairedTable(compared)]),
      ].join('\n'),
      next: `/fettle why ${after.model}@${after.version}`,
    });
  },
});

/** What may be said of two scores without the outcomes that would pair them. */
function onRecord(before: VersionState, after: VersionState): string {
  if (before.evaluation === null || after.evaluation === null) return 'one of them was never scored.';
  const apart = after.evaluation.metrics.flatMap((now) => {
    const then = before.evaluation?.metrics.find(({ name }) => name === now.name)?.interval ?? null;
    if (then === null || now.interval === null) return [];
    const [low, high] = [Number(now.interval.low), Number(now.interval.high)];
    const isApart = low > Number(then.high) || high < Number(then.low);
    return [{ name: now.name, isApart, isHigher: low > Number(then.high), better: now.better }];
  });
  const items =
    before.evaluation.holdout === after.evaluation.holdout
      ? 'both were scored on the same items, whose outcomes are not at hand here'
      : 'each was scored on its own items, so their scores are no comparison of the two alone';
  if (apart.length === 0) return `${items}; no intervals are on record.`;
  const clear = apart.filter(({ isApart }) => isApart);
  if (clear.length === 0) return `${items}; all intervals overlap, which shows no difference.`;
  const told = clear.map(
    ({ name, isHigher, better }) =>
      `${codeSpan(name)} ${isHigher === (better === 'higher') ? 'better' : 'worse'}`,
  );
  return `${items}; the intervals are apart in ${told.join(', ')}.`;
}

/** The gates paired the two when the newer was judged, if it was held against the older: that stands in the log. */
function heldThen(after: VersionState, before: VersionState): readonly string[] {
  if (after.verdict === null || after.verdict.against !== before.version) return [];
  const head = `When ${after.version} was judged it was held against ${before.version}, item by item:`;
  return ['', head, '', gatesTable(after)];
}

async function pairedIn(
  store: ArtifactStore | null,
  before: VersionState,
  after: VersionState,
): Promise<Comparison | null> {
  const [a, b] = [outcomesLeft(before), outcomesLeft(after)];
  if (store === null || a === null || b === null) return null;
  const [then, now] = await Promise.all([store.get(a), store.get(b)]);
  return comparisonOf(pairedOf(decodeOutcomes(now), decodeOutcomes(then)));
}

function verdictOf({ pBetter, pWorse }: Comparison): string {
  if (pBetter <= 0.025) return 'better';
  return pWorse <= 0.025 ? 'worse' : 'not shown to differ';
}

function pairedTable({ accuracy, macroF1, wins, losses, pBetter, pWorse, detectable }: Comparison): string {
  return [
    '| on the same items | difference | 95% interval |',
    '|---|---:|---:|',
    `| accuracy | ${signedPoints(accuracy.estimate)} | ${between(accuracy)} |`,
    `| macro-F1 | ${signedPoints(macroF1.estimate)} | ${between(macroF1)} |`,
    '',
    `${wins} items only the newer had right, ${losses} only the older; exact McNemar p(better) ` +
      `${pBetter.toFixed(4)}, p(worse) ${pWorse.toFixed(4)}. Differences of ${points(detectable)} ` +
      'or more would be seen with 80% power.',
  ].join('\n');
}

function between({ low, high }: Difference): string {
  return `${signedPoints(low)} to ${signedPoints(high)}`;
}
