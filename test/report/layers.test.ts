import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { layOut, type PlainGraph, type Room } from '../../registry/report/layers.ts';

const ROOM: Room = { width: 400, node: 100, lane: 10, gap: 10 };

/** Graphs without circles: edges go from a smaller number to a larger one. */
const anyGraph = fc.integer({ min: 1, max: 14 }).chain((count) => {
  const id = fc.nat(count - 1);
  return fc
    .uniqueArray(fc.tuple(id, id), { maxLength: 24, selector: ([a, b]) => `${a} ${b}` })
    .map((pairs): PlainGraph => ({
      nodes: Array.from({ length: count }, (_, index) => `n${index}`),
      edges: pairs.filter(([a, b]) => a < b).map(([a, b]) => ({ from: `n${a}`, to: `n${b}` })),
    }));
});

describe('a lay-out', () => {
  it('stands a chain below one another, straight', () => {
    const edges = [
      { from: 'a', to: 'b' },
      { from: 'b', to: 'c' },
    ];
    const { places, rows } = layOut({ nodes: ['c', 'a', 'b'], edges }, ROOM);
    expect([...places].map(([id, { row }]) => `${id}${row}`)).toEqual(['c2', 'a0', 'b1']);
    expect(new Set([...places.values()].map(({ x }) => Math.round(x))).size).toBe(1);
    expect(rows).toBe(3);
  });

  it('crosses no edges that need not cross', () => {
    const edges = [
      { from: 'a', to: 'y' },
      { from: 'b', to: 'x' },
    ];
    const { places } = layOut({ nodes: ['a', 'b', 'x', 'y'], edges }, ROOM);
    const x = (id: string): number => places.get(id)?.x ?? 0;
    expect((x('a') - x('b')) * (x('y') - x('x'))).toBeGreaterThan(0);
  });

  it('holds no more nodes a row than there is room for', () => {
    const nodes = Array.from({ length: 7 }, (_, index) => `n${index}`);
    const { places, rows, width } = layOut({ nodes, edges: [] }, ROOM);
    const counts = Array.from(
      { length: rows },
      (_, row) => [...places.values()].filter((one) => one.row === row).length,
    );
    expect(counts).toEqual([3, 3, 1]);
    expect(width).toBe(400);
  });

  it('goes down along every edge, with nothing on top of anything, within its width', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        const { places, paths, width, rows } = layOut(graph, ROOM);
        expect(places.size).toBe(graph.nodes.length);
        const all = [...places.values()];
        for (const { x, row } of all) {
          expect(x - ROOM.node / 2).toBeGreaterThan(-0.01);
          expect(x + ROOM.node / 2).toBeLessThan(width + 0.01);
          expect(row).toBeLessThan(rows);
        }
        for (const [index, one] of all.entries()) {
          for (const other of all.slice(index + 1).filter(({ row }) => row === one.row)) {
            expect(Math.abs(one.x - other.x)).toBeGreaterThan(ROOM.node + ROOM.gap - 0.01);
          }
        }
        for (const [index, path] of paths.entries()) {
          const { from, to } = graph.edges[index] ?? { from: '', to: '' };
          expect(path[0]).toEqual(places.get(from));
          expect(path.at(-1)).toEqual(places.get(to));
          path.slice(1).forEach(({ row }, step) => expect(row).toBe((path[step]?.row ?? 0) + 1));
          for (const { x, row } of path.slice(1, -1)) {
            const near = all.filter((node) => node.row === row).map((node) => Math.abs(node.x - x));
            expect(Math.min(Infinity, ...near)).toBeGreaterThan(ROOM.node / 2);
          }
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is the same for the same graph', () => {
    fc.assert(
      fc.property(anyGraph, (graph) => {
        expect(layOut(structuredClone(graph), ROOM)).toEqual(layOut(graph, ROOM));
      }),
    );
  });
});
