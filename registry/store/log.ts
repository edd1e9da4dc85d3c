/** The port of this room: an append-only event log with the derived files that are committed beside it. */
import type { Digest } from '../base/digest.ts';
import type { Frontier } from '../base/merkle.ts';
import type { Entry } from '../schema/entry.ts';
import type { IdemKey, RegistryEvent } from '../schema/event.ts';
import type { Checkpoint } from '../trust/note.ts';

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
  /** The signed note with origin, size and root, as it lies there. */
  readonly checkpoint: string;
  /** Derived files by path (`state/…`, `index/…`, `README.md`), all read at the same moment as the head. */
  readonly view: ReadonlyMap<string, string>;
}

export interface AppendAsk {
  /** The head that was decided on; null to begin a registry. */
  readonly expected: Head | null;
  /** At least one; the first ever is `registry.created`. */
  readonly events: readonly RegistryEvent[];
  /** Derived files that change, by path; others stay. Made from those events that are new, where some were not. */
  readonly view: ReadonlyMap<string, string> | ViewOf;
  readonly reducer: number;
  /** What the events' authors signed, kept beside the log; each line names its own. */
  readonly bundles?: readonly SignedEvents[];
  /** The text of the checkpoint file; unsigned when left out. */
  readonly seal?: (checkpoint: Checkpoint) => string;
  /** What an `epoch.begun`, which is then the first of the events, begins on. */
  readonly epoch?: EpochAsk;
}

export interface EpochAsk {
  /** Every file under state, index and idem, as it lies there. */
  readonly files: ReadonlyMap<string, string>;
  /** Version of the policy in force; 0 for none. */
  readonly policy: number;
}

export type ViewOf = (fresh: readonly RegistryEvent[]) => ReadonlyMap<string, string>;

export interface SignedEvents {
  readonly digest: Digest;
  readonly text: string;
  readonly idems: ReadonlySet<IdemKey>;
}

export interface EventLog {
  /** Where it lies, for people. */
  readonly where: string;
  /** Events that whoever folds many puts into one append: as many as what carries it takes without trouble. */
  readonly batchMax: number;
  /**
   * Learns what others wrote since, for whoever waits for them; left out where every read asks anyway.
   *
   * @throws remoteUnreachable
   */
  refresh?(): Promise<void>;
  /**
   * What is now; null where no registry was begun.
   *
   * @param paths  the view files wanted; all when left out, which grows with the number of models
   * @throws registryForeign, registryFromFuture, registryDamaged
   */
  read(paths?: readonly string[]): Promise<Snapshot | null>;
  /**
   * Every entry from a position on, in order, checked for position and chain. With `until` only those before that
   * position, and only the segments that hold them are read: the head then vouches for none of them. What an earlier
   * epoch holds is read from history.
   *
   * @throws historyMissing
   */
  entries(from: number, until?: number): Promise<readonly Entry[]>;
  /**
   * Appends all events and the view in one step that is seen whole or not at all. Events whose idempotency key is
   * in the log already are dropped when they say the same.
   *
   * @throws logMoved when the head is no longer `expected`: decide again; idempotencyConflict; remoteRefused
   */
  append(ask: AppendAsk): Promise<Head>;
  /** Reads, decides and appends after those who came before; left out where writers share no machine. */
  readonly inTurn?: <T>(act: () => Promise<T>) => Promise<T>;
  /**
   * Makes these the files of the registry, all of them and no other, on top of what lies there now.
   *
   * @param ask.expected  the mark of the look that the files were made from
   * @throws logMoved
   */
  restore(ask: RestoreAsk): Promise<void>;
  /** Where these keys were used; those that never were are left out. */
  positions(idems: readonly IdemKey[]): Promise<ReadonlyMap<IdemKey, number>>;
  /** Every idempotency file, of now or of an earlier look. */
  shards(mark: string | null): Promise<ReadonlyMap<string, string>>;
  /** What the newest epoch begins on, by the paths that it had: of now or of an earlier look; none before the second. */
  epoch(mark: string | null): Promise<ReadonlyMap<string, string>>;
  /**
   * Files that left the tree when an epoch began, as they last were; a path that never was there is left out.
   *
   * @throws historyMissing where the history at hand does not reach back to them
   */
  bygone(paths: readonly string[]): Promise<ReadonlyMap<string, string>>;
  /**
   * The first moment at which there were at least so many events; null where history does not reach back to it. Left
   * out where the log keeps no moments, or finding one costs as much as reading them all.
   */
  readonly reached?: (size: number) => Promise<Reached | null>;
  /**
   * Everything that lies there, for whoever verifies it; null where no registry was begun.
   *
   * @param since  an earlier look: only what changed after it is read, if the log can tell
   */
  look(since: Since | null): Promise<Look | null>;
}

export interface RestoreAsk {
  readonly expected: string | null;
  readonly files: ReadonlyMap<string, string>;
  /** ISO 8601. */
  readonly at: string;
}

export interface Since {
  readonly mark: string;
  /** Events that there were; the segment that the next one fell into is read whatever changed. */
  readonly size: number;
}

export interface Reached {
  readonly mark: string;
  /** The head, the segment of the last event, and every file under state, index and idem. */
  readonly files: ReadonlyMap<string, string>;
  /** Every plain file that there was. */
  readonly paths: readonly string[];
}

export interface Look {
  /** Names this moment; null where the log keeps no moments. */
  readonly mark: string | null;
  /** Null: all files were read. Otherwise those of `before` are as they were at the mark of the earlier look. */
  readonly before: ReadonlyMap<string, string> | null;
  /** Whole texts by path: all, or those that changed and the few that every look needs. */
  readonly files: ReadonlyMap<string, string>;
  /** Paths that were there before and are no more. */
  readonly gone: readonly string[];
  /** What no file of a registry should be. */
  readonly problems: readonly Problem[];
}

export interface Problem {
  /** Stable and machine-readable: `chain`, `canonical`, `head`, `segment`, `idem`, `unexpected-file`, … */
  readonly code: string;
  readonly where: string;
  readonly wanted: string;
  readonly found: string;
}
