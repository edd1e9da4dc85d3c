/** Where the tokens of an issue go: most of them only into columns, and into words where somebody is to read them. */
import { begunHash, endedHash, hashOf, hashOn } from './hash.ts';
import type { Take } from './words.ts';

/** Where the tokens of an issue fell: entry i is in block `blocks[i]`; a column comes once a block. */
export interface IssueRow {
  readonly columns: Int32Array;
  readonly blocks: Uint8Array;
}

/** Takes tokens block by block, in any order of the blocks. */
export interface TokenSink {
  /** What is taken from now on is a token of this block, behind a text; a block is left once. */
  readonly open: (block: number, before?: string) => void;
  readonly take: Take;
}

/** The column of a token in a block. */
export function columnOf(token: string, block: number, bits: number): number {
  return hashOf(token, seedOf(block)) >>> (32 - bits);
}

function seedOf(block: number): number {
  return Math.imul(block, 0x9e37_79b1);
}

/** One bit a column, all 0 between two rows: a set of texts or of numbers would take most of the time. */
const MARKS = new Map<number, Uint32Array>();
/** Columns of the row under way; grows with the longest. */
let found = new Int32Array(4096);

function marksOf(bits: number): Uint32Array {
  const known = MARKS.get(bits) ?? new Uint32Array((2 ** bits) >>> 5);
  MARKS.set(bits, known);
  return known;
}

/**
 * The row of tokens: their columns, each once a block.
 *
 * @param bits    2^bits columns
 * @param blocks  how many there are
 * @param fill    gives the sink its tokens, and makes no other row meanwhile
 * @returns       entries block after block, within a block in the order in which they were first met
 * @throws        what `fill` throws
 * @cost          one multiplication a code unit of the tokens
 * @source        K. Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009, without signs
 */
export function rowOf(
  { bits, blocks }: { readonly bits: number; readonly blocks: number },
  fill: (sink: TokenSink) => void,
): IssueRow {
  const marks = marksOf(bits);
  const starts = new Int32Array(blocks);
  const ends = new Int32Array(blocks);
  let [block, count, state] = [-1, 0, 0];
  const leave = (): void => {
    if (block < 0) return;
    for (let entry = starts[block]!; entry < count; entry++) marks[found[entry]! >>> 5] = 0;
    ends[block] = count;
  };
  const open = (next: number, before = ''): void => {
    if (next !== block) {
      leave();
      block = next;
      starts[block] = count;
    }
    state = hashOn(begunHash(seedOf(block)), before, 0, before.length);
  };
  const take: Take = (text, from, to) => {
    const column = endedHash(hashOn(state, text, from, to)) >>> (32 - bits);
    const bit = 1 << (column & 31);
    if ((marks[column >>> 5]! & bit) !== 0) return;
    marks[column >>> 5]! |= bit;
    if (count === found.length) found = grown(found);
    found[count++] = column;
  };
  fill({ open, take });
  leave();
  return inOrder(starts, ends);
}

function grown(full: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(2 * full.length);
  larger.set(full);
  return larger;
}

function inOrder(starts: Int32Array, ends: Int32Array): IssueRow {
  const length = ends.reduce((sum, end, block) => sum + end - starts[block]!, 0);
  const row = { columns: new Int32Array(length), blocks: new Uint8Array(length) };
  let at = 0;
  ends.forEach((end, block) => {
    const begin = starts[block]!;
    row.columns.set(found.subarray(begin, end), at);
    row.blocks.fill(block, at, at + end - begin);
    at += end - begin;
  });
  return row;
}

/**
 * The tokens themselves.
 *
 * @param blocks  how many there are
 * @param fill    gives the sink its tokens
 * @returns       one list a block; a token may come twice
 * @throws        what `fill` throws
 * @cost          one text a token
 * @source        definition
 */
export function listsOf(blocks: number, fill: (sink: TokenSink) => void): readonly (readonly string[])[] {
  const lists = Array.from({ length: blocks }, (): string[] => []);
  let [list, prefix] = [lists[0] ?? [], ''];
  fill({
    open: (block, before = '') => {
      [list, prefix] = [lists[block]!, before];
    },
    take: (text, from, to) => void list.push(prefix + text.slice(from, to)),
  });
  return lists;
}
