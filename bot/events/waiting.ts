/** Comments that wait for something are told again once the registry says that it has happened. */
import * as z from 'zod';
import type { ModelState, RegistryState } from '../../registry/schema/state.ts';
import { deedOf } from '../../registry/report/story.ts';
import type { Reply } from '../commands/command.ts';
import { commentsOf } from '../github/comments.ts';
import type { Place } from '../github/place.ts';
import { stickiesIn, stickyOf } from '../github/sticky.ts';
import type { Desk } from './event.ts';
import { tellReplies } from './tell.ts';

const Waiting = z.array(
  z.strictObject({ thread: z.int(), comment: z.int(), model: z.string(), since: z.string() }),
);
type Waiting = z.infer<typeof Waiting>;

/** The last ones of a repository; older ones have long been answered by newer comments. */
const WAITING_MAX = 50;

function keyOf(repository: number): string {
  return `waiting-${repository}`;
}

function waitingIn(desk: Desk, repository: number): Waiting {
  const kept = Waiting.safeParse(desk.steps.recall(keyOf(repository)));
  return kept.success ? kept.data : [];
}

/** Remembers which of the replies wait, and forgets those that they replace. */
export async function keepWaiting(
  desk: Desk,
  ask: {
    readonly repository: number;
    readonly thread: { readonly number: number; readonly commentId: number };
    readonly replies: readonly Reply[];
  },
): Promise<void> {
  const { repository, thread, replies } = ask;
  const before = waitingIn(desk, repository);
  const rest = before.filter(
    (one) => one.thread !== thread.number || !replies.some(({ model }) => model === one.model),
  );
  const fresh = replies.flatMap(({ model, state }) =>
    model === null || state !== 'waiting'
      ? []
      : [{ thread: thread.number, comment: thread.commentId, model, since: desk.now() }],
  );
  if (fresh.length === 0 && rest.length === before.length) return;
  const value = [...rest, ...fresh].slice(-WAITING_MAX);
  await desk.steps.note({ key: keyOf(repository), at: desk.now(), value });
}

export async function retellWaiting(
  desk: Desk,
  ask: { readonly place: Place; readonly repository: number; readonly state: RegistryState },
): Promise<void> {
  const { place, repository, state } = ask;
  const waiting = waitingIn(desk, repository);
  const left: Waiting = [];
  for (const one of waiting) {
    const known = [...state.models.values()].find(({ model }) => model === one.model);
    const reply = known === undefined ? null : replyOf(known, one.since);
    if (reply === null) left.push(one);
    else await retell(desk, { place, thread: one.thread, comment: one.comment, reply });
  }
  if (left.length === waiting.length) return;
  await desk.steps.note({ key: keyOf(repository), at: desk.now(), value: left });
}

/** Null while nothing was decided since. */
function replyOf(known: ModelState, since: string): Reply | null {
  const decision = known.decisions.findLast(({ at }) => at > since);
  if (decision === undefined) return null;
  return {
    model: known.model,
    state: 'done',
    reason: 'done',
    verdict: `**${known.model}**: ${deedOf(decision)}, by ${decision.by}.`,
    details: decision.reason,
    next: `/fettle why ${known.model}`,
  };
}

export interface Retelling {
  readonly place: Place;
  readonly thread: number;
  readonly comment: number;
  readonly reply: Reply;
}

/** Only a comment that is still there is told again. */
export async function retell(desk: Desk, { place, thread, comment, reply }: Retelling): Promise<void> {
  const stickies = stickiesIn(await commentsOf(place, thread), desk.self);
  if (stickyOf(stickies, reply.model) === null) return;
  const at = { number: thread, commentId: comment };
  await tellReplies(desk, { place, thread: at, stickies, replies: [reply], question: null });
}
