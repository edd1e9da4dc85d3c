/** The README of the registry branch: what serves, what was decided, how to undo it. Read by people in a browser. */
import type { Channel, Version } from '../schema/model.ts';
import type { Decision, ModelState, RegistryState, TrustState } from '../schema/state.ts';
import {
  broughtBy,
  closuresIn,
  deciderOf,
  deedOf,
  metricNamed,
  servesSince,
  servingIn,
  undoSteps,
  type Step,
} from './story.ts';
import { clauseOf, clipped, codeSpan, counted, grouped, markdown, minuteText, shareText } from './words.ts';

/** What is shown; the rest is in the log and told by `fettle status` and `fettle history`. */
const MOST = { models: 20, decisions: 15, undo: 20, characters: 240 } as const;

export interface Place {
  readonly origin: string;
  readonly size: number;
}

/** Says the same of the same state, whenever and wherever: `fettle verify` compares it with the branch. */
export function readmeOf(state: RegistryState, { origin, size }: Place): string {
  const models = [...state.models.values()].sort((a, b) => b.lastSeq - a.lastSeq);
  return `${[
    '# Model registry',
    '',
    `${counted(models.length, 'model')}, ${counted(size, 'event')}, kept by Fettle. This branch only grows: ` +
      'every commit adds one run or one decision, and this page is written anew with it.',
    '',
    ...closedPart(state.trust, models),
    ...servingTable(models),
    ...decisionsTable(models),
    ...undoPart(models),
    ...verifyPart(origin),
    ...filesPart(),
  ].join('\n')}\n`;
}

function closedPart(trust: TrustState, models: readonly ModelState[]): readonly string[] {
  const closures = closuresIn(trust, models.slice(0, MOST.models));
  return closures.flatMap(({ what, by, reason }) => [`**${what}** by ${said(by)}: ${said(reason)}`, '']);
}

function servingTable(models: readonly ModelState[]): readonly string[] {
  if (models.length === 0) {
    return [
      '## What serves',
      '',
      'No model has been trained yet. `fettle run <recipe> --from <file>` trains the first.',
      '',
    ];
  }
  const left = models.length - MOST.models;
  return [
    '## What serves',
    '',
    '| model | channel | version | accuracy (95% CI) | macro-F1 (95% CI) | held-out items | since (UTC) | decided by |',
    '|---|---|---|---:|---:|---:|---|---|',
    ...models.slice(0, MOST.models).flatMap(servingRows),
    '',
    ...(left > 0 ? [`${counted(left, 'more model')}: see \`fettle status\`.`, ''] : []),
  ];
}

function servingRows(known: ModelState): readonly string[] {
  const serving = servingIn(known);
  if (serving.length > 0) return serving.map(([channel, version]) => servingRow(known, channel, version));
  const why = known.retired === null ? 'nothing serves yet' : `retired: ${said(known.retired.reason)}`;
  return [row([`**${known.model}**`, '–', why, '', '', '', '', ''])];
}

function servingRow(known: ModelState, channel: Channel, served: Version): string {
  const version = known.versions.find((one) => one.version === served) ?? null;
  const [accuracy, macroF1] = [metricNamed(version, 'accuracy'), metricNamed(version, 'macro_f1')];
  const since = servesSince(known, channel);
  const brought = broughtBy(known, channel);
  return row([
    `**${known.model}**`,
    channel,
    `**${served}**`,
    shareText(accuracy),
    shareText(macroF1),
    accuracy === null ? '–' : grouped(accuracy.n),
    since === null ? '–' : minuteText(since),
    brought === null ? '–' : said(deciderOf(brought)),
  ]);
}

function row(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function said(text: string): string {
  return markdown(clipped(text, MOST.characters));
}

function decisionsTable(models: readonly ModelState[]): readonly string[] {
  const all = models.flatMap(({ model, decisions }) => decisions.map((decision) => ({ model, decision })));
  const last = all.sort((a, b) => b.decision.seq - a.decision.seq).slice(0, MOST.decisions);
  if (last.length === 0) return [];
  return [
    '## Last decisions',
    '',
    '| when (UTC) | model | what | why | decided by |',
    '|---|---|---|---|---|',
    ...last.map(({ model, decision }) => decisionRow(model, decision)),
    '',
    'All of them, with every number: `fettle history`.',
    '',
  ];
}

function decisionRow(model: string, decision: Decision): string {
  const why = said(clauseOf(decision.reason));
  return row([minuteText(decision.at), model, deedOf(decision), why, said(deciderOf(decision))]);
}

function undoPart(models: readonly ModelState[]): readonly string[] {
  const steps = models.flatMap(undoSteps).slice(0, MOST.undo);
  if (steps.length === 0) return [];
  return [
    '## Undo',
    '',
    '```sh',
    ...aligned(steps),
    '```',
    '',
    'Nothing is ever deleted: a rollback is one more event, and can be undone like any other. ' +
      '`fettle rollback <model> --to <version>` goes back to any version that has served.',
    '',
  ];
}

/** Commands with what they do behind them, in one column. */
export function aligned(steps: readonly Step[]): readonly string[] {
  const width = Math.max(0, ...steps.map(({ command }) => command.length));
  return steps.map(({ command, does }) => `${command.padEnd(width)}  # ${does}`);
}

function verifyPart(origin: string): readonly string[] {
  return [
    '## Verify',
    '',
    '```sh',
    'fettle verify              # the chain, the Merkle root, and every derived file: this page too',
    'fettle verify --artifacts  # also the bytes of every version',
    '```',
    '',
    `This registry is ${codeSpan(origin)}.`,
    '',
  ];
}

function filesPart(): readonly string[] {
  return [
    '## What lies here',
    '',
    '| path | what |',
    '|---|---|',
    '| `log/` | the events, 64 a file, each line chained to the one before by its hash; the only truth |',
    '| `state/`, `index/`, `idem/` | derived from the log, one file a model, for fast reading |',
    '| `head.json`, `checkpoint` | how long the log is, and the Merkle root over it |',
    '| `FORMAT` | the version of this layout |',
  ];
}
