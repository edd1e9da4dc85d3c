/** One lane per repository: what arrives for one repository is done in turn, several repositories at a time. */

export type Work = (turn: Turn) => Promise<void>;

/** The turn that a work has in its lane. */
export interface Turn {
  /** Lets the others of the lane go on while this waits for a person; its own turn comes again right after. */
  aside<T>(wait: () => Promise<T>): Promise<T>;
}

export interface Lanes {
  add(lane: string, work: Work): void;
  /** Works that are not done yet. */
  readonly left: number;
  /** Resolves once nothing is left. */
  idle(): Promise<void>;
}

export interface LanesOptions {
  /** Lanes at work at the same time; GitHub counts more than 100 concurrent requests as abuse. */
  readonly parallel: number;
  /** A work throws only what nobody expected; the lane goes on. */
  readonly failed: (error: unknown) => void;
}

type Start = () => void;

interface Order {
  enter(lane: string, start: Start, place: 'first' | 'last'): void;
  leave(lane: string): void;
}

/** One at a time in each lane, and no more lanes at once than allowed. */
function keepOrder(parallel: number): Order {
  const lanes = new Map<string, Start[]>();
  const ready: Start[] = [];
  let busy = 0;
  const pump = (): void => {
    while (busy < parallel) {
      const start = ready.shift();
      if (start === undefined) return;
      busy++;
      start();
    }
  };
  return {
    enter(lane, start, place) {
      const queue = lanes.get(lane);
      if (queue === undefined) {
        lanes.set(lane, []);
        ready.push(start);
      } else if (place === 'first') queue.unshift(start);
      else queue.push(start);
      pump();
    },
    leave(lane) {
      busy--;
      const start = lanes.get(lane)?.shift();
      if (start === undefined) lanes.delete(lane);
      else ready.push(start);
      pump();
    },
  };
}

function turnIn(lane: string, { enter, leave }: Order): Turn {
  return {
    async aside(wait) {
      leave(lane);
      try {
        return await wait();
      } finally {
        await new Promise<void>((resolve) => enter(lane, resolve, 'first'));
      }
    },
  };
}

export function openLanes({ parallel, failed }: LanesOptions): Lanes {
  const order = keepOrder(parallel);
  const waiters: (() => void)[] = [];
  let left = 0;
  const perform = async (lane: string, work: Work): Promise<void> => {
    try {
      await work(turnIn(lane, order));
    } catch (error) {
      failed(error);
    }
    left--;
    order.leave(lane);
    if (left === 0) for (const resolve of waiters.splice(0)) resolve();
  };
  return {
    get left() {
      return left;
    },
    add(lane, work) {
      left++;
      order.enter(lane, () => void perform(lane, work), 'last');
    },
    idle() {
      return left === 0 ? Promise.resolve() : new Promise((resolve) => waiters.push(resolve));
    },
  };
}
