/** An exported classifier, opened to be asked: bytes in, labels with probabilities out. */
import * as z from 'zod';
import { notAClassifier } from '../faults.ts';
import { readModel } from '../onnx/read.ts';
import { openSession, type OnnxSession } from '../onnx/session.ts';
import { ask, FORMAT, METADATA } from './export.ts';
import { type FeatureInput, FeatureSpec, featurize } from './features.ts';
import type { IssueBlocks } from './issue-blocks.ts';
import { likeliest } from './linear-model.ts';
import {
  isTriage,
  openTriage,
  type OpenTriage,
  type TriageAnswer,
  triageCardOf,
} from './triage-classifier.ts';

export interface Prediction {
  readonly label: string;
  /** In the order of the classifier's labels. */
  readonly probabilities: readonly number[];
  /** Labels whose thresholds are reached, none meaning that the model abstains; null where it has no thresholds. */
  readonly given: readonly string[] | null;
}

export interface Classifier {
  readonly labels: readonly string[];
  readonly features: FeatureSpec | IssueBlocks;
  /** Projects that a triage model has weights of their own for. */
  readonly projects: readonly string[];
  /** What is behind an answer; null for models that are not asked for it. */
  readonly explain: ((input: FeatureInput) => Promise<TriageAnswer>) | null;
  /** @throws inputMisfit when the input is not what the features say */
  readonly predict: (input: FeatureInput) => Promise<Prediction>;
  /** @throws inputMisfit when one of the inputs is not what the features say */
  readonly predictAll: (inputs: readonly FeatureInput[]) => Promise<readonly Prediction[]>;
  readonly close: () => Promise<void>;
}

/** What the metadata tells: everything that is needed to ask the model. */
export interface Card {
  readonly labels: readonly string[];
  readonly features: FeatureSpec | IssueBlocks;
}

interface PlainCard extends Card {
  readonly features: FeatureSpec;
}

const Labels = z.array(z.string()).min(2);

/**
 * Opens a classifier that Fettle exported; labels and features come from the file itself.
 *
 * @param bytes  by `exportClassifier`
 * @returns      a classifier, to be closed by whoever opened it
 * @throws       onnxMalformed when the bytes are no model, notAClassifier when the model is not one of Fettle's, and
 *               faults of `openSession`
 * @cost         reading the metadata and opening a session
 * @source       metadata keys in `export.ts`
 */
export async function openClassifier(bytes: Uint8Array): Promise<Classifier> {
  const { metadata } = readModel(bytes);
  if (isTriage(metadata)) return triageClassifier(await openTriage(bytes, triageCardOf(metadata)));
  const card = plainCardOf(metadata);
  const session = await openSession(bytes);
  const predictAll = (inputs: readonly FeatureInput[]) => predictions(session, card, inputs);
  return {
    ...card,
    projects: [],
    explain: null,
    predictAll,
    predict: async (input) => (await predictAll([input]))[0]!,
    close: session.close,
  };
}

/**
 * What a classifier says of itself, without opening it.
 *
 * @param bytes  by `exportClassifier`
 * @returns      labels and features
 * @throws       onnxMalformed when the bytes are no model, notAClassifier when its metadata is not Fettle's
 * @cost         one object a field of the file
 * @source       metadata keys in `export.ts`
 */
export function cardOf(bytes: Uint8Array): Card {
  const { metadata } = readModel(bytes);
  return isTriage(metadata) ? triageCardOf(metadata) : plainCardOf(metadata);
}

function plainCardOf(metadata: Readonly<Record<string, string>>): PlainCard {
  const format = metadata[METADATA.format];
  if (format !== FORMAT) {
    throw notAClassifier({ wanted: `${METADATA.format} ${FORMAT}`, found: format ?? 'no such metadata' });
  }
  return {
    labels: parsed(Labels, METADATA.labels, metadata),
    features: parsed(FeatureSpec, METADATA.features, metadata),
  };
}

function parsed<T>(schema: z.ZodType<T>, key: string, metadata: Readonly<Record<string, string>>): T {
  const text = metadata[key] ?? '';
  try {
    return schema.parse(JSON.parse(text));
  } catch (error) {
    throw notAClassifier({ wanted: `a valid ${key}`, found: `\`${text.slice(0, 80)}\`` }, error);
  }
}

async function predictions(
  session: OnnxSession,
  { labels, features }: PlainCard,
  inputs: readonly FeatureInput[],
): Promise<readonly Prediction[]> {
  if (inputs.length === 0) return [];
  const rows = inputs.map((input) => featurize(features, input));
  const probabilities = await ask(session, features, rows);
  const best = likeliest(probabilities, labels.length);
  return Array.from(best, (label, row) => ({
    label: labels[label]!,
    probabilities: [...probabilities.subarray(row * labels.length, (row + 1) * labels.length)],
    given: null,
  }));
}

function triageClassifier(open: OpenTriage): Classifier {
  const predict = async (input: FeatureInput): Promise<Prediction> => {
    const { probabilities, given } = await open.ask(input);
    const [best = 0] = likeliest(probabilities, open.labels.length);
    return { label: open.labels[best]!, probabilities, given };
  };
  const predictAll = async (inputs: readonly FeatureInput[]) => {
    const found: Prediction[] = [];
    for (const input of inputs) found.push(await predict(input));
    return found;
  };
  return { ...open, explain: open.ask, predict, predictAll };
}
