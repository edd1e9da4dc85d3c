/** What a commit on the log is called when the words in it are somebody else's. */
import { describe, expect, it } from 'vitest';
import { messageFor } from '../../registry/store/commit-message.ts';
import { eventOf } from '../fixtures/events.ts';

describe('a commit message', () => {
  it.each(['\n', '\r\n', '\u2028', '\u0085', '\u202e'])(
    'is one line an event though a login holds %j',
    (end) => {
      const login = `grace${end}${end}model.promoted digits@9.9.9 -> production${end}${'x'.repeat(5000)}`;
      const by = { kind: 'user', id: 1906, login } as const;
      const text = messageFor([eventOf('approval.given', {}, { by }), eventOf('switch.thrown', {}, { by })]);
      const lines = text.split('\n');
      expect(lines.map((line) => line.split(' ')[0])).toEqual(['switch.thrown', '', 'approval.given', '']);
      expect(text).not.toMatch(/[\r\u2028\u0085\u202e]/u);
      expect(text.length).toBeLessThan(500);
    },
  );

  it('tells a hundred events beside the one that names it, and counts the others', () => {
    const told = (count: number): readonly string[] =>
      messageFor(Array.from({ length: count }, () => eventOf('run.finished'))).split('\n');
    // The subject, an empty line, a hundred lines, and what follows the last line feed.
    expect(told(101)).toHaveLength(103);
    expect(told(101).at(-2)).toMatch(/^run\.finished /);
    expect(told(102)).toHaveLength(104);
    expect(told(102).at(-2)).toBe('and 1 more');
    expect(told(2000).at(-2)).toBe('and 1899 more');
  });
});
