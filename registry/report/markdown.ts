/** The state as Markdown, for a job summary or a comment: verdict first, what to do next, numbers, details folded. */
import type { ModelName } from '../schema/model.ts';
import type { Decision, ModelState, RegistryState, TrustState, VersionState } from '../schema/state.ts';
import { aligned } from './readme.ts';
import {
  champion,
  closuresIn,
  deciderOf,
  deedOf,
  metricNamed,
  newestWord,
  nextSteps,
  reasonOf,
  servingIn,
  standingOf,
} from './story.ts';
import { clauseOf, clipped, counted, grouped, markdown, minuteText, shareText } from './words.ts';

/** GitHub takes 65,536 characters a comment; the rest is left for what stands around. */
const CHARACTERS_MOST = 58_000;
/** Chosen so that one model always fits, whatever its reasons and labels are. */
const MOST = { versions: 15, decisions: 12, labels: 20, reason: 300, told: 700, label: 24 } as const;
/** The room that the note on what was left out takes. */
const NOTE = 80;

export interface MarkdownAsk {
  /** Only this model. */
  readonly model?: ModelName;
}

export function markdownOf(state: RegistryState, { model }: MarkdownAsk = {}): string {
  const models = [...state.models.values()]
    .filter((known) => model === undefined || known.model === model)
    .sort((a, b) => b.lastSeq - a.lastSeq);
  if (models.length === 0) return 'No model has been trained yet.\n';
  return fitted([...closedLines(state.trust, models), ...models.map(modelText)]);
}

function closedLines(trust: TrustState, models: readonly ModelState[]): readonly string[] {
  const lines = closuresIn(trust, models).map(
    ({ what, by, reason }) => `> **${what}** by ${markdown(by)}: ${markdown(clipped(reason, MOST.reason))}\n`,
  );
  return lines.slice(0, MOST.decisions);
}

/** Whole models only: a table cut in the middle would be read as the whole. */
function fitted(parts: readonly string[]): string {
  const kept: string[] = [];
  let length = NOTE;
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
    ...commandLines(known),
    ...versionsTable(known),
    ...decisionsFold(known),
    ...confusionFold(known),
  ].join('\n');
}

function verdictLine(known: ModelState): string {
  if (known.retired !== null) return `**Retired**: ${said(known.retired.reason, MOST.told)}`;
  const version = champion(known);
  const last = newestWord(known);
  if (version === null) {
    const elsewhere = servingIn(known).map(([channel, served]) => `${served} serves ${channel}`);
    return [`**Nothing serves production yet.**`, ...elsewhere.map((told) => `${told}.`), last]
      .join(' ')
      .trim();
  }
  const accuracy = metricNamed(version, 'accuracy');
  const told =
    accuracy === null
      ? 'its accuracy was not measured.'
      : `accuracy ${shareText(accuracy)} on ${counted(accuracy.n, 'held-out item')}.`;
  return `**${known.model}@${version.version} serves production**: ${told} ${last}`.trim();
}

function said(text: string, most: number): string {
  return markdown(clipped(text, most));
}

export function versionsTable(known: ModelState): readonly string[] {
  const last = known.versions.slice(-MOST.versions).reverse();
  if (last.length === 0) return [];
  const older = known.versionCount - last.length;
  return [
    '| version | stands | accuracy (95% CI) | macro-F1 (95% CI) | trained on | why |',
    '|---|---|---:|---:|---:|---|',
    ...last.map((version) => versionRow(version, known)),
    '',
    ...(older > 0 ? [`_${counted(older, 'older version')} in the log._`, ''] : []),
  ];
}

function versionRow(version: VersionState, known: ModelState): string {
  const standing = standingOf(version, known);
  const cells = [
    `**${version.version}**`,
    standing === 'serving' ? '**serving**' : standing,
    shareText(metricNamed(version, 'accuracy')),
    shareText(metricNamed(version, 'macro_f1')),
    version.lineage === null ? '–' : grouped(version.lineage.dataRows),
    said(clauseOf(reasonOf(version, known)), MOST.reason),
  ];
  return `| ${cells.join(' | ')} |`;
}

function decisionsFold({ decisions }: ModelState): readonly string[] {
  if (decisions.length === 0) return [];
  const shown = decisions.slice(-MOST.decisions).reverse();
  const title = shown.length === decisions.length ? 'Decisions' : `The last ${shown.length} decisions`;
  return [
    `<details><summary>${title}, with reasons</summary>`,
    '',
    ...shown.map(decisionLine),
    '',
    '</details>',
    '',
  ];
}

export function decisionLine(decision: Decision): string {
  const { at, reason } = decision;
  const told = `${minuteText(at)} UTC, by ${said(deciderOf(decision), MOST.label)}`;
  return `- **${deedOf(decision)}** (${told}): ${said(reason, MOST.told)}`;
}

function confusionFold(known: ModelState): readonly string[] {
  const version = champion(known);
  const evaluation = version?.evaluation ?? null;
  if (version === null || evaluation === null || evaluation.labels.length > MOST.labels) return [];
  const labels = evaluation.labels.map((label) => said(label, MOST.label));
  return [
    `<details><summary>Where ${version.version} errs: the confusion matrix (row: truth, column: predicted)</summary>`,
    '',
    `| | ${labels.join(' | ')} |`,
    `|---|${labels.map(() => '---:|').join('')}`,
    ...evaluation.confusion.map(
      (row, index) => `| ${labels[index] ?? ''} | ${row.map(countText).join(' | ')} |`,
    ),
    '',
    '</details>',
    '',
  ];
}

function countText(count: number): string {
  return count === 0 ? '·' : String(count);
}

function commandLines(known: ModelState): readonly string[] {
  const steps = nextSteps(known);
  return steps.length === 0 ? [] : ['```sh', ...aligned(steps), '```', ''];
}
