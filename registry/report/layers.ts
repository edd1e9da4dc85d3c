/**
 * Lays out a graph without circles in rows, so that every edge goes down and none runs through a node: layers by the
 * longest path, their order by barycentre, and places as near to their neighbours as the room allows. Pure and the same
 * for the same graph.
 */
export interface PlainGraph {
  /** Ids, in the order that decides where nothing else does. */
  readonly nodes: readonly string[];
  readonly edges: readonly { readonly from: string; readonly to: string }[];
}

export interface Room {
  /** Pixels from side to side; more are taken only where one node a row still does not fit. */
  readonly width: number;
  readonly node: number;
  /** What an edge takes that passes a row. */
  readonly lane: number;
  readonly gap: number;
}

export interface Point {
  /** Of the middle. */
  readonly x: number;
  readonly row: number;
}

export interface LayOut {
  readonly rows: number;
  readonly width: number;
  readonly places: ReadonlyMap<string, Point>;
  /** Where each edge passes, from its first node to its last. */
  readonly paths: readonly (readonly Point[])[];
}

const SWEEPS = 12;

interface Item {
  readonly id: string;
  readonly width: number;
}

/** With as many nodes a row as fit beside the edges that pass. */
export function layOut(graph: PlainGraph, room: Room): LayOut {
  const layers = layersOf(graph);
  const most = Math.max(1, Math.floor((room.width + room.gap) / (room.node + room.gap)));
  for (let columns = most; columns > 1; columns--) {
    const found = laidOut(graph, room, rowsOf(graph, layers, columns));
    if (found.width <= room.width) return found;
  }
  return laidOut(graph, room, rowsOf(graph, layers, 1));
}

/** As far down as what follows allows, so that what is needed late does not stand at the top; ends stand high. */
function layersOf({ nodes, edges }: PlainGraph): ReadonlyMap<string, number> {
  const before = neighboursOf(edges, 'to', 'from');
  const after = neighboursOf(edges, 'from', 'to');
  const early = new Map<string, number>();
  const depth = (id: string): number => {
    const known = early.get(id);
    if (known !== undefined) return known;
    const found = 1 + Math.max(-1, ...(before.get(id) ?? []).map(depth));
    early.set(id, found);
    return found;
  };
  const late = new Map<string, number>();
  const sink = (id: string): number => {
    const known = late.get(id);
    if (known !== undefined) return known;
    const next = after.get(id) ?? [];
    const found = next.length === 0 ? depth(id) : Math.min(...next.map(sink)) - 1;
    late.set(id, found);
    return found;
  };
  return new Map(nodes.map((id) => [id, sink(id)]));
}

function neighboursOf(
  edges: PlainGraph['edges'],
  by: 'from' | 'to',
  of: 'from' | 'to',
): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const edge of edges) found.set(edge[by], [...(found.get(edge[by]) ?? []), edge[of]]);
  return found;
}

/** A layer that is too wide becomes several rows: its nodes have no edges among them, so any cut is right. */
function rowsOf(
  { nodes }: PlainGraph,
  layers: ReadonlyMap<string, number>,
  columns: number,
): readonly (readonly string[])[] {
  const numbers = [...new Set(layers.values())].sort((a, b) => a - b);
  return numbers.flatMap((layer) => {
    const there = nodes.filter((id) => layers.get(id) === layer);
    const count = Math.ceil(there.length / columns);
    const each = Math.ceil(there.length / count);
    return Array.from({ length: count }, (_, index) => there.slice(index * each, (index + 1) * each));
  });
}

function laidOut(graph: PlainGraph, room: Room, rows: readonly (readonly string[])[]): LayOut {
  const rowOf = new Map(rows.flatMap((ids, row) => ids.map((id) => [id, row] as const)));
  const chains = graph.edges.map((edge) => chainOf(edge, rowOf));
  const items = itemsOf(rows, chains, room);
  const links = linksOf(chains);
  const ordered = inOrder(items, links);
  const width = Math.max(room.width, ...ordered.map((row) => widthOf(row, room.gap)));
  const places = placesOf(ordered, links, { width, gap: room.gap });
  const pointOf = (id: string, row: number): Point => ({ x: places.get(id) ?? 0, row });
  return {
    rows: rows.length,
    width,
    places: new Map(graph.nodes.map((id) => [id, pointOf(id, rowOf.get(id) ?? 0)])),
    paths: graph.edges.map(({ from }, index) =>
      (chains[index] ?? []).map((id, step) => pointOf(id, (rowOf.get(from) ?? 0) + step)),
    ),
  };
}

/** The node, what stands for the edge in each row that it passes, and the other node. Edges of one node share lanes. */
function chainOf(
  { from, to }: { readonly from: string; readonly to: string },
  rowOf: ReadonlyMap<string, number>,
): readonly string[] {
  const [first, last] = [rowOf.get(from) ?? 0, rowOf.get(to) ?? 0];
  const between = Array.from({ length: Math.max(0, last - first - 1) }, (_, step) =>
    laneId(from, first + step + 1),
  );
  return [from, ...between, to];
}

function laneId(from: string, row: number): string {
  return `\0${row}\0${from}`;
}

function itemsOf(
  rows: readonly (readonly string[])[],
  chains: readonly (readonly string[])[],
  { node, lane }: Room,
): readonly (readonly Item[])[] {
  const lanes = new Set(chains.flatMap((chain) => chain.slice(1, -1)));
  return rows.map((ids, row) => [
    ...ids.map((id) => ({ id, width: node })),
    ...[...lanes].filter((id) => id.startsWith(`\0${row}\0`)).map((id) => ({ id, width: lane })),
  ]);
}

interface Links {
  readonly up: ReadonlyMap<string, readonly string[]>;
  readonly down: ReadonlyMap<string, readonly string[]>;
}

function linksOf(chains: readonly (readonly string[])[]): Links {
  const up = new Map<string, Set<string>>();
  const down = new Map<string, Set<string>>();
  for (const chain of chains) {
    for (const [step, id] of chain.slice(1).entries()) {
      const before = chain[step] ?? '';
      up.set(id, (up.get(id) ?? new Set()).add(before));
      down.set(before, (down.get(before) ?? new Set()).add(id));
    }
  }
  const plain = (found: Map<string, Set<string>>) => new Map([...found].map(([id, ids]) => [id, [...ids]]));
  return { up: plain(up), down: plain(down) };
}

/** Sweeps down and up by turns; of all orders seen, the one with the fewest crossings. */
function inOrder(rows: readonly (readonly Item[])[], links: Links): readonly (readonly Item[])[] {
  let now = rows;
  let [best, fewest] = [rows, crossingsOf(rows, links)];
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    now = swept(now, sweep % 2 === 0 ? links.up : links.down, sweep % 2 === 0);
    const crossings = crossingsOf(now, links);
    if (crossings < fewest) [best, fewest] = [now, crossings];
  }
  return best;
}

function swept(
  rows: readonly (readonly Item[])[],
  towards: ReadonlyMap<string, readonly string[]>,
  downward: boolean,
): readonly (readonly Item[])[] {
  const places = new Map(
    rows.flatMap((row) => row.map(({ id }, index) => [id, (index + 0.5) / row.length] as const)),
  );
  const done = (downward ? rows : rows.toReversed()).map((row) => {
    const wish = new Map(row.map(({ id }) => [id, meanOf(towards.get(id), places) ?? places.get(id) ?? 0]));
    const sorted = row.toSorted((a, b) => (wish.get(a.id) ?? 0) - (wish.get(b.id) ?? 0));
    for (const [index, { id }] of sorted.entries()) places.set(id, (index + 0.5) / sorted.length);
    return sorted;
  });
  return downward ? done : done.toReversed();
}

function meanOf(ids: readonly string[] | undefined, places: ReadonlyMap<string, number>): number | null {
  if (ids === undefined || ids.length === 0) return null;
  return ids.reduce((sum, id) => sum + (places.get(id) ?? 0), 0) / ids.length;
}

function crossingsOf(rows: readonly (readonly Item[])[], { down }: Links): number {
  const index = new Map(rows.flatMap((row) => row.map(({ id }, place) => [id, place] as const)));
  let crossings = 0;
  for (const row of rows) {
    const ends = row.flatMap(({ id }, place) =>
      (down.get(id) ?? []).map((next) => [place, index.get(next) ?? 0] as const),
    );
    crossings += ends.reduce(
      (sum, one, at) => sum + ends.slice(at + 1).filter((other) => cross(one, other)).length,
      0,
    );
  }
  return crossings;
}

type Ends = readonly [above: number, below: number];

function cross(one: Ends, other: Ends): boolean {
  return (one[0] - other[0]) * (one[1] - other[1]) < 0;
}

function widthOf(row: readonly Item[], gap: number): number {
  return row.reduce((sum, { width }) => sum + width, 0) + gap * Math.max(0, row.length - 1);
}

interface Frame {
  readonly width: number;
  readonly gap: number;
}

/** First packed around the middle, then drawn to neighbours above and below by turns, to both at last. */
function placesOf(
  rows: readonly (readonly Item[])[],
  { up, down }: Links,
  frame: Frame,
): ReadonlyMap<string, number> {
  const places = new Map<string, number>();
  for (const row of rows) {
    let x = (frame.width - widthOf(row, frame.gap)) / 2;
    for (const { id, width } of row) {
      places.set(id, x + width / 2);
      x += width + frame.gap;
    }
  }
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const last = sweep >= SWEEPS - 4;
    for (const row of sweep % 2 === 0 ? rows : rows.toReversed()) {
      const near = (id: string): readonly string[] => {
        const [above, below] = [up.get(id) ?? [], down.get(id) ?? []];
        if (last || above.length === 0 || below.length === 0) return [...above, ...below];
        return sweep % 2 === 0 ? above : below;
      };
      const wishes = row.map(({ id }) => meanOf(near(id), places) ?? places.get(id) ?? 0);
      spread(row, wishes, frame).forEach((x, index) => places.set(row[index]?.id ?? '', x));
    }
  }
  return places;
}

interface Block {
  readonly sum: number;
  readonly count: number;
}

/** The nearest places to the wishes, in least squares, at which nothing overlaps: neighbours that meet move as one. */
function spread(row: readonly Item[], wishes: readonly number[], { width, gap }: Frame): readonly number[] {
  const offsets: number[] = [];
  for (const [index, item] of row.entries()) {
    const before = row[index - 1];
    offsets.push(
      before === undefined ? 0 : (offsets[index - 1] ?? 0) + (before.width + item.width) / 2 + gap,
    );
  }
  const blocks: Block[] = [];
  for (const [index, wish] of wishes.entries()) {
    let block: Block = { sum: wish - (offsets[index] ?? 0), count: 1 };
    for (
      let last = blocks.at(-1);
      last !== undefined && last.sum / last.count > block.sum / block.count;
      last = blocks.at(-1)
    ) {
      block = { sum: block.sum + last.sum, count: block.count + last.count };
      blocks.pop();
    }
    blocks.push(block);
  }
  const low = (row[0]?.width ?? 0) / 2;
  const high = width - (row.at(-1)?.width ?? 0) / 2 - (offsets.at(-1) ?? 0);
  const bases = blocks.flatMap(({ sum, count }) => Array.from({ length: count }, () => sum / count));
  return bases.map((base, index) => Math.max(low, Math.min(high, base)) + (offsets[index] ?? 0));
}
