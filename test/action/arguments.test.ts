import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { inputOf, splitCommandLine } from '../../action/arguments.ts';
import { inputWrong, optionUnknown, verbUnknown, wordTooMany } from '../../action/faults.ts';
import { verbNamed } from '../../action/verbs/index.ts';
import { defineVerb } from '../../action/verbs/verb.ts';
import { FettleError } from '../../registry/base/fault.ts';

const verb = defineVerb({
  name: 'try',
  says: 'For tests.',
  words: ['first', 'second'],
  input: z.strictObject({
    first: z.string().describe('a word'),
    second: z.string().optional().describe('another'),
    channel: z.enum(['staging', 'production']).default('staging').describe('a choice'),
    deepPath: z.string().optional().describe('two words in one name'),
    tag: z.array(z.string()).default([]).describe('many'),
    force: z.boolean().default(false).describe('a switch'),
    most: z.coerce.number().pipe(z.int()).optional().describe('a number'),
  }),
  writes: true,
  examples: [],
  run: async () => ({ data: null, text: () => '' }),
});

const read = (...words: string[]) => inputOf(verb, splitCommandLine(['try', ...words]));

describe('a command line', () => {
  it('gives common options up wherever they stand, and the rest to the verb', () => {
    const line = splitCommandLine(['--json', 'status', '-C', '/x', 'digits', '--quiet', '--folder=/y']);
    expect(line).toMatchObject({
      verb: 'status',
      rest: ['digits'],
      common: { json: true, quiet: true, folder: '/y' },
    });
  });

  it('leaves alone what stands after two dashes', () => {
    expect(read('--', '--json')).toEqual({ first: '--json' });
    expect(splitCommandLine(['try', '--', '--json']).common.json).toBe(false);
  });

  it('refuses a folder that is not said', () => {
    expect(() => splitCommandLine(['status', '-C'])).toThrowFault(inputWrong);
  });
});

describe('a verb’s input', () => {
  it('is made of words and options in any order, in either form', () => {
    const wanted = {
      first: 'a',
      second: 'b',
      channel: 'production',
      deepPath: 'p/q',
      tag: ['x', 'y'],
      force: true,
      most: '3',
    };
    expect(
      read(
        'a',
        '--channel',
        'production',
        'b',
        '--deep-path=p/q',
        '--tag',
        'x',
        '--tag=y',
        '--force',
        '--most',
        '3',
      ),
    ).toEqual(wanted);
  });

  it('refuses an option that is not known, with the closest one', () => {
    expect(() => read('a', '--chanel', 'x')).toThrowFault(optionUnknown);
    expect(() => read('a', '-x')).toThrowFault(optionUnknown);
  });

  it('refuses a word too many, a word too few, a choice that is none, a value left out and one too many', () => {
    expect(() => read('a', 'b', 'c')).toThrowFault(wordTooMany);
    for (const words of [
      [],
      ['a', '--channel', 'prod'],
      ['a', '--channel'],
      ['a', '--force=yes'],
      ['a', '--most', 'many'],
    ]) {
      expect(() => read(...words)).toThrowFault(inputWrong);
    }
  });

  it('refuses a rehearsal where nothing would be written', () => {
    const reading = { ...verb, writes: false };
    expect(() => inputOf(reading, splitCommandLine(['try', 'a', '--dry-run']))).toThrowFault(optionUnknown);
  });

  it('never ends in anything but an input or a fault, whatever the words', () => {
    const word = fc.oneof(
      fc.string(),
      fc.constantFrom('--tag', '--channel', '--', '-C', '--most=1', '--__proto__', '--force'),
    );
    fc.assert(
      fc.property(fc.array(word, { maxLength: 8 }), (words) => {
        try {
          read(...words);
        } catch (error) {
          expect(error).toBeInstanceOf(FettleError);
        }
      }),
    );
  });
});

describe('a verb’s name', () => {
  it('is found, or refused with the closest', () => {
    expect(verbNamed('status').name).toBe('status');
    expect(() => verbNamed('promot')).toThrowFault(verbUnknown);
    expect(() => verbNamed('constructor')).toThrowFault(verbUnknown);
  });
});
