/** Parallel tempering: walks at many temperatures at once, which change places. */
import { randomOf, type Random } from '../maths/random.ts';
import { temperaturesOf } from './annealing.ts';
import { expNegative } from './boltzmann.ts';
import { VARIABLES_MOST, type Qubo } from './qubo.ts';
import { answerOf, type Answer, type Ask, type Solver } from './solver.ts';
import { descend, sweepOnce, walkFrom, type Walk } from './walk.ts';

const WALKS = 16;
/** The coldest walk falls to the nearest hollow after so many rounds. */
const ROUNDS_TO_FALL = 100;

export const tempering: Solver = {
  name: 'tempering',
  says: 'Walks at many temperatures at once, and lets good places move to the cold.',
  variablesMost: VARIABLES_MOST,
  solve: tempered,
};

/**
 * 16 walks at temperatures in equal steps from hot to cold. After each sweep of all, neighbours i (hotter) and j change
 * places with probability min(1, e^(−(1/Tⱼ − 1/Tᵢ)·(Eᵢ − Eⱼ))).
 *
 * @param problem  any
 * @param ask      seed, budget, and where to stop
 * @returns        the best place that any walk came by, each ended by single flips that lower it
 * @throws         never
 * @cost           16 sweeps a round
 * @source         K. Hukushima, K. Nemoto, J. Phys. Soc. Japan 65 (1996)
 */
function tempered(problem: Qubo, { seed, flips, target = Number.NEGATIVE_INFINITY, tell }: Ask): Answer {
  const { n } = problem;
  if (n === 0) return answerOf(problem, { bits: new Uint8Array(0), proven: true, flips: 0 });
  const random = randomOf(seed);
  const { hot, cold } = temperaturesOf(problem);
  const heats = Array.from({ length: WALKS }, (_, k) => hot + ((cold - hot) * k) / (WALKS - 1));
  const walks = heats.map(() => walkFrom(problem, random));
  const rounds = Math.floor(flips / (n * WALKS));
  let round = 0;
  while (round < rounds && leastOf(walks).least > target) {
    walks.forEach((walk, k) => sweepOnce(walk, random, heats[k]!));
    swap({ walks, heats, random });
    round++;
    if (round % ROUNDS_TO_FALL !== 0) continue;
    descend(walks[WALKS - 1]!);
    tell?.({ flips: round * n * WALKS, energy: leastOf(walks).least });
  }
  for (const walk of walks) descend(walk);
  return answerOf(problem, { bits: leastOf(walks).best, proven: false, flips: round * n * WALKS });
}

function leastOf(walks: readonly Walk[]): Walk {
  return walks.reduce((best, walk) => (walk.least < best.least ? walk : best));
}

interface Ladder {
  readonly walks: Walk[];
  readonly heats: readonly number[];
  readonly random: Random;
}

function swap({ walks, heats, random }: Ladder): void {
  for (let k = 0; k + 1 < walks.length; k++) {
    const [hotter, colder] = [walks[k]!, walks[k + 1]!];
    const climb = (1 / heats[k + 1]! - 1 / heats[k]!) * (hotter.energy - colder.energy);
    if (climb > 0 && random.nextFloat() >= expNegative(climb)) continue;
    [walks[k], walks[k + 1]] = [colder, hotter];
  }
}
