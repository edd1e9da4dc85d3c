/** Reactions: decoration on the comment that asks, authorization on the app's own question. */
import * as z from 'zod';
import { callsTo, rest } from './call.ts';
import { listOf } from './pages.ts';
import type { Place } from './place.ts';

export type Feeling = 'eyes' | 'rocket' | 'confused';

/** Whatever goes wrong is swallowed here: a comment may be gone, a thread locked, and the command goes on. */
export async function decorate(place: Place, comment: number, content: Feeling): Promise<void> {
  const route = 'POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions';
  try {
    await callsTo({ ...place, patienceMs: 0 }).attempt(
      rest(route, { comment_id: comment, content }, z.object({ status: z.int() })),
    );
  } catch {
    return;
  }
}

const Reaction = z.object({
  content: z.string(),
  created_at: z.string(),
  user: z.object({ id: z.int() }).nullable(),
});

/**
 * The first 👍 or 👎 of this one account on a comment of the app's own; null where there is none yet. Throws where
 * GitHub does not say, which is no yes.
 */
export async function answerOf(
  place: Place,
  { comment, account }: { readonly comment: number; readonly account: number },
): Promise<'yes' | 'no' | null> {
  const all = await listOf(place, {
    route: 'GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions',
    parameters: { comment_id: comment },
    item: Reaction,
  });
  const mine = all.filter(({ user, content }) => user?.id === account && /^[+-]1$/.test(content));
  if (mine.length === 0) return null;
  // Both thumbs are no clear yes.
  return mine.every(({ content }) => content === '+1') ? 'yes' : 'no';
}
