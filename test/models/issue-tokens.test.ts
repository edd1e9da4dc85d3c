import { describe, expect, it } from 'vitest';
import { BLOCK_WEIGHTS, BODY_MOST, TITLE_MOST, tokensOf } from '../../pipelines/models/issue-tokens.ts';

const ISSUE = {
  title: '[Bug]: Can I use v1.2?',
  body: '### Issue type\n\nSupport\n\nSee https://example.test/a?b=1 by @someone, #123, deadbeef1 and 42!\n```js\nfooBar(x)\n```',
};

describe('tokensOf', () => {
  const [structure, raw, prose, grams, sections, code] = tokensOf(ISSUE);

  it('has one block for each weight', () => {
    expect(tokensOf(ISSUE)).toHaveLength(BLOCK_WEIGHTS.length);
  });

  it('tells structure: headings, counts, openings and the prefix of the title', () => {
    expect(structure).toEqual(
      expect.arrayContaining([
        'heading=issue_type',
        'fence=js',
        'fences=1',
        'title-prefix=bug',
        'title-asks=1',
        'title-1=bug',
        'urls=1',
      ]),
    );
  });

  it('puts placeholders for what has no meaning of its own', () => {
    expect(prose).toEqual(
      expect.arrayContaining([
        'see',
        '<url>',
        'exampletest',
        '<user>',
        '<issue>',
        '<hex>',
        '<number>',
        '!',
        '<number> !',
      ]),
    );
    expect(prose).not.toContain('someone');
    expect(raw).toEqual(expect.arrayContaining(['bug', 'someone', 'deadbeef1', 'foobar']));
  });

  it('takes n-grams of the title, words under headings and words of code', () => {
    expect(grams).toEqual(expect.arrayContaining([' c', ' can ', 'v1.2']));
    expect(sections).toContain('issue_type|support');
    expect(code).toEqual(['foo', 'bar']);
  });

  it('looks at nothing behind the cut', () => {
    const cut = { title: 'a '.repeat(TITLE_MOST / 2), body: 'b '.repeat(BODY_MOST / 2) };
    const longer = { title: `${cut.title}question`, body: `${cut.body}question` };
    expect(tokensOf(longer)).toEqual(tokensOf(cut));
  });

  // Repeated openings without an end are what makes careless expressions take quadratic time or worse.
  it.each([
    '![',
    '[](',
    '<img ',
    '<!--',
    '`',
    '**a',
    'http://',
    '@',
    '1.1.',
    'v1.',
    '#1',
    'at (',
    'Error:',
    '\n#',
    '```\n',
    '\t',
  ])('takes a megabyte of %j', (piece) => {
    const text = piece.repeat(Math.ceil(1e6 / piece.length));
    expect(tokensOf({ title: text, body: text })).toHaveLength(BLOCK_WEIGHTS.length);
  });
});
