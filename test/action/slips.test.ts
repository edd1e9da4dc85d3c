import { describe, expect, it } from 'vitest';
import { inputOf, splitCommandLine } from '../../action/arguments.ts';
import { inputWrong, optionUnknown, verbUnknown } from '../../action/faults.ts';
import { closeTo } from '../../registry/base/closest.ts';
import { verbNamed } from '../../action/verbs/index.ts';
import { temporaryFolder } from '../temporary.ts';
import { fettle } from './fettle.ts';

const run = await verbNamed('run').load();
const folder = temporaryFolder();

function read(...words: string[]): unknown {
  return inputOf(run, splitCommandLine(['run', ...words]));
}

describe('a slip of the fingers', () => {
  // `toString` is a member of every object; looked up in one, it once was a switch, and `fettle toString` ended well.
  it('is no switch because every object has a member of that name', () => {
    for (const word of ['toString', 'constructor', 'hasOwnProperty']) {
      expect(splitCommandLine([word]).verb).toBe(word);
      expect(() => verbNamed(word)).toThrowFault(verbUnknown);
    }
  });

  it('that forgets a value does not take the next option for it, unless `=` says so', () => {
    expect(() => read('digits', '--from', '--model', 'm')).toThrowFault(inputWrong);
    expect(read('digits', '--from=--model')).toEqual({ recipe: 'digits', from: '--model' });
    expect(() => read('digits', '--seed', '-1')).toThrow('wanted 0 or more for --seed, found `-1`');
  });

  it('is told what kind of value was wanted', () => {
    expect(() => read('digits', '--seed=many')).toThrow('wanted a number for --seed, found `many`');
    expect(() => read('digits', '--seed=0.5')).toThrow('wanted a whole number for --seed, found `0.5`');
    expect(() => read('digits', '--json=1')).toThrow('wanted no value for --json, found one');
    expect(() => read('digits', '--frm', 'x')).toThrowFault(optionUnknown);
  });

  it('is answered with a name that it could have meant, and with none otherwise', () => {
    expect(closeTo('statu', ['status', 'show'])).toBe('status');
    expect(closeTo('stat', ['status', 'show'])).toBe('status');
    expect(closeTo('--form', ['--from', '--model'])).toBe('--from');
    expect(closeTo('nonsense', ['observe', 'run'])).toBeNull();
    expect(closeTo('', ['run'])).toBeNull();
    expect(closeTo('run', [])).toBeNull();
  });
});

describe('--version', () => {
  // `fettle predict digits --version 1.2.0` once told the version of Fettle and ended well.
  it('speaks of Fettle before a verb only', () => {
    expect(splitCommandLine(['--version']).common.version).toBe(true);
    const { common, rest } = splitCommandLine(['predict', 'digits', '--version', '1.2.0']);
    expect({ own: common.version, rest }).toEqual({ own: false, rest: ['digits', '--version', '1.2.0'] });
  });
});

describe('--json', () => {
  it.each([[['--version']], [[]], [['--help']], [['run', '--help']], [['status']], [['stauts']]])(
    'gives one JSON object and nothing else for %j',
    (words) => {
      const { stdout, stderr } = fettle(folder, [...words, '--json']);
      expect(JSON.parse(stdout)).toHaveProperty('ok');
      expect(stderr).toBe('');
    },
  );
});
