/** Something happened to an issue: kept to be learnt from; and in the dashboard a box may have been checked. */
import * as z from 'zod';
import { approveChecked } from './approve-checked.ts';
import { isDashboard } from './dashboard.ts';
import { defineEvent } from './event.ts';
import { Account, Installation, laneOf, RepositoryWords } from './foreign.ts';

const ACTIONS = ['opened', 'edited', 'labeled', 'unlabeled', 'closed', 'reopened', 'deleted'] as const;

export const IssuePayload = z.object({
  action: z.enum(ACTIONS),
  installation: Installation,
  repository: RepositoryWords,
  issue: z.object({
    number: z.int(),
    body: z.string().nullish(),
    user: Account.nullish(),
    pull_request: z.object({}).nullish(),
  }),
  label: z.object({ name: z.string() }).nullish(),
  changes: z.object({ body: z.object({ from: z.string() }).nullish() }).nullish(),
  sender: Account,
});
export type IssuePayload = z.infer<typeof IssuePayload>;

export const issues = defineEvent<IssuePayload>({
  name: 'issues',
  actions: ACTIONS,
  // The text of an issue is not kept, but for that of the dashboard, which is the app's own.
  payload: IssuePayload.transform((payload) =>
    isDashboard(payload.issue.body ?? '')
      ? payload
      : { ...payload, issue: { ...payload.issue, body: null }, changes: null },
  ),
  lane: laneOf,
  concerns: ({ issue, sender }) =>
    (issue.pull_request ?? null) === null && (issue.body === null || sender.type === 'User'),
  async handle(desk, payload) {
    const { action, repository, issue, label, sender } = payload;
    if ((issue.body ?? null) !== null) {
      if (action === 'edited') await approveChecked(desk, payload);
      return;
    }
    await desk.observe({
      at: desk.takenAt,
      repository: repository.id,
      what: 'issue',
      action,
      issue: issue.number,
      label: label?.name ?? null,
      before: null,
      by: { id: sender.id, kind: sender.type },
    });
  },
});
