/** How large the blobs of these names are, asked before any of them is read: a small push can name very large ones. */
import type { Git } from './git.ts';

/** @returns bytes by place; null for what is no blob */
export async function sizesOf(git: Git, names: readonly string[]): Promise<readonly (number | null)[]> {
  if (names.length === 0) return [];
  const args = ['cat-file', '--batch-check=%(objecttype) %(objectsize)'];
  const out = await git.print({ args, input: names.map((name) => `${name}\n`).join('') });
  return out.split('\n').map((line) => {
    const size = /^blob (\d+)$/.exec(line)?.[1];
    return size === undefined ? null : Number(size);
  });
}
