/** `fettle show <model[@version]>`: everything known of one version. */
import * as z from 'zod';
import { servingIn } from '../../registry/report/story.ts';
import { scoreText } from '../../registry/report/words.ts';
import { ModelOrVersion, type Version } from '../../registry/schema/model.ts';
import { Moment, MOMENT_SAYS } from '../../registry/schema/moment.ts';
import type { Forgotten, ModelState, VersionState } from '../../registry/schema/state.ts';
import { lastVersion, modelOf, versionOf } from '../../registry/state/query.ts';
import { defineVerb, type Paint } from './verb.ts';
import { asOfText, counted } from './words.ts';
import { openReader, viewAt } from './workplace.ts';

export const show = defineVerb({
  name: 'show',
  says: 'Shows everything known of one version: metrics, verdict, lineage, files.',
  words: ['version'],
  input: z.strictObject({
    version: ModelOrVersion.describe(
      'model@version; of a model alone, the version that serves, or else the newest',
    ),
    at: Moment.optional().describe(`as it was then: ${MOMENT_SAYS}`),
  }),
  writes: false,
  examples: ['fettle show digits', 'fettle show digits@1.4.0', 'fettle show digits@1.4.0 --at 2026-11-20'],

  async run(context, { version: ref, at }) {
    const { state, last } = await viewAt(await openReader(context), at);
    const known = modelOf(state, ref.model);
    const version = versionMeant(known, ref.version);
    if (version === null) return { data: null, text: () => `${known.model} has no version yet.` };
    return {
      data: { model: known.model, ...version, ...(last === null ? {} : { asOf: last }) },
      text: (paint) => `${asOfText(last, paint)}${textOf(known, version, paint)}`,
    };
  },
});

/** In production if anywhere, or else the newest; null where there is none. @throws versionUnknown */
function versionMeant(known: ModelState, wanted: Version | null): VersionState | null {
  const meant = wanted ?? servingIn(known)[0]?.[1] ?? null;
  return meant === null ? lastVersion(known) : versionOf(known, meant);
}

function textOf(known: ModelState, version: VersionState, paint: Paint): string {
  const { evaluation, verdict, artifacts } = version;
  const channels = Object.entries(known.serving).flatMap(([channel, one]) =>
    one === version.version ? [channel] : [],
  );
  const serves = channels.length === 0 ? 'serves nowhere' : `serves ${channels.join(', ')}`;
  const back = version.rolledBack === null ? [] : [paint.bad(`taken back: ${version.rolledBack}`)];
  return [
    `${paint.bold(`${known.model}@${version.version}`)} ${serves}; registered ${version.at} by ${version.by}`,
    ...back,
    section('metrics', paint),
    paint.table([
      ['metric', 'value', 'items'],
      ...(evaluation?.metrics ?? []).map((metric) => [metric.name, scoreText(metric), String(metric.n)]),
    ]),
    section(
      `verdict: ${verdict?.answer ?? 'none'}${verdict?.against == null ? '' : ` against ${verdict.against}`}`,
      paint,
    ),
    ...(verdict?.gates ?? []).map(({ gate, answer, reason }) => `${answer.padEnd(11)} ${gate}: ${reason}`),
    section('lineage', paint),
    paint.table(lineageRows(version)),
    section('files', paint),
    paint.table(
      Object.entries(artifacts).map(([name, { digest, sizeBytes }]) => [name, digest, `${sizeBytes} bytes`]),
    ),
  ].join('\n');
}

function lineageRows({ lineage, imported, forgotten }: VersionState): readonly (readonly string[])[] {
  const read =
    imported === null
      ? []
      : [
          ['imported', `from the ${imported.source} tag ${imported.tag}`],
          ['commit', imported.commit],
        ];
  if (lineage === null) return read;
  return [
    ...read,
    ['run', `${lineage.run} (${lineage.recipe})`],
    ['data', `${lineage.data}, ${lineage.dataRows} rows`],
    ...(forgotten === null || forgotten.data === lineage.data
      ? []
      : [['forgotten', forgottenText(forgotten)]]),
    ['commit', lineage.commit ?? 'none yet'],
    ['code', `fettle ${lineage.code}`],
    ['seed', String(lineage.seed)],
    ['parents', lineage.parents.join(', ') || 'none'],
    // A recipe may name what stands above among its parameters.
    ...Object.entries(lineage.params).filter(([name]) => name !== 'seed'),
  ];
}

function forgottenText({ at, rows, data }: Forgotten): string {
  const now = data === null ? 'nothing is left of the data' : `the data is now ${data}`;
  return `${counted(rows, 'row')} of the data, the last on ${at.slice(0, 10)}; ${now}`;
}

function section(title: string, paint: Paint): string {
  return `\n${paint.bold(title)}`;
}
