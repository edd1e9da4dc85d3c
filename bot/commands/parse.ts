/** The grammar: a line becomes a name, words and flags, or the sentence that says why it does not. */
import { plain } from '../../registry/report/words.ts';
import { addressedLines, COMMENT_MOST } from './lines.ts';

/** More than anybody needs to write, and less than anybody needs to flood. */
const COMMANDS_MOST = 5;
const LINE_MOST = 1000;
const VALUE_MOST = 500;

export interface Line {
  /** As it was written, fit to be shown. */
  readonly shown: string;
  readonly name: string;
  readonly words: readonly string[];
  /** By name; `true` for one without a value. */
  readonly flags: ReadonlyMap<string, string | true>;
}

export interface Unclear {
  readonly shown: string;
  /** `wanted …, found …`, as Markdown. */
  readonly wrong: string;
}

export type Parsed =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'too-long'; readonly wrong: string }
  | { readonly kind: 'lines'; readonly lines: readonly (Line | Unclear)[] };

export function parseComment(comment: string): Parsed {
  const lines = addressedLines(comment);
  if (lines === null) {
    const wrong = `wanted a comment of at most ${COMMENT_MOST} characters that is not nested deeply`;
    return { kind: 'too-long', wrong: `${wrong}, found ${comment.length}` };
  }
  if (lines.length === 0) return { kind: 'nothing' };
  if (lines.length > COMMANDS_MOST) {
    const wrong = `wanted at most ${COMMANDS_MOST} commands in a comment, found ${lines.length}`;
    return { kind: 'too-long', wrong };
  }
  return { kind: 'lines', lines: lines.map(parseLine) };
}

export function parseLine(text: string): Line | Unclear {
  const shown = plain(text.replaceAll(/\p{Cf}/gu, '\u25AF')).slice(0, 200);
  if (text.length > LINE_MOST) return { shown, wrong: `wanted a line of at most ${LINE_MOST} characters` };
  const tokens = tokensOf(text);
  if (typeof tokens === 'string') return { shown, wrong: tokens };
  const [, name, ...rest] = tokens;
  if (name !== undefined && (name.quoted || !/^[a-z]+$/i.test(name.text))) {
    return { shown, wrong: 'wanted the name of a command after `/fettle`' };
  }
  const sorted = sortedOut(rest);
  if (typeof sorted === 'string') return { shown, wrong: sorted };
  return { shown, name: (name?.text ?? 'help').toLowerCase(), ...sorted };
}

interface Token {
  readonly text: string;
  readonly quoted: boolean;
}

/** Words are of these characters alone: letters that only look like them are no command. */
const WORD = /^[A-Za-z0-9@._/:=+,-]+$/;
const BLANK = /^[ \t]$/;
/** Invisible, control, line-ending and half characters; a reason may be in any script. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Co}\u3164\u115F\u1160\uFFA0]/u;

function tokensOf(text: string): readonly Token[] | string {
  const tokens: Token[] = [];
  for (let at = 0; at < text.length;) {
    if (BLANK.test(text[at] ?? '')) {
      at++;
      continue;
    }
    const end = endOfToken(text, at);
    if (end === null) return 'wanted a closing `"`, found none';
    const token = tokenOf(text.slice(at, end));
    if (typeof token === 'string') return token;
    tokens.push(token);
    at = end;
  }
  return tokens;
}

/** A blank ends a word, except between quotes. */
function endOfToken(text: string, from: number): number | null {
  let isQuoted = false;
  for (let at = from; at < text.length; at++) {
    const character = text[at] ?? '';
    if (isQuoted && character === '\\') at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && BLANK.test(character)) return at;
  }
  return isQuoted ? null : text.length;
}

function tokenOf(raw: string): Token | string {
  const quote = raw.indexOf('"');
  if (quote < 0) return wordOf(raw);
  const before = raw.slice(0, quote);
  if (!/^(--[a-z-]+=)?$/.test(before)) return 'wanted a blank or `--flag=` before a `"`';
  const value = raw.slice(quote + 1, -1).replaceAll(/\\(["\\])/g, '$1');
  if (!raw.endsWith('"') || raw.length < quote + 2) return 'wanted a blank after a closing `"`';
  if (HIDDEN.test(value)) return 'wanted a text without hidden or control characters between `"`';
  if (value.length > VALUE_MOST) return `wanted at most ${VALUE_MOST} characters between \`"\``;
  return { text: `${before}${value}`, quoted: true };
}

function wordOf(raw: string): Token | string {
  if (WORD.test(raw)) return { text: raw, quoted: false };
  const [strange = ''] = [...raw].filter((character) => !WORD.test(character));
  const code = `U+${(strange.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
  const advice = /[\u201C-\u201F\u00AB\u00BB]/.test(strange) ? '; quotes must be straight, `"`' : '';
  const dash = /[\u2010-\u2015\u2212]/.test(strange) ? '; a flag begins with two plain dashes, `--`' : '';
  return `wanted words of plain letters, digits and \`@ . _ / : = + , -\`, found ${code}${advice}${dash}`;
}

type Sorted = Pick<Line, 'words' | 'flags'>;

function sortedOut(tokens: readonly Token[]): Sorted | string {
  const words: string[] = [];
  const flags = new Map<string, string | true>();
  for (let at = 0; at < tokens.length; at++) {
    const { text, quoted } = tokens[at] ?? { text: '', quoted: false };
    if (!text.startsWith('-') || (quoted && !text.startsWith('--'))) {
      if (quoted) return 'wanted a flag such as `--reason` before a text between `"`';
      words.push(text);
      continue;
    }
    const [flag = '', ...value] = text.split('=');
    if (!/^--[a-z][a-z-]*$/.test(flag)) return 'wanted a flag such as `--reason`';
    const name = flag.slice(2);
    if (flags.has(name)) return `wanted \`${flag}\` once, found it twice`;
    const next = tokens[at + 1];
    const takesNext = value.length === 0 && !SWITCHES.includes(name) && next !== undefined;
    if (takesNext && (next.quoted || !next.text.startsWith('-'))) {
      flags.set(name, next.text);
      at++;
    } else flags.set(name, value.length === 0 ? true : value.join('='));
  }
  return { words, flags };
}

/** Flags that take no value. */
export const SWITCHES: readonly string[] = ['dry-run'];
