/** A run ended: whoever asked for it by comment is told how. */
import * as z from 'zod';
import type { Reply } from '../commands/command.ts';
import { newestWord } from '../../registry/report/story.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { githubLog } from '../../registry/store/github-log.ts';
import type { Place } from '../github/place.ts';
import { defineEvent } from './event.ts';
import { Installation, laneOf, repositoryOf, RepositoryWords } from './foreign.ts';
import { letGoOf } from './start-run.ts';
import { AskedRun, keyOfRun } from './steps.ts';
import { stateIn } from './state.ts';
import { retell } from './waiting.ts';

const RunPayload = z.object({
  action: z.literal('completed'),
  installation: Installation,
  repository: RepositoryWords,
  workflow_run: z.object({
    id: z.int(),
    name: z.string().nullish(),
    html_url: z.string(),
    conclusion: z.string().nullish(),
  }),
});
type RunPayload = z.infer<typeof RunPayload>;

export const workflowRun = defineEvent<RunPayload>({
  name: 'workflow_run',
  actions: ['completed'],
  payload: RunPayload,
  lane: laneOf,
  concerns: ({ repository }) => repository.archived !== true,
  async handle(desk, { repository, workflow_run: run }) {
    const asked = AskedRun.safeParse(desk.steps.recall(keyOfRun(run.id)));
    if (!asked.success) return;
    const place = desk.place(repositoryOf(repository));
    const { thread, comment, model } = asked.data;
    const came = run.conclusion === 'success' ? await cameOf(place, model) : '';
    await retell(desk, { place, thread, comment, reply: replyOf(run, { model, came }) });
    await letGoOf(place, asked.data);
  },
});

/** What the registry knows now; nothing where it cannot be read, as the run itself is done. */
async function cameOf(place: Place, model: string | null): Promise<string> {
  if (model === null) return '';
  try {
    const known = (await stateIn(githubLog(place)))?.models.get(ModelName.parse(model));
    return known === undefined ? '' : ` ${newestWord(known)}`.trimEnd();
  } catch {
    return '';
  }
}

interface Ended {
  readonly model: string | null;
  readonly came: string;
}

function replyOf(run: RunPayload['workflow_run'], { model, came }: Ended): Reply {
  const link = `[run ${run.id}](${run.html_url})`;
  const next = model === null ? '/fettle status' : `/fettle status ${model}`;
  if (run.conclusion === 'success') {
    const verdict = `**Done:** ${link} succeeded.${came}`;
    return { model, state: 'done', reason: 'done', verdict, details: '', next };
  }
  const verdict = `**Failed:** ${link} ended with \`${run.conclusion ?? 'unknown'}\`; what serves was not changed by it.`;
  return { model, state: 'refused', reason: 'failed', verdict, details: '', next };
}
