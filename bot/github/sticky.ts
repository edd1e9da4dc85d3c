/** The app's one comment per thread and model: found by its marker and its author, and what it remembers. */
import type { Comment } from './comments.ts';
import type { Self } from './place.ts';

export interface Mark {
  /** Null for what is about no one model. */
  readonly model: string | null;
  /** The comments that were answered here, oldest first. */
  readonly answered: readonly number[];
}

export interface Sticky extends Mark {
  readonly id: number;
}

/** Older ones are remembered by nobody: no delivery is redelivered after so many others. */
const ANSWERED_MAX = 200;

const MARKER = /^<!-- fettle:sticky model=([a-z0-9][a-z0-9-]*|-) answered=([0-9,]*) -->/;

export function markerOf({ model, answered }: Mark): string {
  return `<!-- fettle:sticky model=${model ?? '-'} answered=${answered.slice(-ANSWERED_MAX).join(',')} -->`;
}

/** Anybody can write the marker, so that it counts only where the app itself is the author. */
function isOwn({ user }: Comment, self: Self): boolean {
  return user !== null && user.type === 'Bot' && user.login === self.login;
}

export function stickiesIn(comments: readonly Comment[], self: Self): readonly Sticky[] {
  return comments.flatMap((comment) => {
    const [, model, answered] = MARKER.exec(comment.body) ?? [];
    if (model === undefined || answered === undefined || !isOwn(comment, self)) return [];
    const ids = answered.split(',').flatMap((id) => (id === '' ? [] : [Number(id)]));
    return [{ id: comment.id, model: model === '-' ? null : model, answered: ids }];
  });
}

/** Where two apps raced, the older one is kept. */
export function stickyOf(stickies: readonly Sticky[], model: string | null): Sticky | null {
  return stickies.filter((one) => one.model === model).sort((a, b) => a.id - b.id)[0] ?? null;
}

export function isAnswered(stickies: readonly Sticky[], comment: number): boolean {
  return stickies.some(({ answered }) => answered.includes(comment));
}

/** A question that a reaction answers is a comment of its own, so that no older reaction counts for it. */
const QUESTION = /^<!-- fettle:question comment=(\d+) -->/;

export function questionMark(comment: number): string {
  return `<!-- fettle:question comment=${comment} -->`;
}

/** Questions left over from before a crash. */
export function questionsIn(
  comments: readonly Comment[],
  { self, comment }: { readonly self: Self; readonly comment: number },
): readonly number[] {
  return comments
    .filter((one) => Number(QUESTION.exec(one.body)?.[1]) === comment && isOwn(one, self))
    .map(({ id }) => id);
}
