/** `fettle score <model>`: every version that ever served, scored again on the same items, by whatever metric is asked. */
import path from 'node:path';
import * as z from 'zod';
import type { Row } from '../../pipelines/artifacts/batch.ts';
import { decodeDataset, namesNow, PART, rowsOf } from '../../pipelines/artifacts/dataset.ts';
import { type Outcomes, outcomesOf } from '../../pipelines/artifacts/outcomes.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { columnMissing, sourceEmpty } from '../../pipelines/faults.ts';
import { openClassifier } from '../../pipelines/models/classifier.ts';
import { expectMetric, scoreNamed, type NamedScore } from '../../pipelines/scores/backfill.ts';
import type { Estimate } from '../../pipelines/stats/bootstrap.ts';
import { ModelName } from '../../registry/schema/model.ts';
import type { ModelState, VersionState } from '../../registry/schema/state.ts';
import { servingOf } from '../../registry/state/query.ts';
import { tableOf } from './predict.ts';
import { scoredOf, scoredText } from './scored.ts';
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
    const asked: Answered[] = [];
    for (const version of championsOf(known)) {
      const outcomes = await outcomesBy(version, { rows, store, nameOf });
      if (outcomes !== null) asked.push({ version: version.version, outcomes });
    }
    const serving = servingOf(known, 'production')?.version ?? null;
    const beside = asked.find(({ version }) => version === serving) ?? null;
    const found = asked.map(({ version, outcomes }) => {
      const other = beside === null || version === serving ? null : beside.outcomes;
      const score = scoreNamed(outcomes, input.metric, other);
      return { version, value: score?.estimate ?? null, score, scored: scoredOf(outcomes, rows) };
    });
    return {
      data: {
        model: known.model,
        metric: input.metric,
        items: rows.length,
        beside: beside?.version ?? null,
        versions: found,
      },
      text: (paint) => {
        if (found.length === 0) {
          return `No version of ${known.model} that served can be scored on these items.`;
        }
        const head = [
          'version',
          `${input.metric} (95%)`,
          `less that of ${beside?.version ?? 'none'}`,
          'items',
        ];
        const lines = found.map(({ version, score }) => [version, ...scoreCells(score), String(rows.length)]);
        const { version: newest, scored } = found.at(-1) ?? { version: '', scored: null };
        const whole =
          scored === null ? [] : [paint.dim(`${known.model}@${newest}:`), scoredText(scored, paint)];
        return [paint.table([head, ...lines]), ...whole].join('\n');
      },
    };
  },
});

interface Answered {
  readonly version: string;
  readonly outcomes: Outcomes;
}

function scoreCells(score: NamedScore | null): readonly [value: string, difference: string] {
  if (score === null) return ['no such label', '–'];
  const told = ({ estimate, low, high }: Estimate): string =>
    `${estimate.toFixed(4)} (${low.toFixed(4)} to ${high.toFixed(4)})`;
  return [told(score), score.difference === null ? '–' : told(score.difference)];
}

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
