import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapOf } from '../../pipelines/maths/heap.ts';

describe('a heap', () => {
  it('gives what is in it in order, whatever goes in between', () => {
    const action = fc.oneof(fc.integer({ min: 0, max: 50 }), fc.constant(null));
    fc.assert(
      fc.property(fc.array(action, { maxLength: 80 }), (actions) => {
        const heap = heapOf<number>((a, b) => a < b);
        const model: number[] = [];
        for (const each of actions) {
          if (each === null) expect(heap.pop()).toBe(model.shift());
          else {
            heap.push(each);
            model.push(each);
            model.sort((a, b) => a - b);
          }
          expect(heap.size()).toBe(model.length);
        }
      }),
    );
  });
});
