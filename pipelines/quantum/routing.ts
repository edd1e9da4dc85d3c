/** Chooses how the variables of a problem meet on a line of qubits, so that few couplers are needed. */
import { greedyNetworks } from './greedy-network.ts';
import { couplersOf, type Network, type Pair } from './meetings.ts';
import { swapNetwork } from './swap-network.ts';

/**
 * The plan with the fewest cz, and of these the one with the fewest rounds: the swap network where most are coupled,
 * a greedy plan where few are.
 *
 * @param n      variables, from 1
 * @param pairs  those that must meet, each once
 * @returns      a plan in which every pair of `pairs` is coupled once
 * @throws       never
 * @cost         that of both
 * @source       the definition
 */
export function networkOf(n: number, pairs: readonly Pair[]): Network {
  const plans = [swapNetwork(n, pairs), ...greedyNetworks(n, pairs)];
  return plans
    .map((plan) => ({ plan, couplers: couplersOf(plan) }))
    .reduce((best, one) => {
      const fewer = one.couplers - best.couplers || one.plan.rounds.length - best.plan.rounds.length;
      return fewer < 0 ? one : best;
    }).plan;
}
