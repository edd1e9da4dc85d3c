/** What decided a prediction: its words, the past issues most like it, and how sure the model is. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { Row } from '../../pipelines/artifacts/batch.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { inputMisfit, sourceUnreadable } from '../../pipelines/faults.ts';
import type { Classifier } from '../../pipelines/models/classifier.ts';
import type { IssueBlocks } from '../../pipelines/models/issue-blocks.ts';
import type { IssueText } from '../../pipelines/models/issue-tokens.ts';
import type { TriageAnswer } from '../../pipelines/models/triage-classifier.ts';
import { mostAlike, type Reason, reasonsFor } from '../../pipelines/models/why.ts';
import type { Digest } from '../../registry/base/digest.ts';
import type { Channel, Version } from '../../registry/schema/model.ts';
import type { ModelState } from '../../registry/schema/state.ts';
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
    const data = version.lineage?.data ?? null;
    const alike = data === null ? [] : await alikeOf(told.answer, { classifier, store, data });
    const { answer: _answer, ...rest } = told;
    const by = `${known.model}@${version.version}`;
    return { data: { by, ...rest, alike }, text: (paint) => textOf({ by, ...rest, alike }, paint) };
  } finally {
    await classifier.close();
  }
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
    answer,
  };
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

type Answered = Omit<Explained, 'answer'> & { readonly by: string; readonly alike: readonly Alike[] };

function textOf(told: Answered, paint: Paint): string {
  const { by, label, probability, given, probabilities, alike } = told;
  const others = Object.entries(probabilities)
    .filter(([other]) => other !== label)
    .map(([other, share]) => `${other} ${percent(share)}`);
  const act = given.includes(label) ? 'sure enough to give it' : 'not sure enough to give it: it abstains';
  const lines = [
    `${paint.bold(label)} ${percent(probability)}, ${act}${others.length === 0 ? '' : ` (${others.join(', ')})`}`,
  ];
  if (!told.projectKnown) {
    lines.push(paint.warn('It knows no such project: what all projects share decided.'));
  }
  const reasons = [...told.reasonsFor, ...told.reasonsAgainst].map(({ where, tokens, weight }) => [
    `${weight > 0 ? '+' : '−'}${Math.abs(weight).toFixed(3)}`,
    where,
    tokens.slice(0, 3).join(' · ').slice(0, 60),
  ]);
  lines.push(paint.table([['weight', 'where', `for or against ${label}`], ...reasons]));
  if (alike.length > 0) {
    const rows = alike.map((one) => [percent(one.similarity), one.label, one.title.slice(0, 70), one.id]);
    lines.push(paint.table([['alike', 'label', 'past issue', 'id'], ...rows]));
  }
  return [...lines, paint.dim(`by ${by}`)].join('\n');
}

const percent = (share: number): string => `${(share * 100).toFixed(1)}%`;
