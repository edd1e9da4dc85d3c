/** Why a set of statements cannot hold: its minimal conflicts, each found by QuickXplain and all of them by a hitting-set tree. */

/** Whether these can all be true together; whatever follows from fewer must follow from more. */
export type Holds<T> = (some: readonly T[]) => boolean;

/** Sets of removed items that are looked at; what only larger sets would show is not listed. */
const LOOKS_MOST = 4096;

/**
 * A minimal conflict among items that do not hold: halves are set aside while the rest still does not hold. Of several
 * it is the one that keeps to the items that come first.
 *
 * @param items  those that may be blamed
 * @param holds  false of all items; true of none of them
 * @returns      items that do not hold together while every part of them does
 * @throws       never
 * @cost         at most 2·k·log₂(n/k) + 2·k calls of `holds` for a conflict of k of n items
 * @source       U. Junker, "QuickXplain: preferred explanations and relaxations for over-constrained problems", AAAI 2004
 */
export function quickXplain<T>(items: readonly T[], holds: Holds<T>): readonly T[] {
  const explain = (background: readonly T[], grew: boolean, rest: readonly T[]): readonly T[] => {
    if (grew && !holds(background)) return [];
    if (rest.length <= 1) return rest;
    const middle = Math.ceil(rest.length / 2);
    const [first, second] = [rest.slice(0, middle), rest.slice(middle)];
    const ofSecond = explain([...background, ...first], true, second);
    const ofFirst = explain([...background, ...ofSecond], ofSecond.length > 0, first);
    return [...ofFirst, ...ofSecond];
  };
  return explain([], false, items);
}

/**
 * Every minimal conflict: each known one is hit in every possible way, and what still does not hold has another.
 *
 * @param items  any number
 * @param holds  as above
 * @returns      the conflicts, each in the order of the items; none where all items hold together. Where more than
 *               4,096 ways would have to be looked at, the ones found by then, one at least
 * @throws       never
 * @cost         one call of `holds` for each way, and a QuickXplain for each conflict
 * @source       R. Reiter, "A theory of diagnosis from first principles", Artificial Intelligence 32 (1987), §4
 */
export function minimalConflicts<T>(items: readonly T[], holds: Holds<T>): readonly (readonly T[])[] {
  const found: (readonly T[])[] = [];
  const ways = new Map<string, ReadonlySet<T>>([['', new Set<T>()]]);
  const place = new Map(items.map((item, at) => [item, at]));
  for (const removed of ways.values()) {
    let conflict = found.find((known) => known.every((item) => !removed.has(item)));
    if (conflict === undefined) {
      const left = items.filter((item) => !removed.has(item));
      if (holds(left)) continue;
      conflict = quickXplain(left, holds);
      found.push(conflict);
    }
    for (const item of conflict) {
      if (ways.size >= LOOKS_MOST) break;
      const more = new Set([...removed, item]);
      const key = [...more].map((one) => place.get(one) ?? 0).sort((a, b) => a - b);
      ways.set(key.join(), more);
    }
  }
  return found;
}
