import { describe, expect, it } from 'vitest';
import { paintFor, widthOf } from '../../action/paint.ts';
import { progressOn } from '../../action/progress.ts';

const plain = paintFor(false);

describe('paintFor', () => {
  it('gives every text back as it was where there are no colours', () => {
    const { bold, dim, good, bad, warn } = plain;
    expect([bold, dim, good, bad, warn].map((paint) => paint('x')).join('')).toBe('xxxxx');
  });

  it('uses the codes of ECMA-48 where there are', () => {
    const { bold, good, bad } = paintFor(true);
    expect([bold('x'), good('x'), bad('x')]).toEqual([
      '\u001b[1mx\u001b[22m',
      '\u001b[32mx\u001b[39m',
      '\u001b[31mx\u001b[39m',
    ]);
  });

  it('aligns columns and ends no line in spaces', () => {
    expect(
      plain.table([
        ['model', 'serves'],
        ['digits', '1.4.0'],
        ['a', ''],
      ]),
    ).toBe(['model   serves', 'digits  1.4.0', 'a'].join('\n'));
  });

  it('aligns what is coloured, wide or combined by what is seen', () => {
    const { good, table } = paintFor(true);
    const lines = plain
      .table([
        ['模型', 'x'],
        ['e\u0301te', 'y'],
        ['ab', 'z'],
      ])
      .split('\n');
    expect(lines).toEqual(['模型  x', 'e\u0301te   y', 'ab    z']);
    expect(
      table([
        ['a', 'b'],
        [good('ok'), 'c'],
      ]).split('\n')[1],
    ).toBe(`${good('ok')}  c`);
  });

  it('has an empty table for nothing', () => {
    expect(plain.table([])).toBe('');
  });
});

describe('widthOf', () => {
  it.each([
    ['', 0],
    ['abc', 3],
    ['é', 1],
    ['e\u0301', 1],
    ['模型', 4],
    ['✅', 2],
    ['👩‍🔬', 2],
    ['\u001b[1mab\u001b[22m', 2],
    ['97.9% (96.2–98.8)', 17],
  ])('counts %j as %i columns', (text, width) => {
    expect(widthOf(text)).toBe(width);
  });
});

describe('progressOn', () => {
  function screenOf(isTerminal: boolean) {
    const written: string[] = [];
    const clock = { ms: 0 };
    const progress = progressOn({
      isTerminal,
      write: (text) => written.push(text),
      elapsedMs: () => clock.ms,
    });
    return { written, clock, progress };
  }

  it('rewrites one line on a terminal, with what is left, and takes it away at the end', () => {
    const { written, clock, progress } = screenOf(true);
    const step = progress.step('train');
    clock.ms = 2000;
    step.tell(1, 4);
    clock.ms = 2050;
    step.tell(2, 4);
    step.end('');
    expect(written).toEqual(['\r\u001b[2K  train  25%, about 6.0 s left', '\r\u001b[2K']);
  });

  it('writes one line a finished step elsewhere, and none for what took no time', () => {
    const { written, clock, progress } = screenOf(false);
    progress.step('split').end('');
    const step = progress.step('train');
    clock.ms = 1500;
    step.tell(1, 2);
    step.end('known');
    progress.say('digits');
    expect(written).toEqual(['  train 1.5 s (known)\n', 'digits\n']);
  });
});
