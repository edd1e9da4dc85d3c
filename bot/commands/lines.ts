/** Which lines of a comment are addressed to the bot: plain words at the start of a line, by the Markdown tree. */
import type { Html, Paragraph, PhrasingContent, RootContent } from 'mdast';
import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmFromMarkdown } from 'mdast-util-gfm';
import { gfm } from 'micromark-extension-gfm';

/** Beyond this nothing is parsed: trees of hostile text grow faster than the text. */
export const COMMENT_MOST = 10_000;
/** So deep nothing is nested by people. */
const NESTED_MOST = /^[ \t]*(?:>[ \t]*|[*+-][ \t]+|\d{1,9}[.)][ \t]+){40}/m;

const ADDRESSED = /^\/fettle(?=$|\s)/im;

/** Literal addresses are made links by a step that loses positions; no line of ours begins with one. */
const TREE = gfmFromMarkdown().map(({ transforms: _transforms, ...extension }) => extension);

/** Whether any line begins with the word at all: costs next to nothing, and says nothing of where it stands. */
export function mentions(comment: string): boolean {
  return ADDRESSED.test(comment.replaceAll('\r', '\n'));
}

/** Commands in code, quotes, lists, tables, headings, links and HTML are talk about commands. Null: not to be parsed. */
export function addressedLines(comment: string): readonly string[] | null {
  if (comment.length > COMMENT_MOST || NESTED_MOST.test(comment)) return null;
  const { children } = fromMarkdown(comment, { extensions: [gfm()], mdastExtensions: [TREE] });
  let open = 0;
  const found: string[] = [];
  for (const node of children) {
    open = Math.max(0, open + openedBy(node));
    if (node.type === 'paragraph' && open === 0) found.push(...linesOf(comment, node));
  }
  return found;
}

function linesOf(comment: string, paragraph: Paragraph): readonly string[] {
  const [start, end] = placeOf(paragraph);
  const found: string[] = [];
  const ends = /\r\n|\r|\n/g;
  for (let at = start; at < end;) {
    ends.lastIndex = at;
    const stop = Math.min(ends.exec(comment)?.index ?? end, end);
    const line = comment.slice(at, stop);
    const isPlain = kindAt(paragraph, at) === 'text';
    const begins = at === 0 || /[\r\n]/.test(comment[at - 1] ?? '');
    if (begins && isPlain && ADDRESSED.test(line)) found.push(line.trimEnd());
    at = Math.max(ends.lastIndex, stop + 1);
  }
  return found;
}

function kindAt({ children }: Paragraph, at: number): PhrasingContent['type'] | null {
  const found = children.find((node) => {
    const [start, end] = placeOf(node);
    return start <= at && at < end;
  });
  return found?.type ?? null;
}

function placeOf({ position }: Pick<Paragraph, 'position'>): readonly [number, number] {
  return [position?.start.offset ?? 0, position?.end.offset ?? 0];
}

const VOID = new Set(['br', 'hr', 'img', 'input', 'wbr', 'col', 'link', 'meta', 'source', 'area', 'base']);

/** How many more tags it opens than it closes: between them everything is HTML, paragraphs too. */
function openedBy(node: RootContent): number {
  const parts: readonly Html[] =
    node.type === 'html'
      ? [node]
      : node.type === 'paragraph'
        ? node.children.filter((child) => child.type === 'html')
        : [];
  const tags = parts.flatMap(({ value }) => [...value.matchAll(/<(\/?)([a-z][a-z0-9-]*)/gi)]);
  const counts = tags.map(([, slash, name = '']) =>
    VOID.has(name.toLowerCase()) ? 0 : slash === '/' ? -1 : 1,
  );
  return counts.reduce<number>((sum, count) => sum + count, 0);
}
