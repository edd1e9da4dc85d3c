/** The Merkle tree of RFC 6962, kept as the frontier that appending needs: one hash per set bit of the size. */
import { hash } from 'node:crypto';

/** Hex hashes of the perfect subtrees, largest first. */
export type Frontier = readonly string[];

const EMPTY_ROOT = hash('sha256', '');

/** SHA-256(0x00 ‖ bytes), hex. @source RFC 6962 §2.1 */
export function leafHash(bytes: string): string {
  return hash('sha256', `\0${bytes}`);
}

/** SHA-256(0x01 ‖ left ‖ right), hex. @source RFC 6962 §2.1 */
export function nodeHash(left: string, right: string): string {
  return hash('sha256', Buffer.from(`01${left}${right}`, 'hex'));
}

/** @param size  leaves already in the tree; @param leaf  hash of the one to add */
export function appendLeaf(frontier: Frontier, size: number, leaf: string): Frontier {
  const kept = [...frontier];
  let node = leaf;
  for (let left = size; left % 2 === 1; left = Math.floor(left / 2)) {
    const sibling = kept.pop();
    if (sibling === undefined) {
      throw new TypeError(`a frontier of ${frontier.length} cannot have size ${size}`);
    }
    node = nodeHash(sibling, node);
  }
  return [...kept, node];
}

/** The tree's root, hex; of no leaves, SHA-256 of nothing. */
export function rootOf(frontier: Frontier): string {
  return frontier.length === 0 ? EMPTY_ROOT : frontier.reduceRight((right, left) => nodeHash(left, right));
}
