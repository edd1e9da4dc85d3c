/** A lineage as a picture: what was first above, what came of it below, each node with its kind, name and detail. */
import type { Lineage, LineageNode } from '../state/lineage.ts';
import { box, CHARACTER, round, svg, told, WIDTHS, words, type Breadth } from './chart.ts';
import { layOut, type LayOut, type Point, type Room } from './layers.ts';
import { nodeWords } from './lineage-words.ts';
import { clipped, counted } from './words.ts';

const NODE = { height: 56, padding: 9 } as const;
/** From row to row: the node and the space in which edges bend. */
const ROW = 98;
const ARROW = 7;
const FOOT = 34;
const KEY = 'Dashed: parent of. Digests are cut.';

const ROOMS: Readonly<Record<Breadth, Room>> = {
  wide: { width: WIDTHS.wide, node: 184, lane: 14, gap: 14 },
  narrow: { width: WIDTHS.narrow, node: 126, lane: 6, gap: 10 },
};

export function lineageChart(lineage: Lineage, breadth: Breadth): string {
  const { model, version, nodes, edges } = lineage;
  const room = ROOMS[breadth];
  const plan = layOut({ nodes: nodes.map(({ id }) => id), edges }, room);
  const says = nodes.map((node) => nodeWords(node, model).whole);
  return svg({
    title: `Lineage of ${model}@${version}`,
    says: `${counted(nodes.length, 'node')}: ${says.join('. ')}.`,
    width: plan.width,
    height: bottomOf(plan.rows - 1) + FOOT,
    parts: [
      words({ x: 0, y: bottomOf(plan.rows - 1) + FOOT - 6, text: KEY }),
      ...edges.map((edge, index) => edgePart(edge.kind, plan.paths[index] ?? [])),
      ...nodes.map((node) => nodePart(node, { lineage, plan, room })),
    ],
  });
}

/** Straight through the rows that it passes, bent between them. */
function edgePart(kind: Lineage['edges'][number]['kind'], path: readonly Point[]): string {
  const [first, ...others] = path;
  const last = others.at(-1);
  if (first === undefined || last === undefined) return '';
  let line = `M${round(first.x)} ${bottomOf(first.row)}`;
  for (const point of others) {
    const [top, from] = [topOf(point.row), bottomOf(point.row - 1)];
    const end = point === last ? top - ARROW : top;
    const middle = round((from + end) / 2);
    const before = path[path.indexOf(point) - 1] ?? first;
    line += `C${round(before.x)} ${middle} ${round(point.x)} ${middle} ${round(point.x)} ${end}`;
    if (point !== last) line += `V${bottomOf(point.row)}`;
  }
  const head = `<path d="M${round(last.x)} ${topOf(last.row)}l-4 -${ARROW}h8z" class="edgehead"/>`;
  const dashed = kind === 'parent of' ? 'edge parent' : 'edge';
  return told(kind, [`<path d="${line}" class="${dashed}"/>`, head]);
}

function topOf(row: number): number {
  return row * ROW;
}

function bottomOf(row: number): number {
  return row * ROW + NODE.height;
}

interface Drawing {
  readonly lineage: Lineage;
  readonly plan: LayOut;
  readonly room: Room;
}

function nodePart(node: LineageNode, { lineage, plan, room }: Drawing): string {
  const { model, version } = lineage;
  const place = plan.places.get(node.id) ?? { x: 0, row: 0 };
  const [left, top] = [place.x - room.node / 2, topOf(place.row)];
  const { kind, name, detail, whole } = nodeWords(node, model);
  const root = node.kind === 'version' && node.version === version;
  const most = Math.floor((room.node - 2 * NODE.padding) / CHARACTER);
  const line = (text: string, y: number, style: string): string =>
    words({ x: left + NODE.padding, y: top + y, text: clipped(text, most), kind: style });
  return told(
    whole,
    [
      box({
        x: left + 0.5,
        y: top + 0.5,
        width: room.node - 1,
        height: NODE.height - 1,
        kind: `node ${root ? 'root' : hueOf(node)}`,
        corner: 6,
      }),
      line(kind, 16, root ? 'onroot' : 'tick'),
      line(name, 32, root ? 'onbar' : 'name'),
      line(detail, 47, root ? 'onroot' : 'tick'),
    ],
    hueOf(node),
  );
}

/** The colours of the other pictures: what serves, what was refused, what was held. */
function hueOf(node: LineageNode): string {
  if (node.kind === 'verdict') return { pass: 'plain', fail: 'refused', investigate: 'held' }[node.answer];
  if (node.kind !== 'channel') return 'plain';
  return node.services.some(({ ended }) => ended === null) ? 'serving' : 'served';
}
