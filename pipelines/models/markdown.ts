/** Reads an issue's Markdown lightly: what a form asked, what was answered, and what else lies around the prose. */

/** A code block. */
export interface Fence {
  /** The first word behind the fence, in lower case; empty for none. */
  readonly language: string;
  readonly text: string;
}

/** The prose under one heading; the first section has none. */
export interface Section {
  /** A slug: lower-case letters with `_` between words. */
  readonly heading: string;
  readonly text: string;
}

export interface Checkbox {
  readonly checked: boolean;
  readonly slug: string;
}

/** `Label: value` on a line of its own, or a short answer under a heading; both as slugs. */
export interface Pair {
  readonly key: string;
  readonly value: string;
}

export interface Markdown {
  readonly sections: readonly Section[];
  readonly pairs: readonly Pair[];
  readonly checkboxes: readonly Checkbox[];
  readonly fences: readonly Fence[];
  /** All prose without headings, checkboxes and the forms' `_No response_`. */
  readonly prose: string;
  readonly commentLength: number;
  readonly imageCount: number;
  readonly inlineCodeCount: number;
}

/** An answer of a form is short; anything longer is prose. */
const ANSWER_MOST = 60;
/** Headings, labels and checkboxes are short lines; longer ones are prose whatever they begin with. */
const MARKED_LINE_MOST = 200;

// Every repetition below is bounded or followed by a character it cannot match, so none can backtrack for long.
const IMAGE = /!\[[^\]\n]{0,200}\]\([^)\n]{0,400}\)|<img [^>\n]{0,400}>/gi;
const INLINE_CODE = /`([^`\n]{1,200})`/g;
const LINK = /\[([^[\]\n]{0,200})\]\(([^()\n]{0,400})\)/g;
const TAG = /<\/?[a-zA-Z][^<>\n]{0,300}>/g;
const FENCE = /^ {0,3}(`{3,}|~{3,})([^\n]*)$/;
const HASH_HEADING = /^#{1,6} *([^ #].*)$/;
const BOLD_HEADING = /^(?:\*\*([^*]{2,120})\*\*|__([^_]{2,120})__):?$/;
const LABEL_HEADING = /^([A-Z][^:]{1,60}):$/;
const CHECKBOX = /^[-*] *\[([ xX])\] *(.{0,60})/;
const PAIR = /^(?:[-*] +)?(?:\*\*)?([A-Za-z][^:*]{1,60})(?:\*\*)?:(?:\*\*)? *(.{0,80})$/;

/**
 * Splits Markdown into what the features are made of. Lines are looked at one by one; a fence or comment that is never
 * closed reaches to the end, as on GitHub.
 *
 * @param body  any text, of any line ending; the caller bounds its length
 * @returns     views of the text as plain values
 * @throws      never: every text is some Markdown
 * @cost        linear in the length: no expression repeats without a bound
 * @source      CommonMark 0.31 for fences and headings; GitHub's issue forms for headings with answers
 */
export function readMarkdown(body: string): Markdown {
  const { text, commentLength } = withoutComments(body);
  const { rest: imageless, count: imageCount } = replaced(text, IMAGE, ' ');
  const { lines, fences } = withoutFences(imageless);
  const { rest, count: inlineCodeCount } = replaced(lines.join('\n'), INLINE_CODE, ' $1 ');
  const plain = rest.replace(LINK, '$1 $2').replace(TAG, ' ');
  const parts = partsOf(plain.split('\n').map((line) => line.trim()));
  return { ...parts, fences, commentLength, imageCount, inlineCodeCount };
}

function withoutComments(body: string): { text: string; commentLength: number } {
  const kept: string[] = [];
  let commentLength = 0;
  let at = 0;
  for (;;) {
    const opens = body.indexOf('<!--', at);
    if (opens < 0) break;
    kept.push(body.slice(at, opens));
    const closes = body.indexOf('-->', opens + 4);
    const end = closes < 0 ? body.length : closes;
    commentLength += end - opens - 4;
    at = closes < 0 ? body.length : closes + 3;
  }
  kept.push(body.slice(at));
  return { text: kept.join('\n'), commentLength };
}

function replaced(text: string, pattern: RegExp, by: string): { rest: string; count: number } {
  const count = text.match(pattern)?.length ?? 0;
  return { rest: count === 0 ? text : text.replace(pattern, by), count };
}

function withoutFences(text: string): { lines: readonly string[]; fences: readonly Fence[] } {
  const lines: string[] = [];
  const fences: Fence[] = [];
  let open: { mark: string; language: string; code: string[] } | undefined;
  for (const line of text.split(text.includes('\r') ? /\r\n|\r|\n/ : '\n')) {
    const [, mark = '', info = ''] = FENCE.exec(line) ?? [];
    if (open === undefined && mark === '') {
      lines.push(line);
    } else if (open === undefined) {
      open = { mark, language: languageOf(info), code: [] };
    } else if (mark.startsWith(open.mark) && info.trim() === '') {
      fences.push({ language: open.language, text: open.code.join('\n') });
      open = undefined;
    } else {
      open.code.push(line);
    }
  }
  if (open !== undefined) fences.push({ language: open.language, text: open.code.join('\n') });
  return { lines, fences };
}

function languageOf(info: string): string {
  return info.trim().toLowerCase().slice(0, 12);
}

/** What the lines of prose hold, told apart line by line. */
function partsOf(lines: readonly string[]): Pick<Markdown, 'sections' | 'pairs' | 'checkboxes' | 'prose'> {
  const sections: { heading: string; lines: string[] }[] = [{ heading: '', lines: [] }];
  const pairs: Pair[] = [];
  const checkboxes: Checkbox[] = [];
  for (const line of lines) {
    const short = line.length > 0 && line.length <= MARKED_LINE_MOST;
    const heading = short ? headingOf(line) : '';
    if (heading !== '') {
      sections.push({ heading: slugOf(heading), lines: [] });
      continue;
    }
    const box = short ? CHECKBOX.exec(line) : null;
    if (box !== null) {
      checkboxes.push({ checked: box[1] !== ' ', slug: slugOf(box[2]!, 30) });
      continue;
    }
    const pair = short ? PAIR.exec(line) : null;
    if (pair !== null) pairs.push({ key: slugOf(pair[1]!), value: slugOf(pair[2]!) });
    sections.at(-1)!.lines.push(line);
  }
  const told = sections.map((section) => ({ heading: section.heading, text: textOf(section.lines) }));
  return { sections: told, pairs: [...pairs, ...answersOf(told)], checkboxes, prose: proseOf(told) };
}

function headingOf(line: string): string {
  const hash = HASH_HEADING.exec(line);
  if (hash !== null) return hash[1]!;
  const bold = BOLD_HEADING.exec(line);
  if (bold !== null) return bold[1] ?? bold[2]!;
  return LABEL_HEADING.exec(line)?.[1] ?? '';
}

function textOf(lines: readonly string[]): string {
  return lines.join('\n').trim();
}

/** Headings whose section is so short that it is the answer to them. */
function answersOf(sections: readonly Section[]): readonly Pair[] {
  return sections
    .filter(({ heading, text }) => heading !== '' && text.length < ANSWER_MOST)
    .map(({ heading, text }) => ({ key: heading, value: slugOf(text) || '<empty>' }));
}

function proseOf(sections: readonly Section[]): string {
  const texts = sections.map(({ text }) => text.replaceAll('_No response_', ''));
  return texts.filter((text) => text !== '').join('\n');
}

/**
 * Letters of a text in lower case, everything else as one `_`.
 *
 * @param text  any text; only its first 4·most characters are looked at
 * @param most  length of the slug at most
 * @returns     `[a-z]` and single `_` inside
 * @throws      never
 * @cost        linear in `most`
 * @source      definition
 */
export function slugOf(text: string, most = 40): string {
  const joined = text
    .slice(0, 4 * most)
    .toLowerCase()
    .replace(/[^a-z]+/g, '_');
  // One `_` at most stands before the first letter and behind the last.
  const begin = joined.startsWith('_') ? 1 : 0;
  const end = joined.endsWith('_') ? joined.length - 1 : joined.length;
  return joined.slice(begin, Math.max(begin, end)).slice(0, most);
}
