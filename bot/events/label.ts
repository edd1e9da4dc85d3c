/** A label was made, renamed or removed: what learns from labels has to know. */
import * as z from 'zod';
import { defineEvent } from './event.ts';
import { Account, Installation, laneOf, RepositoryWords } from './foreign.ts';

const LabelPayload = z.object({
  action: z.enum(['created', 'edited', 'deleted']),
  installation: Installation,
  repository: RepositoryWords,
  label: z.object({ name: z.string() }),
  changes: z.object({ name: z.object({ from: z.string() }).nullish() }).nullish(),
  sender: Account,
});
type LabelPayload = z.infer<typeof LabelPayload>;

export const label = defineEvent<LabelPayload>({
  name: 'label',
  actions: ['created', 'edited', 'deleted'],
  payload: LabelPayload,
  lane: laneOf,
  concerns: () => true,
  handle: (desk, { action, repository, label: of, changes, sender }) =>
    desk.observe({
      at: desk.takenAt,
      repository: repository.id,
      what: 'label',
      action,
      issue: null,
      label: of.name,
      before: changes?.name?.from ?? null,
      by: { id: sender.id, kind: sender.type },
    }),
});
