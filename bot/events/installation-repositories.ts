/** The app was given more repositories: they are welcomed as those of the first day. */
import * as z from 'zod';
import { defineEvent } from './event.ts';
import { Installation } from './foreign.ts';
import { Given, partsOf } from './installation.ts';
import { welcome } from './onboarding.ts';

const GivenPayload = z.object({
  action: z.literal('added'),
  installation: Installation,
  repositories_added: z.array(Given),
});
type GivenPayload = z.infer<typeof GivenPayload>;

export const installationRepositories = defineEvent<GivenPayload>({
  name: 'installation_repositories',
  actions: ['added'],
  payload: GivenPayload,
  lane: ({ installation: { id } }) => `installation-${id}`,
  concerns: ({ repositories_added: added }) => added.length > 0,
  async handle(desk, { repositories_added: added }) {
    for (const { full_name: full } of added.slice(0, 20)) await welcome(desk, partsOf(full));
  },
});
