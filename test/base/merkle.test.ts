/** The Merkle tree against RFC 6962 itself and the vectors of its reference implementation. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { appendLeaf, leafHash, rootOf, type Frontier } from '../../registry/base/merkle.ts';

describe('rootOf', () => {
  // Oracle: the leaves and roots that the tests of Certificate Transparency give (google/certificate-transparency,
  // merkle_tree_test.cc), which every implementation of RFC 6962 repeats.
  it('gives the roots of the reference tree', () => {
    const leaves = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    // All bytes are below 0x80, so each leaf can be written as text.
    const texts = leaves.map((leaf) => Buffer.from(leaf, 'hex').toString('latin1'));
    expect([0, 1, 2, 8].map((size) => rootOf(frontierOf(texts.slice(0, size))))).toEqual([
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ]);
  });

  // Oracle: the recursive definition of RFC 6962 §2.1.
  it('agrees with the definition at every size up to 70', () => {
    const leaves = Array.from({ length: 70 }, (_, index) => `leaf ${index}`);
    for (let size = 0; size <= 70; size++) {
      expect(rootOf(frontierOf(leaves.slice(0, size)))).toBe(treeHash(leaves.slice(0, size)).toString('hex'));
    }
  });

  it('keeps one hash per set bit of the size', () => {
    expect(frontierOf(Array.from({ length: 0b1011 }, String))).toHaveLength(3);
    expect(() => appendLeaf([], 1, leafHash('x'))).toThrow(TypeError);
  });
});

function frontierOf(leaves: readonly string[]): Frontier {
  return leaves.reduce<Frontier>((frontier, leaf, size) => appendLeaf(frontier, size, leafHash(leaf)), []);
}

function treeHash(leaves: readonly string[]): Buffer {
  const sha = (...parts: readonly Buffer[]): Buffer =>
    createHash('sha256').update(Buffer.concat(parts)).digest();
  const [only] = leaves;
  if (only === undefined) return sha();
  if (leaves.length === 1) return sha(Buffer.of(0), Buffer.from(only));
  let half = 1;
  while (half * 2 < leaves.length) half *= 2;
  return sha(Buffer.of(1), treeHash(leaves.slice(0, half)), treeHash(leaves.slice(half)));
}
