import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Decision, decisionOf, failureOf } from '../../action/decision.ts';
import { switchWrong } from '../../action/faults.ts';
import { harmless, shortened, wordsOf, writeOutputs } from '../../action/io.ts';
import { EXIT } from '../../action/verbs/verb.ts';
import { temporaryFolder } from '../temporary.ts';

/** What the runner does with a line of the log, after `TryParseV2` and `TryParse` of its ActionCommand.cs. */
function obeys(line: string): boolean {
  const dotnetTrimmed = line.replace(/^[\s\u0085]+/, '');
  return /^::[a-z-]+[^:]*::/.test(dotnetTrimmed) || /##\[[a-z-]+[^\]]*\]/.test(line);
}

describe('what is logged', () => {
  // An attack: a label or a title of a stranger that is a command of the runner.
  it.each([
    '::error::owned',
    '  \t::add-mask::x',
    '\u0085::error::owned',
    '##[error]owned',
    '::set-env name=PATH::/tmp',
    '::set-output name=ok::false',
    '::stop-commands::x',
    '::save-state name=x::y',
    'id  label ##[set-output name=ok]owned',
  ])('is never a command: %j', (line) => {
    expect(obeys(line)).toBe(true);
    const told = harmless(`first\n${line}\rlast\n${line}`);
    expect(told.split(/[\n\r]/).filter(obeys)).toEqual([]);
    expect(told.replaceAll('\u200B', '')).toContain(line);
  });

  it('is as it was where there is nothing to fear', () => {
    const plain = ['', 'a::b', 'std::move', '## [a]', '97.9% (96.2–98.8)\nb'];
    expect(plain.map(harmless)).toEqual(plain);
  });
});

describe('an output', () => {
  const { GITHUB_OUTPUT: before } = process.env;
  const file = path.join(temporaryFolder(), 'output');
  const written = (result: unknown): string => {
    writeFileSync(file, '');
    process.env['GITHUB_OUTPUT'] = file;
    try {
      const decision = decisionOf({ verb: 'status', dryRun: false }, { data: result, text: () => '' });
      writeOutputs({ ok: true, exitCode: 0, decision, result });
    } finally {
      if (before === undefined) delete process.env['GITHUB_OUTPUT'];
      else process.env['GITHUB_OUTPUT'] = before;
    }
    return readFileSync(file, 'utf8');
  };

  it('ends where nobody who wrote its value could know', () => {
    const ends = [1, 2].flatMap(() => [...written('x').matchAll(/<<(\S+)\n/g)].map(([, end]) => end));
    expect(new Set(ends).size).toBe(10);
    expect(ends.every((end) => /^ghadelimiter_[0-9a-f-]{36}$/.test(end ?? ''))).toBe(true);
  });

  // An attack: a label that ends the value and begins another output, or a variable of the job.
  it('is one line of JSON whatever a model says, so that its value begins no other', () => {
    const hostile = 'x\nok<<EOF\nfalse\nEOF\n\r\nghadelimiter_1\u2028\u0085PATH=/tmp';
    const lines = written({ label: hostile }).split(/\r\n|[\n\r]/);
    expect(lines.filter((line) => line.includes('<<'))).toHaveLength(6);
    const values = lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as unknown);
    expect(values).toContainEqual({ label: hostile });
    expect(lines.filter((line) => /^[a-z-]+<<ghadelimiter/.test(line))).toHaveLength(5);
  });
});

describe('a summary', () => {
  it('is cut by bytes, at the end of a line, with its fence closed', () => {
    const told = shortened(`\`\`\`text\n${`${'é'.repeat(99)}\n`.repeat(6000)}\`\`\``, '```');
    expect(Buffer.byteLength(told)).toBeLessThan(1 << 20);
    expect(told).toMatch(/\né{99}\n```\n\n_Cut here\._$/);
    expect(shortened('short', '```')).toBe('short');
  });
});

describe('an input that a workflow hands on by toJSON', () => {
  it.each(['productio\n', 'p\roduction', 'produc\tion'])(
    'is not another one for the verb than for the environment that guards it: %j',
    (channel) => {
      expect(wordsOf(`--to=${JSON.stringify(channel)}`)).toEqual([`--to=${channel}`]);
    },
  );

  it('is one word, and the very word that was given', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (words) => {
        expect(wordsOf(words.map((word) => JSON.stringify(word)).join(' '))).toEqual(words);
      }),
    );
  });
});

describe('a decision', () => {
  const asked = { verb: 'run', dryRun: false };
  const told = { data: null, text: () => '' };

  it.each([
    [{ ...told, reason: 'promoted' }, 'done', 'promoted'],
    [{ ...told, exit: EXIT.refused, reason: 'held' }, 'refused', 'held'],
    [{ ...told, exit: EXIT.damaged }, 'failed', 'damaged'],
    [told, 'done', 'done'],
  ] as const)('is a word and a stable reason, in a shape with a version', (said, decision, reason) => {
    const found = Decision.parse(decisionOf(asked, said));
    expect(found).toMatchObject({ schema_version: 1, decision, reason_code: reason });
  });

  it('names a fault as its code does, without the folder', () => {
    const fault = switchWrong({ input: 'dry-run', found: 'yes' });
    expect(Decision.parse(failureOf(asked, fault, EXIT.usage))).toMatchObject({
      decision: 'failed',
      reason_code: 'switch_wrong',
      next: expect.stringContaining('true'),
    });
  });
});
