/** What shots are worth for a problem: the best of them, beside the best of as many blind guesses. */
import { randomOf } from '../maths/random.ts';
import { energyOf, type Bits, type Qubo } from '../solvers/qubo.ts';
import type { Reduced } from '../solvers/reduce.ts';
import { bestShotOf, type Counts } from './counts.ts';
import type { Tried } from './trial.ts';

export interface Shown {
  /** The best that the shots showed, put together from all parts. */
  readonly quantum: Tried;
  /** The best of as many blind guesses at the same parts. */
  readonly guessed: Tried;
  /** Over all parts. */
  readonly shots: number;
}

/**
 * The best shot of each part, put together: parts share no variable, so their best values add up.
 *
 * @param problem  any
 * @param given    its parts, the counts of each in their order, and the seed of the guesses
 * @returns        bits of the whole by shots and by guesses, with their values summed anew
 * @throws         RangeError where a part has no shot: a programmer's error
 * @cost           n + m for each different shot and for each guess
 * @source         the definition
 */
export function shownBy(
  problem: Qubo,
  { parts, counts, seed }: { parts: Reduced; counts: readonly Counts[]; seed: number },
): Shown {
  const random = randomOf(seed);
  const together = (answers: readonly Bits[]): Tried => {
    const bits = parts.lift(answers);
    return { bits, energy: energyOf(problem, bits) };
  };
  const shown = parts.parts.map(({ qubo }, at) => {
    const own = counts[at];
    if (own === undefined) throw new RangeError(`no counts for part ${at}`);
    const guess = (): Bits => Uint8Array.from({ length: qubo.n }, () => random.nextBelow(2));
    return { best: bestShotOf(qubo, own).bits, guess: leastOf(qubo, own.shots, guess), shots: own.shots };
  });
  return {
    quantum: together(shown.map(({ best }) => best)),
    guessed: together(shown.map(({ guess }) => guess)),
    shots: shown.reduce((sum, { shots }) => sum + shots, 0),
  };
}

function leastOf(qubo: Qubo, times: number, guess: () => Bits): Bits {
  let best = guess();
  let least = energyOf(qubo, best);
  for (let time = 1; time < times; time++) {
    const bits = guess();
    const energy = energyOf(qubo, bits);
    if (energy < least) [best, least] = [bits, energy];
  }
  return best;
}
