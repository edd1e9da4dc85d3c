/** Words of a command line -> a verb's input: the verb's schema says what there is, and what a word must be. */
import { parseArgs, type ParseArgsOptionsConfig } from 'node:util';
import type * as z from 'zod';
import { inputWrong, optionUnknown, wordTooMany } from './faults.ts';
import { closeTo } from '../registry/base/closest.ts';
import { askedOf, type Asked } from './verbs/usage.ts';
import type { Verb } from './verbs/verb.ts';

/** What every verb takes, read before the verb is known. */
export interface Common {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly noColor: boolean;
  readonly help: boolean;
  readonly version: boolean;
  readonly debug: boolean;
  readonly dryRun: boolean;
  readonly folder: string | null;
}

export interface CommandLine {
  readonly verb: string | null;
  readonly common: Common;
  /** Everything that is left for the verb. */
  readonly rest: readonly string[];
}

/** A map, because in an object `toString` would be a switch too. */
const SWITCHES: ReadonlyMap<string, keyof Omit<Common, 'folder'>> = new Map([
  ['--json', 'json'],
  ['--quiet', 'quiet'],
  ['-q', 'quiet'],
  ['--no-color', 'noColor'],
  ['--help', 'help'],
  ['-h', 'help'],
  ['--debug', 'debug'],
  ['--dry-run', 'dryRun'],
]);

/** Only before the verb: after it, `predict --version 1.2.0` speaks of the model's. */
const VERSION: readonly string[] = ['--version', '-V'];

/** Takes the common options out, wherever they stand before a `--`. @throws inputWrong when -C names no folder */
export function splitCommandLine(words: readonly string[]): CommandLine {
  const switches = new Set<keyof Common>();
  const rest: string[] = [];
  let folder: string | null = null;
  const until = words.includes('--') ? words.indexOf('--') : words.length;
  for (let index = 0; index < until; index++) {
    const word = words[index] ?? '';
    const known = SWITCHES.get(word);
    if (known !== undefined) switches.add(known);
    else if (VERSION.includes(word) && rest.length === 0) switches.add('version');
    else if (word === '-C' || word === '--folder') folder = folderAfter(word, words[++index]);
    else if (word.startsWith('--folder=')) folder = folderAfter('--folder', word.slice('--folder='.length));
    else rest.push(word);
  }
  const after = words.slice(until);
  const [verb = after[1] ?? null, ...others] = rest;
  const on = (name: keyof Common): boolean => switches.has(name);
  return {
    verb,
    rest: rest.length > 0 ? [...others, ...after] : ['--', ...after.slice(2)],
    common: {
      json: on('json'),
      quiet: on('quiet'),
      noColor: on('noColor'),
      help: on('help'),
      version: on('version'),
      debug: on('debug'),
      dryRun: on('dryRun'),
      folder,
    },
  };
}

function folderAfter(option: string, value: string | undefined): string {
  if (value !== undefined && value !== '') return value;
  throw inputWrong({ verb: 'help', name: `\`${option}\``, wanted: 'a folder', found: 'nothing' });
}

/** @throws optionUnknown, wordTooMany, inputWrong */
export function inputOf(verb: Verb, { rest, common }: CommandLine): unknown {
  const asked = askedOf(verb);
  const options = asked.filter(({ flag }) => flag.startsWith('--'));
  if (common.dryRun && !verb.writes) {
    throw optionUnknown({ verb: verb.name, found: '--dry-run', closest: null });
  }

  const config: ParseArgsOptionsConfig = Object.fromEntries(
    options.map(({ flag, kind }) => [
      flag.slice(2),
      { type: kind === 'flag' ? ('boolean' as const) : ('string' as const), multiple: kind === 'list' },
    ]),
  );
  const { tokens } = parseArgs({
    args: [...rest],
    options: config,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const input: Record<string, unknown> = {};
  const words: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') words.push(token.value);
    if (token.kind !== 'option') continue;
    const option = options.find(({ flag }) => flag === `--${token.name}`);
    if (option === undefined) throw unknownOption(verb, token.rawName, options);
    // An option right after an option that wants a value is a value forgotten; `--reason=--x` says it is meant.
    const forgotten = token.inlineValue === false && token.value.startsWith('--');
    takeOption(input, option, { value: forgotten ? undefined : token.value, verb });
  }
  takeWords(input, words, verb);
  return parsed(verb, input, asked);
}

interface Taking {
  readonly value: string | undefined;
  readonly verb: Verb;
}

function takeOption(input: Record<string, unknown>, option: Asked, { value, verb }: Taking): void {
  const { key, flag, kind } = option;
  if (kind === 'flag') {
    if (value !== undefined) {
      throw inputWrong({ verb: verb.name, name: flag, wanted: 'no value', found: `\`${value}\`` });
    }
    input[key] = true;
    return;
  }
  if (value === undefined) {
    throw inputWrong({ verb: verb.name, name: flag, wanted: 'a value', found: 'nothing' });
  }
  const before: unknown = input[key];
  input[key] = kind === 'list' ? [...(Array.isArray(before) ? before : []), value] : value;
}

function takeWords(input: Record<string, unknown>, words: readonly string[], verb: Verb): void {
  words.forEach((word, index) => {
    const key = verb.words[index];
    if (key === undefined) throw wordTooMany({ verb: verb.name, most: verb.words.length, found: word });
    input[key] = word;
  });
}

function parsed(verb: Verb, input: unknown, asked: readonly Asked[]): unknown {
  const result = verb.input.safeParse(input);
  // The verb parses again when it is run: what is handed on is what was said, so that nothing is transformed twice.
  if (result.success) return input;
  const [issue] = result.error.issues;
  throw issue === undefined ? result.error : wrongInput(verb, issue, { input, asked });
}

interface Given {
  readonly input: unknown;
  readonly asked: readonly Asked[];
}

function wrongInput(verb: Verb, issue: z.core.$ZodIssue, { input, asked }: Given): Error {
  const key = String(issue.path[0] ?? '');
  const one = asked.find((candidate) => candidate.key === key);
  const value: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, key) : undefined;
  const found = value === undefined ? 'nothing' : `\`${String(value)}\``;
  const near = typeof value === 'string' && one !== undefined ? closeTo(value, one.choices) : null;
  const hint = near === null ? '' : ` (did you mean \`${near}\`?)`;
  return inputWrong({
    verb: verb.name,
    name: one?.flag ?? key,
    wanted: wantedOf(issue, one, value !== undefined),
    found: `${found}${hint}`,
  });
}

const KINDS: ReadonlyMap<string, string> = new Map([
  ['int', 'a whole number'],
  ['array', 'a list'],
]);

function wantedOf(issue: z.core.$ZodIssue, asked: Asked | undefined, given: boolean): string {
  if (asked !== undefined && asked.choices.length > 0) return `one of ${asked.choices.join(', ')}`;
  if (issue.code === 'invalid_format' || issue.code === 'custom') return issue.message;
  if (!given) return asked?.says ?? issue.message;
  if (issue.code === 'invalid_type') return KINDS.get(issue.expected) ?? `a ${issue.expected}`;
  if (issue.code === 'too_small') return `${String(issue.minimum)} or more`;
  if (issue.code === 'too_big') return `${String(issue.maximum)} or less`;
  return asked?.says ?? issue.message;
}

function unknownOption({ name, writes }: Verb, found: string, options: readonly Asked[]): Error {
  // Common options are taken out before; one that is left was given a value, as in `--json=1`.
  if (SWITCHES.has(found)) {
    return inputWrong({ verb: name, name: found, wanted: 'no value', found: 'one' });
  }
  const known = [
    ...options.map(({ flag }) => flag),
    ...[...SWITCHES.keys()].filter((flag) => flag.length > 2),
  ];
  const allowed = [...known, '--folder'].filter((flag) => writes || flag !== '--dry-run');
  return optionUnknown({ verb: name, found, closest: closeTo(found, allowed) });
}
