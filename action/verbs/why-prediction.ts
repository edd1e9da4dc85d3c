/** What decided a prediction: its words, the past issues most like it, and how sure the model is. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Row } from '../../pipelines/artifacts/batch.ts';
import { decodeOutcomes } from '../../pipelines/artifacts/outcomes.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { inputMisfit, sourceUnreadable } from '../../pipelines/faults.ts';
import type { Classifier } from '../../pipelines/models/classifier.ts';
import type { IssueBlocks } from '../../pipelines/models/issue-blocks.ts';
import type { IssueText } from '../../pipelines/models/issue-tokens.ts';
import type { TriageAnswer } from '../../pipelines/models/triage-classifier.ts';
import { mostAlike, type Reason, reasonsFor } from '../../pipelines/models/why.ts';
import type { Digest } from '../../registry/base/digest.ts';
import { percent } from '../../registry/report/words.ts';
import type { Channel, Version } from '../../registry/schema/model.ts';
import type { ModelState, VersionState } from '../../registry/schema/state.ts';
import { outcomesLeft } from '../../registry/state/query.ts';
import { reasonsUntold } from '../faults.ts';
import { rowsIn } from './scored.ts';
import { openVersion } from './service.ts';
import type { Paint, Told, VerbContext } from './verb.ts';

/** The issue, where one is asked about. */
export interface PredictionAsk {
  readonly title?: string | undefined;
  readonly body?: string | undefined;
  readonly file?: string | undefined;
  readonly project?: string | undefined;
  readonly label?: string | undefined;
}

export interface Predicted extends PredictionAsk {
  readonly known: ModelState;
  readonly version: Version | null;
  readonly on: Channel;
  readonly store: ArtifactStore;
}

/** How many reasons and past issues are told. */
const TOLD = 10;
const ALIKE = 3;

/** @throws reasonsUntold, inputMisfit, nothingServes, artifactMissing */
export async function predictionTold(context: VerbContext, asked: Predicted): Promise<Told> {
  const { known, version: wanted, on, store, label = null } = asked;
  const issue = await issueOf(asked, context.folder);
  const { version, classifier } = await openVersion(known, { channel: on, version: wanted }, store);
  try {
    expectReasons(classifier, { model: known.model, version: version.version });
    const told = await explained(classifier, issue, label);
    const record = await recordOf(version, told.probability, store);
    const data = version.lineage?.data ?? null;
    const alike = data === null ? [] : await alikeOf(told.answer, { classifier, store, data });
    const { answer: _answer, ...rest } = told;
    const by = `${known.model}@${version.version}`;
    const answered = { by, ...rest, record, alike };
    return { data: answered, text: (paint) => textOf(answered, paint) };
  } finally {
    await classifier.close();
  }
}

/** How sure it was on held-out items, within so much of how sure it is now, and how often it was right then. */
const ABOUT = 0.1;
/** Fewer items say nothing of how often it is right. */
const ITEMS_LEAST = 10;

interface TrackRecord {
  readonly items: number;
  readonly right: number;
}

/** Null where its answers of then are not here, or too few were about as sure. */
async function recordOf(
  version: VersionState,
  probability: number,
  store: ArtifactStore,
): Promise<TrackRecord | null> {
  const digest = outcomesLeft(version);
  if (digest === null || !(await store.has(digest))) return null;
  const { labels, truth, predicted, probabilities } = decodeOutcomes(await store.get(digest));
  const near = [...truth.keys()].filter((item) => {
    const told = probabilities[item * labels.length + (predicted[item] ?? 0)] ?? 0;
    return Math.abs(told - probability) <= ABOUT;
  });
  if (near.length < ITEMS_LEAST) return null;
  return { items: near.length, right: near.filter((item) => truth[item] === predicted[item]).length };
}

async function issueOf({ title, body, file, project }: PredictionAsk, folder: string): Promise<IssueText> {
  const whose = project === undefined ? {} : { project };
  if (file !== undefined) {
    const [first = '', ...rest] = (await textIn(path.resolve(folder, file), file)).split('\n');
    return { title: first.replace(/^#+\s*/, ''), body: rest.join('\n'), ...whose };
  }
  return { title: title ?? '', body: body ?? '', ...whose };
}

async function textIn(file: string, told: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw sourceUnreadable({ source: told, said }, error);
  }
}

/** A classifier whose features are issues, opened so that it tells what is behind an answer. */
interface Telling extends Classifier {
  readonly features: IssueBlocks;
  readonly explain: NonNullable<Classifier['explain']>;
}

/** @throws reasonsUntold */
function expectReasons(
  classifier: Classifier,
  named: { readonly model: string; readonly version: string },
): asserts classifier is Telling {
  const { features, explain } = classifier;
  if (explain !== null && features.kind === 'issue-blocks') return;
  throw reasonsUntold({ ...named, columns: features.kind === 'dense' ? features.columns : [] });
}

interface Explained {
  readonly label: string;
  readonly probability: number;
  readonly given: readonly string[];
  readonly probabilities: Readonly<Record<string, number>>;
  readonly projectKnown: boolean;
  readonly reasonsFor: readonly Reason[];
  readonly reasonsAgainst: readonly Reason[];
  /** Parts in all, told or not, and what they add to the score beyond the strongest other label's, for and against. */
  readonly sums: {
    readonly parts: number;
    readonly forIt: number;
    readonly against: number;
    readonly rival: string;
  };
  readonly answer: TriageAnswer;
}

async function explained(classifier: Telling, issue: IssueText, wanted: string | null): Promise<Explained> {
  const { labels, features, projects, explain } = classifier;
  if (wanted !== null && !labels.includes(wanted)) {
    throw inputMisfit({ wanted: `one of the labels ${labels.join(', ')}`, found: `\`${wanted}\`` });
  }
  const answer = await explain(issue);
  const ranked = labels
    .map((label, index) => [label, answer.probabilities[index] ?? 0] as const)
    .sort((a, b) => b[1] - a[1]);
  const label = wanted ?? ranked[0]?.[0] ?? '';
  const reasons = reasonsFor({ labels, features }, issue, { answer, label });
  return {
    label,
    probability: Object.fromEntries(ranked)[label] ?? 0,
    given: answer.given,
    probabilities: Object.fromEntries(ranked),
    projectKnown: projects.includes(issue.project ?? ''),
    reasonsFor: reasons.filter(({ weight }) => weight > 0).slice(0, TOLD),
    reasonsAgainst: reasons
      .filter(({ weight }) => weight < 0)
      .slice(-TOLD)
      .reverse(),
    sums: {
      parts: reasons.length,
      forIt: sumOf(reasons.filter(({ weight }) => weight > 0)),
      against: sumOf(reasons.filter(({ weight }) => weight < 0)),
      rival: ranked.find(([other]) => other !== label)?.[0] ?? '',
    },
    answer,
  };
}

function sumOf(reasons: readonly Reason[]): number {
  return reasons.reduce((sum, { weight }) => sum + weight, 0);
}

interface Past {
  readonly classifier: Telling;
  readonly store: ArtifactStore;
  readonly data: Digest;
}

interface Alike {
  readonly id: string;
  readonly label: string;
  readonly title: string;
  readonly similarity: number;
}

/** Among the issues that it was trained and judged on; none where this clone does not have them. */
async function alikeOf(answer: TriageAnswer, { classifier, store, data }: Past): Promise<readonly Alike[]> {
  const { explain } = classifier;
  if (!(await store.has(data))) return [];
  const rows: Row[] = [];
  const answers: TriageAnswer[] = [];
  for (const row of await rowsIn(data, store)) {
    rows.push(row);
    answers.push(await explain(row.input));
  }
  return mostAlike(answer, answers, ALIKE).flatMap(({ index, similarity }) => {
    const row = rows[index];
    if (row === undefined || !('title' in row.input)) return [];
    return [{ id: row.id, label: row.label, title: row.input.title, similarity }];
  });
}

interface Answered extends Omit<Explained, 'answer'> {
  readonly by: string;
  readonly record: TrackRecord | null;
  readonly alike: readonly Alike[];
}

function textOf(told: Answered, paint: Paint): string {
  const { by, label, probability, given, probabilities, alike } = told;
  const others = Object.entries(probabilities)
    .filter(([other]) => other !== label)
    .map(([other, share]) => `${other} ${percent(share)}`);
  const act = given.includes(label) ? 'sure enough to give it' : 'not sure enough to give it: it abstains';
  const lines = [
    `${paint.bold(label)} ${percent(probability)}, ${act}${others.length === 0 ? '' : ` (${others.join(', ')})`}`,
  ];
  if (told.record !== null && label === mostOf(probabilities)) {
    const { items, right } = told.record;
    lines.push(
      `On ${items} held-out issues it was about as sure (±10 points), and right on ${right}: ${percent(right / items)}.`,
    );
  }
  if (!told.projectKnown) {
    lines.push(paint.warn('It knows no such project: what all projects share decided.'));
  }
  const reasons = [...told.reasonsFor, ...told.reasonsAgainst].map(({ where, tokens, weight }) => [
    signed(weight),
    where,
    tokens.slice(0, 3).join(' · ').slice(0, 60),
  ]);
  lines.push(paint.table([['weight', 'where', `for or against ${label}`], ...reasons]));
  const { parts, forIt, against, rival } = told.sums;
  lines.push(
    paint.dim(
      `All ${parts} parts: ${signed(forIt)} for ${label}, ${signed(against)} against it, beside ${rival}; the rest is how often each label is given at all.`,
    ),
  );
  if (alike.length > 0) {
    const rows = alike.map((one) => [percent(one.similarity), one.label, one.title.slice(0, 70), one.id]);
    lines.push(paint.table([['alike', 'label', 'past issue', 'id'], ...rows]));
  }
  return [...lines, paint.dim(`by ${by}`)].join('\n');
}

const signed = (weight: number): string => `${weight > 0 ? '+' : '−'}${Math.abs(weight).toFixed(3)}`;

/** The likeliest label. */
function mostOf(probabilities: Readonly<Record<string, number>>): string {
  return Object.entries(probabilities).sort((a, b) => b[1] - a[1])[0]?.[0] ?? '';
}
