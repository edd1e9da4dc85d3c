/** Makes a problem smaller without losing its best value: forced bits, variables with few neighbours, components. */
import { couplingsOf, quboOf, type Bits, type Coupling, type Qubo } from './qubo.ts';

/** A component of what is left, and which variables of the whole its own stand for. */
export interface Part {
  readonly qubo: Qubo;
  readonly variables: Int32Array;
}

export interface Reduced {
  /** Added to the parts' values. */
  readonly offset: number;
  /** Components that share no variable, the largest first. */
  readonly parts: readonly Part[];
  /** How many variables were forced, and how many folded into their neighbours. */
  readonly forced: number;
  readonly folded: number;
  /** The bits of the whole from those of the parts, in their order; best if those are. */
  readonly lift: (answers: readonly Bits[]) => Bits;
}

/** xᵢ = 1 where base + Σ weight·x_neighbour < 0: what a variable that was taken out does. */
interface Rule {
  readonly variable: number;
  readonly base: number;
  readonly neighbours: readonly (readonly [number, number])[];
}

interface Shrinking {
  readonly linear: Float64Array;
  readonly around: readonly Map<number, number>[];
  readonly waiting: Set<number>;
  readonly rules: Rule[];
  offset: number;
  forced: number;
  folded: number;
}

/**
 * Until nothing changes: xᵢ = 0 where linearᵢ + Σⱼ min(0, wᵢⱼ) ≥ 0 and xᵢ = 1 where linearᵢ + Σⱼ max(0, wᵢⱼ) ≤ 0
 * (first-order persistency); a variable of at most two neighbours a and b is replaced by min(0, l + p·a + q·b), which
 * is a quadratic function of the two. What is left falls into its components.
 *
 * @param qubo  any
 * @returns     parts with offset + Σ min E_part = min E, and the way back to bits of the whole; exact for integers
 * @throws      never
 * @cost        about n + m map operations, more where folding adds neighbours
 * @source      E. Boros, P. L. Hammer, "Pseudo-Boolean optimization", Discrete Applied Mathematics 123 (2002), §4.3
 *              (basic algorithm) and §5
 */
export function reduced(qubo: Qubo): Reduced {
  const shrinking = shrinkingOf(qubo);
  for (const i of shrinking.waiting) {
    shrinking.waiting.delete(i);
    if (!force(shrinking, i)) fold(shrinking, i);
  }
  const gone = new Uint8Array(qubo.n);
  for (const { variable } of shrinking.rules) gone[variable] = 1;
  const parts = partsOf(shrinking, gone);
  const { offset, forced, folded, rules } = shrinking;
  return { offset, parts, forced, folded, lift: (answers) => lifted({ n: qubo.n, parts, rules }, answers) };
}

function shrinkingOf(qubo: Qubo): Shrinking {
  const around = Array.from({ length: qubo.n }, () => new Map<number, number>());
  for (const { i, j, weight } of couplingsOf(qubo)) {
    around[i]!.set(j, weight);
    around[j]!.set(i, weight);
  }
  const waiting = new Set(around.keys());
  const { offset, linear } = qubo;
  return { linear: linear.slice(), around, waiting, rules: [], offset, forced: 0, folded: 0 };
}

/** Takes the variable out if its best value does not depend on the others. */
function force(shrinking: Shrinking, i: number): boolean {
  const { linear, around, rules } = shrinking;
  let [low, high] = [linear[i]!, linear[i]!];
  for (const weight of around[i]!.values()) {
    low += Math.min(0, weight);
    high += Math.max(0, weight);
  }
  if (low < 0 && high > 0) return false;
  const one = low < 0;
  rules.push({ variable: i, base: one ? -1 : 1, neighbours: [] });
  shrinking.forced++;
  if (one) shrinking.offset += linear[i]!;
  for (const [j, weight] of leave(shrinking, i)) if (one) linear[j]! += weight;
  return true;
}

/** Takes a variable of at most two neighbours out by writing its best value as a function of them. */
function fold(shrinking: Shrinking, i: number): void {
  const { linear, around, rules } = shrinking;
  if (around[i]!.size > 2) return;
  const base = linear[i]!;
  const neighbours = leave(shrinking, i);
  rules.push({ variable: i, base, neighbours });
  shrinking.folded++;
  const [[a, p] = [-1, 0], [b, q] = [-1, 0]] = neighbours;
  const best = (field: number): number => Math.min(0, field);
  const none = best(base);
  shrinking.offset += none;
  if (a >= 0) linear[a]! += best(base + p) - none;
  if (b < 0) return;
  linear[b]! += best(base + q) - none;
  couple(shrinking, { i: a, j: b, weight: best(base + p + q) - best(base + p) - best(base + q) + none });
}

/** Cuts a variable from its neighbours, which are looked at again. */
function leave({ around, waiting }: Shrinking, i: number): readonly (readonly [number, number])[] {
  const neighbours = [...around[i]!];
  around[i]!.clear();
  for (const [j] of neighbours) {
    around[j]!.delete(i);
    waiting.add(j);
  }
  return neighbours;
}

function couple({ around }: Shrinking, { i, j, weight }: Coupling): void {
  const sum = (around[i]!.get(j) ?? 0) + weight;
  if (sum === 0) {
    around[i]!.delete(j);
    around[j]!.delete(i);
    return;
  }
  around[i]!.set(j, sum);
  around[j]!.set(i, sum);
}

function partsOf({ linear, around }: Shrinking, gone: Uint8Array): readonly Part[] {
  const place = new Int32Array(gone.length).fill(-1);
  const parts: Part[] = [];
  for (let first = 0; first < gone.length; first++) {
    if (gone[first] === 1 || place[first] !== -1) continue;
    const variables = reached(around, first).sort((a, b) => a - b);
    variables.forEach((variable, at) => (place[variable] = at));
    const couplings = variables.flatMap((i) =>
      [...around[i]!].flatMap(([j, weight]) => (i < j ? [{ i: place[i]!, j: place[j]!, weight }] : [])),
    );
    const own = variables.map((variable) => linear[variable]!);
    const qubo = quboOf({ n: variables.length, linear: own, couplings });
    parts.push({ qubo, variables: Int32Array.from(variables) });
  }
  return parts.sort((a, b) => b.qubo.n - a.qubo.n);
}

function reached(around: Shrinking['around'], first: number): number[] {
  const found = new Set([first]);
  for (const i of found) for (const j of around[i]!.keys()) found.add(j);
  return [...found];
}

interface Whole {
  readonly n: number;
  readonly parts: readonly Part[];
  readonly rules: readonly Rule[];
}

/** Last out, first in: a rule reads only variables that were still there when it was made. */
function lifted({ n, parts, rules }: Whole, answers: readonly Bits[]): Bits {
  const bits = new Uint8Array(n);
  parts.forEach(({ variables }, at) => {
    variables.forEach((variable, own) => (bits[variable] = answers[at]?.[own] ?? 0));
  });
  for (const { variable, base, neighbours } of rules.toReversed()) {
    let field = base;
    for (const [j, weight] of neighbours) if (bits[j] === 1) field += weight;
    bits[variable] = field < 0 ? 1 : 0;
  }
  return bits;
}
