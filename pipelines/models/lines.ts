/** Goes through the lines of a text where they stand, without building them. */

/** Says something of a line: from an index of the text to before the line's end. */
export type LineCheck = (from: number, to: number) => boolean;

/** Looking at more would cost more than it tells. */
const COUNTED_MOST = 5000;

/** Visits the lines of a text, which end with `\n`, in order. */
export function eachLine(text: string, visit: (from: number, to: number) => void, most = Infinity): void {
  for (let from = 0, line = 0; from <= text.length && line < most; line++) {
    const end = text.indexOf('\n', from);
    const to = end < 0 ? text.length : end;
    visit(from, to);
    from = to + 1;
  }
}

/** How many of the first 5000 lines are of a kind. */
export function countLines(text: string, isCounted: LineCheck): number {
  let count = 0;
  eachLine(text, (from, to) => void (count += isCounted(from, to) ? 1 : 0), COUNTED_MOST);
  return count;
}

/**
 * Leaves lines out.
 *
 * @param text    any
 * @param isKept  asked of each line, in order
 * @returns       the other lines with `\n` between them; the text itself where all stay
 * @throws        what `isKept` throws
 * @cost          one search a line, and one copy of what stays
 * @source        definition
 */
export function keptLines(text: string, isKept: LineCheck): string {
  const kept: string[] = [];
  // Lines that stay and follow each other are taken in one piece.
  let piece = -1;
  eachLine(text, (from, to) => {
    if (isKept(from, to)) {
      if (piece < 0) piece = from;
    } else {
      if (piece >= 0) kept.push(text.slice(piece, from - 1));
      piece = -1;
    }
  });
  if (piece === 0) return text;
  if (piece > 0) kept.push(text.slice(piece));
  return kept.join('\n');
}
