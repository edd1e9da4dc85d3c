/** A pull request changes what Fettle rests on: a check says what that means, on the lines that are wrong. */
import * as z from 'zod';
import { FettleError } from '../../registry/base/fault.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import { SETTINGS_FILE } from '../../pipelines/settings/settings.ts';
import { codeSpan } from '../../registry/report/words.ts';
import { settingsMisshapen } from '../../pipelines/faults.ts';
import { tellCheck, type CheckAsk } from '../github/checks.ts';
import { fileAt, filesOfPull, rulesOf } from '../github/contents.ts';
import type { Place } from '../github/place.ts';
import { githubRefused } from '../faults.ts';
import { defineEvent, type Desk } from './event.ts';
import { Installation, laneOf, repositoryOf, RepositoryWords } from './foreign.ts';

const PullPayload = z.object({
  action: z.enum(['opened', 'reopened', 'synchronize']),
  installation: Installation,
  repository: RepositoryWords,
  pull_request: z.object({ number: z.int(), head: z.object({ sha: z.string() }) }),
});
type PullPayload = z.infer<typeof PullPayload>;

export const pullRequest = defineEvent<PullPayload>({
  name: 'pull_request',
  actions: ['opened', 'reopened', 'synchronize'],
  payload: PullPayload,
  lane: laneOf,
  concerns: ({ repository }) => repository.archived !== true,
  async handle(desk, { repository, pull_request: pull }) {
    const place = desk.place(repositoryOf(repository));
    const changed = await filesSoon(desk, place, pull.number);
    const check = await checkOf(place, { changed, sha: pull.head.sha });
    if (check === null) return;
    await tellCheck(place, {
      ...check,
      sha: pull.head.sha,
      externalId: `pull-${pull.number}`,
    });
  },
});

const SOON_MS = 3000;

/** GitHub tells of a pull request before all of its servers know it. */
async function filesSoon(desk: Desk, place: Place, number: number): Promise<readonly string[]> {
  try {
    return await filesOfPull(place, number);
  } catch (error) {
    if (!(error instanceof FettleError) || error.code !== githubRefused.code) throw error;
    await desk.sleep(SOON_MS);
    return filesOfPull(place, number);
  }
}

type Verdict = Omit<CheckAsk, 'sha' | 'externalId'>;

const NAME = 'fettle';

/** Null where the pull request changes nothing that Fettle rests on. */
async function checkOf(
  place: Place,
  { changed, sha }: { readonly changed: readonly string[]; readonly sha: string },
): Promise<Verdict | null> {
  if (changed.includes(SETTINGS_FILE)) {
    return settingsVerdict(await fileAt(place, { path: SETTINGS_FILE, ref: sha }));
  }
  const { settings } = await rulesOf(place, SETTINGS_FILE);
  const touched = Object.entries(sourcesIn(settings)).filter(([, from]) => changed.includes(from));
  if (touched.length === 0) return null;
  const models = touched.map(([model]) => model);
  return {
    name: NAME,
    conclusion: 'neutral',
    title: `New data for ${models.join(', ')}: the gates judge what comes of it`,
    summary: summaryOf(touched),
    annotations: [],
  };
}

function summaryOf(touched: readonly (readonly [string, string])[]): string {
  const lines = touched.map(([model, from]) => `- ${codeSpan(model)} learns from ${codeSpan(from)}`);
  const asked = touched.map(([model]) => `/fettle train ${model}`);
  return [
    'This pull request changes data. What serves stays as it is: nothing new serves before it has passed every gate.',
    '',
    ...lines,
    '',
    'Once it is merged, the next scheduled run takes it in; a comment does so at once:',
    '',
    '```',
    ...asked,
    '```',
  ].join('\n');
}

function sourcesIn(settings: string | null): Readonly<Record<string, string>> {
  try {
    const { models } = settingsOf(settings ?? '');
    return Object.fromEntries(
      Object.entries(models).flatMap(([model, { from }]) => (from === null ? [] : [[model, from]])),
    );
  } catch {
    return {};
  }
}

/** @param text  null where the file is removed, which leaves the defaults */
function settingsVerdict(text: string | null): Verdict {
  const base = { name: NAME, annotations: [] };
  try {
    const settings = settingsOf(text ?? '');
    const count = Object.keys(settings.models).length;
    const title =
      text === null ? 'The settings go; the defaults take their place' : 'The settings are in order';
    return { ...base, conclusion: 'success', title, summary: `Models named: ${count}.` };
  } catch (error) {
    if (!(error instanceof FettleError) || error.code !== settingsMisshapen.code) throw error;
    const { line, column } = Spot.parse(error.detail);
    const annotation = {
      path: SETTINGS_FILE,
      line,
      column,
      level: 'failure',
      message: `${error.message}. ${error.mend}`,
    } as const;
    return {
      ...base,
      conclusion: 'failure',
      title: 'The settings cannot be read',
      summary: `${error.message}.\n\n${error.mend}`,
      annotations: [annotation],
    };
  }
}

const Spot = z.object({ line: z.int().min(1), column: z.int().min(1) });
