/** The best values that anybody has published for problems that many have tried, by what the problem is. */
import { hashOf, type Qubo } from './qubo.ts';

export interface BestKnown {
  /** What the problem is called where it was published. */
  readonly name: string;
  readonly energy: number;
  readonly source: string;
}

const BLS = 'U. Benlic, J.-K. Hao, "Breakout local search for the max-cut problem", 2013';

/** By hash, so that neither a file’s name nor the order of its lines matters. */
const BEST_KNOWN: ReadonlyMap<string, BestKnown> = new Map([
  cut('G1', 11_624, '29826449dde10d1af5112c9c0031e103ff5877e9ca044dcd5e9c500e5660f3cf'),
  cut('G3', 11_622, 'e676966909dcd6b89ecf6398cf914d8eaa964f781ea2ccece6e078bcbaad005e'),
  cut('G14', 3064, '48c87231304c16cea16f83bcd9bd31124da50376cbf5afc85a18f2e11fed7d98'),
  cut('G22', 13_359, '12898f1542dd256918ac7857d21b05f6d8df2962cff404feb8b84b1a5086c248'),
  cut('G43', 6660, '8d7907b7e9c82e939aa9796bd098dab6736ec99c5b2adf1990002209c81ea491'),
  cut('G48', 6000, 'c2ac6340d332d8a7e46b0812e3ec3dccb4a04e6dd3245856562fd5d1c3a49732'),
]);

function cut(name: string, heaviest: number, hash: string): readonly [string, BestKnown] {
  return [`sha256:${hash}`, { name: `${name} of the Gset`, energy: -heaviest, source: BLS }];
}

/**
 * What others found.
 *
 * @param problem  any
 * @returns        the least value published; null for a problem that is not listed
 * @throws         never
 * @cost           that of `hashOf`
 * @source         each entry names its own; nothing smaller is known, and for most of them nothing is proven
 */
export function bestKnownOf(problem: Qubo): BestKnown | null {
  return BEST_KNOWN.get(hashOf(problem)) ?? null;
}
