import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readMarkdown, slugOf } from '../../pipelines/models/markdown.ts';

const FORM = `<!-- please
fill in -->
### Issue Type

Support

### Current behavior
It **fails** with \`E42\`, see [the log](http://x.test/a).
![shot](http://x.test/a.png)

\`\`\`Py
# not a heading
at foo (x.js)
\`\`\`
- [x] I have searched
- [ ] I can help
**Version:** 1.2
### Logs

_No response_
`;

describe('readMarkdown', () => {
  const markdown = readMarkdown(FORM);

  it('sees headings and what stands under them', () => {
    expect(markdown.sections.map(({ heading }) => heading)).toEqual([
      '',
      'issue_type',
      'current_behavior',
      'logs',
    ]);
    expect(markdown.sections[1]?.text).toBe('Support');
    expect(markdown.sections[2]?.text).toContain('see the log http://x.test/a.');
  });

  it('pairs labels with values, and short sections with their headings', () => {
    expect(markdown.pairs).toContainEqual({ key: 'version', value: '' });
    expect(markdown.pairs).toContainEqual({ key: 'issue_type', value: 'support' });
    expect(markdown.pairs).toContainEqual({ key: 'logs', value: 'no_response' });
  });

  it('takes code out of the prose, and no heading out of code', () => {
    expect(markdown.fences).toEqual([{ language: 'py', text: '# not a heading\nat foo (x.js)' }]);
    expect(markdown.prose).not.toContain('not a heading');
    expect(markdown.inlineCodeCount).toBe(1);
  });

  it('reads checkboxes, images and comments, and forgets empty answers', () => {
    expect(markdown.checkboxes).toEqual([
      { checked: true, slug: 'i_have_searched' },
      { checked: false, slug: 'i_can_help' },
    ]);
    expect(markdown.imageCount).toBe(1);
    expect(markdown.commentLength).toBe(' please\nfill in '.length);
    expect(markdown.prose).not.toContain('No response');
  });

  it('lets a fence or comment that nobody closes reach to the end', () => {
    expect(readMarkdown('a\n~~~js\nb\n```\nc').fences).toEqual([{ language: 'js', text: 'b\n```\nc' }]);
    expect(readMarkdown('a <!-- b\n# c').sections).toEqual([{ heading: '', text: 'a' }]);
    expect(readMarkdown('````\n```\na\n````\nb')).toMatchObject({ fences: [{ text: '```\na' }], prose: 'b' });
  });

  it('reads old Mac and Windows lines as any others', () => {
    for (const end of ['\r', '\r\n']) {
      expect(readMarkdown(FORM.replaceAll('\n', end)).sections).toEqual(readMarkdown(FORM).sections);
    }
  });

  it('reads any text at all', () => {
    const piece = fc.constantFrom(
      '#',
      '**',
      '[',
      '](',
      '![',
      '`',
      '```',
      '<!--',
      '-->',
      '\n',
      ' ',
      'a',
      ':',
      '- [x]',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 80 }), (pieces) => void readMarkdown(pieces.join(''))),
    );
  });
});

describe('slugOf', () => {
  it('keeps letters and joins them', () => {
    expect(slugOf('  What *happened*, 3 times?')).toBe('what_happened_times');
    expect(slugOf('ABCDEF', 4)).toBe('abcd');
    expect(slugOf('42')).toBe('');
  });
});
