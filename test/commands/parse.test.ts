/** Where a command may stand in a comment, and what the grammar makes of it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { COMMENT_MOST } from '../../bot/commands/lines.ts';
import { parseComment, parseLine } from '../../bot/commands/parse.ts';

const names = (comment: string): readonly string[] => {
  const parsed = parseComment(comment);
  return parsed.kind === 'lines'
    ? parsed.lines.map((line) => ('name' in line ? line.name : '?'))
    : [parsed.kind];
};

describe('a command in a comment', () => {
  it.each([
    ['alone', '/fettle status'],
    ['after other words', 'Looks good to me.\n/fettle status\nThank you!'],
    ['in a paragraph of its own', 'Hello @kurt,\n\n/fettle status\n\n- one\n- two'],
    ['with line ends of Windows', 'a\r\n/fettle status\r\nb'],
    ['with other capitals', '/Fettle STATUS'],
    ['after HTML that is closed', '<details>\n\nsecret\n\n</details>\n\n/fettle status'],
    ['between rulers', `${'-'.repeat(150)}\n\n/fettle status\n\n${'*'.repeat(150)}`],
    ['after a long pause', `a${'\n'.repeat(300)}/fettle status`],
    ['beside an address', 'see https://example.com and a@example.com\n/fettle status'],
  ])('counts %s', (_, comment) => {
    expect(names(comment)).toEqual(['status']);
  });

  it.each([
    ['in a fenced block', '```\n/fettle status\n```'],
    ['in a fence that nobody closed', '~~~\n/fettle status'],
    ['in an indented block', '    /fettle status'],
    ['in a code span over lines', 'a `b\n/fettle status` c'],
    ['in a quote', '> /fettle status'],
    ['as the lazy line of a quote, as mail programs write', 'On Monday kurt wrote:\n> hello\n/fettle status'],
    ['in a list', '- a\n/fettle status'],
    ['in a task', '- [ ] /fettle status'],
    ['in an HTML comment', '<!--\n\n/fettle status\n\n-->'],
    ['in an HTML comment in a line', 'a <!--\n/fettle status --> b'],
    ['in HTML', '<div>\n/fettle status\n</div>'],
    ['in HTML around blank lines', '<details>\n\n/fettle status\n\n</details>'],
    ['in HTML that nobody closed', '<div hidden>\n\n/fettle status'],
    ['in the words of a link', '[a\n/fettle status](https://example.com)'],
    ['in the words of a picture', '![a\n/fettle status](https://example.com/a.png)'],
    ['in the title of a link', '[a](https://example.com "b\n/fettle status")'],
    ['in a link definition', '[a]: https://example.com "b\n/fettle status"'],
    ['in a footnote', '[^1]: a\n/fettle status'],
    ['in a table', 'a|\n-|\n/fettle status'],
    ['as a heading', '/fettle status\n==='],
    ['in emphasis', '*a\n/fettle status*'],
    ['struck out', '~~a\n/fettle status~~'],
    ['in the middle of a line', 'please /fettle status'],
    ['after a blank', ' /fettle status'],
    ['behind a zero-width space', '\u200B/fettle status'],
    ['behind a mark that turns the direction', '\u202E/fettle status'],
    ['with a full-width slash', '\uFF0Ffettle status'],
    ['with a letter that only looks like one', '/f\u0435ttle status'],
    ['as the beginning of another word', '/fettlestatus'],
  ])('does not count %s', (_, comment) => {
    expect(names(comment)).toEqual(['nothing']);
  });

  it('counts line by line', () => {
    expect(names('/fettle status\n/fettle why digits\n```\n/fettle hold\n```\n/fettle history')).toEqual([
      'status',
      'why',
      'history',
    ]);
  });

  it('is not looked for in more text than anybody writes, nor in a maze', () => {
    expect(names(`/fettle status\n${'a'.repeat(COMMENT_MOST)}`)).toEqual(['too-long']);
    expect(names(`${'>'.repeat(5000)}\n\n/fettle status`)).toEqual(['too-long']);
    expect(names(`${'- '.repeat(60)}a\n\n/fettle status`)).toEqual(['too-long']);
    expect(names('/fettle status\n\n'.repeat(6))).toEqual(['too-long']);
  });
});

describe('the grammar', () => {
  const flagsOf = (text: string): unknown => {
    const line = parseLine(text);
    return 'wrong' in line ? line.wrong : [line.words, Object.fromEntries(line.flags)];
  };

  it('knows words, flags with and without values, and texts', () => {
    expect(flagsOf('/fettle promote digits@1.4.0 to production --dry-run --reason "it \\"works\\""')).toEqual(
      [['digits@1.4.0', 'to', 'production'], { 'dry-run': true, reason: 'it "works"' }],
    );
    expect(flagsOf('/fettle history --most=5')).toEqual([[], { most: '5' }]);
    expect(flagsOf('/fettle hold --reason="a = b"')).toEqual([[], { reason: 'a = b' }]);
    expect(flagsOf('/fettle hold --dry-run digits')).toEqual([['digits'], { 'dry-run': true }]);
  });

  it.each([
    ['a Cyrillic letter in a name', '/fettle promote d\u0456gits@1.4.0 to production', 'U+0456'],
    ['a zero-width joiner', '/fettle promote digits\u200D@1.4.0 to production', 'U+200D'],
    ['a blank that is none', '/fettle promote\u00A0digits', 'U+00A0'],
    ['full-width digits', '/fettle why digits@\uFF11.0.0', 'U+FF11'],
    ['a shell', '/fettle promote a@1.0.0;curl to production', 'U+003B'],
    ['a substitution', '/fettle train $(id)', 'U+0024'],
    ['backticks', '/fettle train `id`', 'U+0060'],
    ['HTML', '/fettle train <b>', 'U+003C'],
    ['curly quotes', '/fettle hold --reason \u201Cwhy\u201D', 'straight'],
    ['a long dash', '/fettle hold \u2014reason', 'plain dashes'],
    ['a text that nobody closed', '/fettle hold --reason "why', 'closing'],
    ['a text without a flag', '/fettle hold "why"', '--reason'],
    ['a flag twice', '/fettle hold --reason a --reason b', 'twice'],
    ['a hidden mark in a text', '/fettle hold --reason "a\u202Eb"', 'hidden'],
    ['a short flag', '/fettle hold -r a', '--reason'],
  ])('refuses %s', (_, text, why) => {
    expect(flagsOf(text)).toContain(why);
  });

  it('takes a reason in any script', () => {
    expect(flagsOf('/fettle hold --reason "Zahlen prüfen, 数字"')).toEqual([
      [],
      { reason: 'Zahlen prüfen, 数字' },
    ]);
  });
});

describe('any text', () => {
  const pieces = fc.constantFrom(
    '/fettle ',
    'status',
    '\n',
    '`',
    '```\n',
    '> ',
    '- ',
    '<!--',
    '-->',
    '[',
    '](',
    '"',
    '\\',
    '--x',
    ' ',
    '\r',
    '|',
    '~~',
    '*',
    '\u200B',
    '<div>',
    '=',
    'a@1.0.0',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 200 }),
    fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join('')),
  );

  it('is parsed without throwing', () => {
    fc.assert(
      fc.property(text, (comment) => void parseComment(comment)),
      { numRuns: 500 },
    );
    fc.assert(
      fc.property(text, (line) => void parseLine(`/fettle ${line}`)),
      { numRuns: 500 },
    );
  });

  it('is no command inside a fence, whatever it is', () => {
    const inside = text.filter((comment) => !/`{5}/.test(comment));
    fc.assert(
      fc.property(inside, (comment) => {
        expect(names(`\`\`\`\`\`\n${comment}\n/fettle status\n\`\`\`\`\``)).toEqual(['nothing']);
      }),
      { numRuns: 300 },
    );
  });

  it('gives only lines that stand in it', () => {
    fc.assert(
      fc.property(text, (comment) => {
        const parsed = parseComment(comment);
        const count = comment.split(/\r\n|\r|\n/).filter((line) => /^\/fettle(\s|$)/i.test(line)).length;
        expect(parsed.kind === 'lines' ? parsed.lines.length : 0).toBeLessThanOrEqual(count);
      }),
      { numRuns: 300 },
    );
  });
});
