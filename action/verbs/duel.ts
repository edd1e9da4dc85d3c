/** `fettle duel <model>`: what the version that serves and its challenger said of the same issues, against what people said. */
import path from 'node:path';
import * as z from 'zod';
import { decodeDataset, namesNow } from '../../pipelines/artifacts/dataset.ts';
import { columnMissing } from '../../pipelines/faults.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import type { ModelSettings } from '../../pipelines/settings/settings.ts';
import { TriageSettings } from '../../pipelines/settings/triage.ts';
import { signed, signedPoints } from '../../registry/report/words.ts';
import { ModelName } from '../../registry/schema/model.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { challengerMissing } from '../faults.ts';
import { challengerOf } from './label-opinions.ts';
import { replayed, type Replaying } from './label-replay.ts';
import { shadowFile, shadowsIn, type ShadowLine } from './label-shadow.ts';
import { duelOf, type Duel, type Said } from './live-duel.ts';
import { tableOf } from './predict.ts';
import { rowsIn } from './scored.ts';
import { served } from './service.ts';
import { defineVerb, type Paint, type Told } from './verb.ts';
import { counted } from './words.ts';
import { modelIn, openReader, openShelf, type Shelf } from './workplace.ts';

const Input = z.strictObject({
  model: ModelName.describe('the model'),
  from: z
    .string()
    .optional()
    .describe('what people said: columns `id`, as `owner/name#12`, and `label`; else what the model took in'),
  alpha: z.coerce
    .number()
    .pipe(z.number().gt(0).max(0.5))
    .default(0.05)
    .describe('chance of ever calling an equal challenger better, however often one looks'),
});

export const duel = defineVerb({
  name: 'duel',
  says: 'Tells whether the challenger is better on live issues that were left to people; may be asked at any time.',
  words: ['model'],
  input: Input,
  writes: false,
  examples: ['fettle duel issue-triage', 'fettle duel issue-triage --from labels.csv'],

  async run(context, { model, from, alpha }) {
    const ledger = await openReader(context);
    const known = await modelIn(ledger, model);
    const [champion, challenger] = [served(known, 'production'), challengerOf(known)];
    if (challenger === null) throw challengerMissing({ model, version: champion.version });
    const shelf = await openShelf(context, ledger.repository);
    const file = from === undefined ? null : path.resolve(context.folder, from);
    const said = file === null ? await saidIn(known, shelf) : await saidInFile(file);
    const { triage } = await settingsFor(context.folder, model);
    const lines = await linesIn({ known, champion, challenger, triage }, shelf, said);
    const names = { champion: champion.version, challenger: challenger.version };
    return told(duelOf(lines, said, { model, ...names, alpha }));
  },
});

async function saidIn({ data }: ModelState, { store }: Shelf): Promise<Said> {
  if (data === null || !(await store.has(data))) return new Map();
  return new Map((await rowsIn(data, store)).map(({ id, label }) => [id, label]));
}

/** What both said, under the names that labels have today. */
async function linesIn(
  asked: Omit<Replaying, 'store' | 'kept'>,
  { folder, store }: Shelf,
  said: Said,
): Promise<readonly ShadowLine[]> {
  const { known, champion, challenger } = asked;
  const { model, data } = known;
  const were = await shadowsIn(shadowFile(folder, model));
  const isPair = (line: ShadowLine): boolean =>
    line.champion.version === champion.version && line.challenger.version === challenger.version;
  const kept = new Set(were.filter(isPair).map(({ id }) => id));
  const lines = [...were, ...(await replayed({ ...asked, store, kept }))];
  if (data === null || !(await store.has(data))) return lines;
  const nameOf = namesNow(decodeDataset(await store.get(data)), new Set(said.values()));
  return lines.map((line) => ({
    ...line,
    champion: { ...line.champion, label: nameOf(line.champion.label) },
    challenger: { ...line.challenger, label: nameOf(line.challenger.label) },
  }));
}

/** A model that the settings do not name has the settings of every model. */
async function settingsFor(folder: string, model: string): Promise<Pick<ModelSettings, 'triage'>> {
  const { models } = await readSettings((await repositoryAt(folder)).top);
  const set = Object.entries(models).find(([name]) => name === model)?.[1];
  return set ?? { triage: TriageSettings.parse({}) };
}

async function saidInFile(file: string): Promise<Said> {
  const { rows, columns } = await tableOf(file);
  const source = path.basename(file);
  for (const column of ['id', 'label']) {
    if (!columns.includes(column)) throw columnMissing({ source, column, role: column, columns });
  }
  return new Map(rows.map(({ cells }) => [cells['id'] ?? '', cells['label'] ?? '']));
}

function told(duelled: Duel): Told {
  return { data: duelled, text: (paint) => textOf(duelled, paint), reason: duelled.verdict };
}

function textOf(duelled: Duel, paint: Paint): string {
  const { model, champion, challenger, left, n, wins, losses, accuracy, interval, alpha, evidence } = duelled;
  const names = `${paint.bold(`${model}@${challenger}`)} beside ${paint.bold(`${model}@${champion}`)}`;
  if (n === 0) {
    return `${names}: ${counted(left, 'issue')} left to people, none of them labelled yet.`;
  }
  return [
    `${names}, on ${counted(n, 'issue')} of ${left} that were left to people: ${VERDICTS[duelled.verdict](paint)}`,
    `${wins} only the challenger had right, ${losses} only the champion; accuracy ${signedPoints(accuracy)} (${(100 * (1 - alpha)).toFixed(0)}% confidence sequence ${signed(interval.low)} to ${signed(interval.high)})`,
    `e-value of better ${evidence.better.toPrecision(3)}, of worse ${evidence.worse.toPrecision(3)}; ${evidence.wanted.toFixed(0)} decides, whenever one looks`,
    nextText(duelled, paint),
  ].join('\n');
}

const VERDICTS: Readonly<Record<Duel['verdict'], (paint: Paint) => string>> = {
  better: (paint) => paint.good('the challenger is better'),
  worse: (paint) => paint.bad('the challenger is worse'),
  undecided: (paint) => paint.warn('not decided'),
  suspect: (paint) => paint.bad('believe neither'),
};

function nextText({ verdict, model, challenger, arms, needed, n }: Duel, paint: Paint): string {
  switch (verdict) {
    case 'better':
      return paint.dim(`Next: fettle promote ${model}@${challenger}`);
    case 'worse':
      return paint.dim('It stays where it is, and gives way to the next candidate.');
    case 'undecided':
      return needed === null
        ? paint.dim('No difference was seen so far.')
        : paint.dim(`Were that the true difference, it would need about ${needed} issues; ${n} are there.`);
    case 'suspect':
      return `The challenger got ${arms.challenger} of ${arms.champion + arms.challenger} issues, which its share does not explain.`;
  }
}
