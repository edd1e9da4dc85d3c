/** An issue -> columns in seven blocks, under a specification that travels with the model and is part of its digest. */
import * as z from 'zod';
import { lettersHash } from './hash.ts';
import { type IssueRow, listsOf, rowOf, type TokenSink } from './issue-row.ts';
import {
  BODY_MOST,
  codeWords,
  type IssueText,
  proseInto,
  type ReadIssue,
  readIssue,
  sectionWords,
  structureOf,
  titleGrams,
} from './issue-tokens.ts';
import { eachLine, keptLines } from './lines.ts';
import { eachRawWord } from './words.ts';

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
const QUOTE = /[^\S\n]{0,3}>(?!>>)/y;

/**
 * The columns of an issue.
 *
 * @param spec   parsed
 * @param issue  any texts
 * @returns      entries block after block, never none
 * @throws       never
 * @cost         linear in the length after cutting; about 0.1 ms for an issue
 * @source       K. Weinberger et al., "Feature hashing for large scale multitask learning", ICML 2009, without signs
 */
export function issueRow(spec: IssueBlocks, issue: IssueText): IssueRow {
  return rowFrom(partsOf(issue), commonLines(spec), spec.bits);
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
    const made = rows.get(key) ?? rowFrom(parts ?? partsOf(issue), common, spec.bits);
    rows.set(key, made);
    return made;
  };
}

function linesOf({ raw, opening }: Parts): readonly number[] {
  return [...lineHashes(`${raw}\n${opening}`)].filter((line) => line !== 0);
}

function rowFrom(parts: Parts, common: ReadonlySet<number>, bits: number): IssueRow {
  return rowOf({ bits, blocks: SHARES.length }, (sink) => blocksInto(sink, parts, common));
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
  return listsOf(SHARES.length, (sink) => blocksInto(sink, partsOf(issue), commonLines(spec)));
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

function blocksInto(sink: TokenSink, { read, raw, opening }: Parts, common: ReadonlySet<number>): void {
  sink.open(2);
  const tally = proseInto(read, sink.take);
  sink.open(0);
  for (const token of structureOf(read, tally)) sink.take(token, 0, token.length);
  sink.open(1);
  eachRawWord(`${read.title}\n${ownLines(raw, common)}`.toLowerCase(), sink.take);
  sink.open(3);
  titleGrams(read.title, sink.take);
  sectionWords(read.markdown, { sink, block: 4 });
  sink.open(5);
  codeWords(read.code, sink.take);
  sink.open(6);
  for (const token of openingOf(ownLines(opening, common))) sink.take(token, 0, token.length);
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
  return common.size === 0 ? text : keptLines(text, (from, to) => !common.has(lineOf(text, from, to)));
}

/** What somebody else said, quoted, is not what this issue asks for. */
function unquoted(body: string): string {
  if (!body.includes('>')) return body;
  return keptLines(body, (from) => {
    QUOTE.lastIndex = from;
    return !QUOTE.test(body);
  });
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
function lineOf(text: string, from: number, to: number): number {
  const hash = lettersHash(text, from, Math.min(to, from + LINE_MOST), LETTERS_LEAST);
  return hash === null ? 0 : Math.max(1, hash);
}

function lineHashes(text: string): ReadonlySet<number> {
  const hashes = new Set<number>();
  eachLine(text, (from, to) => void hashes.add(lineOf(text, from, to)));
  return hashes;
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
      for (const line of lineHashes(uncommented(body.slice(0, BODY_MOST)))) {
        counts.set(line, (counts.get(line) ?? 0) + 1);
      }
    }
    const least = Math.max(COMMON_LEAST, group.length * COMMON_SHARE);
    for (const [line, count] of counts) if (line !== 0 && count > least) found.add(line);
  }
  return [...found].sort((a, b) => a - b);
}
