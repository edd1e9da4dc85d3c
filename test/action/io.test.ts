import { describe, expect, it } from 'vitest';
import { Decision, decisionOf, failureOf } from '../../action/decision.ts';
import { switchWrong } from '../../action/faults.ts';
import { harmless, shortened } from '../../action/io.ts';
import { EXIT } from '../../action/verbs/verb.ts';

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

describe('a summary', () => {
  it('is cut by bytes, at the end of a line, with its fence closed', () => {
    const told = shortened(`\`\`\`text\n${`${'é'.repeat(99)}\n`.repeat(6000)}\`\`\``, '```');
    expect(Buffer.byteLength(told)).toBeLessThan(1 << 20);
    expect(told).toMatch(/\né{99}\n```\n\n_Cut here\._$/);
    expect(shortened('short', '```')).toBe('short');
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
