/** A comment was made: where a command begins one of its lines, it is answered. */
import { answerComment, CommentPayload } from './answer.ts';
import { defineEvent } from './event.ts';
import { laneOf } from './foreign.ts';

/** A first look only: whether it is a command, the parser of commands says. */
const MAYBE_COMMAND = /(^|\n)[ \t\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*\/fettle\b/i;

export const issueComment = defineEvent<CommentPayload>({
  name: 'issue_comment',
  actions: ['created'],
  payload: CommentPayload,
  lane: laneOf,
  concerns: ({ comment, repository }) =>
    comment.user.type === 'User' && repository.archived !== true && MAYBE_COMMAND.test(comment.body),
  handle: answerComment,
});
