/** The app was installed: every repository that it was given is welcomed. */
import * as z from 'zod';
import { defineEvent } from './event.ts';
import { Installation } from './foreign.ts';
import { welcome } from './onboarding.ts';

/** Nobody wants a hundred pull requests at once from an app they have just installed. */
const WELCOMED_MAX = 20;

export const Given = z.object({ full_name: z.string().regex(/^[^/]+\/[^/]+$/) });

const InstallationPayload = z.object({
  action: z.literal('created'),
  installation: Installation,
  repositories: z.array(Given).nullish(),
});
type InstallationPayload = z.infer<typeof InstallationPayload>;

export const installation = defineEvent<InstallationPayload>({
  name: 'installation',
  actions: ['created'],
  payload: InstallationPayload,
  lane: ({ installation: { id } }) => `installation-${id}`,
  concerns: ({ repositories }) => (repositories ?? []).length > 0,
  async handle(desk, { repositories }) {
    for (const { full_name: full } of (repositories ?? []).slice(0, WELCOMED_MAX)) {
      await welcome(desk, partsOf(full));
    }
  },
});

export function partsOf(full: string): { readonly owner: string; readonly name: string } {
  const [owner = '', name = ''] = full.split('/');
  return { owner, name };
}
