/** A box of the dashboard was checked: whoever did it is taken to have asked for that approval by comment. */
import { settingsOf } from '../../pipelines/settings/read.ts';
import { SETTINGS_FILE } from '../../pipelines/settings/settings.ts';
import { githubLog } from '../../registry/store/github-log.ts';
import type { Asker } from '../commands/command.ts';
import { isMember } from '../policy/may-ask.ts';
import { commentsOf, removeComment, writeComment } from '../github/comments.ts';
import { rulesOf } from '../github/contents.ts';
import { isOwnIssue, issueAt } from '../github/issues.ts';
import { permissionOf } from '../github/permission.ts';
import { questionMark, stickiesIn } from '../github/sticky.ts';
import type { Place } from '../github/place.ts';
import { stateIn } from './state.ts';
import { boxesIn, boxesOf, type Box } from './dashboard-text.ts';
import { tellDashboard } from './dashboard.ts';
import type { Desk } from './event.ts';
import { repositoryOf, type RepositoryWords } from './foreign.ts';
import { openOutside } from './outside.ts';
import { tellReplies } from './tell.ts';

export interface Checked {
  readonly repository: RepositoryWords;
  readonly issue: { readonly number: number; readonly body?: string | null | undefined };
  readonly changes?: { readonly body?: { readonly from: string } | null | undefined } | null | undefined;
  readonly sender: { readonly id: number; readonly login: string; readonly type: string };
}

export async function approveChecked(desk: Desk, payload: Checked): Promise<void> {
  const { issue, changes, sender } = payload;
  const before = boxesIn(changes?.body?.from ?? '');
  const fresh = boxesIn(issue.body ?? '').filter(
    (box) => box.checked && before.some((one) => one.id === box.id && !one.checked),
  );
  const place = desk.place(repositoryOf(payload.repository));
  // The app's own rewriting is no approval, and neither is a box in somebody else's issue.
  if (sender.type !== 'User' || fresh.length === 0) return;
  const now = await issueAt(place, issue.number);
  if (now === null || !isOwnIssue(now, desk.self)) return;
  const standing = boxesIn(now.body);
  const ours = await boxesNow(place);
  for (const box of fresh) {
    if (!standing.some((one) => one.id === box.id && one.checked)) continue;
    const says = ours.find((one) => one.id === box.id)?.says ?? box.says;
    const shown = [...before, box].filter((one) => one.id === box.id);
    // Nobody approves one thing while reading of another.
    if (shown.every((one) => one.says === says)) await approve(desk, payload, box.id);
    else desk.remark(`the words beside the box ${box.id} are not the app’s`);
  }
  const state = await stateIn(githubLog(place));
  if (state !== null) await tellDashboard(desk, place, state);
}

async function boxesNow(place: Place): Promise<readonly Box[]> {
  const [state, rules] = await Promise.all([stateIn(githubLog(place)), rulesOf(place, SETTINGS_FILE)]);
  return state === null ? [] : boxesOf(state, settingsOf(rules.settings ?? ''));
}

async function approve(desk: Desk, payload: Checked, id: string): Promise<void> {
  const { issue, sender } = payload;
  const repository = repositoryOf(payload.repository);
  const place = desk.place(repository);
  const [comments, level, rules] = await Promise.all([
    commentsOf(place, issue.number),
    permissionOf(place, sender),
    rulesOf(place, SETTINGS_FILE),
  ]);
  // Nothing shows a stranger that anybody listens; the box is unchecked with the next rewriting.
  if (!isMember(level)) return;
  const asker: Asker = { id: sender.id, login: sender.login, level, kind: 'User' };
  // A comment to be answered there is none, so that the answer itself stands for it.
  const said = `${questionMark(0)}\n@${sender.login} checked the box of ${id}.`;
  const question = await writeComment(place, issue.number, said);
  const thread = { repository, number: issue.number, commentId: question, pull: null };
  const visit = `box-${issue.number}-${id}-${desk.takenAt}`;
  const { outside } = openOutside(desk, { place, thread, asker, rules, visit, askedAt: desk.takenAt });
  const settings = settingsOf(rules.settings ?? '');
  const context = { asker, thread, settings, outside, now: desk.now() };
  const words = `/fettle approve ${id}`;
  const replies = await desk.voice.converse(words, context);
  if (replies === 'silent') {
    await removeComment(place, question);
    return;
  }
  const stickies = stickiesIn(comments, desk.self);
  await tellReplies(desk, { place, thread, stickies, replies, question });
}
