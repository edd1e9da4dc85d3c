/** The tables of attacks and faults in test/README.md: every number once, every file, sentence and code there. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { REASON_CODES } from '../bot/commands/command.ts';
import { FAULTS } from '../registry/base/fault.ts';
import '../action/faults.ts';
import '../bot/faults.ts';
import '../pipelines/faults.ts';
import '../pipelines/onnx/faults.ts';
import '../registry/faults.ts';

const COUNT = 72;
const OF_THE_BOT = 43;

interface Row {
  readonly number: string;
  readonly held: readonly (readonly [file: string, sentence: string])[];
  readonly expected: string;
}

/** @throws Error on a test that is not named as file and sentence */
function rowsIn(text: string): readonly Row[] {
  return [...text.matchAll(/^\| (B?\d+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|$/gm)].map(
    ([, number = '', held = '', expected = '']) => ({
      number,
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

describe('the tables of attacks and faults', () => {
  const rows = rowsIn(readFileSync(path.join(import.meta.dirname, 'README.md'), 'utf8'));

  it('has every number of both lists once, in order', () => {
    const numbers = (length: number, before: string) =>
      Array.from({ length }, (_, index) => `${before}${index + 1}`);
    expect(rows.map(({ number }) => number)).toEqual([...numbers(COUNT, ''), ...numbers(OF_THE_BOT, 'B')]);
  });

  it('names only tests that are there, by their own sentences', () => {
    const missing = rows.flatMap(({ number, held }) =>
      held.filter(([file, sentence]) => !isTold(file, sentence)).map((one) => [number, ...one]),
    );
    expect(missing).toEqual([]);
  });

  it('leaves open only what is measured', () => {
    const open = rows.filter(({ held, expected }) => {
      return held.length === 0 && !/npm run bench/.test(expected);
    });
    expect(open).toEqual([]);
  });

  it('names only codes that there are', () => {
    const codes = rows.flatMap(({ expected }) =>
      [...expected.matchAll(/`((?:action|bot|pipelines|registry)\/[a-z-]+)`/g)].map(([, code = '']) => code),
    );
    expect(codes.filter((code) => !FAULTS.has(code))).toEqual([]);
    const reasons: readonly string[] = REASON_CODES;
    const told = rows.flatMap(({ expected }) =>
      [...expected.matchAll(/`([a-z]+(?:_[a-z]+)+)`/g)].map(([, reason = '']) => reason),
    );
    expect(told.filter((reason) => !reasons.includes(reason))).toEqual([]);
  });
});

/** Whether the sentence begins right after a quotation mark, as a test’s name does. */
function isTold(file: string, sentence: string): boolean {
  const at = path.join(import.meta.dirname, file);
  if (!existsSync(at)) return false;
  const text = readFileSync(at, 'utf8');
  return ["'", '"', '`'].some((mark) => text.includes(`${mark}${sentence}`));
}
