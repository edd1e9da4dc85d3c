/** Service over time: a row for each version, a bar for each stretch on a channel, a mark where the gates said no. */
import { CHANNELS, type Channel, type Version } from '../schema/model.ts';
import type { Service, ServiceRecord, Stopped } from '../state/services.ts';
import { box, CHARACTER, HUES, markShape, round, svg, told, WIDTHS, words, type Breadth } from './chart.ts';
import { cameText, endedText, lastedText, stoppedText } from './service-words.ts';
import { ticksOf } from './time-axis.ts';
import { BAR_KINDS, type Stretch } from './timeline-chart.ts';
import { counted, listed, timeText } from './words.ts';

/** Versions that a channel shows: the last ones. */
const ROWS_MOST = 24;

const ROW = 24;
const BAR = { height: 14, leastWidth: 3 } as const;
const HEAD = 26;
const AXIS = 44;
/** Pixels that a tick and what is written below it take. */
const TICK = 84;
/** How much of the picture, at most, what has not ended yet takes after the last change. */
const TAIL = 0.25;

interface Row {
  readonly version: Version;
  readonly services: readonly Service[];
  readonly stopped: readonly Stopped[];
}

interface Panel {
  readonly channel: Channel;
  readonly rows: readonly Row[];
  /** Versions before the first row. */
  readonly left: number;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

interface Frame {
  readonly now: string;
  readonly width: number;
  readonly span: Span;
  /** Where the plot begins, right of the versions. */
  readonly start: number;
  readonly x: (time: number) => number;
}

interface Drawing {
  readonly now: string;
  readonly breadth: Breadth;
}

export function serviceChart(record: ServiceRecord, { now, breadth }: Drawing): string {
  const panels = panelsOf(record);
  const frame = frameOf(panels, { now, breadth });
  let y = 0;
  const parts: string[] = [];
  for (const panel of panels) {
    parts.push(...panelParts(panel, frame, y));
    y += HEAD + panel.rows.length * ROW + 8;
  }
  const grid = panels.length === 0 ? [] : gridParts(frame, y);
  const says = panels.map(({ channel, rows }) => `${channel}: ${listed(rows.map(rowWords))}`);
  return svg({
    title: `Service of ${record.model} over time`,
    says: says.length === 0 ? 'Nothing has served yet.' : `${says.join('. ')}.`,
    width: WIDTHS[breadth],
    height: panels.length === 0 ? HEAD : y + AXIS,
    parts:
      panels.length === 0 ? [words({ x: 0, y: 16, text: 'Nothing has served yet.' })] : [...grid, ...parts],
  });
}

function rowWords({ version, services, stopped }: Row): string {
  const served = services.map((service) => (service.ended === null ? 'serves' : service.ended.how));
  const said = stopped.map(({ answer }) => (answer === 'fail' ? 'refused' : 'held'));
  return `${version} (${[...said, ...served].join(', ')})`;
}

/** What the gates stopped never reached a channel: it stands on the most trusted that was served. */
function panelsOf({ services, stopped }: ServiceRecord): readonly Panel[] {
  const channels = CHANNELS.toReversed().filter((channel) => services.some((one) => one.channel === channel));
  const shown: readonly Channel[] = channels.length === 0 && stopped.length > 0 ? ['production'] : channels;
  return shown.map((channel, index) => {
    const there = services.filter((service) => service.channel === channel);
    const rows = rowsOf(there, index === 0 ? stopped : []);
    return { channel, rows: rows.slice(-ROWS_MOST), left: Math.max(0, rows.length - ROWS_MOST) };
  });
}

/** In the order in which the versions first appear. */
function rowsOf(services: readonly Service[], stopped: readonly Stopped[]): readonly Row[] {
  const seen = [
    ...services.map(({ version, from }) => ({ version, seq: from.seq })),
    ...stopped.map(({ version, seq }) => ({ version, seq })),
  ].sort((a, b) => a.seq - b.seq);
  return [...new Set(seen.map(({ version }) => version))].map((version) => ({
    version,
    services: services.filter((service) => service.version === version),
    stopped: stopped.filter((one) => one.version === version),
  }));
}

function frameOf(panels: readonly Panel[], { now, breadth }: Drawing): Frame {
  const width = WIDTHS[breadth];
  const rows = panels.flatMap((panel) => panel.rows);
  const start = Math.max(1, ...rows.map(({ version }) => version.length)) * CHARACTER + 16;
  const span = spanOf(rows, now);
  const scale = (width - start - 8) / (span.last - span.first);
  const x = (time: number): number =>
    start + (Math.min(span.last, Math.max(span.first, time)) - span.first) * scale;
  return { now, width, span, start, x };
}

/** What serves on may do so for years: it must not press all that changed before into one corner. */
function spanOf(rows: readonly Row[], now: string): Span {
  const marks = rows.flatMap(({ services, stopped }) => [
    ...services.flatMap(({ from, ended }) => (ended === null ? [from.at] : [from.at, ended.at])),
    ...stopped.map(({ at }) => at),
  ]);
  const times = marks.map((at) => Date.parse(at));
  const first = times.reduce((least, time) => Math.min(least, time), Infinity);
  const last = times.reduce((most, time) => Math.max(most, time), -Infinity);
  if (first === Infinity) return { first: 0, last: 1 };
  const serves = rows.some(({ services }) => services.some(({ ended }) => ended === null));
  const tail = last === first ? Infinity : (last - first) * (TAIL / (1 - TAIL));
  const end = serves ? Math.min(Date.parse(now), last + tail) : last;
  return { first, last: Math.max(end, last, first + 1000) };
}

function gridParts({ span, start, width, x }: Frame, bottom: number): readonly string[] {
  const ticks = ticksOf(span, Math.max(1, Math.floor((width - start) / TICK)));
  const lines = ticks.flatMap(({ time, text }) => {
    const at = round(x(time));
    const half = (text.length * CHARACTER) / 2;
    const middle = Math.min(width - half, Math.max(start + half, at));
    return [
      `<path d="M${at} ${HEAD}V${round(bottom)}" class="grid"/>`,
      words({ x: middle, y: bottom + 16, text, anchor: 'middle' }),
    ];
  });
  const text = `${timeText(new Date(span.first).toISOString())} to ${timeText(new Date(span.last).toISOString())}`;
  return [...lines, words({ x: 0, y: bottom + 36, text })];
}

function panelParts({ channel, rows, left }: Panel, frame: Frame, y: number): readonly string[] {
  const cut = left === 0 ? '' : `, the last ${ROWS_MOST} of ${counted(left + ROWS_MOST, 'version')}`;
  return [
    words({ x: 0, y: y + 15, text: `${channel}${cut}`, kind: 'count' }),
    ...rows.map((row, index) => rowPart(row, frame, y + HEAD + index * ROW)),
  ];
}

/** Something on a row, from left to right, with the words that may stand beside it. */
interface Piece {
  readonly left: number;
  readonly right: number;
  /** The longest that fits is written. */
  readonly texts: readonly string[];
  /** How words are written on it; null where they cannot be. */
  readonly inside: string | null;
  readonly part: string;
}

function rowPart({ version, services, stopped }: Row, frame: Frame, y: number): string {
  const middle = y + ROW / 2;
  const pieces = [
    ...services.map((service) => barPiece(service, frame, middle)),
    ...stopped.map((one) => markPiece(one, frame, middle)),
  ].sort((a, b) => a.left - b.left);
  const texts = pieces.map((piece, index) => {
    const next = pieces[index + 1]?.left ?? frame.width;
    const before = index === 0 ? frame.start : next;
    return textBeside(piece, { before, next, middle });
  });
  return [words({ x: 0, y: middle + 4, text: version }), ...pieces.map(({ part }) => part), ...texts].join(
    '',
  );
}

interface Room {
  readonly before: number;
  readonly next: number;
  readonly middle: number;
}

/** Right of it where there is room, else left of it, else on it, else nowhere: a pointer resting on it tells it all. */
function textBeside({ left, right, texts, inside }: Piece, { before, next, middle }: Room): string {
  for (const text of texts) {
    const width = text.length * CHARACTER + 12;
    if (right + width <= next) return words({ x: right + 6, y: middle + 4, text });
    if (left - width >= before) return words({ x: left - 6, y: middle + 4, text, anchor: 'end' });
    if (inside !== null && left + width <= right) {
      return words({ x: left + 6, y: middle + 4, text, kind: inside });
    }
  }
  return '';
}

function barPiece(service: Service, { x, now }: Frame, middle: number): Piece {
  const { version, channel, from, ended, by } = service;
  const left = x(Date.parse(from.at));
  const right = Math.max(left + BAR.leastWidth, ended === null ? x(Infinity) : x(Date.parse(ended.at)));
  const stretch: Stretch = ended === null ? 'now' : ended.how === 'rolled back' ? 'taken back' : 'over';
  const bar = box({
    x: left,
    y: middle - BAR.height / 2,
    width: right - left,
    height: BAR.height,
    kind: BAR_KINDS[stretch],
  });
  const on =
    ended === null ? `<path d="M${round(right)} ${round(middle - 7)}l7 7l-7 7z" class="bar now"/>` : '';
  const lasted = lastedText(service, now);
  const end = ended === null ? 'serves now' : `until ${timeText(ended.at)}, ${endedText(service)}`;
  const says = `${version} on ${channel}, ${cameText(service)} ${timeText(from.at)}, ${end}: ${lasted}`;
  const text = `${by === 'rollback' ? 'again, ' : ''}${lasted}${ended === null ? ' so far' : ''}`;
  return {
    left,
    right: right + (ended === null ? 7 : 0),
    texts: [text, lasted],
    inside: stretch === 'taken back' ? 'ontaken' : 'onbar',
    part: told(says, [bar, on]),
  };
}

function markPiece(one: Stopped, { x }: Frame, middle: number): Piece {
  const at = x(Date.parse(one.at));
  const standing = one.answer === 'fail' ? 'refused' : 'held';
  const gate = one.reason.split(':')[0] ?? '';
  return {
    left: at - 7,
    right: at + 7,
    texts: [`${standing} by ${gate}`, standing],
    inside: null,
    part: told(
      `${one.version}, ${stoppedText(one)}, ${timeText(one.at)}`,
      [markShape(standing, at, middle)],
      HUES[standing],
    ),
  };
}
