/** The Merkle tree of RFC 6962, kept as the frontier that appending needs: one hash per set bit of the size. */
import { createHash } from 'node:crypto';

/** Hex hashes of the perfect subtrees, largest first. */
export type Frontier = readonly string[];

const EMPTY_ROOT = createHash('sha256').digest('hex');

/** SHA-256(0x00 ‖ bytes), hex. @source RFC 6962 §2.1 */
export function leafHash(bytes: string): string {
  return createHash('sha256').update(Buffer.of(0)).update(bytes).digest('hex');
}

/** SHA-256(0x01 ‖ left ‖ right), hex. @source RFC 6962 §2.1 */
export function nodeHash(left: string, right: string): string {
  return createHash('sha256').update(Buffer.of(1)).update(left, 'hex').update(right, 'hex').digest('hex');
}

/** @param size  leaves already in the tree; @param leaf  hash of the one to add */
export function appendLeaf(frontier: Frontier, size: number, leaf: string): Frontier {
  const kept = [...frontier];
  let hash = leaf;
  for (let left = size; left % 2 === 1; left = Math.floor(left / 2)) {
    const sibling = kept.pop();
    if (sibling === undefined) {
      throw new TypeError(`a frontier of ${frontier.length} cannot have size ${size}`);
    }
    hash = nodeHash(sibling, hash);
  }
  return [...kept, hash];
}

/** The tree's root, hex; of no leaves, SHA-256 of nothing. */
export function rootOf(frontier: Frontier): string {
  return frontier.length === 0 ? EMPTY_ROOT : frontier.reduceRight((right, left) => nodeHash(left, right));
}
