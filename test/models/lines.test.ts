import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { countLines, eachLine, keptLines } from '../../pipelines/models/lines.ts';

const texts = fc
  .array(fc.constantFrom('a', 'b', '\n', '\r', ''), { maxLength: 20 })
  .map((all) => all.join(''));

describe('lines', () => {
  it('are those that splitting gives, and those that stay are joined again', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const lines: string[] = [];
        eachLine(text, (from, to) => void lines.push(text.slice(from, to)));
        expect(lines).toEqual(text.split('\n'));
        const isKept = (line: string): boolean => !line.includes('b');
        expect(keptLines(text, (from, to) => isKept(text.slice(from, to)))).toBe(
          text.split('\n').filter(isKept).join('\n'),
        );
      }),
    );
  });

  it('are counted up to the five thousandth', () => {
    const text = 'yes\nno\n'.repeat(4000);
    expect(countLines(text, (from) => text.startsWith('yes', from))).toBe(2500);
  });
});
