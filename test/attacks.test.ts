/** The table of attacks and faults in test/README.md: every number once, every file, sentence and code there. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { FAULTS } from '../registry/base/fault.ts';
import '../action/faults.ts';
import '../pipelines/faults.ts';
import '../registry/faults.ts';

const COUNT = 72;

interface Row {
  readonly number: number;
  readonly held: readonly (readonly [file: string, sentence: string])[];
  readonly expected: string;
}

/** @throws Error on a test that is not named as file and sentence */
function rowsIn(text: string): readonly Row[] {
  return [...text.matchAll(/^\| (\d+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$/gm)].map(
    ([, number, held = '', expected = '']) => ({
      number: Number(number),
      held: held === '–' ? [] : held.split('<br>').map(namedIn),
      expected,
    }),
  );
}

function namedIn(text: string): readonly [file: string, sentence: string] {
  const [, file, sentence] = /^`([\w./-]+\.ts)` (.+)$/.exec(text) ?? [];
  if (file === undefined || sentence === undefined) throw new Error(`no file and sentence: ${text}`);
  return [file, sentence];
}

describe('the table of attacks and faults', () => {
  const rows = rowsIn(readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8'));

  it('has every number of the list once, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
  });

  it('names only tests that are there, by their own sentences', () => {
    const missing = rows.flatMap(({ number, held }) =>
      held.filter(([file, sentence]) => !isTold(file, sentence)).map((one) => [number, ...one]),
    );
    expect(missing).toEqual([]);
  });

  it('leaves open only what comes with the bot, or is measured', () => {
    const open = rows.filter(({ held, expected }) => {
      return held.length === 0 && !/with the bot|npm run bench/.test(expected);
    });
    expect(open).toEqual([]);
  });

  it('names only codes that there are', () => {
    const codes = rows.flatMap(({ expected }) =>
      [...expected.matchAll(/`((?:action|pipelines|registry)\/[a-z-]+)`/g)].map(([, code = '']) => code),
    );
    expect(codes.filter((code) => !FAULTS.has(code))).toEqual([]);
  });
});

/** Whether the sentence begins right after a quotation mark, as a test’s name does. */
function isTold(file: string, sentence: string): boolean {
  const at = path.join(import.meta.dirname, file);
  if (!existsSync(at)) return false;
  const text = readFileSync(at, 'utf8');
  return ["'", '"', '`'].some((mark) => text.includes(`${mark}${sentence}`));
}
