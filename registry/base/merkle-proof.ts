/** Proofs about the Merkle tree of a log: that a line is in it, and that a longer log only adds to a shorter one. */
import { nodeHash, rootOf } from './merkle.ts';

/** Hex hashes, from the leaf upwards. */
export type Path = readonly string[];

/** The largest power of two below n, for n > 1. */
function splitOf(n: number): number {
  let split = 1;
  while (split * 2 < n) split *= 2;
  return split;
}

/**
 * Root of the leaves from `start` up to, and without, `end`; hex.
 *
 * @source RFC 6962 §2.1
 * @cost  one hash less than there are leaves
 */
export function treeHash(leaves: readonly string[], start = 0, end = leaves.length): string {
  if (end === start) return rootOf([]);
  if (end - start === 1) return leaves[start] ?? '';
  const middle = start + splitOf(end - start);
  return nodeHash(treeHash(leaves, start, middle), treeHash(leaves, middle, end));
}

/**
 * The audit path of a leaf.
 *
 * @param index  0 to size − 1
 * @source RFC 6962 §2.1.1
 */
export function inclusionPath(leaves: readonly string[], index: number): Path {
  const path: string[] = [];
  let [start, end] = [0, leaves.length];
  if (index < start || index >= end) throw new TypeError(`no leaf ${index} among ${end}`);
  while (end - start > 1) {
    const middle = start + splitOf(end - start);
    const left = index < middle;
    path.push(left ? treeHash(leaves, middle, end) : treeHash(leaves, start, middle));
    if (left) end = middle;
    else start = middle;
  }
  return path.reverse();
}

/**
 * Nodes that show the first `size` leaves to be a prefix of all.
 *
 * @param size  1 to the number of leaves
 * @source RFC 6962 §2.1.2
 */
export function consistencyPath(leaves: readonly string[], size: number): Path {
  if (size < 1 || size > leaves.length) throw new TypeError(`no prefix of ${size} of ${leaves.length}`);
  const path: string[] = [];
  let [start, end, whole] = [0, leaves.length, true];
  while (end !== size) {
    const middle = start + splitOf(end - start);
    if (size <= middle) {
      path.push(treeHash(leaves, middle, end));
      end = middle;
    } else {
      path.push(treeHash(leaves, start, middle));
      start = middle;
      whole = false;
    }
  }
  if (!whole) path.push(treeHash(leaves, start, end));
  return path.reverse();
}

export interface Inclusion {
  readonly index: number;
  readonly size: number;
  /** Leaf hash, hex. */
  readonly leaf: string;
  readonly path: Path;
}

/** The root that an audit path leads to, hex; null when the path has the wrong length. @source RFC 9162 §2.1.3.2 */
export function rootByInclusion({ index, size, leaf, path }: Inclusion): string | null {
  if (index < 0 || index >= size) return null;
  let [node, last, root] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return null;
    if (node % 2 === 1 || node === last) {
      root = nodeHash(sibling, root);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      root = nodeHash(root, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 ? root : null;
}

export interface Consistency {
  readonly from: { readonly size: number; readonly root: string };
  readonly to: { readonly size: number; readonly root: string };
  readonly path: Path;
}

/** Whether the path shows that the second tree only adds to the first. @source RFC 9162 §2.1.4.2 */
export function isConsistent({ from, to, path }: Consistency): boolean {
  if (from.size < 1 || from.size > to.size) return false;
  if (from.size === to.size) return path.length === 0 && from.root === to.root;
  const isPower = (from.size & (from.size - 1)) === 0;
  const [first, ...rest] = isPower ? [from.root, ...path] : path;
  if (first === undefined) return false;
  let [node, last] = [from.size - 1, to.size - 1];
  while (node % 2 === 1) [node, last] = [half(node), half(last)];
  let [older, newer] = [first, first];
  for (const sibling of rest) {
    if (last === 0) return false;
    if (node % 2 === 1 || node === last) {
      older = nodeHash(sibling, older);
      newer = nodeHash(sibling, newer);
      while (node % 2 === 0 && node !== 0) [node, last] = [half(node), half(last)];
    } else {
      newer = nodeHash(newer, sibling);
    }
    [node, last] = [half(node), half(last)];
  }
  return last === 0 && older === from.root && newer === to.root;
}

function half(value: number): number {
  return Math.floor(value / 2);
}
