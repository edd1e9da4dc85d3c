/** The port for parcels: left under a name made of what they hold, written once, and removed when folded. */
import { hash } from 'node:crypto';

export interface Offered {
  /** `refs/heads/fettle/inbox/<day>/<sha256 of the text>`. */
  readonly ref: string;
  /** What the ref points at, so that only what was read is removed. */
  readonly mark: string;
  /** Null for what is no parcel: too large, no text, or of another shape; it is refused when folded. */
  readonly text: string | null;
}

export interface Inbox {
  /** For people. */
  readonly where: string;
  /**
   * When this returns, the parcel survives this machine. The same text offered again is the same parcel.
   *
   * @param day  `2026-11-20`
   * @returns the ref
   * @throws remoteUnreachable, remoteRefused
   */
  offer(day: string, text: string): Promise<string>;
  /** What waits, by day and name; of very much the first, and the rest once those are gone. */
  list(): Promise<readonly Offered[]>;
  /** Removes what was folded or refused; what changed or is gone already is left alone. */
  discard(offered: readonly Offered[]): Promise<void>;
}

export const INBOX_PREFIX = 'refs/heads/fettle/inbox/';
export const PARCEL_FILE = 'parcel.json';
/** More than any run records; a parcel beyond it is refused rather than read. */
export const PARCEL_BYTES_MAX = 2_000_000;

export function parcelRef(day: string, text: string): string {
  return `${INBOX_PREFIX}${day}/${hash('sha256', text)}`;
}

/** Whether the name is one that Fettle gives; anything else under the prefix is not ours to touch. */
export function isParcelRef(ref: string): boolean {
  return /^refs\/heads\/fettle\/inbox\/\d{4}-\d{2}-\d{2}\/[0-9a-f]{64}$/.test(ref);
}
