/** Chooses one way for each tensor so that all together fit into a budget and lose as little as they can. */

/** A way to store a tensor. */
export interface Way {
  readonly name: string;
  readonly bytes: number;
  /** What is lost by it, in a unit that may be summed over tensors; 0 or more. */
  readonly loss: number;
}

/**
 * Begins with the smallest way of each tensor and spends what is left where it buys most per byte, along the lower
 * convex hull of each tensor's ways; what is then left is spent on any way that still fits. On the hull this is the
 * best for its sum of bytes; what it misses is less than the gain of one step.
 *
 * @param tensors  for each at least one way
 * @param budget   bytes
 * @returns        the index of the way chosen for each, or null where even the smallest ways are too large
 * @source         Y. Shoham, A. Gersho, "Efficient bit allocation for an arbitrary set of quantizers" (1988)
 */
export function waysWithin(tensors: readonly (readonly Way[])[], budget: number): readonly number[] | null {
  const chosen = tensors.map((ways) => hullOf(ways)[0]!);
  const hulls = tensors.map(hullOf);
  let left = budget - tensors.reduce((sum, ways, index) => sum + ways[chosen[index]!]!.bytes, 0);
  if (left < 0) return null;
  const steps = hulls.flatMap((hull, tensor) => {
    return hull
      .slice(1)
      .map((to, index) => ({ tensor, to, worth: worthOf(tensors[tensor]!, hull[index]!, to) }));
  });
  const blocked = new Set<number>();
  for (const { tensor, to } of steps.sort((a, b) => b.worth - a.worth)) {
    const ways = tensors[tensor]!;
    const more = ways[to]!.bytes - ways[chosen[tensor]!]!.bytes;
    if (more > left || blocked.has(tensor)) blocked.add(tensor);
    else {
      left -= more;
      chosen[tensor] = to;
    }
  }
  return spendRest(tensors, chosen, left);
}

function worthOf(ways: readonly Way[], from: number, to: number): number {
  return (ways[from]!.loss - ways[to]!.loss) / (ways[to]!.bytes - ways[from]!.bytes);
}

/** The ways that are best for some price of a byte, from the smallest on. */
function hullOf(ways: readonly Way[]): readonly number[] {
  const order = ways
    .map((_, index) => index)
    .sort((a, b) => ways[a]!.bytes - ways[b]!.bytes || ways[a]!.loss - ways[b]!.loss);
  const hull: number[] = [];
  for (const index of order) {
    const last = hull.at(-1);
    if (last !== undefined && ways[index]!.loss >= ways[last]!.loss) continue;
    while (
      hull.length > 1 &&
      worthOf(ways, hull.at(-2)!, hull.at(-1)!) <= worthOf(ways, hull.at(-1)!, index)
    ) {
      hull.pop();
    }
    hull.push(index);
  }
  return hull;
}

function spendRest(
  tensors: readonly (readonly Way[])[],
  begun: readonly number[],
  rest: number,
): readonly number[] {
  const chosen = [...begun];
  let left = rest;
  for (;;) {
    const steps = tensors.flatMap((ways, tensor) => {
      const now = ways[chosen[tensor]!]!;
      return ways.flatMap(({ bytes, loss }, to) => {
        const fits = bytes - now.bytes <= left && loss < now.loss;
        return fits ? [{ tensor, to, gain: now.loss - loss, more: bytes - now.bytes }] : [];
      });
    });
    const best = steps.sort((a, b) => b.gain - a.gain)[0];
    if (best === undefined) return chosen;
    chosen[best.tensor] = best.to;
    left -= best.more;
  }
}
