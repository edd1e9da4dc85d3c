/** An issue -> columns in seven blocks, under a specification that travels with the model and is part of its digest. */
import * as z from 'zod';
import { hashOf, lettersHash } from './hash.ts';
import {
  BODY_MOST,
  codeWords,
  type IssueText,
  rawWordsOf,
  type ReadIssue,
  readIssue,
  sectionWords,
  structureOf,
  titleGrams,
} from './issue-tokens.ts';

/** Blocks of distinct tokens, hashed into 2^bits columns. Another way to make tokens must be another version. */
export const IssueBlocks = z.strictObject({
  kind: z.literal('issue-blocks'),
  version: z.literal(1),
  bits: z.int().min(8).max(20).default(18),
  /** Hashes of the lines that templates put into issues; they say nothing about any one of them. Rising. */
  boilerplate: z.array(z.int().min(0).max(0xffff_ffff)).default([]),
});
export type IssueBlocks = z.infer<typeof IssueBlocks>;

/** The blocks' shares of a row's squared length, in the order of `blocksOf`. */
export const SHARES = [0.7, 0.6, 0.4, 0.5, 0.3, 0.3, 0.3] as const;

const OPENING_MOST = 300;
const LINE_MOST = 200;
/** A line is a template's when so large a share of a project's issues have it, and so many issues. */
const COMMON_SHARE = 1 / 30;
const COMMON_LEAST = 5;
const LETTERS_LEAST = 4;

const OPENING_TOKEN = /[a-z]+(?:'[a-z]{1,10})?|[?!.,:;]|\d+/g;
// `>>>` is Python's prompt, which is nobody else's word.
const QUOTE = /^\s{0,3}>(?!>>)/;

/** Where the tokens of an issue fell: entry i is in block `blocks[i]`; a column comes once a block. */
export interface IssueRow {
  readonly columns: Int32Array;
  readonly blocks: Uint8Array;
}

/**
 * The columns of an issue.
 *
 * @param spec   parsed
 * @param issue  any texts
 * @returns      entries block after block, never none
 * @throws       never
 * @cost         linear in the length after cutting; about 0.4 ms for an issue
 * @source       K. Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009, without signs
 */
export function issueRow(spec: IssueBlocks, issue: IssueText): IssueRow {
  return rowOf(blocksOf(spec, issue), spec.bits);
}

/** What makes the row of an issue; all that do give the same row. */
export type RowMaker = typeof issueRow;

/**
 * A maker of rows that remembers: what templates put into issues is another set of lines for every part of a
 * cross-validation, but few issues have a line that only some of the sets name.
 *
 * @returns  rows by `issueRow`, made anew only where the lines to leave out of that very issue are others
 * @throws   never
 * @cost     one hash a line beside that of `issueRow`, and the rows stay in memory as long as their issues
 * @source   definition
 */
export function rememberingRows(): RowMaker {
  const known = new WeakMap<
    IssueText,
    { readonly lines: readonly number[]; readonly rows: Map<string, IssueRow> }
  >();
  return (spec, issue) => {
    const common = commonLines(spec);
    const before = known.get(issue);
    const parts = before === undefined ? partsOf(issue) : null;
    const lines = before?.lines ?? linesOf(parts ?? partsOf(issue));
    const rows = before?.rows ?? new Map<string, IssueRow>();
    if (before === undefined) known.set(issue, { lines, rows });
    const key = [spec.bits, ...lines.filter((line) => common.has(line))].join(' ');
    const made = rows.get(key) ?? rowOf(blocksFrom(parts ?? partsOf(issue), common), spec.bits);
    rows.set(key, made);
    return made;
  };
}

function linesOf({ raw, opening }: Parts): readonly number[] {
  return [...new Set(`${raw}\n${opening}`.split('\n').map(lineOf))].filter((line) => line !== 0);
}

/** The column of a token in a block. */
export function columnOf(token: string, block: number, bits: number): number {
  return hashOf(token, Math.imul(block, 0x9e37_79b1)) >>> (32 - bits);
}

function rowOf(blocks: readonly (readonly string[])[], bits: number): IssueRow {
  const columns: number[] = [];
  const ends: number[] = [];
  // One bit a column: a set of texts or of numbers would take most of the time.
  const had = new Uint32Array((2 ** bits) >>> 5);
  blocks.forEach((tokens, block) => {
    const begin = columns.length;
    for (const token of tokens) {
      const column = columnOf(token, block, bits);
      const [word, bit] = [column >>> 5, 1 << (column & 31)];
      if ((had[word]! & bit) !== 0) continue;
      had[word]! |= bit;
      columns.push(column);
    }
    for (let entry = begin; entry < columns.length; entry++) had[columns[entry]! >>> 5] = 0;
    ends.push(columns.length);
  });
  const found = new Uint8Array(columns.length);
  ends.forEach((end, block) => found.fill(block, ends[block - 1] ?? 0, end));
  return { columns: Int32Array.from(columns), blocks: found };
}

/**
 * The tokens of an issue, block by block: 0 structure, 1 raw words of title and body, 2 normalized words of prose,
 * 3 n-grams of the title's characters, 4 words with the heading above them, 5 words of code, 6 the prose's opening with
 * its marks. Quotations stay out of all of them, comments and what
 * templates put there out of 1 and 6. No time is looked at.
 *
 * @param spec   parsed
 * @param issue  any texts; the title is cut at 1 Ki, the body at 64 Ki characters
 * @returns      as many blocks as `SHARES` has; a token may come twice
 * @throws       never
 * @cost         linear in the length after cutting
 * @source       own recipe; blocks and shares chosen by cross-validation on NLBSE'24 training issues
 */
export function blocksOf(spec: IssueBlocks, issue: IssueText): readonly (readonly string[])[] {
  return blocksFrom(partsOf(issue), commonLines(spec));
}

interface Parts {
  readonly read: ReadIssue;
  /** What the raw words and the opening are read from, templates' lines included. */
  readonly raw: string;
  readonly opening: string;
}

function partsOf(issue: IssueText): Parts {
  const read = readIssue({ title: issue.title, body: unquoted(issue.body.slice(0, BODY_MOST)) });
  return { read, raw: uncommented(read.body), opening: read.markdown.prose.slice(0, 8 * OPENING_MOST) };
}

function blocksFrom(
  { read, raw, opening }: Parts,
  common: ReadonlySet<number>,
): readonly (readonly string[])[] {
  return [
    structureOf(read),
    rawWordsOf(`${read.title}\n${ownLines(raw, common)}`),
    read.prose,
    titleGrams(read.title),
    sectionWords(read.markdown),
    codeWords(read.code),
    openingOf(ownLines(opening, common)),
  ];
}

/**
 * What is left of a text without the lines that templates put there.
 *
 * @param text    any
 * @param common  hashes of the templates' lines, by `boilerplateOf`
 * @returns       the other lines
 * @throws        never
 * @cost          one hash a line
 * @source        definition; `>` begins a quotation in Markdown
 */
export function ownLines(text: string, common: ReadonlySet<number>): string {
  return text
    .split('\n')
    .filter((line) => !common.has(lineOf(line)))
    .join('\n');
}

/** What somebody else said, quoted, is not what this issue asks for. */
function unquoted(body: string): string {
  if (!body.includes('>')) return body;
  return body
    .split('\n')
    .filter((line) => !QUOTE.test(line))
    .join('\n');
}

function openingOf(prose: string): readonly string[] {
  const tokens = prose.slice(0, OPENING_MOST).toLowerCase().match(OPENING_TOKEN) ?? [];
  return tokens.map((token) => (/^\d/.test(token) ? '#' : token));
}

function uncommented(body: string): string {
  if (!body.includes('<!--')) return body;
  return body
    .split('<!--')
    .map((part, index) => (index === 0 ? part : (part.split('-->', 2)[1] ?? '')))
    .join('\n');
}

const COMMON = new WeakMap<IssueBlocks, ReadonlySet<number>>();

function commonLines(spec: IssueBlocks): ReadonlySet<number> {
  const known = COMMON.get(spec);
  if (known !== undefined) return known;
  const made = new Set(spec.boilerplate);
  COMMON.set(spec, made);
  return made;
}

/** What stays the same of a template's line: its letters. 0 for lines with hardly any. */
function lineOf(line: string): number {
  const hash = lettersHash(line.slice(0, LINE_MOST), LETTERS_LEAST);
  return hash === null ? 0 : Math.max(1, hash);
}

function linesIn(body: string): ReadonlySet<number> {
  return new Set(uncommented(body.slice(0, BODY_MOST)).split('\n').map(lineOf));
}

/**
 * Finds the lines that templates put into issues: those that many issues of one project share.
 *
 * @param issues  those that a model learns from; labels are not looked at
 * @returns       hashes of lines, rising
 * @throws        never
 * @cost          one hash a line
 * @source        own; a thirtieth of a project's issues and five at least, as the cross-validation had it
 */
export function boilerplateOf(issues: readonly IssueText[]): readonly number[] {
  const found = new Set<number>();
  for (const group of Map.groupBy(issues, ({ project }) => project ?? '').values()) {
    const counts = new Map<number, number>();
    for (const { body } of group) {
      for (const line of linesIn(body)) counts.set(line, (counts.get(line) ?? 0) + 1);
    }
    const least = Math.max(COMMON_LEAST, group.length * COMMON_SHARE);
    for (const [line, count] of counts) if (line !== 0 && count > least) found.add(line);
  }
  return [...found].sort((a, b) => a - b);
}
