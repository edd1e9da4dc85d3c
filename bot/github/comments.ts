/** The comments of a thread: read to the last page, and the app's own ones written, rewritten and removed. */
import * as z from 'zod';
import { callsTo, rest } from './call.ts';
import { listOf } from './pages.ts';
import type { Place } from './place.ts';

export const Comment = z.object({
  id: z.int(),
  body: z
    .string()
    .nullish()
    .transform((body) => body ?? ''),
  created_at: z.string(),
  updated_at: z.string(),
  user: z.object({ id: z.int(), login: z.string(), type: z.string() }).nullable(),
});
export type Comment = z.infer<typeof Comment>;

const ONE = 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}';
const Written = z.object({ data: z.object({ id: z.int() }) });

/** Null where it was deleted. */
export async function commentAt(place: Place, id: number): Promise<Comment | null> {
  const found = await callsTo(place).find(rest(ONE, { comment_id: id }, z.object({ data: Comment })));
  return found?.data ?? null;
}

export function commentsOf(place: Place, thread: number): Promise<readonly Comment[]> {
  return listOf(place, {
    route: 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
    parameters: { issue_number: thread },
    item: Comment,
  });
}

const Recent = Comment.extend({ issue_url: z.string(), html_url: z.string() });

/** Comments of all threads that changed since then, oldest first. */
export async function commentsSince(
  place: Place,
  since: string,
): Promise<readonly (Comment & { readonly thread: number; readonly html_url: string })[]> {
  const found = await listOf(place, {
    route: 'GET /repos/{owner}/{repo}/issues/comments',
    parameters: { since, sort: 'updated', direction: 'asc' },
    item: Recent,
  });
  return found.map(({ issue_url: url, ...comment }) => ({
    ...comment,
    thread: Number(url.slice(url.lastIndexOf('/') + 1)),
  }));
}

export async function writeComment(place: Place, thread: number, body: string): Promise<number> {
  const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
  const calls = callsTo(place);
  const reply = await calls.attempt(rest(route, { issue_number: thread, body }, Written));
  if (reply.ok) return reply.value.data.id;
  throw calls.faultFor(reply.verdict);
}

/** @returns whether it was there to be rewritten */
export async function rewriteComment(place: Place, id: number, body: string): Promise<boolean> {
  const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
  // The same body twice is the same comment, so that it may be sent again.
  const found = await callsTo(place).find(rest(route, { comment_id: id, body }, Written));
  return found !== null;
}

export async function removeComment(place: Place, id: number): Promise<void> {
  const route = 'DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}';
  await callsTo(place).find(rest(route, { comment_id: id }, z.object({ status: z.int() })));
}
