/** Proofs about a log, complete in themselves: the event, the path to the root, and the checkpoint that names the root. */
import { canonical } from '../base/json.ts';
import { consistencyPath, inclusionPath, treeHash } from '../base/merkle-proof.ts';
import { rootOf } from '../base/merkle.ts';
import { positionBeyondEnd } from '../faults.ts';
import type { Entry } from '../schema/entry.ts';
import type { Snapshot } from '../store/log.ts';

export interface Proof {
  readonly v: 1;
  readonly origin: string;
  readonly size: number;
  /** Hex, like every hash here. */
  readonly root: string;
  /** The signed note, as it lies on the branch. */
  readonly checkpoint: string;
  /** RFC 6962 §2.1.1: SHA-256(0x00 ‖ line) and the path lead to the root. */
  readonly inclusion: { readonly seq: number; readonly line: string; readonly path: readonly string[] };
  /** RFC 6962 §2.1.2; null where no earlier size was asked for. */
  readonly consistency: {
    readonly size: number;
    readonly root: string;
    readonly path: readonly string[];
  } | null;
}

export interface ProofAsk {
  readonly snapshot: Snapshot;
  /** All of the log. */
  readonly entries: readonly Entry[];
  readonly seq: number;
  /** An earlier size. */
  readonly since: number | null;
}

/** @throws positionBeyondEnd */
export function proofOf({ snapshot, entries, seq, since }: ProofAsk): Proof {
  const { head, checkpoint } = snapshot;
  const { origin, size } = head;
  const entry = entries[seq];
  if (entry === undefined || seq >= size) throw positionBeyondEnd({ found: seq, last: size - 1 });
  if (since !== null && (since < 1 || since > size)) throw positionBeyondEnd({ found: since, last: size });
  // Each line names the hash of the one before it, and the head that of the last.
  const leaves = [...entries.slice(1, size).map(({ prev }) => prev), head.prev];
  return {
    v: 1,
    origin,
    size,
    root: rootOf(head.frontier),
    checkpoint,
    inclusion: { seq, line: lineText(entry), path: inclusionPath(leaves, seq) },
    consistency:
      since === null
        ? null
        : { size: since, root: treeHash(leaves, 0, since), path: consistencyPath(leaves, since) },
  };
}

function lineText({ seq, prev, envelope, bundle }: Entry): string {
  return canonical({ seq, prev, event: envelope, b: bundle });
}
