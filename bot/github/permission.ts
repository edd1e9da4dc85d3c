/** What an account may do in a repository, asked from GitHub at this very moment; `unknown` where it does not say. */
import * as z from 'zod';
import { callsTo, rest } from './call.ts';
import { listOf } from './pages.ts';
import type { Place } from './place.ts';

export type Permission = 'none' | 'read' | 'triage' | 'write' | 'maintain' | 'admin';

const Level = z.enum(['none', 'read', 'triage', 'write', 'maintain', 'admin']);

const Answer = z.object({
  data: z.object({
    /** Legacy: `maintain` is told as `write`, `triage` as `read`. */
    permission: z.string(),
    /** Tells those apart; the name of a role that an organization made is none of the levels. */
    role_name: z.string().nullish(),
    user: z.object({ id: z.int() }).nullable(),
  }),
});

/** How GitHub's older words are called now. */
const OLDER: Readonly<Record<string, Permission>> = { push: 'write', pull: 'read' };

export async function permissionOf(
  place: Place,
  { id, login }: { readonly id: number; readonly login: string },
): Promise<Permission | 'unknown'> {
  const route = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
  const reply = await callsTo(place)
    .attempt(rest(route, { username: login }, Answer))
    .catch(() => null);
  if (reply === null) return 'unknown';
  if (!reply.ok) return reply.verdict.kind === 'absent' ? 'none' : 'unknown';
  const { permission, role_name: role, user } = reply.value.data;
  // A login can be given up and taken by somebody else between the comment and now.
  if (user === null || user.id !== id) return 'none';
  return levelNamed(role ?? '') ?? levelNamed(permission) ?? 'unknown';
}

function levelNamed(word: string): Permission | null {
  const level = Level.safeParse(OLDER[word] ?? word);
  return level.success ? level.data : null;
}

/** @param slug  `owner/slug` or the slug alone. Throws where GitHub does not say. */
export async function teamMembersOf(place: Place, slug: string): Promise<readonly number[]> {
  const [organization, team] = slug.includes('/') ? slug.split('/') : [place.owner, slug];
  const members = await listOf(place, {
    route: 'GET /orgs/{org}/teams/{team_slug}/members',
    parameters: { org: organization, team_slug: team },
    wide: true,
    item: z.object({ id: z.int() }),
  });
  return members.map(({ id }) => id);
}
