/** The sticky comment: what stands first, what is folded, what fits, and what no reader's browser gets to see. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Nodes } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import type { Reply } from '../../bot/commands/command.ts';
import { renderSticky, STICKY_MOST } from '../../bot/commands/render.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';
import { KURT, newWorld } from './world.ts';

const MARKER = '<!-- fettle:sticky digits -->';
const REPLY: Reply = {
  model: 'digits',
  state: 'done',
  reason: 'done',
  verdict: '**`digits@1.1.0` now serves production**, in place of 1.0.0.',
  details: 'Told in full.',
  next: '/fettle rollback digits production',
};

describe('a sticky comment', () => {
  it('says marker, verdict, next command and details in this order', () => {
    const lines = renderSticky([REPLY], MARKER).split('\n');
    expect(lines[0]).toBe(MARKER);
    expect(lines[1]).toBe('### ✅ **`digits@1.1.0` now serves production**, in place of 1.0.0.');
    const text = lines.join('\n');
    expect(text.indexOf('/fettle rollback digits production')).toBeLessThan(text.indexOf('Told in full.'));
  });

  it('folds long details, below the controls', () => {
    const text = renderSticky(
      [{ ...REPLY, details: '| a |\n|---|\n'.concat('| row |\n'.repeat(500)) }],
      MARKER,
    );
    expect(text.indexOf('```\n/fettle rollback')).toBeLessThan(
      text.indexOf('<details><summary>Details</summary>'),
    );
    expect(text).toContain('</details>');
  });

  it.each(['done', 'refused', 'started', 'waiting'] as const)('has a sign of its own for %s', (state) => {
    const signs = { done: '✅', refused: '🚫', started: '⏳', waiting: '✋' };
    expect(renderSticky([{ ...REPLY, state }], MARKER)).toContain(`### ${signs[state]} `);
  });

  it('leaves out whole lines, says so, and keeps every verdict, when there is too much', () => {
    const long = { ...REPLY, details: `| ${'x'.repeat(98)} |\n`.repeat(5000) };
    const text = renderSticky([long, long, { ...REPLY, verdict: 'the last' }], MARKER);
    expect(text.length).toBeLessThanOrEqual(STICKY_MOST);
    expect(text).toContain('the last');
    expect(text.split('\n').filter((line) => /^\| x+$/.test(line))).toEqual([]);
    expect(text).toContain('left out');
    expect(text.match(/<details>/g)).toHaveLength(text.match(/<\/details>/g)?.length ?? 0);
  });

  it('copies the next command as it is, at-sign and all', () => {
    const next = '/fettle promote digits@1.1.0 to production';
    expect(renderSticky([{ ...REPLY, next }], MARKER)).toContain(`\n${next}\n`);
  });

  it.each([
    ['a mention', 'by @everyone', /@everyone/],
    ['HTML', '<img src=x onerror=alert(1)>', /<img/],
    ['a script', '<script>alert(1)</script>', /<script/],
    ['a marker', '<!-- fettle:sticky other -->', /<!-- fettle:sticky other/],
    ['a remote picture', '![a](https://evil.example/a.png)', /!\[a\]/],
    ['a turned text', 'good\u202Edab', /\u202E/],
    ['HTML between backticks that are no pair', '` <img src=x> ``', /<img/],
    ['HTML behind a backtick that is escaped', '\\`<img src=x>`', /<img/],
    ['HTML in a span that a cell ends', '| `a | <img src=x>` |', /<img/],
    ['a tag with more to it', '<details open ontoggle=alert(1)>', /<details open/],
  ])('shows no %s, wherever it stands', (_, hostile, never) => {
    const text = renderSticky([{ ...REPLY, verdict: hostile, details: hostile, next: null }], MARKER);
    expect(text).not.toMatch(never);
  });

  it('leaves what stands in code as it is', () => {
    const details = 'Say `/fettle promote <version> to <channel>` or\n\n```\n/fettle why digits@1.0.0\n```';
    const text = renderSticky([{ ...REPLY, details }], MARKER);
    expect(text).toContain('`/fettle promote <version> to <channel>`');
    expect(text).toContain('\n/fettle why digits@1.0.0\n');
  });

  it('never grows beyond what a comment holds, and stays one block of details a reply', () => {
    const reply = fc.record({
      model: fc.constant(null),
      state: fc.constantFrom('done', 'refused', 'started', 'waiting'),
      reason: fc.constant('done'),
      verdict: fc.string({ maxLength: 3000, unit: 'binary' }),
      details: fc.array(fc.string({ maxLength: 200 }), { maxLength: 400 }).map((parts) => parts.join('\n')),
      next: fc.option(fc.string({ maxLength: 200 })),
    });
    fc.assert(
      fc.property(fc.array(reply, { minLength: 1, maxLength: 5 }), (replies) => {
        const text = renderSticky(replies as readonly Reply[], MARKER);
        expect(text.length).toBeLessThanOrEqual(STICKY_MOST);
        expect(text.startsWith(`${MARKER}\n`)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it('tells a hostile model, reason and person without a mention, a tag or a picture', async () => {
    const settings = settingsOf('');
    expect(settings.bot.confirm).toContain('rollback');
    const world = newWorld();
    await world.train('first');
    await world.train('second');
    const reason = '@everyone <b>x</b> ![a](https://evil.example/a.png) | a | `b` <!-- c -->';
    const replies = [
      await world.ask(`/fettle hold digits --reason "${reason}"`, { ...KURT, login: 'k-u' }),
      await world.ask('/fettle status digits'),
      await world.ask(`/fettle promote digits@1.0.0 to staging --reason "${reason}"`),
      await world.ask('/fettle history'),
      await world.ask('/fettle why digits@1.0.0'),
    ];
    for (const reply of replies) {
      const text = renderSticky([reply], MARKER).slice(MARKER.length);
      const kinds = new Set<string>();
      const walk = (node: Nodes): void => {
        kinds.add(node.type === 'html' ? `html ${node.value}` : node.type);
        if ('children' in node) for (const child of node.children) walk(child);
      };
      walk(fromMarkdown(text));
      const html = [...kinds].filter((kind) => kind.startsWith('html'));
      expect(
        html.filter(
          (kind) => !/^html <(\/?(details|summary|sub|code)>|details><summary>[\w ,]*<\/summary>)/.test(kind),
        ),
      ).toEqual([]);
      expect([...kinds]).not.toContain('image');
      expect(text.replaceAll(/`[^`]*`/g, '')).not.toMatch(/@\w/);
    }
  });
});
