/** What a year without any gain gives in theory: the expected promotions of a rule, exactly, by a Markov chain. */
import { binomialWeights } from './binomial.ts';
import type { NullYear, Rule } from './null-year.ts';

/** States that are so unlikely are left out. */
const UNLIKELY = 1e-13;
/** More additions than these are not worth waiting for. */
const WORK_MOST = 1.5e8;

/** From one state: the chance that a candidate is promoted, and by how many items it then changes the state. */
interface Move {
  readonly chance: number;
  /** Chance of each change, 1 item and more. */
  readonly steps: Float64Array;
}

/**
 * The state is R, how many of the n items the champion has right: Binomial(n, A) when items are held out anew. A
 * candidate is promoted with p(R) = P(rule | L ~ Binomial(R, ψ/2A), W ~ Binomial(n − R, ψ/2(1 − A))) and moves R by
 * W − L. The expected promotions are the sum over candidates of Σ_R P(R)·p(R).
 *
 * @param year      see its fields; its budget and its seed count for nothing
 * @param promotes  one that promotes for wins alone, and with each more win again; no state of its own
 * @returns         expected promotions in all days, to about 1e-9; null where it would take too long
 * @throws          never: `nullYear` checks the year
 * @cost            candidates between two renewals × likely states × likely changes additions
 * @source          definition of the chain that `nullYear` draws from
 */
export function expectedPromotions(year: NullYear, promotes: Rule): number | null {
  const { days, candidatesPerDay, holdout: n, accuracy, discordance } = year;
  const renewed = Math.min(days, year.renewedAfterDays);
  const spread = (share: number): number => 16 * Math.sqrt(n * share * (1 - share)) + 16;
  const work = renewed * candidatesPerDay * spread(accuracy) * spread(discordance / 2);
  if (work > WORK_MOST || spread(accuracy) * spread(discordance / 2) ** 2 > WORK_MOST) return null;
  const byDay = chain(year, promotes, renewed);
  const whole = Math.floor(days / renewed);
  return whole * (byDay.at(-1) ?? 0) + (days % renewed === 0 ? 0 : byDay[(days % renewed) - 1]!);
}

/** Expected promotions by the end of each day since other items were held out. */
function chain(year: NullYear, promotes: Rule, days: number): readonly number[] {
  const { candidatesPerDay, holdout: n, accuracy } = year;
  const enough = winsEnough(n, promotes);
  const moves = new Map<number, Move>();
  const first = binomialWeights({ count: n, chance: accuracy });
  let mass = new Float64Array(n + 1);
  mass.set(first.weights, first.from);
  let expected = 0;
  return Array.from({ length: days }, () => {
    for (let turn = 0; turn < candidatesPerDay; turn++) {
      const next = new Float64Array(n + 1);
      for (let right = 0; right <= n; right++) {
        const here = mass[right]!;
        if (here < UNLIKELY) continue;
        const move = moves.get(right) ?? moveFrom(year, right, enough);
        moves.set(right, move);
        expected += here * move.chance;
        next[right]! += here * (1 - move.chance);
        move.steps.forEach((chance, step) => (next[right + step + 1]! += here * chance));
      }
      mass = next;
    }
    return expected;
  });
}

/** By losses: the least wins that promote; n + 1 where none do. */
function winsEnough(n: number, promotes: Rule): Int32Array {
  let wins = 0;
  return Int32Array.from({ length: n + 1 }, (_, losses) => {
    while (wins + losses <= n && !promotes({ wins, losses, n }, 0)) wins += 1;
    return wins + losses > n ? n + 1 : wins;
  });
}

function moveFrom({ holdout: n, accuracy, discordance }: NullYear, right: number, enough: Int32Array): Move {
  const lost = binomialWeights({ count: right, chance: discordance / 2 / accuracy });
  const won = binomialWeights({ count: n - right, chance: discordance / 2 / (1 - accuracy) });
  const steps = new Float64Array(n - right);
  let chance = 0;
  lost.weights.forEach((weight, place) => {
    const losses = lost.from + place;
    for (let wins = Math.max(won.from, enough[losses]!); wins < won.from + won.weights.length; wins++) {
      const both = weight * won.weights[wins - won.from]!;
      chance += both;
      steps[wins - losses - 1]! += both;
    }
  });
  const last = steps.findLastIndex((one) => one > 0);
  return { chance, steps: steps.slice(0, last + 1) };
}
