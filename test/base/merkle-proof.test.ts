/** Proofs against the vectors of Certificate Transparency, and against every size and position of small trees. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHash } from '../../registry/base/merkle.ts';
import {
  consistencyPath,
  inclusionPath,
  isConsistent,
  rootByInclusion,
  treeHash,
} from '../../registry/base/merkle-proof.ts';

// Oracle: leaves and paths of google/certificate-transparency, merkle_tree_test.cc; positions there count from one.
const BYTES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const LEAVES = BYTES.map((hex) => leafHash(Buffer.from(hex, 'hex').toString('latin1')));
const A = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
const B = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';
const C = 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7';
const D = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
const E = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
const F = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';

describe('inclusionPath', () => {
  it.each([
    [0, 1, []],
    [0, 8, [F, A, E]],
    [5, 8, [D, B, C]],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
    [1, 5, ['6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d', A, D]],
  ])('of leaf %i among %i is the reference’s', (index, size, path) => {
    expect(inclusionPath(LEAVES.slice(0, size), index)).toEqual(path);
  });

  it('leads every leaf of every tree up to 40 to its root, and no other leaf', () => {
    for (let size = 1; size <= 40; size++) {
      const leaves = leavesOf(size);
      const root = treeHash(leaves);
      for (const [index, leaf] of leaves.entries()) {
        const path = inclusionPath(leaves, index);
        expect(rootByInclusion({ index, size, leaf, path })).toBe(root);
        expect(rootByInclusion({ index, size, leaf: leafHash('other'), path })).not.toBe(root);
        expect(rootByInclusion({ index, size, leaf, path: [...path, leaf] })).toBeNull();
        if (path.length > 0) expect(rootByInclusion({ index, size, leaf, path: path.slice(1) })).toBeNull();
      }
    }
  });

  it('takes no leaf that is not there', () => {
    expect(() => inclusionPath(LEAVES, 8)).toThrow(TypeError);
    expect(rootByInclusion({ index: 8, size: 8, leaf: F, path: [] })).toBeNull();
  });
});

describe('consistencyPath', () => {
  it.each([
    [1, 1, []],
    [1, 8, [F, A, E]],
    [6, 8, ['0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a', B, C]],
    [2, 5, [A, D]],
  ])('from %i to %i is the reference’s', (from, size, path) => {
    expect(consistencyPath(LEAVES.slice(0, size), from)).toEqual(path);
  });

  it('shows every prefix of every tree up to 40, and no tree that differs', () => {
    for (let size = 1; size <= 40; size++) {
      const leaves = leavesOf(size);
      const to = { size, root: treeHash(leaves) };
      for (let before = 1; before <= size; before++) {
        const path = consistencyPath(leaves, before);
        const from = { size: before, root: treeHash(leaves, 0, before) };
        expect(isConsistent({ from, to, path })).toBe(true);
        const other = { size: before, root: leafHash('other') };
        expect(isConsistent({ from: other, to, path })).toBe(false);
        expect(isConsistent({ from, to: { size, root: leafHash('other') }, path })).toBe(false);
      }
    }
  });

  it('is refused after any change of it', () => {
    const leaves = leavesOf(33);
    const to = { size: 33, root: treeHash(leaves) };
    const cases = fc.record({ before: fc.integer({ min: 1, max: 32 }), at: fc.nat(), digit: fc.nat(63) });
    fc.assert(
      fc.property(cases, ({ before, at, digit }) => {
        const path = [...consistencyPath(leaves, before)];
        const from = { size: before, root: treeHash(leaves, 0, before) };
        const index = at % path.length;
        const node = path[index] ?? '';
        const flipped = node[digit] === '0' ? '1' : '0';
        path[index] = node.slice(0, digit) + flipped + node.slice(digit + 1);
        expect(isConsistent({ from, to, path })).toBe(false);
        expect(isConsistent({ from, to, path: path.slice(1) })).toBe(false);
      }),
    );
  });
});

function leavesOf(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => leafHash(`leaf ${index}`));
}
