/** Every input and output of action.yml, typed; nobody else speaks the runner's protocol. */
import { randomUUID } from 'node:crypto';
import * as core from '@actions/core';
import type { Decision } from './decision.ts';
import { argumentsUnclosed, switchWrong } from './faults.ts';

export const INPUTS = ['verb', 'arguments', 'folder', 'dry-run', 'fail-on-refusal'] as const;
export const OUTPUTS = ['ok', 'exit-code', 'decision', 'reason-code', 'result'] as const;

/** The runner takes 1 MiB of either; half a JSON object would be none, so a result that is too long is left out. */
const RESULT_BYTES_MAX = 500_000;
const SUMMARY_BYTES_MAX = 1_000_000;

export interface ActionInputs {
  readonly verb: string;
  /** The words after the verb. */
  readonly words: readonly string[];
  readonly folder: string;
  readonly dryRun: boolean;
  readonly failOnRefusal: boolean;
}

export interface ActionOutputs {
  readonly ok: boolean;
  readonly exitCode: number;
  readonly decision: Decision;
  readonly result: unknown;
}

/** @throws argumentsUnclosed, switchWrong */
export function readInputs(): ActionInputs {
  return {
    verb: core.getInput('verb', { required: true }),
    words: wordsOf(core.getInput('arguments')),
    folder: core.getInput('folder') || '.',
    dryRun: switchOf('dry-run'),
    failOnRefusal: switchOf('fail-on-refusal'),
  };
}

/** As YAML 1.2 spells a boolean, so that `yes` is no surprise either way. */
function switchOf(input: (typeof INPUTS)[number]): boolean {
  const found = core.getInput(input);
  if (/^(false|False|FALSE|)$/.test(found)) return false;
  if (/^(true|True|TRUE)$/.test(found)) return true;
  throw switchWrong({ input, found: found.slice(0, 100) });
}

export function writeOutputs({ ok, exitCode, decision, result }: ActionOutputs): void {
  core.setOutput('ok', String(ok));
  core.setOutput('exit-code', String(exitCode));
  core.setOutput('decision', JSON.stringify(decision));
  core.setOutput('reason-code', decision.reason_code);
  const text = JSON.stringify(result);
  const sizeBytes = Buffer.byteLength(text);
  const fits = sizeBytes <= RESULT_BYTES_MAX;
  if (!fits) core.warning(`The result has ${sizeBytes} bytes, more than an output may; it is left empty.`);
  core.setOutput('result', fits ? text : '');
}

/** An annotation; the runner's library escapes what would otherwise be a command of its own. */
export function annotate(says: string, mend: string): void {
  core.error(`${says}. ${mend}`, { title: 'Fettle' });
}

/**
 * The runner obeys `::command::` at the start of a line, after what .NET calls white space (U+0085 is, though not in
 * JavaScript), and `##[command]` anywhere in one, whoever wrote it.
 *
 * @source actions/runner, src/Runner.Common/ActionCommand.cs, `TryParseV2` and `TryParse`
 */
export function harmless(text: string): string {
  return text.replaceAll(/^([\s\u0085]*)::/gm, '$1\u200B::').replaceAll('##[', '##\u200B[');
}

/** Where the text holds what would be a command, the runner is told besides to obey none until a word it cannot know. */
export function log(text: string): void {
  const told = harmless(text);
  if (told === text) return core.info(text);
  const word = randomUUID();
  core.info(`::stop-commands::${word}\n${told}\n::${word}::`);
}

/** Markdown goes into the job's summary as it is; plain text in a fence that cannot be closed from inside. */
export async function summarize(told: {
  readonly markdown: string | null;
  readonly text: string;
}): Promise<void> {
  const { markdown, text } = told;
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  const whole = markdown ?? `${fence}text\n${text}\n${fence}`;
  await core.summary.addRaw(shortened(whole, markdown === null ? fence : ''), true).write();
}

/** Cut at the end of a line, with the fence closed. */
export function shortened(whole: string, fence: string): string {
  const bytes = Buffer.from(whole);
  if (bytes.length <= SUMMARY_BYTES_MAX) return whole;
  const end = Math.max(0, bytes.lastIndexOf('\n', SUMMARY_BYTES_MAX - 200));
  return `${bytes.subarray(0, end).toString('utf8')}\n${fence}\n\n_Cut here._`;
}

/** Letters after a backslash, as JSON writes what cannot be seen. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/**
 * Workflows hand a word on by `toJSON`. Were `\n` in it an `n`, a channel of `productio` and a line feed would pass the
 * rules of an environment of that name, and promote to production.
 */
function escapeAt(text: string, at: number): { readonly means: string; readonly length: number } | null {
  const [, hex] = /^\\u([0-9a-fA-F]{4})/.exec(text.slice(at, at + 6)) ?? [];
  if (hex !== undefined) return { means: String.fromCharCode(Number.parseInt(hex, 16)), length: 5 };
  const means = ESCAPES.get(text[at + 1] ?? '');
  return means === undefined ? null : { means, length: 1 };
}

/**
 * Splits words at spaces; quotes keep spaces, a backslash keeps the next character, and between `"` it means what it
 * means in JSON. No shell ever sees the text, so
 * `$`, `;`, `|` and the like mean themselves.
 *
 * @throws argumentsUnclosed when a quote is not closed
 */
export function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  let [word, open, begun] = ['', '', false];
  for (let index = 0; index < text.length; index++) {
    const letter = text[index] ?? '';
    if (letter === '\\' && open !== "'" && index + 1 < text.length) {
      const escaped = open === '"' ? escapeAt(text, index) : null;
      word += escaped?.means ?? text[index + 1] ?? '';
      index += escaped?.length ?? 1;
      begun = true;
    } else if (open !== '') {
      if (letter === open) open = '';
      else word += letter;
    } else if (letter === '"' || letter === "'") {
      [open, begun] = [letter, true];
    } else if (/\s/.test(letter)) {
      if (begun) words.push(word);
      [word, begun] = ['', false];
    } else {
      word += letter;
      begun = true;
    }
  }
  if (open !== '') throw argumentsUnclosed({ found: text.slice(0, 100), quote: open });
  return begun ? [...words, word] : words;
}
