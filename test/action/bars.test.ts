import { describe, expect, it } from 'vitest';
import { logBars, shareBars } from '../../action/verbs/bars.ts';

describe('bars on a terminal', () => {
  it('have their bound in one column, with what keeps it before and what breaks it beyond', () => {
    const bound = { name: 'bound', value: 1 };
    const drawn = logBars(
      [
        { name: 'keeps', value: 0.5, told: '0.5' },
        { name: 'breaks', value: 100, told: '100' },
        { name: 'none', value: 0, told: '0' },
      ],
      bound,
    ).split('\n');
    const [keeps = '', breaks = '', none = '', legend = ''] = drawn;
    const at = legend.indexOf('└');
    expect(drawn.slice(0, 3).map((line) => line.indexOf('│'))).toEqual([at, at, at]);
    expect(keeps.slice(at)).toBe('│ 0.5');
    expect(breaks.slice(at + 1)).toMatch(/^█+ 100$/);
    expect(none).not.toContain('█');
    // One decade is a third of the way from a tenth to a hundred: 16 of 48 characters.
    expect(at - breaks.indexOf('█')).toBe(16);
  });

  it('show how much is reached by when, and where the theory stands', () => {
    const marks = [{ name: 'theory', at: 250 }];
    const lines = shareBars([100, 200, 300, Infinity], { marks, lines: 4 }).split('\n');
    expect(lines.map((line) => line.replaceAll(/ [█▏▎▍▌▋▊▉]+/g, '').replaceAll(/ +/g, ' '))).toEqual([
      ' 100 25%',
      ' 200 50%',
      ' 300 75% ← theory',
    ]);
  });
});
