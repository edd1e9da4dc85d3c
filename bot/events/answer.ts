/** From a comment to its answer: looked at again, permitted, done once, told in one comment per model. */
import * as z from 'zod';
import { FettleError } from '../../registry/base/fault.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import { SETTINGS_FILE, type Settings } from '../../pipelines/settings/settings.ts';
import type { Asker, Outside, Reply, Thread } from '../commands/command.ts';
import { commentAt, commentsOf, type Comment } from '../github/comments.ts';
import { isMember } from '../policy/may-ask.ts';
import { pullAt, rulesOf } from '../github/contents.ts';
import { permissionOf } from '../github/permission.ts';
import type { Place } from '../github/place.ts';
import { decorate } from '../github/reactions.ts';
import { isAnswered, stickiesIn, type Sticky } from '../github/sticky.ts';
import { commentChanged } from '../faults.ts';
import type { Desk } from './event.ts';
import { Account, Installation, repositoryOf, RepositoryWords } from './foreign.ts';
import { openOutside } from './outside.ts';
import { clearQuestions, tellReplies } from './tell.ts';
import { keepWaiting } from './waiting.ts';

export const CommentPayload = z.object({
  action: z.literal('created'),
  installation: Installation,
  repository: RepositoryWords,
  issue: z.object({
    number: z.int(),
    pull_request: z.object({}).nullish(),
  }),
  comment: z.object({
    id: z.int(),
    body: z.string(),
    created_at: z.string(),
    updated_at: z.string(),
    user: Account,
  }),
});
export type CommentPayload = z.infer<typeof CommentPayload>;

export async function answerComment(desk: Desk, payload: CommentPayload): Promise<void> {
  const { comment } = payload;
  const key = `comment-${comment.id}/answered`;
  if (desk.steps.recall(key) !== undefined) return;
  await answerOnce(desk, payload);
  await desk.steps.note({ key, at: desk.now(), value: true });
}

async function answerOnce(desk: Desk, payload: CommentPayload): Promise<void> {
  const { comment, issue } = payload;
  const repository = repositoryOf(payload.repository);
  const place = desk.place(repository);
  const [comments, level, rules, pull] = await Promise.all([
    commentsOf(place, issue.number),
    permissionOf(place, comment.user),
    rulesOf(place, SETTINGS_FILE),
    (issue.pull_request ?? null) === null ? null : pullAt(place, issue.number),
  ]);
  const now = comments.find(({ id }) => id === comment.id) ?? (await commentAt(place, comment.id));
  const stickies = stickiesIn(comments, desk.self);
  if (now === null || isAnswered(stickies, comment.id)) return;
  await clearQuestions(desk, { place, comments, comment: comment.id });
  const thread = { repository, number: issue.number, commentId: comment.id, pull };
  const asker: Asker = { id: comment.user.id, login: comment.user.login, level, kind: 'User' };
  // Nothing shows a stranger that anybody listens.
  const seen = isMember(asker.level) ? decorate(place, comment.id, 'eyes') : Promise.resolve();
  await answerIn(desk, { place, thread, asker, stickies, rules, was: comment, now });
  await seen;
}

interface Answering {
  readonly place: Place;
  readonly thread: Thread;
  readonly asker: Asker;
  readonly stickies: readonly Sticky[];
  readonly rules: { readonly settings: string | null; readonly codeowners: string | null };
  readonly was: CommentPayload['comment'];
  readonly now: Comment;
}

async function answerIn(desk: Desk, answering: Answering): Promise<void> {
  const { place, thread, asker, stickies } = answering;
  const opened = openOutside(desk, { ...answering, askedAt: answering.was.created_at });
  const replies = await repliesTo(desk, answering, opened.outside);
  if (replies === 'silent') return;
  const noted = withNotes(replies, opened.notes);
  await tellReplies(desk, { place, thread, stickies, replies: noted, question: opened.question() });
  await keepWaiting(desk, { repository: thread.repository.id, thread, replies });
  const refused = replies.some(({ state }) => state === 'refused');
  if (isMember(asker.level)) await decorate(place, thread.commentId, refused ? 'confused' : 'rocket');
}

async function repliesTo(
  desk: Desk,
  { thread, asker, rules, was, now }: Answering,
  outside: Outside,
): Promise<readonly Reply[] | 'silent'> {
  try {
    if (now.body !== was.body || now.updated_at !== was.updated_at) throw commentChanged({ comment: was.id });
    const settings: Settings = settingsOf(rules.settings ?? '');
    const context = { asker, thread, settings, outside, now: desk.now() };
    return await desk.voice.converse(was.body, context);
  } catch (error) {
    if (!(error instanceof FettleError)) throw error;
    if (error.retry === 'later' && error.audience === 'operator') throw error;
    return isMember(asker.level) ? [refusalOf(error)] : 'silent';
  }
}

function refusalOf(error: FettleError): Reply {
  const reason = error.code === commentChanged.code ? 'ref_changed' : 'failed';
  const details = `${error.mend}\n\n\`${error.code}\``;
  return { model: null, state: 'refused', reason, verdict: `${error.message}.`, details, next: null };
}

function withNotes(replies: readonly Reply[], notes: readonly string[]): readonly Reply[] {
  const [first, ...others] = replies;
  if (first === undefined || notes.length === 0) return replies;
  return [{ ...first, details: [first.details, ...notes].join('\n\n') }, ...others];
}
