/** A binary heap: always gives the first of what is in it. */

export interface Heap<T> {
  readonly size: () => number;
  readonly push: (item: T) => void;
  /** Takes the first out; undefined when there is none. */
  readonly pop: () => T | undefined;
}

/**
 * An empty heap.
 *
 * @param before  whether one item comes before another; a strict weak order
 * @returns       a heap that keeps its items in an array, each before those at 2i + 1 and 2i + 2
 * @throws        never
 * @cost          log₂ n comparisons for each item in and out
 * @source        D. E. Knuth, TAOCP vol. 3, §5.2.3
 */
export function heapOf<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = [];

  const rise = (from: number): void => {
    const item = items[from]!;
    let at = from;
    for (let parent = (at - 1) >> 1; at > 0 && before(item, items[parent]!); parent = (at - 1) >> 1) {
      items[at] = items[parent]!;
      at = parent;
    }
    items[at] = item;
  };

  const sink = (item: T): void => {
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      if (child + 1 < items.length && before(items[child + 1]!, items[child]!)) child += 1;
      if (!before(items[child]!, item)) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
  };

  return {
    size: () => items.length,
    push(item) {
      items.push(item);
      rise(items.length - 1);
    },
    pop() {
      const first = items[0];
      const last = items.pop();
      if (last !== undefined && items.length > 0) sink(last);
      return first;
    },
  };
}
