/** The registry's branch moved, by whatever hand: what the app shows of it is told again from the state. */
import * as z from 'zod';
import { githubLog } from '../../registry/store/github-log.ts';
import { tellCheck } from '../github/checks.ts';
import { servingIn } from '../../registry/report/story.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { defineEvent } from './event.ts';
import { tellContradictions } from './contradiction-issue.ts';
import { tellDashboard } from './dashboard.ts';
import { Installation, laneOf, repositoryOf, RepositoryWords } from './foreign.ts';
import { tellRollbacks } from './rollback-issue.ts';
import { showMissing } from './show-deployments.ts';
import { stateIn } from './state.ts';
import { retellWaiting } from './waiting.ts';

const PushPayload = z.object({
  installation: Installation,
  repository: RepositoryWords,
  ref: z.string(),
  after: z.string(),
});
type PushPayload = z.infer<typeof PushPayload>;

const REGISTRY = 'refs/heads/fettle/registry';
const GONE = /^0+$/;

export const push = defineEvent<PushPayload>({
  name: 'push',
  actions: [],
  payload: PushPayload,
  lane: laneOf,
  concerns: ({ ref, after, repository }) =>
    ref === REGISTRY && !GONE.test(after) && repository.archived !== true,
  async handle(desk, { repository, after }) {
    const place = desk.place(repositoryOf(repository));
    const state = await stateIn(githubLog(place));
    if (state === null) return;
    await tellDashboard(desk, place, state);
    await tellRollbacks(desk, { place, repository: repository.id, state });
    await tellContradictions(desk, { place, repository: repository.id, state });
    await showMissing(desk, { repository: repositoryOf(repository), state });
    await retellWaiting(desk, { place, repository: repository.id, state });
    await tellCheck(place, {
      name: 'fettle/registry',
      sha: after,
      conclusion: 'success',
      title: titleOf(state),
      summary: tableOf(state),
      annotations: [],
      externalId: 'registry',
    });
  },
});

function titleOf(state: RegistryState): string {
  const serving = [...state.models.values()].flatMap((known) =>
    servingIn(known)
      .filter(([channel]) => channel === 'production')
      .map(([, version]) => `${known.model}@${version}`),
  );
  return serving.length === 0 ? 'Nothing serves in production' : `In production: ${serving.join(', ')}`;
}

function tableOf(state: RegistryState): string {
  const rows = [...state.models.values()].flatMap((known) =>
    servingIn(known).map(([channel, version]) => `| ${known.model} | ${channel} | ${version} |`),
  );
  return ['| model | channel | version |', '|---|---|---|', ...rows].join('\n');
}
