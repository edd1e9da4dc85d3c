/** The app looks by itself, every hour: what falls silent sends no event that could tell of it. */
import * as z from 'zod';
import { refreshDashboard } from './dashboard.ts';
import { defineEvent } from './event.ts';
import { Installation, laneOf, repositoryOf, RepositoryWords } from './foreign.ts';

const LookPayload = z.object({ installation: Installation, repository: RepositoryWords });
type LookPayload = z.infer<typeof LookPayload>;

/** GitHub has no event of this name. */
export const look = defineEvent<LookPayload>({
  name: 'fettle_look',
  actions: [],
  payload: LookPayload,
  lane: laneOf,
  concerns: ({ repository }) => repository.archived !== true,
  handle: (desk, { repository }) => refreshDashboard(desk, desk.place(repositoryOf(repository))),
});
