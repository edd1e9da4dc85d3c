/** Cuts of graphs: the edges between two halves, as heavy as can be. */
import { isingOf } from './ising.ts';
import { quboOf, type Bits, type Coupling, type Qubo } from './qubo.ts';

/** A graph without direction; several edges between the same two vertices count together. */
export interface Graph {
  readonly n: number;
  readonly edges: readonly Coupling[];
}

/** A graph whose cuts tell the values of another function: E(x) = `constant` − cut, with vertex `anchor` in half 0. */
export interface CutForm {
  readonly graph: Graph;
  readonly constant: number;
  readonly anchor: number;
}

/**
 * cut(x) = Σ wᵢⱼ·(xᵢ + xⱼ − 2·xᵢ·xⱼ); E = −cut, so that the smallest value is the heaviest cut.
 *
 * @param graph  weights of any sign; an edge from a vertex to itself is never cut
 * @returns      E with E(x) = −cut(x) for every x
 * @throws       problemUnfit where `quboOf` does
 * @cost         that of `quboOf`
 * @source       F. Barahona, M. Jünger, G. Reinelt, "Experiments in quadratic 0–1 programming", Math. Prog. 44 (1989)
 */
export function quboOfCut({ n, edges }: Graph): Qubo {
  function* terms(): Iterable<Coupling> {
    for (const { i, j, weight } of edges) {
      if (i === j) continue;
      yield { i, j: i, weight: -weight };
      yield { i: j, j, weight: -weight };
      yield { i, j, weight: 2 * weight };
    }
  }
  return quboOf({ n, couplings: terms() });
}

/**
 * The weight of the edges whose ends have different bits.
 *
 * @param graph  any
 * @param bits   n of them
 * @returns      the cut
 * @throws       never
 * @cost         one pass over the edges
 * @source       the definition
 */
export function cutOf({ edges }: Graph, bits: Bits): number {
  let cut = 0;
  for (const { i, j, weight } of edges) if (bits[i] !== bits[j]) cut += weight;
  return cut;
}

/**
 * Any function as cuts of a graph with one vertex more: s·t = 1 − 2·[s ≠ t], and a field couples to the anchor's +1.
 *
 * @param qubo  any
 * @returns     a graph of n + 1 vertices, its last one the anchor, with E(x) = constant − cut(x, 0) for every x
 * @throws      never
 * @cost        n + m
 * @source      as `quboOfCut`
 */
export function cutFormOf(qubo: Qubo): CutForm {
  const { n, offset, fields, couplings } = isingOf(qubo);
  const tied = [...fields].flatMap((weight, i) => (weight === 0 ? [] : [{ i, j: n, weight }]));
  const products = [...couplings, ...tied];
  let constant = offset;
  for (const { weight } of products) constant += weight;
  const edges = products.map(({ i, j, weight }) => ({ i, j, weight: 2 * weight }));
  return { graph: { n: n + 1, edges }, constant, anchor: n };
}

/**
 * The bits of the function from the halves of the graph: turned around when the anchor stands in half 1.
 *
 * @param form    as `cutFormOf` made it
 * @param halves  one bit a vertex
 * @returns       a bit for every vertex but the anchor
 * @throws        never
 * @cost          n
 * @source        a cut does not tell its halves apart
 */
export function bitsOfHalves({ anchor }: CutForm, halves: Bits): Bits {
  const turned = halves[anchor] ?? 0;
  return halves.slice(0, anchor).map((half) => half ^ turned);
}
