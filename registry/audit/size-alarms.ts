/** From which size on a registry becomes slow for everybody, and what to do about it. */
import type { RegistrySize } from '../store/git-size.ts';

/** Beyond these a clone, a fetch or an append is felt; all are far from what git and its hosts refuse. */
export const LARGE = {
  events: 500_000,
  branchBytes: 1_000_000_000,
  stateBytes: 1_000_000,
  looseObjects: 20_000,
} as const;

export interface Measured extends RegistrySize {
  /** Since the newest epoch began. */
  readonly events: number;
}

const REPACK = '`git repack -ad --window=20` packs it, and changes no content';

/** One sentence for each limit that was passed. */
export function sizeAlarms({ events, branchBytes, largest, looseObjects }: Measured): readonly string[] {
  const says: string[] = [];
  if (events > LARGE.events) {
    says.push(
      `${count(events)} events in the branch's tree: a first look reads them all; \`fettle compact\` begins a new epoch, and leaves them to history`,
    );
  }
  if (branchBytes !== null && branchBytes > LARGE.branchBytes) {
    says.push(`${count(Math.round(branchBytes / 1e6))} MB on disk for the registry's branch: ${REPACK}`);
  }
  if (largest !== null && largest.bytes > LARGE.stateBytes) {
    says.push(
      `${count(Math.round(largest.bytes / 1000))} kB in ${largest.path}, written anew with each decision: split the model by group, or give it fewer labels`,
    );
  }
  if (looseObjects > LARGE.looseObjects) {
    says.push(`${count(looseObjects)} loose objects in this repository: ${REPACK}`);
  }
  return says;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
