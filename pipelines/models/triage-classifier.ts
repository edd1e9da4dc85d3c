/** An exported triage model, opened to be asked: issues in, probabilities, labels to give and reasons out. */
import * as z from 'zod';
import { inputMisfit, notAClassifier } from '../faults.ts';
import { onnxRunFailed } from '../onnx/faults.ts';
import { openSession, type OnnxSession, type Tensors } from '../onnx/session.ts';
import type { FeatureInput } from './features.ts';
import { IssueBlocks, issueRow } from './issue-blocks.ts';
import type { IssueRow } from './issue-row.ts';
import { TRIAGE_FORMAT, TRIAGE_METADATA, TRIAGE_PORTS, triageFeed } from './triage-export.ts';

export interface TriageCard {
  readonly labels: readonly string[];
  readonly features: IssueBlocks;
  /** Those whose own weights the model has; any other has the shared ones alone. */
  readonly projects: readonly string[];
  readonly choice: 'one' | 'any';
}

export interface TriageAnswer {
  readonly probabilities: readonly number[];
  /** Labels whose thresholds are reached; none means that the model abstains. */
  readonly given: readonly string[];
  readonly row: IssueRow;
  /** Row-major, labels an entry of the row: what it adds to each label's score. */
  readonly parts: Float32Array;
  /** One an entry: the scaled row, of length 1 at most. */
  readonly values: Float32Array;
}

export interface OpenTriage extends TriageCard {
  /** @throws inputMisfit when the input is no issue */
  readonly ask: (input: FeatureInput) => Promise<TriageAnswer>;
  readonly close: () => Promise<void>;
}

const Labels = z.array(z.string()).min(1);
const Projects = z.array(z.string());
const Choice = z.enum(['one', 'any']);

/** Whether the metadata is that of a triage model. */
export function isTriage(metadata: Readonly<Record<string, string>>): boolean {
  return metadata[TRIAGE_METADATA.format] === TRIAGE_FORMAT;
}

/**
 * What a triage model says of itself.
 *
 * @param metadata  of a file by `exportTriage`
 * @returns         labels, features, projects and choice
 * @throws          notAClassifier when a field is missing or misshapen
 * @cost            parsing some kilobytes
 * @source          metadata keys in `triage-export.ts`
 */
export function triageCardOf(metadata: Readonly<Record<string, string>>): TriageCard {
  const parsed = <T>(schema: z.ZodType<T>, key: string): T => {
    const text = metadata[key] ?? '';
    try {
      return schema.parse(JSON.parse(text));
    } catch (error) {
      throw notAClassifier({ wanted: `a valid ${key}`, found: `\`${text.slice(0, 80)}\`` }, error);
    }
  };
  const choice = Choice.safeParse(metadata[TRIAGE_METADATA.choice]);
  if (!choice.success) throw notAClassifier({ wanted: `a valid ${TRIAGE_METADATA.choice}`, found: 'none' });
  return {
    labels: parsed(Labels, TRIAGE_METADATA.labels),
    features: parsed(IssueBlocks, TRIAGE_METADATA.features),
    projects: parsed(Projects, TRIAGE_METADATA.projects),
    choice: choice.data,
  };
}

/**
 * Opens a triage model.
 *
 * @param bytes  by `exportTriage`
 * @param card   by `triageCardOf`
 * @returns      a model to ask, to be closed by whoever opened it
 * @throws       faults of `openSession`
 * @cost         opening a session
 * @source       ports in `triage-export.ts`
 */
export async function openTriage(bytes: Uint8Array, card: TriageCard): Promise<OpenTriage> {
  const session = await openSession(bytes);
  return { ...card, ask: (input) => answer(session, card, input), close: session.close };
}

async function answer(session: OnnxSession, card: TriageCard, input: FeatureInput): Promise<TriageAnswer> {
  if (!('title' in input)) throw inputMisfit({ wanted: 'a title and a body', found: 'numbers' });
  const row = issueRow(card.features, input);
  const said = await session.run(triageFeed(row, card.projects.indexOf(input.project ?? '')));
  const given = said[TRIAGE_PORTS.given];
  if (given?.type !== 'int64') throw onnxRunFailed({ said: `no output ${TRIAGE_PORTS.given}` });
  return {
    row,
    probabilities: [...floats(said, TRIAGE_PORTS.probabilities)],
    given: card.labels.filter((_, label) => given.data[label] === 1n),
    parts: floats(said, TRIAGE_PORTS.parts),
    values: floats(said, TRIAGE_PORTS.values),
  };
}

function floats(said: Tensors, port: string): Float32Array {
  const found = said[port];
  if (found?.type !== 'float32') throw onnxRunFailed({ said: `no output ${port}` });
  return found.data;
}
