/** `fettle predict <model>`: what the version that serves says of an input. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import type { Row } from '../../pipelines/artifacts/batch.ts';
import { connectorFor } from '../../pipelines/connectors/index.ts';
import type { SourceRow, SourceTable } from '../../pipelines/connectors/connector.ts';
import { columnMissing, inputMisfit, sourceMisshapen, sourceUnreadable } from '../../pipelines/faults.ts';
import type { Classifier, Prediction } from '../../pipelines/models/classifier.ts';
import { Channel, ModelName, Version } from '../../registry/schema/model.ts';
import { openVersion } from './service.ts';
import { defineVerb, type Paint } from './verb.ts';
import { modelIn, openReader, openShelf } from './workplace.ts';

const Input = z.strictObject({
  model: ModelName.describe('the model'),
  title: z.string().optional().describe('an issue’s title'),
  body: z.string().optional().describe('an issue’s body'),
  project: z.string().optional().describe('whose issue it is, where one model is for several projects'),
  values: z.string().optional().describe('numbers separated by commas, in the order of the columns'),
  from: z
    .string()
    .optional()
    .describe('a file of rows to predict, with the columns that the model was trained on'),
  version: Version.optional().describe('another version than the one that serves'),
  on: Channel.default('production').describe('the channel'),
});
type Input = z.infer<typeof Input>;

interface Asked {
  readonly id: string;
  readonly input: Row['input'];
}

export const predict = defineVerb({
  name: 'predict',
  says: 'Says what the version that serves makes of an input, with probabilities.',
  words: ['model'],
  input: Input,
  writes: false,
  examples: [
    'fettle predict issue-triage --project facebook/react --title "App crashes on start" --body "Steps: …"',
    'fettle predict digits --from rows.csv --json',
  ],

  async run(context, input) {
    const ledger = await openReader(context);
    const known = await modelIn(ledger, input.model);
    const chosen = { channel: input.on, version: input.version ?? null };
    const { store } = await openShelf(context, ledger.repository);
    const { version, classifier } = await openVersion(known, chosen, store);
    try {
      const asked = await askedOf(input, classifier, context.folder);
      const answers = await classifier.predictAll(asked.map((one) => one.input));
      const told = asked.map(({ id }, index) => answerOf(id, answers[index], classifier.labels));
      return {
        data: { model: known.model, version: version.version, predictions: told },
        text: (paint) => textOf(told, `${known.model}@${version.version}`, paint),
      };
    } finally {
      await classifier.close();
    }
  },
});

async function askedOf(input: Input, { features }: Classifier, folder: string): Promise<readonly Asked[]> {
  if (input.from !== undefined) {
    return rowsFrom(await tableOf(path.resolve(folder, input.from)), features, input.from);
  }
  if (features.kind !== 'dense') {
    if (input.title === undefined && input.body === undefined) {
      throw inputMisfit({ wanted: '`--title` and `--body`, or `--from <file>`', found: 'neither' });
    }
    return [{ id: '1', input: textOfInput(input) }];
  }
  if (input.values === undefined) {
    throw inputMisfit({ wanted: '`--values`, or `--from <file>`', found: 'neither' });
  }
  const numbers = input.values.split(',').map((text) => (text.trim() === '' ? Number.NaN : Number(text)));
  if (numbers.length !== features.columns.length || !numbers.every(Number.isFinite)) {
    throw inputMisfit({
      wanted: `${features.columns.length} numbers`,
      found: `\`${input.values.slice(0, 60)}\``,
    });
  }
  return [{ id: '1', input: numbers }];
}

function textOfInput({ title = '', body = '', project }: Input): Row['input'] {
  return project === undefined ? { title, body } : { title, body, project };
}

export async function tableOf(file: string): Promise<SourceTable> {
  const name = path.basename(file);
  const connector = connectorFor(name);
  try {
    return connector.read(await readFile(file), name);
  } catch (error) {
    if (
      !(error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error)
    ) {
      throw error;
    }
    throw sourceUnreadable({ source: name, said: error.message }, error);
  }
}

function rowsFrom(table: SourceTable, features: Classifier['features'], from: string): readonly Asked[] {
  const wanted = features.kind === 'dense' ? features.columns : ['title', 'body'];
  const missing = wanted.find((column) => !table.columns.includes(column));
  if (missing !== undefined) {
    throw columnMissing({ source: from, column: missing, role: 'features', columns: table.columns });
  }
  return table.rows.map((row, index) => ({
    id: row.cells['id'] ?? String(index + 1),
    input: features.kind === 'dense' ? numbersOf(row, features.columns, from) : issueOf(row),
  }));
}

function issueOf({ cells }: SourceRow): Row['input'] {
  const project = cells['project'] ?? cells['repo'];
  const text = { title: cells['title'] ?? '', body: cells['body'] ?? '' };
  return project === undefined ? text : { ...text, project };
}

function numbersOf(
  { cells, line }: SourceRow,
  columns: readonly string[],
  source: string,
): readonly number[] {
  return columns.map((column) => {
    const text = cells[column] ?? '';
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value)) return value;
    throw sourceMisshapen({
      source,
      line,
      wanted: `a number in \`${column}\``,
      found: `\`${text.slice(0, 40)}\``,
    });
  });
}

interface Answer {
  readonly id: string;
  readonly label: string;
  readonly probability: number;
  readonly probabilities: Readonly<Record<string, number>>;
  /** Labels sure enough to be given; none: it abstains; null: the model has no thresholds. */
  readonly given: readonly string[] | null;
}

function answerOf(id: string, answer: Prediction | undefined, labels: readonly string[]): Answer {
  const { probabilities = [], given = null } = answer ?? {};
  const ranked = labels
    .map((label, index) => [label, probabilities[index] ?? 0] as const)
    .sort((a, b) => b[1] - a[1]);
  const [label, probability] = ranked[0] ?? ['', 0];
  return { id, label, probability, probabilities: Object.fromEntries(ranked), given };
}

function textOf(answers: readonly Answer[], name: string, paint: Paint): string {
  const rows = answers.map(({ id, label, probability, probabilities, given }) => [
    id,
    label,
    `${(probability * 100).toFixed(1)}%`,
    given === null ? '' : given.length === 0 ? 'abstains' : given.join(', '),
    Object.entries(probabilities)
      .slice(1, 3)
      .map(([other, share]) => `${other} ${(share * 100).toFixed(1)}%`)
      .join(', '),
  ]);
  return [
    paint.table([['id', 'label', 'sure', 'would give', 'then'], ...rows]),
    paint.dim(`by ${name}`),
  ].join('\n');
}
