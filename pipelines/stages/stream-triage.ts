/** Dataset -> a triage model learned label by label in the order in which people gave them, and how right it was on the way. */
import * as z from 'zod';
import { type Digest, digestOfValue } from '../../registry/base/digest.ts';
import { datasetOf, decodeDataset, type Dataset, type Member, PART, rowsOf } from '../artifacts/dataset.ts';
import { encodeOutcomes, outcomesOf, type ScoredItem } from '../artifacts/outcomes.ts';
import { inputMisfit, singleClass } from '../faults.ts';
import { boilerplateOf, IssueBlocks, issueRow } from '../models/issue-blocks.ts';
import type { IssueText } from '../models/issue-tokens.ts';
import type { StreamLabel } from '../models/stream-state.ts';
import { checkTriage, exportTriage } from '../models/triage-export.ts';
import { TriageParams } from '../models/triage-learner.ts';
import { openStream, resumeStream, type TriageStream } from '../models/triage-stream.ts';
import { defineStage, required, type StageContext } from './stage.ts';

/** The lines of templates are looked for in the first texts alone, so that what comes later changes nothing before it. */
const OPENING = 1000;
/** Issues that the exported file is asked about, the newest; asking it about all would grow with the history. */
const CHECKED = 1000;

/**
 * The order is that of the batches and of their rows: no clock is asked, so a wrong one changes nothing. Where the
 * course that led through the first batches was left, it goes on from there, and ends as if it had begun anew.
 */
export const streamTriage = defineStage({
  name: 'stream-triage',
  version: 2,
  takes: { dataset: required('dataset') },
  gives: { model: 'onnx', tested: 'outcomes' },
  params: z.strictObject({ learner: TriageParams }),
  reaches: 'nothing',

  async perform({ read, load, write, recall, leave, seed, tell }, { learner }) {
    const { input, members } = decodeDataset(await read('dataset'));
    const keys = keysOf(members);
    const left = await lastLeft(keys, recall);
    const told = await toldIn(datasetOf(input, members.slice(left?.heard ?? 0)), load);
    const lesson = { params: learner, seed };
    const course = left === null ? begun(told, lesson) : resumed(left.bytes, lesson);
    const { features, stream, tested } = course;
    told.forEach((word, index) => {
      hear(course, word);
      if (index % 100 === 0) tell(index, told.length);
    });
    const model = stream.model();
    const bytes = exportTriage(model, features);
    const asked = stream.held().slice(-CHECKED);
    await checkTriage(
      model,
      bytes,
      asked.map(({ row, project }) => ({ row, project: model.projects.indexOf(project) })),
    );
    await write('model', bytes);
    await write('tested', encodeOutcomes(outcomesOf(aligned(tested, model.labels), model.labels)));
    const key = keys.at(-1);
    if (key !== undefined && stream.words() >= OPENING) await leave(key, encodeCourse(course));
  },
});

interface Answered extends ScoredItem {
  readonly probabilities: readonly number[];
  /** That it knew then. */
  readonly labels: readonly string[];
}

interface Course {
  readonly features: IssueBlocks;
  readonly stream: TriageStream;
  readonly tested: Answered[];
}

interface Lesson {
  readonly params: TriageParams;
  readonly seed: number;
}

/** For each batch what led up to it and through it: equal keys have heard the same in the same order, by the same names. */
function keysOf(members: readonly Member[]): readonly Digest[] {
  const keys: Digest[] = [];
  for (const { batch, parts } of members) {
    keys.push(digestOfValue({ before: keys.at(-1) ?? '', batch, parts }));
  }
  return keys.map((key, place) => {
    const later = members.slice(place + 1).flatMap(({ renamings = [] }) => renamings);
    return later.length === 0 ? key : digestOfValue({ key, later });
  });
}

async function lastLeft(
  keys: readonly Digest[],
  recall: StageContext['recall'],
): Promise<{ readonly heard: number; readonly bytes: Uint8Array } | null> {
  for (const [place, key] of [...keys.entries()].reverse()) {
    const bytes = await recall(key);
    if (bytes !== null) return { heard: place + 1, bytes };
  }
  return null;
}

/** @throws singleClass when there are not two labels to tell apart */
function begun(told: readonly Told[], { params, seed }: Lesson): Course {
  const labels = new Set(told.flatMap(({ label }) => (label === null ? [] : [label])));
  if (labels.size === 1) throw singleClass({ label: [...labels][0] ?? '', rows: told.length });
  const boilerplate = boilerplateOf(told.slice(0, OPENING).map(({ issue }) => issue));
  const features = IssueBlocks.parse({ kind: 'issue-blocks', version: 1, boilerplate });
  return { features, stream: openStream({ bits: features.bits, params, seed }), tested: [] };
}

function hear({ features, stream, tested }: Course, { id, label, denied, issue }: Told): void {
  const project = issue.project ?? '';
  const word: StreamLabel = { id, row: issueRow(features, issue), project, label, denied };
  const { labels, probabilities } = stream.ask(word.row, project);
  // A correction is nothing that could have been foretold: the stream was told of that issue before.
  if (label !== null && !stream.has(id) && labels.length > 0) {
    tested.push({ id, truth: label, labels, probabilities: [...probabilities] });
  }
  stream.tell(word);
}

const Left = z.strictObject({
  features: IssueBlocks,
  tested: z.array(
    z.strictObject({
      id: z.string(),
      truth: z.string(),
      labels: z.array(z.string()),
      probabilities: z.array(z.number()),
    }),
  ),
});

/** A line of JSON, then what the stream says of itself. */
function encodeCourse({ features, stream, tested }: Course): Uint8Array {
  return Buffer.concat([Buffer.from(`${JSON.stringify({ features, tested })}\n`), stream.checkpoint()]);
}

function resumed(bytes: Uint8Array, { params, seed }: Lesson): Course {
  const end = bytes.indexOf(0x0a);
  const { features, tested } = Left.parse(JSON.parse(Buffer.from(bytes.subarray(0, end)).toString('utf8')));
  const stream = resumeStream({ bits: features.bits, params, seed }, bytes.subarray(end + 1));
  return { features, stream, tested };
}

interface Told extends Pick<StreamLabel, 'id' | 'label' | 'denied'> {
  readonly issue: IssueText;
}

/** @throws inputMisfit when the rows are numbers */
async function toldIn(dataset: Dataset, load: StageContext['load']): Promise<readonly Told[]> {
  const rows = await rowsOf(dataset, [PART.train, PART.denied], load);
  return rows.map(({ id, label, not = [], input }) => {
    if (!('title' in input)) throw inputMisfit({ wanted: 'a title and a body', found: 'numbers' });
    return { id, label: label === '' ? null : label, denied: not, issue: input };
  });
}

/** Answers in the order of all labels: one that was not known yet has no share. */
function aligned(tested: readonly Answered[], labels: readonly string[]): readonly ScoredItem[] {
  return tested.map(({ id, truth, probabilities, labels: known }) => ({
    id,
    truth,
    probabilities: labels.map((label) => probabilities[known.indexOf(label)] ?? 0),
  }));
}
