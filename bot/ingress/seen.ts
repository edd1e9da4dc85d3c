/** The deliveries seen last, so that one that comes again is dropped. */

export interface Seen {
  has(id: string): boolean;
  add(id: string): void;
  /** So that it can be delivered again after it could not be kept. */
  forget(id: string): void;
}

export function openSeen(most: number, known: readonly string[]): Seen {
  const ids = new Set(known.slice(-most));
  return {
    has: (id) => ids.has(id),
    add(id) {
      ids.add(id);
      if (ids.size <= most) return;
      const [oldest] = ids;
      if (oldest !== undefined) ids.delete(oldest);
    },
    forget: (id) => void ids.delete(id),
  };
}
