/** What the best share of all shots is worth: the conditional value at risk, and the operator that tells its slope. */
import { expectationOf, type State } from './statevector.ts';

export interface Tail {
  /** The mean of the smallest share of all values. */
  readonly value: number;
  /** 2ⁿ values of the operator whose derivatives are those of `value` at this state. */
  readonly operator: Float64Array;
}

/**
 * With v the value below which the share α of the probability lies, the mean of that share is ⟨v + min(0, E − v)/α⟩;
 * v is where that is largest, so that moving the state does not move v to first order.
 *
 * @param diagonal  2ⁿ values of E
 * @param share     α, above 0 and at most 1; 1 is the expected value
 * @returns         the tail of any state of norm 1
 * @throws          RangeError for another share: a programmer's error
 * @cost            n·2ⁿ once to sort, and 2ⁿ a state
 * @source          P. Barkoutsos et al., Quantum 4 (2020) 256; R. T. Rockafellar, S. Uryasev, J. Risk 2 (2000)
 */
export function tailOf(diagonal: Float64Array, share: number): (state: State) => Tail {
  if (!(share > 0 && share <= 1)) throw new RangeError(`a share is above 0 and at most 1, not ${share}`);
  if (share === 1) return (state) => ({ value: expectationOf(state, diagonal), operator: diagonal });
  const order = Uint32Array.from(diagonal, (_, x) => x).sort((x, y) => diagonal[x]! - diagonal[y]!);
  return (state) => {
    const edge = diagonal[edgeOf(state, { order, share })]!;
    const operator = diagonal.map((value) => edge + Math.min(0, value - edge) / share);
    return { value: expectationOf(state, operator), operator };
  };
}

/** The first index, by value, at which so much probability is met. */
function edgeOf(
  { re, im }: State,
  { order, share }: { readonly order: Uint32Array; readonly share: number },
): number {
  let met = 0;
  for (const x of order) {
    met += re[x]! * re[x]! + im[x]! * im[x]!;
    if (met >= share) return x;
  }
  return order.at(-1)!;
}
