/** An issue -> columns in seven blocks, under a specification that travels with the model and is part of its digest. */
import * as z from 'zod';
import { hashOf } from './hash.ts';
import {
  BODY_MOST,
  codeWords,
  type IssueText,
  rawWordsOf,
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
// Classes of Unicode would take twice the time; beyond ASCII everything counts as a letter.
const NO_LETTERS = /[^a-z\u0080-\uffff]+/g;
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

/** The column of a token in a block. */
export function columnOf(token: string, block: number, bits: number): number {
  return hashOf(token, Math.imul(block, 0x9e37_79b1)) >>> (32 - bits);
}

function rowOf(blocks: readonly (readonly string[])[], bits: number): IssueRow {
  const columns: number[] = [];
  const ends: number[] = [];
  blocks.forEach((tokens, block) => {
    // Most tokens come again: comparing texts is cheaper than hashing them, and columns can meet.
    const distinct = new Set<number>();
    for (const token of new Set(tokens)) distinct.add(columnOf(token, block, bits));
    for (const column of distinct) columns.push(column);
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
  const read = readIssue({ title: issue.title, body: unquoted(issue.body.slice(0, BODY_MOST)) });
  const common = commonLines(spec);
  const own = (text: string): string => ownLines(text, common);
  return [
    structureOf(read),
    rawWordsOf(`${read.title}\n${own(uncommented(read.body))}`),
    read.prose,
    titleGrams(read.title),
    sectionWords(read.markdown),
    codeWords(read.code),
    openingOf(own(read.markdown.prose.slice(0, 8 * OPENING_MOST))),
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
  const letters = line.slice(0, LINE_MOST).toLowerCase().replace(NO_LETTERS, '');
  return letters.length < LETTERS_LEAST ? 0 : Math.max(1, hashOf(letters, 0));
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
      const lines = uncommented(body.slice(0, BODY_MOST)).split('\n');
      for (const line of new Set(lines.map(lineOf))) counts.set(line, (counts.get(line) ?? 0) + 1);
    }
    const least = Math.max(COMMON_LEAST, group.length * COMMON_SHARE);
    for (const [line, count] of counts) if (line !== 0 && count > least) found.add(line);
  }
  return [...found].sort((a, b) => a - b);
}
