import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  blocksOf,
  boilerplateOf,
  IssueBlocks,
  issueRow,
  rememberingRows,
  SHARES,
} from '../../pipelines/models/issue-blocks.ts';
import { columnOf } from '../../pipelines/models/issue-row.ts';

const PLAIN = IssueBlocks.parse({ kind: 'issue-blocks', version: 1 });
const [, WORDS, PROSE, , , , OPENING] = [0, 1, 2, 3, 4, 5, 6] as const;

function blockOf(body: string, block: number, spec = PLAIN): readonly string[] {
  return blocksOf(spec, { title: '', body })[block] ?? [];
}

describe('IssueBlocks', () => {
  it('refuses another version: rows of another featuriser mean something else', () => {
    expect(IssueBlocks.safeParse({ kind: 'issue-blocks', version: 2 }).success).toBe(false);
  });
});

describe('issueRow', () => {
  it('gives the same columns every time, each once a block, blocks one after the other', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'binary', maxLength: 300 }),
        (title, body) => {
          const { columns, blocks } = issueRow(PLAIN, { title, body });
          expect(issueRow(PLAIN, { title, body })).toEqual({ columns, blocks });
          expect(new Set(Array.from(columns, (column, entry) => `${blocks[entry]} ${column}`)).size).toBe(
            columns.length,
          );
          expect(blocks.every((block, entry) => entry === 0 || block >= blocks[entry - 1]!)).toBe(true);
          expect(columns.every((column) => column >= 0 && column < 2 ** 18)).toBe(true);
        },
      ),
      { numRuns: 25 },
    );
  });

  it('has for each token its column', () => {
    const { columns, blocks } = issueRow(PLAIN, { title: 'crash', body: 'it breaks' });
    const found = Array.from(columns, (column, entry) => [blocks[entry], column].join());
    expect(found).toContain([WORDS, columnOf('breaks', WORDS, 18)].join());
    expect(found).not.toContain([WORDS, columnOf('mends', WORDS, 18)].join());
    expect(SHARES).toHaveLength(blocksOf(PLAIN, { title: '', body: '' }).length);
  });

  it('looks at a megabyte as at its first 64 Ki characters', () => {
    const long = 'The same words again and again.\n'.repeat(32_768);
    expect(long.length).toBe(2 ** 20);
    const cut = { title: 'Long', body: long.slice(0, 65_536) };
    expect(issueRow(PLAIN, { title: 'Long', body: long })).toEqual(issueRow(PLAIN, cut));
  });

  it('takes a megabyte without a line’s end, of brackets, and of comments never closed', () => {
    for (const piece of ['[', '`', '<!-- ', '> ', '*', '# ', '- [ ] ', '\u{1F600}', '中']) {
      const body = piece.repeat(2 ** 20 / piece.length);
      expect(issueRow(PLAIN, { title: piece, body }).columns.length).toBeGreaterThan(0);
    }
  });
});

describe('blocksOf', () => {
  it('has the form, but no word of prose, of an issue that is only an image', () => {
    const body = '![screenshot](https://example.org/a.png)';
    expect(blockOf(body, PROSE)).toEqual([]);
    expect(blockOf(body, 0)).toContain('images=1');
  });

  it('keeps words of other scripts', () => {
    expect(blockOf('Программа падает 程序崩溃 😀', WORDS)).toEqual(['программа', 'падает', '程序崩溃']);
  });

  it('does not see what is hidden in comments', () => {
    const body = 'It crashes. <!-- feature request please --> Always.\n<!-- question';
    expect(blockOf(body, WORDS)).toEqual(['it', 'crashes', 'always']);
    expect(blockOf(body, PROSE)).not.toContain('feature');
    expect(blockOf(body, OPENING)).not.toContain('question');
  });

  it('does not take another’s words for the author’s, but a prompt of Python for what it is', () => {
    const body = '> How do I add a feature?\n> Please help\nIt crashes\n>>> import cv2';
    expect(blocksOf(PLAIN, { title: '', body }).flat().join(' ')).not.toMatch(/feature|help/);
    expect(blockOf(body, WORDS)).toEqual(['it', 'crashes', 'import', 'cv2']);
  });
});

describe('rememberingRows', () => {
  it('gives the rows of issueRow, however the templates’ lines change between two questions', () => {
    const lines = [
      'Thanks for taking the time',
      '> quoted line',
      'It crashes often',
      '<!-- a hint -->',
      '- own',
    ];
    const specs = lines.map((_, index) =>
      IssueBlocks.parse({
        ...PLAIN,
        boilerplate: boilerplateOf(
          Array.from({ length: 6 }, () => ({ title: '', body: lines[index] ?? '' })),
        ),
      }),
    );
    const issue = fc.array(fc.constantFrom(...lines, '```', ''), { maxLength: 8 }).map((some) => {
      return { title: 'add this', body: some.join('\n') };
    });
    fc.assert(
      fc.property(issue, fc.array(fc.constantFrom(...specs), { minLength: 1 }), (asked, order) => {
        const rowOf = rememberingRows();
        for (const spec of order) expect(rowOf(spec, asked)).toEqual(issueRow(spec, asked));
      }),
    );
  });
});

describe('boilerplateOf', () => {
  const filled = (project: string, count: number) =>
    Array.from({ length: count }, (_, index) => ({
      title: '',
      body: `Thanks for taking the time\nmy own words ${'abcdefghij'[index % 10]?.repeat(index + 1)}`,
      project,
    }));

  it('finds the lines that many issues of one project share, and blocks leave them out', () => {
    const boilerplate = [...boilerplateOf(filled('a', 6))];
    expect(boilerplate).toHaveLength(1);
    const spec = IssueBlocks.parse({ ...PLAIN, boilerplate });
    expect(blockOf('Thanks for taking the time!\nmy own', WORDS, spec)).toEqual(['my', 'own']);
  });

  it('does not count what different projects have in common, nor a few issues', () => {
    expect(boilerplateOf([...filled('a', 5), ...filled('b', 5)])).toEqual([]);
  });
});
