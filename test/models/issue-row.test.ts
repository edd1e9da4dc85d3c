import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { columnOf, listsOf, rowOf, type TokenSink } from '../../pipelines/models/issue-row.ts';

const BLOCKS = 3;
const tokens = fc.array(fc.string({ maxLength: 6 }), { maxLength: 12 });
const given = fc.tuple(
  fc.shuffledSubarray([0, 1, 2], { minLength: 3 }),
  fc.array(tokens, { minLength: 3, maxLength: 3 }),
);

function filling(order: readonly number[], lists: readonly (readonly string[])[], before: string) {
  return (sink: TokenSink): void => {
    for (const block of order) {
      sink.open(block, before);
      for (const token of lists[block] ?? []) sink.take(`<${token}>`, 1, 1 + token.length);
    }
  };
}

describe('rowOf', () => {
  it('has the columns of the tokens that the lists have, each once a block, whatever block was opened first', () => {
    fc.assert(
      fc.property(
        given,
        fc.constantFrom('', 'under|'),
        fc.constantFrom(8, 18),
        ([order, lists], before, bits) => {
          const fill = filling(order, lists, before);
          const read = listsOf(BLOCKS, fill);
          expect(read).toEqual(lists.map((list) => list.map((token) => before + token)));
          const wanted = read.map((list, block) => [
            ...new Set(list.map((token) => columnOf(token, block, bits))),
          ]);
          const { columns, blocks } = rowOf({ bits, blocks: BLOCKS }, fill);
          expect([...columns]).toEqual(wanted.flat());
          expect([...blocks]).toEqual(wanted.flatMap((list, block) => list.map(() => block)));
        },
      ),
    );
  });

  it('takes more columns than it had room for', () => {
    const many = Array.from({ length: 9000 }, (_, index) => `w${index}`);
    const { columns } = rowOf({ bits: 20, blocks: 1 }, filling([0], [many], ''));
    expect([...columns]).toEqual([...new Set(many.map((token) => columnOf(token, 0, 20)))]);
  });
});
