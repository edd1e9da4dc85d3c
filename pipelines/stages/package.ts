/** Model and what is known of it -> its card: what it does, from what, how well, and what it must not be used for. */
import * as z from 'zod';
import { shortOf } from '../../registry/base/digest.ts';
import { countOf, decodeDataset, PART, type Dataset } from '../artifacts/dataset.ts';
import { decodeOutcomes, type Outcomes } from '../artifacts/outcomes.ts';
import { cardOf, type Card } from '../models/classifier.ts';
import { confusionOf, reportsOf } from '../stats/classification.ts';
import { defineStage, required, type StageContext } from './stage.ts';

/** The words of any learner. */
const Learner = z.record(z.string(), z.union([z.number(), z.boolean(), z.string()]));
type Learner = z.infer<typeof Learner>;

export const packageModel = defineStage({
  name: 'package',
  version: 1,
  takes: { dataset: required('dataset'), model: required('onnx'), outcomes: required('outcomes') },
  gives: { card: 'package' },
  params: z.strictObject({ learner: Learner }),
  reaches: 'nothing',

  async perform(context, { learner }) {
    const { read, write } = context;
    const dataset = decodeDataset(await read('dataset'));
    const card = cardOf(await read('model'));
    const outcomes = decodeOutcomes(await read('outcomes'));
    const parts = [
      whatItIs(card, learner, context),
      madeOf(dataset, learner, context),
      howWell(outcomes),
      limitsOf(card),
    ];
    await write('card', Buffer.from(`${parts.join('\n\n')}\n`));
  },
});

function whatItIs({ labels, features }: Card, { kind }: Learner, { digestOf }: StageContext): string {
  const takes =
    features.kind === 'dense' ? `${features.columns.length} numbers` : 'title and body of an issue';
  return [
    '# Model card',
    '',
    `A classifier of ${takes} into ${labels.length} labels: ${labels.map(code).join(', ')}.`,
    '',
    `- File: ONNX, \`${digestOf('model')}\``,
    features.kind === 'issue-blocks'
      ? '- Learner: ridge regression with shared and per-project weights, calibrated'
      : `- Learner: ${kind === 'perceptron' ? 'multilayer perceptron' : 'softmax regression'}`,
  ].join('\n');
}

function madeOf(dataset: Dataset, learner: Learner, { digestOf, seed }: StageContext): string {
  return [
    '## Made of',
    '',
    `- Dataset \`${shortOf(digestOf('dataset'))}\`: ${dataset.members.length} batches, ` +
      `${countOf(dataset, PART.train)} rows trained on, ${countOf(dataset, PART.holdout)} held out`,
    `- Seed ${seed}; ${Object.entries(learner)
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', ')}`,
  ].join('\n');
}

function howWell(outcomes: Outcomes): string {
  const { labels } = outcomes;
  const reports = reportsOf(confusionOf({ ...outcomes, classCount: labels.length }));
  const lines = reports.map(
    ({ precision, recall, f1, support }, index) =>
      `| ${code(labels[index] ?? '')} | ${precision.toFixed(3)} | ${recall.toFixed(3)} | ${f1.toFixed(3)} | ${support} |`,
  );
  return [
    `## How well, on ${outcomes.ids.length} held-out rows`,
    '',
    '| label | precision | recall | F1 | rows |',
    '|---|---:|---:|---:|---:|',
    ...lines,
  ].join('\n');
}

function limitsOf({ features }: Card): string {
  const taught = features.kind === 'dense' ? 'rows of the same columns' : 'issues of the same project';
  return [
    '## Limits',
    '',
    `It knows ${taught} as they were when it was trained. It says one of its labels of anything, ` +
      'also of what belongs to none of them: look at the probability before acting on an answer.',
  ].join('\n');
}

/** Labels come from outside: nothing in them may end the code span or the table's cell. */
function code(text: string): string {
  return `\`${text.replaceAll(/[`|\n\r]/g, ' ')}\``;
}
