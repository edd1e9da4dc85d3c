/** The app looks by itself, every hour: what falls silent, or was cut off, sends no event that could tell of it. */
import * as z from 'zod';
import { githubLog } from '../../registry/store/github-log.ts';
import { tellDashboard } from './dashboard.ts';
import { defineEvent } from './event.ts';
import { Installation, laneOf, repositoryOf, RepositoryWords } from './foreign.ts';
import { showMissing } from './show-deployments.ts';
import { stateIn } from './state.ts';

const LookPayload = z.object({ installation: Installation, repository: RepositoryWords });
type LookPayload = z.infer<typeof LookPayload>;

/** GitHub has no event of this name. */
export const look = defineEvent<LookPayload>({
  name: 'fettle_look',
  actions: [],
  payload: LookPayload,
  lane: laneOf,
  concerns: ({ repository }) => repository.archived !== true,
  async handle(desk, { repository }) {
    const place = desk.place(repositoryOf(repository));
    const state = await stateIn(githubLog(place));
    if (state === null) return;
    await tellDashboard(desk, place, state);
    await showMissing(desk, { repository: repositoryOf(repository), state });
  },
});
