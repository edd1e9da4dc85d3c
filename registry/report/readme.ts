/** The README of the registry branch: what serves, what was decided, how to undo it. Read by people in a browser. */
import type { Decision, ModelState, RegistryState } from '../schema/state.ts';
import { clauseOf, codeSpan, counted, markdown, metricNamed, shareText, timeText } from './words.ts';

/** What is shown; the rest is in the log and told by `fettle history`. */
const MOST = { models: 20, decisions: 15 } as const;

export interface Place {
  readonly origin: string;
  readonly size: number;
}

export function readmeOf(state: RegistryState, { origin, size }: Place): string {
  const models = [...state.models.values()].sort((a, b) => b.lastSeq - a.lastSeq);
  return `${[
    '# Model registry',
    '',
    `Kept by Fettle: ${counted(models.length, 'model')}, ${counted(size, 'event')}. ` +
      'This branch is append-only; every commit is one decision or one run, and this page is written anew with it.',
    '',
    ...servingTable(models),
    ...decisionsOf(models),
    ...undoOf(models),
    ...filesOf(origin),
  ].join('\n')}\n`;
}

function servingTable(models: readonly ModelState[]): readonly string[] {
  if (models.length === 0) return ['No model has been trained yet: `fettle run <recipe> --from <file>`.', ''];
  const rows = models.slice(0, MOST.models).flatMap(rowsOf);
  const left = models.length - MOST.models;
  return [
    '## What serves',
    '',
    '| model | channel | version | accuracy (95% CI) | macro-F1 (95% CI) | held-out items | since |',
    '|---|---|---|---:|---:|---:|---|',
    ...rows,
    '',
    ...(left > 0 ? [`… and ${counted(left, 'more model')}; see \`fettle status\`.`, ''] : []),
  ];
}

function rowsOf(known: ModelState): readonly string[] {
  const serving = Object.entries(known.serving);
  if (serving.length === 0) {
    const why = known.retired === null ? 'nothing serves yet' : `retired: ${markdown(known.retired.reason)}`;
    return [`| **${known.model}** | – | ${why} | | | | |`];
  }
  return serving.map(([channel, served]) => {
    const version = known.versions.find((one) => one.version === served);
    const since = known.tenures.findLast(
      (tenure) => tenure.channel === channel && tenure.until === null,
    )?.from;
    const [accuracy, f1] = ['accuracy', 'macro_f1'].map((name) =>
      version === undefined ? null : metricNamed(version, name),
    );
    const cells = [
      `**${known.model}**`,
      channel,
      `**${served}**`,
      shareText(accuracy ?? null),
      shareText(f1 ?? null),
      String(accuracy?.n ?? '–'),
      since === undefined ? '–' : timeText(since),
    ];
    return `| ${cells.join(' | ')} |`;
  });
}

const TELLS: Readonly<Record<Decision['what'], string>> = {
  promoted: '✅ promoted',
  refused: '❌ refused',
  held: '⏸️ held',
  'rolled-back': '↩️ rolled back',
  retired: '⏹️ retired',
};

function decisionsOf(models: readonly ModelState[]): readonly string[] {
  const all = models.flatMap((known) => known.decisions.map((decision) => ({ known, decision })));
  const last = all.sort((a, b) => b.decision.seq - a.decision.seq).slice(0, MOST.decisions);
  if (last.length === 0) return [];
  return [
    '## Last decisions',
    '',
    '| when | what | version | instead of | why | by |',
    '|---|---|---|---|---|---|',
    ...last.map(({ known, decision }) => rowOf(known, decision)),
    '',
  ];
}

function rowOf(
  { model }: ModelState,
  { at, what, version, before, channel, reason, automatic, by }: Decision,
): string {
  const name = version === null ? model : `${model}@${version}`;
  const where = channel === null || channel === 'production' ? '' : ` (${channel})`;
  const who = automatic ? 'gates' : markdown(by);
  const cells = [
    timeText(at),
    TELLS[what],
    `${name}${where}`,
    before ?? '–',
    markdown(clauseOf(reason)),
    who,
  ];
  return `| ${cells.join(' | ')} |`;
}

function undoOf(models: readonly ModelState[]): readonly string[] {
  const known = models.find(({ serving }) => serving.production !== undefined);
  if (known === undefined) return [];
  const { model } = known;
  return [
    '## Undo',
    '',
    '```sh',
    `fettle rollback ${model}                  # the version before serves again`,
    `fettle rollback ${model} --to <version>   # any version that has served`,
    `fettle retire ${model}                    # nothing serves`,
    '```',
    '',
    'Nothing is ever deleted: a rollback is one more event, and can itself be rolled back.',
    '',
  ];
}

function filesOf(origin: string): readonly string[] {
  return [
    '## What lies here',
    '',
    '| path | what |',
    '|---|---|',
    '| `log/` | the events, 64 a file, each line chained to the one before by its hash; the only truth |',
    '| `state/`, `index/`, `idem/` | derived from the log, one file a model, for fast reading |',
    '| `head.json`, `checkpoint` | how long the log is, and the Merkle root over it |',
    '| `FORMAT` | the version of this layout |',
    '',
    `Check all of it with \`fettle verify\`. This registry is ${codeSpan(origin)}.`,
  ];
}
