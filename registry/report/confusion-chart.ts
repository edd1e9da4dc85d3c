/** The confusion matrix as a heat map with counts: rows are the truth, columns what the model said. */
import type { EvaluationState } from '../schema/state.ts';
import { box, CHARACTER, svg, told, words, type Breadth } from './chart.ts';
import { clipped, counted } from './words.ts';

const LABEL_LENGTH = 14;
/** On a phone, where they still fit beside so many columns, names are cut sooner: better than to scroll. */
const NARROW = { labelLength: 8, labels: 8 } as const;
const CELL = { most: 44, least: 29 } as const;
/** A matrix of few labels stays this wide; one of many scrolls inside its box. */
const WIDTHS: Readonly<Record<Breadth, number>> = { wide: 440, narrow: 334 };
/** Sine of the angle at which long names stand above their columns. */
const SLOPE = Math.SQRT1_2;
const GAP = 2;

export function confusionChart(
  { labels, confusion }: Pick<EvaluationState, 'labels' | 'confusion'>,
  breadth: Breadth,
): string {
  const cramped = breadth === 'narrow' && labels.length <= NARROW.labels;
  const length = cramped ? NARROW.labelLength : LABEL_LENGTH;
  const short = labels.map((label) => clipped(label, length));
  const longest = Math.max(1, ...short.map((label) => [...label].length));
  const left = 14 + CHARACTER * longest;
  const slant = Math.ceil(longest * CHARACTER * SLOPE);
  const turned = longest * CHARACTER > CELL.least;
  const size = cellSize(labels.length, WIDTHS[breadth] - left - (turned ? slant / 2 : 0));
  const top = turned ? slant + 14 : 28;
  const rows = short.map((label, index) =>
    words({ x: left - 8, y: top + (index + 0.5) * size + 4, text: label, anchor: 'end' }),
  );
  const columns = short.map((label, index) => {
    const x = left + (index + 0.5) * size;
    return words({ x, y: top - 9, text: label, anchor: turned ? 'start' : 'middle', turned });
  });
  const cells = confusion.flatMap((row, truth) => {
    const sum = row.reduce((all, count) => all + count, 0);
    return row.map((count, said) =>
      cellOf({ count, share: count / Math.max(1, sum), truth, said, labels, size, left, top }),
    );
  });
  return svg({
    title: 'Confusion matrix',
    says: `Rows are the truth, columns what the model said, over ${counted(labels.length, 'label')}.`,
    width: left + labels.length * size + (turned ? Math.max(0, slant - size / 2) : 0),
    height: top + labels.length * size,
    parts: [...rows, ...columns, ...cells],
  });
}

function cellSize(count: number, width: number): number {
  return Math.max(CELL.least, Math.min(CELL.most, Math.floor(width / Math.max(1, count))));
}

interface Cell {
  readonly count: number;
  readonly share: number;
  readonly truth: number;
  readonly said: number;
  readonly labels: readonly string[];
  readonly size: number;
  /** Where the first column begins. */
  readonly left: number;
  /** Where the first row begins. */
  readonly top: number;
}

function cellOf({ count, share, truth, said, labels, size, left, top }: Cell): string {
  const [x, y] = [left + said * size, top + truth * size];
  const place = { x: x + GAP / 2, y: y + GAP / 2, width: size - GAP, height: size - GAP };
  if (count === 0) return box({ ...place, kind: 'cell' });
  // A single mistake of a hundred must still be seen, so a count is never paler than a sixth.
  const strength = 0.16 + 0.84 * share;
  const text = words({
    x: x + size / 2,
    y: y + size / 2 + 4,
    text: String(count),
    kind: `count ${strengthWord(strength)}`,
    anchor: 'middle',
  });
  const title = `${count} of truth ${labels[truth] ?? ''}, called ${labels[said] ?? ''}`;
  const fill = box({ ...place, kind: truth === said ? 'right' : 'wrong', opacity: strength });
  return told(title, [box({ ...place, kind: 'cell' }), fill, text]);
}

/** On pale ground ink is readable, on strong ground the ground's own colour; between, light and dark pages differ. */
function strengthWord(strength: number): 'pale' | 'middling' | 'strong' {
  if (strength < 0.55) return 'pale';
  return strength < 0.8 ? 'middling' : 'strong';
}
