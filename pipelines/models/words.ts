/** Finds the words of a text where they stand, without building them: most of them only become a hash. */

/** Takes the stretch of a text from one index to before another; the text may be another than the one looked at. */
export type Take = (text: string, from: number, to: number) => void;

/** Longer words are cut, in UTF-16 units. */
export const WORD_MOST = 40;

const [LETTER, DIGIT, HEX, WORD, NAME, VERSION] = [1, 2, 4, 8, 16, 32] as const;

/** For each ASCII character in lower case which of the classes above it is of. */
const KINDS = Uint8Array.from({ length: 128 }, (_, unit) => {
  const sets = [/[a-z]/, /\d/, /[0-9a-f]/, /\w/, /[a-z0-9-]/, /[\w.+-]/];
  return sets.reduce((kinds, set, bit) => kinds | (set.test(String.fromCharCode(unit)) ? 1 << bit : 0), 0);
});

const [AT, REFERENCE, QUESTION, EXCLAMATION, DOT, QUOTE] = [64, 35, 63, 33, 46, 39] as const;
const [ZERO, H, V, X, SLASH, AMPERSAND] = [48, 104, 118, 120, 47, 38] as const;

const ADDRESS = /https?:\/\/([^\s/)>\]"'?#]{1,80})[^\s)>\]"']*/y;

/** What stands for words that have no meaning of their own. */
export const PLACEHOLDERS = {
  url: '<url>',
  user: '<user>',
  issue: '<issue>',
  version: '<version>',
  hex: '<hex>',
  number: '<number>',
} as const;

/**
 * The words of prose: runs of ASCII letters and digits that begin with a letter, with what follows an apostrophe, and
 * `?` and `!` for themselves. Addresses (followed by their host without dots), `@names`, `#12`, versions, hexadecimal
 * and other numbers become placeholders. What is none of these is skipped.
 *
 * @param lower  any text in lower case
 * @param take   is given each word, at most 40 units of it, in order
 * @throws       what `take` throws
 * @cost         some operations a character: every look ahead is bounded, or taken whole
 * @source       own definition; the test holds it to one regular expression
 */
export function eachWord(lower: string, take: Take): void {
  for (let at = 0; at < lower.length;) at = wordAt(lower, at, take);
}

/** Takes the word that begins here, if one does. @returns where to go on */
function wordAt(lower: string, at: number, take: Take): number {
  const unit = lower.charCodeAt(at);
  if (is(lower, at, LETTER)) return letterWord(lower, at, take);
  if (is(lower, at, DIGIT)) return numberWord(lower, at, take);
  if (unit === QUESTION || unit === EXCLAMATION) {
    take(lower, at, at + 1);
  } else if (unit === AT && !is(lower, at - 1, WORD) && lower.charCodeAt(at - 1) !== SLASH) {
    const end = runEnd(lower, at + 1, NAME, 40);
    if (end > at + 1) return placed(PLACEHOLDERS.user, end, take);
  } else if (unit === REFERENCE && !is(lower, at - 1, WORD) && lower.charCodeAt(at - 1) !== AMPERSAND) {
    const end = runEnd(lower, at + 1, DIGIT, 9);
    if (end > at + 2) return placed(PLACEHOLDERS.issue, end, take);
  }
  return at + 1;
}

function letterWord(lower: string, at: number, take: Take): number {
  const first = lower.charCodeAt(at);
  const isFresh = !is(lower, at - 1, WORD);
  if (first === H && lower.startsWith('http', at)) {
    const end = addressEnd(lower, at, take);
    if (end > at) return end;
  }
  if (first === V && isFresh) {
    const end = versionEnd(lower, at + 1);
    if (end > 0) return placed(PLACEHOLDERS.version, end, take);
  }
  const end = runEnd(lower, at, LETTER | DIGIT);
  const isHex = isHash(end - at) && runEnd(lower, at, HEX) === end;
  const stop = isHex && isFresh && !is(lower, end, WORD) ? end : withApostrophe(lower, end);
  // Without a digit it is a word that happens to have no other letters.
  const hasDigit = isHex && stop === end && runEnd(lower, at, LETTER) < end;
  if (hasDigit) return placed(PLACEHOLDERS.hex, end, take);
  take(lower, at, Math.min(stop, at + WORD_MOST));
  return stop;
}

function addressEnd(lower: string, at: number, take: Take): number {
  ADDRESS.lastIndex = at;
  const host = ADDRESS.exec(lower)?.[1]?.replaceAll('.', '');
  if (host === undefined) return at;
  const end = placed(PLACEHOLDERS.url, ADDRESS.lastIndex, take);
  take(host, 0, host.length);
  return end;
}

function withApostrophe(lower: string, end: number): number {
  if (lower.charCodeAt(end) !== QUOTE) return end;
  const stop = runEnd(lower, end + 1, LETTER, 10);
  return stop > end + 1 ? stop : end;
}

function numberWord(lower: string, at: number, take: Take): number {
  const end = runEnd(lower, at, DIGIT);
  if (is(lower, at - 1, WORD)) return placed(PLACEHOLDERS.number, end, take);
  const version = versionEnd(lower, at);
  if (version > 0) return placed(PLACEHOLDERS.version, version, take);
  if (lower.charCodeAt(at) === ZERO && lower.charCodeAt(at + 1) === X) {
    const last = runEnd(lower, at + 2, HEX);
    const count = last - at - 2;
    if (count >= 1 && count <= 40 && !is(lower, last, WORD)) return placed(PLACEHOLDERS.hex, last, take);
  }
  const last = runEnd(lower, at, HEX);
  if (last > end && isHash(last - at) && !is(lower, last, WORD)) return placed(PLACEHOLDERS.hex, last, take);
  return placed(PLACEHOLDERS.number, end, take);
}

/** Whether a hexadecimal number of so many digits is taken for a hash, as Git has them, whole or cut. */
function isHash(count: number): boolean {
  return count >= 7 && count <= 40;
}

/** Where `1.2` and what belongs to it ends; 0 where none begins. */
function versionEnd(lower: string, at: number): number {
  const whole = runEnd(lower, at, DIGIT);
  if (whole === at || whole - at > 9 || lower.charCodeAt(whole) !== DOT) return 0;
  const part = runEnd(lower, whole + 1, DIGIT, 9);
  return part === whole + 1 ? 0 : runEnd(lower, part, VERSION, 40);
}

function placed(placeholder: string, end: number, take: Take): number {
  take(placeholder, 0, placeholder.length);
  return end;
}

function is(text: string, at: number, kinds: number): boolean {
  if (at < 0 || at >= text.length) return false;
  const unit = text.charCodeAt(at);
  return unit < 128 && (KINDS[unit]! & kinds) !== 0;
}

/** Where the run of characters of some kinds that begins here ends; here itself where none does. */
function runEnd(text: string, from: number, of: number, most = text.length): number {
  const last = Math.min(text.length, from + most);
  let at = from;
  while (at < last && is(text, at, of)) at += 1;
  return at;
}

/**
 * The words of any text as they stand: runs of letters, digits and `_` of every script, of two units or more.
 *
 * @param lower  any text in lower case
 * @param take   is given each word, at most 40 units of it, in order
 * @throws       what `take` throws
 * @cost         one look-up a character
 * @source       Unicode's general categories L and N
 */
export function eachRawWord(lower: string, take: Take): void {
  for (let at = 0; at < lower.length;) {
    const from = at;
    for (let width = wordWidth(lower, at); width > 0; width = wordWidth(lower, at)) at += width;
    if (at > from + 1) take(lower, from, Math.min(at, from + WORD_MOST));
    at += 1;
  }
}

const ANY_WORD = /^[\p{L}\p{N}_]$/u;
const [IN_WORDS, BETWEEN_WORDS] = [1, 2] as const;
/** What was found out about the characters of one unit; 0 for those that nobody met yet. */
const MET = new Uint8Array(2 ** 16);

/** Units of the character that begins here, if words have it; else 0. */
function wordWidth(text: string, at: number): number {
  if (at >= text.length) return 0;
  const unit = text.charCodeAt(at);
  if (unit < 128) return (KINDS[unit]! & WORD) === 0 ? 0 : 1;
  const point = text.codePointAt(at)!;
  if (point !== unit) return ANY_WORD.test(String.fromCodePoint(point)) ? 2 : 0;
  if (MET[unit] === 0) MET[unit] = ANY_WORD.test(String.fromCharCode(unit)) ? IN_WORDS : BETWEEN_WORDS;
  return MET[unit] === IN_WORDS ? 1 : 0;
}
