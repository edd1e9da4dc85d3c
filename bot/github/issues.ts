/** Issues of the app's own, of which there is one per purpose: found by marker and author, made and rewritten. */
import * as z from 'zod';
import { callsTo, rest } from './call.ts';
import { listOf } from './pages.ts';
import type { Place, Self } from './place.ts';

const Issue = z.object({
  number: z.int(),
  body: z
    .string()
    .nullish()
    .transform((body) => body ?? ''),
  user: z.object({ login: z.string(), type: z.string() }).nullable(),
});
export type Issue = z.infer<typeof Issue>;

const One = z.object({ data: Issue });

/** Null where it was deleted. */
export async function issueAt(place: Place, number: number): Promise<Issue | null> {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
  const found = await callsTo(place).find(rest(route, { issue_number: number }, One));
  return found?.data ?? null;
}

export function isOwnIssue({ user }: Pick<Issue, 'user'>, self: Self): boolean {
  return user !== null && user.type === 'Bot' && user.login === self.login;
}

export interface Marked {
  readonly self: Self;
  readonly marker: string;
  /** `open` unless told. */
  readonly state?: 'open' | 'all';
}

/** The oldest one of the app's own that begins with the marker. */
export async function issueMarked(
  place: Place,
  { self, marker, state = 'open' }: Marked,
): Promise<Issue | null> {
  const own = await listOf(place, {
    route: 'GET /repos/{owner}/{repo}/issues',
    parameters: { state, creator: self.login },
    item: Issue,
  });
  const marked = own.filter((issue) => isOwnIssue(issue, self) && issue.body.startsWith(marker));
  return marked.sort((a, b) => a.number - b.number)[0] ?? null;
}

export async function openIssue(
  place: Place,
  { title, body }: { readonly title: string; readonly body: string },
): Promise<number> {
  const calls = callsTo(place);
  const reply = await calls.attempt(rest('POST /repos/{owner}/{repo}/issues', { title, body }, One));
  if (!reply.ok) throw calls.faultFor(reply.verdict);
  return reply.value.data.number;
}

export async function rewriteIssue(place: Place, number: number, body: string): Promise<void> {
  const route = 'PATCH /repos/{owner}/{repo}/issues/{issue_number}';
  await callsTo(place).find(rest(route, { issue_number: number, body }, One));
}
