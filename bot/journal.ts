/** What the app says of itself: one JSON object per line, made of words chosen here and never of a payload. */
import { FettleError } from '../registry/base/fault.ts';

export interface Journal {
  say(what: string, words?: Readonly<Record<string, string | number | boolean>>): void;
  /** The code and the sentence of a fault; of anything else its name and where it happened. */
  wrong(error: unknown, words: Readonly<Record<string, string>>): void;
}

const TOLD_MAX = 500;

export function openJournal(write: (line: string) => void, now: () => string): Journal {
  const line = (level: 'info' | 'error', words: Readonly<Record<string, unknown>>): void =>
    write(`${JSON.stringify({ at: now(), level, ...words })}\n`);
  return {
    say: (what, words = {}) => line('info', { what, ...words }),
    wrong: (error, words) => line('error', { ...words, ...toldOf(error) }),
  };
}

/** An error of octokit holds the request with its body and its headers; its words and its place hold neither. */
function toldOf(error: unknown): Readonly<Record<string, string>> {
  if (error instanceof FettleError) return { code: error.code, says: error.message.slice(0, TOLD_MAX) };
  if (!(error instanceof Error)) return { says: 'something that is no error was thrown' };
  const at = error.stack?.split('\n').find((one) => one.trim().startsWith('at ')) ?? '';
  return { name: error.name, says: error.message.slice(0, TOLD_MAX), at: at.trim() };
}
