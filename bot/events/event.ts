/** The port of this room: a kind of event, which words of it are used, and what is done when one arrives. */
import * as z from 'zod';
import type { Clock } from '../../registry/base/clock.ts';
import type { Reply, Setting } from '../commands/command.ts';
import type { Place, Repository, Self } from '../github/place.ts';
import type { DeliveryLog } from '../ingress/delivery-log.ts';
import type { Routed } from '../ingress/ingress.ts';
import type { Turn } from '../ingress/lanes.ts';
import type { WorkflowSource } from './callers.ts';
import type { Observation } from './observations.ts';

/** How the app speaks: `bot/commands`, which knows nothing of GitHub. */
export interface Voice {
  converse(comment: string, setting: Setting): Promise<readonly Reply[] | 'silent'>;
  /** The replies as the body of the sticky comment that begins with the marker. */
  render(replies: readonly Reply[], marker: string): string;
}

/** What a handler of events is given. */
export interface Desk {
  readonly self: Self;
  readonly now: Clock;
  readonly sleep: (ms: number) => Promise<void>;
  readonly turn: Turn;
  readonly voice: Voice;
  /** What was done before a crash and must not be done twice. */
  readonly steps: Pick<DeliveryLog, 'recall' | 'note'>;
  /** When the delivery was taken, the same after a crash. */
  readonly takenAt: string;
  place(repository: Pick<Repository, 'owner' | 'name'>): Place;
  /** Where the workflows lie that a project may call; null where nobody said. */
  readonly workflows: WorkflowSource | null;
  /** Keeps something to learn from. */
  observe(observation: Observation): Promise<void>;
  /** Of something that went wrong beside the matter and stopped nothing. */
  remark(words: string): void;
}

/** One kind of event, with its type of payload forgotten. */
export interface Event {
  readonly name: string;
  readonly actions: readonly string[];
  /** What of the payload is used, and the lane it belongs to; null where nothing is to be done. */
  read(payload: unknown): Routed | null;
  handle(desk: Desk, payload: unknown): Promise<void>;
}

export interface EventDefinition<P> {
  readonly name: string;
  /** Empty for an event that has none. */
  readonly actions: readonly string[];
  /** Foreign words: only those that are used. What it gives, it takes again. */
  readonly payload: z.ZodType<P>;
  lane(payload: P): string;
  /** Told apart at the door, so that what concerns nobody is not even kept. */
  concerns(payload: P): boolean;
  handle(desk: Desk, payload: P): Promise<void>;
}

const Acting = z.object({ action: z.string() });

export function defineEvent<P>(definition: EventDefinition<P>): Event {
  const { name, actions, payload: shape } = definition;
  return {
    name,
    actions,
    read(payload) {
      if (actions.length > 0) {
        const acting = Acting.safeParse(payload);
        if (!acting.success || !actions.includes(acting.data.action)) return null;
      }
      const parsed = shape.safeParse(payload);
      if (!parsed.success || !definition.concerns(parsed.data)) return null;
      return { lane: definition.lane(parsed.data), payload: parsed.data };
    },
    handle: (desk, payload) => definition.handle(desk, shape.parse(payload)),
  };
}
