/** Every input and output of action.yml, typed; nobody else speaks the runner's protocol. */
import * as core from '@actions/core';
import { argumentsUnclosed } from './faults.ts';

export const INPUTS = ['verb', 'arguments', 'folder', 'dry-run', 'fail-on-refusal'] as const;
export const OUTPUTS = ['ok', 'exit-code', 'result'] as const;

/** A value that is too long for the runner's files is told by its beginning; the summary has the rest. */
const RESULT_MOST = 500_000;
const SUMMARY_MOST = 1_000_000;

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
  readonly result: unknown;
}

/** @throws argumentsUnclosed */
export function readInputs(): ActionInputs {
  return {
    verb: core.getInput('verb', { required: true }),
    words: wordsOf(core.getInput('arguments')),
    folder: core.getInput('folder') || '.',
    dryRun: core.getBooleanInput('dry-run'),
    failOnRefusal: core.getBooleanInput('fail-on-refusal'),
  };
}

export function writeOutputs({ ok, exitCode, result }: ActionOutputs): void {
  core.setOutput('ok', String(ok));
  core.setOutput('exit-code', String(exitCode));
  core.setOutput('result', JSON.stringify(result).slice(0, RESULT_MOST));
}

/** An annotation; the runner's library escapes what would otherwise be a command of its own. */
export function annotate(says: string, mend: string): void {
  core.error(`${says}. ${mend}`, { title: 'Fettle' });
}

export function log(text: string): void {
  // A line that begins with `::` would be taken for a command, whoever wrote it.
  core.info(text.replaceAll(/^(\s*)::/gm, '$1\u200B::'));
}

/** Markdown goes into the job's summary as it is; plain text in a fence that cannot be closed from inside. */
export async function summarize(told: {
  readonly markdown: string | null;
  readonly text: string;
}): Promise<void> {
  const { markdown, text } = told;
  const fence = '`'.repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([run]) => run.length + 1)));
  const whole = markdown ?? `${fence}text\n${text}\n${fence}`;
  const fitting =
    whole.length <= SUMMARY_MOST ? whole : `${whole.slice(0, SUMMARY_MOST - 100)}\n\n_Cut here._`;
  await core.summary.addRaw(fitting, true).write();
}

/**
 * Splits words at spaces; quotes keep spaces, a backslash keeps the next character. No shell ever sees the text, so
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
      word += text[++index] ?? '';
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
