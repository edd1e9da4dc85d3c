/** An issue's title and body -> six blocks of tokens, each a set of words that mean something for its label. */
import { listsOf, type TokenSink } from './issue-row.ts';
import { countLines, type LineCheck } from './lines.ts';
import { type Markdown, readMarkdown, slugOf } from './markdown.ts';
import { phrasesIn, phrasesOf } from './phrases.ts';
import { eachRawWord, eachWord, PLACEHOLDERS, type Take, WORD_MOST } from './words.ts';

export interface IssueText {
  readonly title: string;
  readonly body: string;
  /** Whose it is, for models that know several projects. */
  readonly project?: string | undefined;
}

/** Longer texts are cut: what decides a label stands at the top, and the cost stays bounded. In UTF-16 units. */
export const TITLE_MOST = 1024;
export const BODY_MOST = 64 * 1024;
const SECTION_MOST = 600;
const OPENING_MOST = 400;
const CODE_MOST = 6000;

/** In the order of `tokensOf`; the weights are the blocks' shares of a row's squared length, before normalizing. */
export const BLOCK_WEIGHTS = [1, 0.6, 0.4, 0.5, 0.3, 0.3] as const;

const CAMEL = /([a-z0-9])([A-Z])/g;
const TRACE =
  /^\s*(?:at [\w$.<>[\] /\\:@-]{1,200}[(:]|File "|#\d{1,4} +0x|Traceback|Caused by:|\S{0,80}(?:Error|Exception)\b|(?:.{0,120}\b)?(?:error|fatal|warning):)/;
// What every line that TRACE takes has; most lines have it not, and this is told far sooner.
const TRACE_BEGIN = /[^\S\n]*(?:at |File "|#\d|Traceback|Caused by:)/y;
const TRACE_SIGN = /Error|Exception|(?:error|fatal|warning):/g;
const LOG_TIME = /[^\S\n]*\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d/y;
const LINE_MOST = 300;
const VIDEO = /\.(?:mp4|mov|webm|gif)\b/gi;
const TITLE_PREFIX = /^\s{0,9}(?:\[([^\]]{1,30})\]|([A-Za-z][\w /-]{0,20}):)/;

const QUESTION_WORDS = new Set(
  'how what why when where which who can could would should is are does do did any anyone help'.split(' '),
);

/** Phrases that say what somebody wants, whatever the subject. */
const CUES = phrasesOf(
  "thank|please|help|hi|hello|hey|i am|we |would be|it would|should|expected|actual|reproduce|crash|regression|support|proposal|proposed|add |how to|how do|how can|is there|is it possible|not sure|wondering|any idea|cannot|can't|doesn't|not work|fail|error|exception|feature|bug|question|issue|suggest|allow|instead|nice to|useful|motivation|alternative|use case|test|refactor|improve".split(
    '|',
  ),
);

/**
 * The tokens of an issue, block by block: 0 structure, 1 raw words of title and body, 2 normalized words and pairs of
 * prose, 3 n-grams of 2 to 5 characters of the title, 4 words with the heading above them, 5 words of code. Nothing
 * but the two texts is looked at; a time of creation would separate the classes of sampled data for no good reason.
 *
 * @param issue  any texts; the title is cut at 1 Ki, the body at 64 Ki characters
 * @returns      as many blocks as `BLOCK_WEIGHTS` has; a token may come twice
 * @throws       never
 * @cost         linear in the length after cutting
 * @source       own recipe; blocks and weights chosen by cross-validation on NLBSE'24 training issues
 */
export function tokensOf(issue: IssueText): readonly (readonly string[])[] {
  const read = readIssue(issue);
  return listsOf(BLOCK_WEIGHTS.length, (sink) => {
    const words: string[] = [];
    const tally = proseInto(read, (text, from, to) => void words.push(text.slice(from, to)));
    sink.open(2);
    for (const word of words) sink.take(word, 0, word.length);
    for (const pair of pairsOf(words)) sink.take(pair, 0, pair.length);
    sink.open(0);
    for (const token of structureOf(read, tally)) sink.take(token, 0, token.length);
    sink.open(1);
    eachRawWord(`${read.title}\n${read.body}`.toLowerCase(), sink.take);
    sink.open(3);
    titleGrams(read.title, sink.take);
    sectionWords(read.markdown, { sink, block: 4 });
    sink.open(5);
    codeWords(read.code, sink.take);
  });
}

/** An issue after cutting, taken apart once for all that looks at it. */
export interface ReadIssue extends IssueText {
  readonly code: string;
  readonly markdown: Markdown;
  /** All prose in lower case. */
  readonly lowerProse: string;
}

/**
 * Cuts and reads an issue.
 *
 * @param issue  any texts; the title is cut at 1 Ki, the body at 64 Ki characters
 * @returns      its parts
 * @throws       never
 * @cost         linear in the length after cutting
 * @source       definition
 */
export function readIssue(issue: IssueText): ReadIssue {
  const title = issue.title.slice(0, TITLE_MOST);
  const body = issue.body.slice(0, BODY_MOST);
  const markdown = readMarkdown(body);
  const code = markdown.fences
    .map(({ text }) => text)
    .join('\n')
    .slice(0, CODE_MOST);
  return { title, body, markdown, code, lowerProse: markdown.prose.toLowerCase() };
}

/** How often the words of prose are these. */
export interface Tally {
  asks: number;
  exclaims: number;
  versions: number;
  urls: number;
  references: number;
  mentions: number;
}

/** Takes the words of all prose, and counts some of them. */
export function proseInto({ lowerProse }: ReadIssue, take: Take): Tally {
  const tally: Tally = { asks: 0, exclaims: 0, versions: 0, urls: 0, references: 0, mentions: 0 };
  eachWord(lowerProse, (text, from, to) => {
    take(text, from, to);
    if (text === PLACEHOLDERS.version) tally.versions += 1;
    else if (text === PLACEHOLDERS.url) tally.urls += 1;
    else if (text === PLACEHOLDERS.issue) tally.references += 1;
    else if (text === PLACEHOLDERS.user) tally.mentions += 1;
    else if (to - from === 1 && text.charCodeAt(from) === QUESTION) tally.asks += 1;
    else if (to - from === 1 && text.charCodeAt(from) === EXCLAMATION) tally.exclaims += 1;
  });
  return tally;
}

const [QUESTION, EXCLAMATION] = [63, 33] as const;

/** Words of code, with `camelCase` taken apart. */
export function codeWords(code: string, take: Take): void {
  eachRawWord(code.replace(CAMEL, '$1 $2').toLowerCase(), take);
}

/** Lower-case words; addresses, versions, hashes, names, references and numbers become one placeholder each. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  eachWord(text.toLowerCase(), (found, from, to) => void words.push(found.slice(from, to)));
  return words;
}

function pairsOf(words: readonly string[]): readonly string[] {
  return words.slice(1).map((word, index) => `${words[index]!} ${word}`);
}

/** Words are padded with a space on both sides; one that is shorter than n stands for itself. */
export function titleGrams(title: string, take: Take): void {
  for (const word of title.toLowerCase().split(/\s+/)) {
    if (word === '') continue;
    const padded = ` ${word.slice(0, WORD_MOST - 2)} `;
    for (let n = 2; n <= Math.min(5, padded.length); n++) {
      for (let start = 0; start + n <= padded.length; start++) take(padded, start, start + n);
    }
  }
}

/** Words behind the heading that they stand under. */
export function sectionWords(
  { sections }: Markdown,
  { sink, block }: { readonly sink: TokenSink; readonly block: number },
): void {
  for (const { heading, text } of sections) {
    sink.open(block, `${heading.slice(0, 20)}|`);
    eachWord(text.slice(0, SECTION_MOST).toLowerCase(), sink.take);
  }
}

/** What the issue is made of, whatever it is about. */
export function structureOf(parts: ReadIssue, tally: Tally): readonly string[] {
  const { title, markdown, lowerProse } = parts;
  const opening = wordsOf(markdown.prose.slice(0, OPENING_MOST));
  const titleWords = wordsOf(title);
  return [
    ...markdown.sections.filter(({ heading }) => heading !== '').map(({ heading }) => `heading=${heading}`),
    ...markdown.pairs.flatMap(({ key, value }) => [`key=${key}`, `pair=${key}=${value}`]),
    ...markdown.checkboxes.map(({ checked, slug }) => `box=${checked ? 'x' : 'o'}${slug}`),
    ...markdown.fences.map(({ language }) => `fence=${language}`),
    ...countsOf(parts, tally, titleWords).map(([name, count]) => `${name}=${count}`),
    ...openingOf('title', titleWords),
    ...openingOf('prose', opening),
    ...(titleWords.length === 0 ? [] : [`title-last=${titleWords.at(-1)!}`]),
    ...prefixOf(title),
    ...cuesOf('cue', lowerProse),
    ...cuesOf('title-cue', title.toLowerCase()),
  ];
}

/** How many of what there is, in coarse steps. */
function countsOf(
  { title, body, code, markdown }: ReadIssue,
  tally: Tally,
  titleWords: readonly string[],
): readonly (readonly [string, number])[] {
  const { prose } = markdown;
  return [
    ['fences', Math.min(4, markdown.fences.length)],
    ['images', Math.min(3, markdown.imageCount)],
    ['videos', Math.min(2, body.match(VIDEO)?.length ?? 0)],
    ['length', doublings(prose.length)],
    ['code-length', doublings(code.length)],
    ['title-length', Math.floor(title.length / 15)],
    ['lines', doublings(prose.split('\n').length - 1)],
    ['title-asks', title.includes('?') ? 1 : 0],
    ['asks', Math.min(4, tally.asks)],
    ['exclaims', Math.min(3, tally.exclaims)],
    ['traces', doublings(countLines(body, traceCheck(body)))],
    ['log-times', doublings(countLines(body, (from) => beginsWith(LOG_TIME, body, from)))],
    ['versions', Math.min(4, tally.versions)],
    ['urls', Math.min(4, tally.urls)],
    ['references', Math.min(3, tally.references)],
    ['mentions', Math.min(2, tally.mentions)],
    ['inline-code', doublings(markdown.inlineCodeCount)],
    ['empty', prose === '' ? 1 : 0],
    ['comment-length', doublings(markdown.commentLength)],
    ['title-question', titleWords.length > 0 && QUESTION_WORDS.has(titleWords[0]!) ? 1 : 0],
    ['title-capital', /^\p{Lu}/u.test(title) ? 1 : 0],
    ['title-code', title.includes('`') ? 1 : 0],
  ];
}

/** Whether the first 300 units of a line begin with what a sticky expression takes. */
function beginsWith(pattern: RegExp, text: string, from: number): boolean {
  pattern.lastIndex = from;
  return pattern.test(text) && pattern.lastIndex <= from + LINE_MOST;
}

/** Whether a line, asked of line after line, is one of a stack trace. */
function traceCheck(text: string): LineCheck {
  // The next sign is looked for once in the whole text, not in every line.
  let [sign, signEnd] = [-1, -1];
  return (from, end) => {
    const to = Math.min(end, from + LINE_MOST);
    while (sign < from && sign < text.length) {
      TRACE_SIGN.lastIndex = Math.max(from, signEnd);
      const found = TRACE_SIGN.exec(text);
      [sign, signEnd] = found === null ? [text.length, text.length] : [found.index, TRACE_SIGN.lastIndex];
    }
    const hasSign = sign < text.length && signEnd <= to;
    return (hasSign || beginsWith(TRACE_BEGIN, text, from)) && TRACE.test(text.slice(from, to));
  };
}

/** 0 for none, then 1 + ⌊log₂ count⌋. */
function doublings(count: number): number {
  return count <= 0 ? 0 : 32 - Math.clz32(count);
}

function openingOf(where: string, words: readonly string[]): readonly string[] {
  return [1, 2, 3]
    .filter((length) => words.length > 0 && (length === 1 || words.length >= length))
    .map((length) => `${where}-${length}=${words.slice(0, length).join('_')}`);
}

function prefixOf(title: string): readonly string[] {
  const found = TITLE_PREFIX.exec(title);
  return found === null ? [] : [`title-prefix=${slugOf(found[1] ?? found[2]!)}`];
}

function cuesOf(where: string, lower: string): readonly string[] {
  return phrasesIn(CUES, lower).map((cue) => `${where}=${cue}`);
}
