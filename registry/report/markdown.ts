/** The state as Markdown, for a job summary or a comment: verdict first, numbers next, details folded. */
import type { ModelName } from '../schema/model.ts';
import type { Decision, ModelState, RegistryState, VersionState } from '../schema/state.ts';
import { codeSpan, counted, markdown, metricNamed, shareText, standingOf, timeText } from './words.ts';

/** GitHub takes 65,536 characters a comment; the rest is left for what stands around. */
const CHARACTERS_MOST = 58_000;
const VERSIONS_MOST = 15;
const DECISIONS_MOST = 12;

export interface MarkdownAsk {
  /** Only this model. */
  readonly model?: ModelName;
}

export function markdownOf(state: RegistryState, { model }: MarkdownAsk = {}): string {
  const models = [...state.models.values()]
    .filter((known) => model === undefined || known.model === model)
    .sort((a, b) => b.lastSeq - a.lastSeq);
  if (models.length === 0) return 'No model has been trained yet.\n';
  return fitted(models.map(modelText));
}

/** Whole models only: a table cut in the middle would be read as the whole. */
function fitted(parts: readonly string[]): string {
  const kept: string[] = [];
  let length = 0;
  for (const part of parts) {
    length += part.length + 1;
    if (length > CHARACTERS_MOST) break;
    kept.push(part);
  }
  const left = parts.length - kept.length;
  const note = left === 0 ? [] : [`_${counted(left, 'more model')} left out; see \`fettle report\`._\n`];
  return [...kept, ...note].join('\n');
}

function modelText(known: ModelState): string {
  return [
    `## ${known.model}`,
    '',
    verdictLine(known),
    '',
    ...versionsTable(known),
    ...decisionsList(known),
    ...confusionFold(known),
    ...nextCommands(known),
    '',
  ].join('\n');
}

function verdictLine(known: ModelState): string {
  const served = known.serving.production;
  const version = known.versions.find((one) => one.version === served);
  if (known.retired !== null) return `**Retired**: ${markdown(known.retired.reason)}`;
  if (version === undefined) return '**Nothing serves production yet.**';
  const accuracy = metricNamed(version, 'accuracy');
  return `**${known.model}@${version.version} serves production**: accuracy ${shareText(accuracy)} on ${accuracy?.n ?? 0} held-out items.`;
}

function versionsTable(known: ModelState): readonly string[] {
  const last = known.versions.slice(-VERSIONS_MOST).reverse();
  return [
    '| version | stands | accuracy (95% CI) | macro-F1 (95% CI) | trained on | what decided |',
    '|---|---|---:|---:|---:|---|',
    ...last.map((version) => {
      const cells = [
        version.version,
        standingOf(version, known),
        shareText(metricNamed(version, 'accuracy')),
        shareText(metricNamed(version, 'macro_f1')),
        String(version.lineage.dataRows),
        markdown(decisive(version)),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
    '',
    ...(known.versionCount > last.length
      ? [`_${known.versionCount - last.length} older versions are in the log._`, '']
      : []),
  ];
}

function decisive({ verdict, rolledBack }: VersionState): string {
  if (rolledBack !== null) return rolledBack;
  const open = verdict?.gates.find(({ answer }) => answer !== 'pass') ?? verdict?.gates[0];
  return open === undefined ? 'not judged' : `${open.gate}: ${open.reason}`;
}

function decisionsList({ decisions }: ModelState): readonly string[] {
  if (decisions.length === 0) return [];
  const lines = decisions.slice(-DECISIONS_MOST).reverse().map(decisionLine);
  return ['<details><summary>Last decisions</summary>', '', ...lines, '', '</details>', ''];
}

function decisionLine({ at, what, version, before, reason, automatic, by }: Decision): string {
  const instead = before === null ? '' : ` (before: ${before})`;
  const who = automatic ? 'the gates' : markdown(by);
  return `- ${timeText(at)} **${what}** ${version ?? ''}${instead} by ${who}: ${markdown(reason)}`;
}

function confusionFold(known: ModelState): readonly string[] {
  const version = known.versions.find((one) => one.version === known.serving.production);
  const evaluation = version?.evaluation ?? null;
  if (version === undefined || evaluation === null || evaluation.labels.length > 20) return [];
  const { labels, confusion } = evaluation;
  return [
    `<details><summary>Confusion of ${version.version} (row: truth, column: predicted)</summary>`,
    '',
    `| | ${labels.map(codeSpan).join(' | ')} |`,
    `|---|${labels.map(() => '---:|').join('')}`,
    ...confusion.map(
      (row, index) =>
        `| ${codeSpan(labels[index] ?? '')} | ${row.map((count) => (count === 0 ? '·' : count)).join(' | ')} |`,
    ),
    '',
    '</details>',
    '',
  ];
}

function nextCommands({ model, serving, versions }: ModelState): readonly string[] {
  const served = serving.production;
  const newest = versions.at(-1)?.version;
  const promote =
    newest === undefined || newest === served
      ? []
      : [`fettle show ${model}@${newest}`, `fettle promote ${model}@${newest}`];
  const undo = served === undefined ? [] : [`fettle rollback ${model}`];
  if (promote.length + undo.length === 0) return [];
  return ['```sh', ...undo, ...promote, '```'];
}
