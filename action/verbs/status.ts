/** `fettle status`: what serves where, how good it is, and what happened last. */
import * as z from 'zod';
import type { ModelState, VersionState } from '../../registry/schema/state.ts';
import { closuresIn } from '../../registry/report/story.ts';
import { plain } from '../../registry/report/words.ts';
import { ModelName, type Channel } from '../../registry/schema/model.ts';
import { Moment, MOMENT_SAYS } from '../../registry/schema/moment.ts';
import { modelOf } from '../../registry/state/query.ts';
import { ago, asOfText, counted, metricText } from './words.ts';
import { defineVerb, type Paint } from './verb.ts';
import { openReader, viewAt } from './workplace.ts';

export const status = defineVerb({
  name: 'status',
  says: 'Shows what serves where, how good it is, and what happened last.',
  words: ['model'],
  input: z.strictObject({
    model: ModelName.optional().describe('only this model'),
    at: Moment.optional().describe(`as it was then: ${MOMENT_SAYS}`),
  }),
  writes: false,
  examples: ['fettle status', 'fettle status digits --json', 'fettle status --at 2026-11-20'],

  async run(context, { model, at }) {
    const view = await viewAt(await openReader(context), at);
    const models = model === undefined ? [...view.state.models.values()] : [modelOf(view.state, model)];
    const { origin, size, last } = view;
    const now = last === null ? context.now() : last.at;
    const asOf = last === null ? {} : { asOf: last };
    const { stopped, frozen } = view.state.trust;
    return {
      data: { origin, events: size, ...asOf, stopped, frozen, models: models.map(summaryOf) },
      text: (paint) =>
        [
          `${asOfText(last, paint)}${textOf(models, { now, paint, events: size })}`,
          ...closuresIn(view.state.trust, models).map(({ what, by, reason }) =>
            paint.warn(`${what} by ${plain(by)}: ${plain(reason)}`),
          ),
        ].join('\n'),
    };
  },
});

function summaryOf(known: ModelState) {
  return {
    model: known.model,
    versions: known.versionCount,
    serving: servings(known).map(({ channel, version }) => ({
      channel,
      version: version.version,
      metrics: version.evaluation?.metrics ?? [],
    })),
    last: known.decisions.at(-1) ?? null,
    lastRun: lastRunOf(known),
    running: known.runs.filter(({ finishedAt }) => finishedAt === null).map(({ run }) => run),
    retired: known.retired,
    hold: known.hold,
  };
}

function lastRunOf({ runs }: ModelState) {
  const last = runs.at(-1);
  return last === undefined ? null : { run: last.run, startedAt: last.startedAt, outcome: last.outcome };
}

function servings(
  known: ModelState,
): readonly { readonly channel: string; readonly version: VersionState }[] {
  return Object.entries(known.serving).flatMap(([channel, serving]) => {
    const version = known.versions.find((one) => one.version === serving);
    return version === undefined ? [] : [{ channel, version }];
  });
}

interface Telling {
  readonly now: string;
  readonly paint: Paint;
  readonly events: number;
}

function textOf(models: readonly ModelState[], { now, paint, events }: Telling): string {
  if (models.length === 0) {
    return `No models yet (${counted(events, 'event')}). Train one: fettle run <recipe> --from <file>`;
  }
  const rows = models.flatMap((known) => rowsOf(known, now));
  return paint.table([
    ['model', 'channel', 'version', 'accuracy', 'macro-F1', 'since', 'last decision'],
    ...rows,
  ]);
}

function rowsOf(known: ModelState, now: string): readonly (readonly string[])[] {
  if (known.versionCount === 0) {
    return [[known.model, '–', 'no version yet', '', '', '', runStory(known, now)]];
  }
  const last = known.decisions.at(-1);
  const story =
    last === undefined ? '' : `${last.what} ${last.version ?? ''} ${ago(last.at, now)}`.replace('  ', ' ');
  const serving = servings(known);
  if (serving.length === 0) {
    const why = known.retired === null ? 'nothing serves' : 'retired';
    return [[known.model, '–', why, '', '', '', story]];
  }
  return serving.map(({ channel, version }) => [
    known.model,
    channel,
    version.version,
    metricText(version, 'accuracy'),
    metricText(version, 'macro_f1'),
    ago(sinceOf(known, channel) ?? version.at, now),
    story,
  ]);
}

function runStory({ runs }: ModelState, now: string): string {
  const last = runs.at(-1);
  if (last === undefined) return '';
  const { startedAt, finishedAt, outcome } = last;
  if (outcome === null) return `run began ${ago(startedAt, now)}`;
  return `last run ${outcome.kind} ${ago(finishedAt ?? startedAt, now)}`;
}

function sinceOf(known: ModelState, channel: Channel | string): string | undefined {
  return known.tenures.findLast((tenure) => tenure.channel === channel && tenure.until === null)?.from;
}
