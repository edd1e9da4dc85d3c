/** The port of this room: an append-only event log with the derived files that are committed beside it. */
import type { Frontier } from '../base/merkle.ts';
import type { Entry } from '../schema/entry.ts';
import type { RegistryEvent } from '../schema/event.ts';

export interface Head {
  /** Which registry this is: never changes, survives renames and clones. */
  readonly origin: string;
  readonly epoch: number;
  /** Events in the log. */
  readonly size: number;
  /** Leaf hash of the last line, hex. */
  readonly prev: string;
  /** RFC 6962 frontier, hex, largest subtree first. */
  readonly frontier: Frontier;
  /** Version of the fold that made the view. */
  readonly reducer: number;
}

export interface Snapshot {
  readonly head: Head;
  /** Derived files by path (`state/…`, `index/…`, `README.md`), all read at the same moment as the head. */
  readonly view: ReadonlyMap<string, string>;
}

export interface AppendAsk {
  /** The head that was decided on; null to begin a registry. */
  readonly expected: Head | null;
  /** At least one; the first ever is `registry.created`. */
  readonly events: readonly RegistryEvent[];
  /** Derived files that change, by path; others stay. */
  readonly view: ReadonlyMap<string, string>;
  readonly reducer: number;
}

export interface EventLog {
  /** Where it lies, for people. */
  readonly where: string;
  /**
   * What is now; null where no registry was begun.
   *
   * @param paths  the view files wanted; all when left out, which grows with the number of models
   * @throws registryForeign, registryFromFuture, registryDamaged
   */
  read(paths?: readonly string[]): Promise<Snapshot | null>;
  /** Every entry from a position on, in order, checked for position and chain. */
  entries(from: number): Promise<readonly Entry[]>;
  /**
   * Appends all events and the view in one step that is seen whole or not at all. Events whose idempotency key is
   * in the log already are dropped when they say the same.
   *
   * @throws logMoved when the head is no longer `expected`: decide again; idempotencyConflict; remoteRefused
   */
  append(ask: AppendAsk): Promise<Head>;
  /** Every way in which what lies there is not what the log says; empty when all is well. */
  check(): Promise<readonly Problem[]>;
}

export interface Problem {
  /** Stable and machine-readable: `chain`, `canonical`, `head`, `segment`, `idem`, `unexpected-file`, … */
  readonly code: string;
  readonly where: string;
  readonly wanted: string;
  readonly found: string;
}
