/** An issue's title and body -> six blocks of tokens, each a set of words that mean something for its label. */
import { type Markdown, readMarkdown, slugOf } from './markdown.ts';
import { phrasesIn, phrasesOf } from './phrases.ts';

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
const WORD_MOST = 40;

/** In the order of `tokensOf`; the weights are the blocks' shares of a row's squared length, before normalizing. */
export const BLOCK_WEIGHTS = [1, 0.6, 0.4, 0.5, 0.3, 0.3] as const;

// Alternatives are tried in order, and what none takes is skipped by one character; every repetition is bounded or
// takes all that it looked at, so the whole is linear.
const PROSE_TOKEN =
  /https?:\/\/([^\s/)>\]"'?#]{1,80})[^\s)>\]"']*|(?<![\w/])@[a-z0-9-]{1,40}|(?<![\w&])#\d{2,9}|\bv?\d{1,9}\.\d{1,9}[\w.+-]{0,40}|\b0x[0-9a-f]{1,40}\b|\b[0-9a-f]{7,40}\b|[a-z][a-z0-9]*(?:'[a-z]{1,10})?|\d+|[?!]/g;
const RAW_WORD = /[\p{L}\p{N}_]+/gu;
const CAMEL = /([a-z0-9])([A-Z])/g;
const TRACE =
  /^\s*(?:at [\w$.<>[\] /\\:@-]{1,200}[(:]|File "|#\d{1,4} +0x|Traceback|Caused by:|\S{0,80}(?:Error|Exception)\b|(?:.{0,120}\b)?(?:error|fatal|warning):)/;
// What every line that TRACE takes has; most lines have it not, and this is told far sooner.
const TRACE_SIGN = /^\s*(?:at |File "|#\d|Traceback|Caused by:)|Error|Exception|(?:error|fatal|warning):/;
const LOG_TIME = /^\s*\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d/;
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
  return [
    structureOf(read),
    rawWordsOf(`${read.title}\n${read.body}`),
    [...read.prose, ...pairsOf(read.prose)],
    titleGrams(read.title),
    sectionWords(read.markdown),
    codeWords(read.code),
  ];
}

/** An issue after cutting, taken apart once for all that looks at it. */
export interface ReadIssue extends IssueText {
  readonly code: string;
  readonly markdown: Markdown;
  /** The words of all prose. */
  readonly prose: readonly string[];
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
  return { title, body, markdown, code, prose: wordsOf(markdown.prose) };
}

/** Words of code, with `camelCase` taken apart. */
export function codeWords(code: string): readonly string[] {
  return rawWordsOf(code.replace(CAMEL, '$1 $2'));
}

/** Lower-case words; addresses, versions, hashes, names, references and numbers become one placeholder each. */
function wordsOf(text: string): readonly string[] {
  const words: string[] = [];
  for (const match of text.toLowerCase().matchAll(PROSE_TOKEN)) {
    words.push(placeholderOf(match[0]));
    if (match[1] !== undefined) words.push(match[1].replaceAll('.', ''));
  }
  return words;
}

function placeholderOf(word: string): string {
  const first = word.charCodeAt(0);
  if (word.startsWith('http') && word.includes('://')) return '<url>';
  if (first === 64) return '<user>';
  if (first === 35) return '<issue>';
  if (/^v?\d+\./.test(word)) return '<version>';
  if (/^0x|^(?=.*\d)[0-9a-f]{7,40}$/.test(word)) return /^\d+$/.test(word) ? '<number>' : '<hex>';
  return /^\d/.test(word) ? '<number>' : word.slice(0, WORD_MOST);
}

function pairsOf(words: readonly string[]): readonly string[] {
  return words.slice(1).map((word, index) => `${words[index]!} ${word}`);
}

/** Words as they stand, in lower case. */
export function rawWordsOf(text: string): readonly string[] {
  const words = text.toLowerCase().match(RAW_WORD) ?? [];
  return words.filter((word) => word.length > 1).map((word) => word.slice(0, WORD_MOST));
}

/** Words are padded with a space on both sides; one that is shorter than n stands for itself. */
export function titleGrams(title: string): readonly string[] {
  const grams: string[] = [];
  for (const word of title.toLowerCase().split(/\s+/)) {
    if (word === '') continue;
    const padded = ` ${word.slice(0, WORD_MOST - 2)} `;
    for (let n = 2; n <= Math.min(5, padded.length); n++) {
      for (let start = 0; start + n <= padded.length; start++) grams.push(padded.slice(start, start + n));
    }
  }
  return grams;
}

/** Words behind the heading that they stand under. */
export function sectionWords({ sections }: Markdown): readonly string[] {
  return sections.flatMap(({ heading, text }) =>
    wordsOf(text.slice(0, SECTION_MOST)).map((word) => `${heading.slice(0, 20)}|${word}`),
  );
}

/** What the issue is made of, whatever it is about. */
export function structureOf(parts: ReadIssue): readonly string[] {
  const { title, markdown } = parts;
  const opening = wordsOf(markdown.prose.slice(0, OPENING_MOST));
  const titleWords = wordsOf(title);
  return [
    ...markdown.sections.filter(({ heading }) => heading !== '').map(({ heading }) => `heading=${heading}`),
    ...markdown.pairs.flatMap(({ key, value }) => [`key=${key}`, `pair=${key}=${value}`]),
    ...markdown.checkboxes.map(({ checked, slug }) => `box=${checked ? 'x' : 'o'}${slug}`),
    ...markdown.fences.map(({ language }) => `fence=${language}`),
    ...countsOf(parts, titleWords).map(([name, count]) => `${name}=${count}`),
    ...openingOf('title', titleWords),
    ...openingOf('prose', opening),
    ...(titleWords.length === 0 ? [] : [`title-last=${titleWords.at(-1)!}`]),
    ...prefixOf(title),
    ...cuesOf('cue', markdown.prose),
    ...cuesOf('title-cue', title),
  ];
}

/** How many of what there is, in coarse steps. */
function countsOf(
  { title, body, code, markdown, prose: words }: ReadIssue,
  titleWords: readonly string[],
): readonly (readonly [string, number])[] {
  const { prose } = markdown;
  const times = (wanted: string) => words.reduce((sum, word) => sum + (word === wanted ? 1 : 0), 0);
  const lines = body.split('\n', 5000).map((line) => line.slice(0, 300));
  return [
    ['fences', Math.min(4, markdown.fences.length)],
    ['images', Math.min(3, markdown.imageCount)],
    ['videos', Math.min(2, body.match(VIDEO)?.length ?? 0)],
    ['length', doublings(prose.length)],
    ['code-length', doublings(code.length)],
    ['title-length', Math.floor(title.length / 15)],
    ['lines', doublings(prose.split('\n').length - 1)],
    ['title-asks', title.includes('?') ? 1 : 0],
    ['asks', Math.min(4, times('?'))],
    ['exclaims', Math.min(3, times('!'))],
    ['traces', doublings(lines.filter((line) => TRACE_SIGN.test(line) && TRACE.test(line)).length)],
    ['log-times', doublings(lines.filter((line) => LOG_TIME.test(line)).length)],
    ['versions', Math.min(4, times('<version>'))],
    ['urls', Math.min(4, times('<url>'))],
    ['references', Math.min(3, times('<issue>'))],
    ['mentions', Math.min(2, times('<user>'))],
    ['inline-code', doublings(markdown.inlineCodeCount)],
    ['empty', prose === '' ? 1 : 0],
    ['comment-length', doublings(markdown.commentLength)],
    ['title-question', titleWords.length > 0 && QUESTION_WORDS.has(titleWords[0]!) ? 1 : 0],
    ['title-capital', /^\p{Lu}/u.test(title) ? 1 : 0],
    ['title-code', title.includes('`') ? 1 : 0],
  ];
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

function cuesOf(where: string, text: string): readonly string[] {
  return phrasesIn(CUES, text.toLowerCase()).map((cue) => `${where}=${cue}`);
}
