/** The port of this room: whoever looks for the bits of the smallest value. */
import { energyOf, type Bits, type Qubo } from './qubo.ts';

/** What a search may take; the same ask gives the same answer, bit for bit, on every machine. */
export interface Ask {
  /** Any safe integer. */
  readonly seed: number;
  /** How many flips may be weighed; about 10⁷ to 10⁸ of them a second. */
  readonly flips: number;
  /** A value that is good enough to stop at, where one is known. */
  readonly target?: number;
  /** Told now and then how far the search is; it changes no answer. */
  readonly tell?: (way: Way) => void;
}

/** How far a search has come. */
export interface Way {
  /** Flips weighed so far. */
  readonly flips: number;
  /** The least value that it came by so far. */
  readonly energy: number;
}

export interface Answer {
  readonly bits: Bits;
  /** E(bits), summed anew from the problem. */
  readonly energy: number;
  /** Whether nothing smaller can exist. */
  readonly proven: boolean;
  /** How many flips were weighed. */
  readonly flips: number;
}

export interface Solver {
  readonly name: string;
  /** One sentence. */
  readonly says: string;
  /** More variables than this are refused. */
  readonly variablesMost: number;
  /** @throws problemUnfit beyond `variablesMost` */
  solve(problem: Qubo, ask: Ask): Answer;
}

/**
 * Bits as an answer.
 *
 * @param problem  any
 * @param found    n bits and how they were found
 * @returns        them, with their value summed anew, so that no drift of a search is told
 * @throws         never
 * @cost           n + m
 * @source         the definition
 */
export function answerOf(problem: Qubo, found: Omit<Answer, 'energy'>): Answer {
  return { ...found, energy: energyOf(problem, found.bits) };
}
