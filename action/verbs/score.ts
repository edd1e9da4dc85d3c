/** `fettle score <model>`: every version that ever served, scored again on the same items, by whatever metric is asked. */
import path from 'node:path';
import * as z from 'zod';
import type { Row } from '../../pipelines/artifacts/batch.ts';
import { decodeDataset, namesNow, PART, rowsOf } from '../../pipelines/artifacts/dataset.ts';
import { type Outcomes, outcomesOf } from '../../pipelines/artifacts/outcomes.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { columnMissing, sourceEmpty } from '../../pipelines/faults.ts';
import { openClassifier } from '../../pipelines/models/classifier.ts';
import { expectMetric, metricNamed } from '../../pipelines/scores/backfill.ts';
import { ModelName } from '../../registry/schema/model.ts';
import type { ModelState, VersionState } from '../../registry/schema/state.ts';
import { tableOf } from './predict.ts';
import { type Scored, scoredOf, scoredText } from './scored.ts';
import { defineVerb } from './verb.ts';
import { modelIn, openReader, openShelf } from './workplace.ts';

const Input = z.strictObject({
  model: ModelName.describe('the model'),
  metric: z
    .string()
    .default('macro_f1')
    .describe('accuracy, macro_f1, ece, brier, or precision, recall or f1 of a label, as `f1:bug`'),
  from: z
    .string()
    .optional()
    .describe('labelled issues to score on: title, body, label and repo or project; else what is held out'),
});
type Input = z.infer<typeof Input>;

export const score = defineVerb({
  name: 'score',
  says: 'Scores every version that ever served on the same items, by whatever metric is asked.',
  words: ['model'],
  input: Input,
  writes: false,
  examples: ['fettle score issue-triage --metric f1:question', 'fettle score issue-triage --from newer.csv'],

  async run(context, input) {
    expectMetric(input.metric);
    const ledger = await openReader(context);
    const known = await modelIn(ledger, input.model);
    const { store } = await openShelf(context, ledger.repository);
    const rows = await rowsFor(input, { known, store, folder: context.folder });
    const nameOf = await labelNamesOf(known, rows, store);
    const found: {
      readonly version: string;
      readonly value: number | null;
      readonly scored: Scored | null;
    }[] = [];
    for (const version of championsOf(known)) {
      const outcomes = await outcomesBy(version, { rows, store, nameOf });
      if (outcomes === null) continue;
      const value = metricNamed(outcomes, input.metric);
      found.push({ version: version.version, value, scored: scoredOf(outcomes, rows) });
    }
    const newest = found.at(-1)?.scored ?? null;
    return {
      data: { model: known.model, metric: input.metric, items: rows.length, versions: found },
      text: (paint) => {
        if (found.length === 0) {
          return `No version of ${known.model} that served can be scored on these items.`;
        }
        const table = paint.table([
          ['version', input.metric, 'items'],
          ...found.map(({ version, value }) => [
            version,
            value === null ? 'no such label' : value.toFixed(4),
            String(rows.length),
          ]),
        ]);
        return newest === null
          ? table
          : [
              table,
              paint.dim(`${known.model}@${found.at(-1)?.version ?? ''}:`),
              scoredText(newest, paint),
            ].join('\n');
      },
    };
  },
});

/** Those that served somewhere at some time, oldest first. */
function championsOf({ versions, tenures }: ModelState): readonly VersionState[] {
  const served = new Set(tenures.map(({ version }) => version));
  return versions.filter(({ version }) => served.has(version));
}

interface Place {
  readonly known: ModelState;
  readonly store: ArtifactStore;
  readonly folder: string;
}

/** @throws sourceEmpty when there is no row */
async function rowsFor({ from, model }: Input, { known, store, folder }: Place): Promise<readonly Row[]> {
  if (from !== undefined) return rowsOfFile(path.resolve(folder, from), from);
  const dataset = known.data === null ? null : decodeDataset(await store.get(known.data));
  const rows = dataset === null ? [] : await rowsOf(dataset, PART.holdout, (digest) => store.get(digest));
  if (rows.length === 0) throw sourceEmpty({ source: `what is held out from ${model}` });
  return rows;
}

async function rowsOfFile(file: string, told: string): Promise<readonly Row[]> {
  const { rows, columns } = await tableOf(file);
  const missing = ['title', 'body', 'label'].find((column) => !columns.includes(column));
  if (missing !== undefined) throw columnMissing({ source: told, column: missing, role: missing, columns });
  return rows.map(({ cells }, index) => {
    const project = cells['project'] ?? cells['repo'];
    const text = { title: cells['title'] ?? '', body: cells['body'] ?? '' };
    return {
      id: cells['id'] ?? String(index + 1),
      at: '',
      group: '',
      label: cells['label'] ?? '',
      input: project === undefined ? text : { ...text, project },
    };
  });
}

/** What labels that older versions know are called in these rows. */
async function labelNamesOf(
  { data }: ModelState,
  rows: readonly Row[],
  store: ArtifactStore,
): Promise<(label: string) => string> {
  if (data === null || !(await store.has(data))) return (label) => label;
  return namesNow(decodeDataset(await store.get(data)), new Set(rows.map(({ label }) => label)));
}

interface Scoring {
  readonly rows: readonly Row[];
  readonly store: ArtifactStore;
  readonly nameOf: (label: string) => string;
}

/** Null where the version's file is not here, or takes another kind of input. */
async function outcomesBy(
  { artifacts }: VersionState,
  { rows, store, nameOf }: Scoring,
): Promise<Outcomes | null> {
  const artifact = artifacts['model'];
  if (artifact === undefined || !(await store.has(artifact.digest))) return null;
  const classifier = await openClassifier(await store.get(artifact.digest));
  try {
    const [first] = rows;
    if (first === undefined || (classifier.features.kind === 'dense') === 'title' in first.input) return null;
    const answers = await classifier.predictAll(rows.map(({ input }) => input));
    const items = rows.map(({ id, label }, index) => ({
      id,
      truth: label,
      probabilities: answers[index]?.probabilities ?? [],
    }));
    return outcomesOf(items, classifier.labels.map(nameOf));
  } finally {
    await classifier.close();
  }
}
