/** Writes what is told into the one comment per thread and model, and clears away what was only asked. */
import type { Reply, Thread } from '../commands/command.ts';
import { removeComment, rewriteComment, writeComment, type Comment } from '../github/comments.ts';
import type { Place } from '../github/place.ts';
import { markerOf, questionsIn, stickyOf, type Sticky } from '../github/sticky.ts';
import type { Desk } from './event.ts';

export interface Telling {
  readonly place: Place;
  readonly thread: Pick<Thread, 'number' | 'commentId'>;
  readonly stickies: readonly Sticky[];
  readonly replies: readonly Reply[];
  /** The comment in which the asker was asked, which becomes the answer or goes. */
  readonly question: number | null;
}

export async function tellReplies(desk: Desk, telling: Telling): Promise<void> {
  const { place, thread, stickies, replies } = telling;
  let { question } = telling;
  const models = Map.groupBy(replies, ({ model }) => model);
  for (const [model, mine] of models) {
    const sticky = stickyOf(stickies, model);
    const answered = [...new Set([...(sticky?.answered ?? []), thread.commentId])];
    const body = desk.voice.render(mine, markerOf({ model, answered }));
    const target = sticky?.id ?? question;
    if (target === question) question = null;
    // It may have been deleted meanwhile.
    if (target === null || !(await rewriteComment(place, target, body))) {
      await writeComment(place, thread.number, body);
    }
  }
  if (question !== null) await removeComment(place, question);
}

/** A question that a crash left standing is asked anew, so that no reaction to the old one counts. */
export async function clearQuestions(
  desk: Desk,
  ask: { readonly place: Place; readonly comments: readonly Comment[]; readonly comment: number },
): Promise<void> {
  const left = questionsIn(ask.comments, { self: desk.self, comment: ask.comment });
  for (const id of left) await removeComment(ask.place, id);
}
