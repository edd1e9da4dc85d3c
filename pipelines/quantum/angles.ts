/** Angles of QAOA that need no optimizer, and those of a deeper circuit from a shallower one. */
import { isingOf } from '../solvers/ising.ts';
import type { Qubo } from '../solvers/qubo.ts';

/** Layer k applies e^(−i·gammasₖ·E) and then e^(−i·betasₖ·ΣX). */
export interface Angles {
  readonly gammas: readonly number[];
  readonly betas: readonly number[];
}

/**
 * For maximum cut on 3-regular graphs without weights, by depth from 1: (γ, β) of e^(−i(γ/2)·cut) and e^(−iβX), and the
 * share of the best cut that they reach on every such graph, if the authors' conjecture holds.
 */
const FIXED: readonly (Angles & { readonly ratio: number })[] = [
  { ratio: 0.6924, gammas: [1.2310672582], betas: [0.3926720292] },
  { ratio: 0.7559, gammas: [0.9754194654, 1.7959753912], betas: [0.5550603401, 0.2925078148] },
  {
    ratio: 0.7924,
    gammas: [0.8441681638, 1.5968255081, 1.8741775931],
    betas: [0.60875726, 0.459275309, 0.2353956226],
  },
  {
    ratio: 0.8168,
    gammas: [0.8175276903, 1.5611699285, 1.9754562406, 2.3126273509],
    betas: [0.5995654665, 0.4344182508, 0.2969500149, 0.1590668373],
  },
  {
    ratio: 0.8363,
    gammas: [0.7191788139, 1.4131452052, 1.6451130953, 2.0095097897, 2.3085491637],
    betas: [0.6318520294, 0.5226524412, 0.389742061, 0.2754121639, 0.1491700496],
  },
  {
    ratio: 0.8498,
    gammas: [0.6620836196, 1.2900620122, 1.4615538324, 1.6731662893, 2.0183270809, 2.2522007465],
    betas: [0.6355589295, 0.5339629402, 0.4631092335, 0.3602554466, 0.2591523255, 0.1390257361],
  },
  {
    ratio: 0.8597,
    gammas: [0.6201795924, 1.236437638, 1.3804957036, 1.5024441557, 1.7181705095, 2.0407800581, 2.2441325014],
    betas: [0.6481402507, 0.5539249778, 0.4898833957, 0.4450177185, 0.3405836917, 0.2438269283, 0.1306345706],
  },
  {
    ratio: 0.8674,
    gammas: [
      0.589211568, 1.1735711128, 1.3088202677, 1.4158571663, 1.5291484096, 1.7285004831, 2.0513313258,
      2.232574467,
    ],
    betas: [
      0.649160465, 0.5546799489, 0.5003222458, 0.4686938846, 0.4196089491, 0.3189171317, 0.2313237899,
      0.1229039228,
    ],
  },
  {
    ratio: 0.8735,
    gammas: [
      0.558802385, 1.1322664899, 1.2624451836, 1.3586650379, 1.4524813012, 1.5361128384, 1.7490440101,
      2.0749418428, 2.2359733003,
    ],
    betas: [
      0.6544738692, 0.5618639663, 0.5090114025, 0.4867762873, 0.4514350923, 0.4032110823, 0.304730321,
      0.2198329631, 0.1171817427,
    ],
  },
  {
    ratio: 0.8785,
    gammas: [
      0.5334327348, 1.0896453962, 1.2199620491, 1.3125201703, 1.3914167145, 1.457514795, 1.547755164,
      1.7642227796, 2.0876020155, 2.2305184485,
    ],
    betas: [
      0.6555835372, 0.5631814865, 0.5138881653, 0.4955842168, 0.4688948672, 0.4357432799, 0.3884706701,
      0.2911761897, 0.2105090454, 0.1123879449,
    ],
  },
  {
    ratio: 0.8828,
    gammas: [
      0.5145748026, 1.0560811449, 1.1835419089, 1.2793829828, 1.3544112276, 1.4041229069, 1.4740485136,
      1.5506149947, 1.7671174609, 2.0939405109, 2.2304754329,
    ],
    betas: [
      0.656438795, 0.5633471282, 0.5163014281, 0.5036682504, 0.4818229959, 0.456012558, 0.4214346264,
      0.3707732713, 0.2764501743, 0.2009469805, 0.1072507016,
    ],
  },
];

export const FIXED_DEPTH_MOST = FIXED.length;

function fixedAt(depth: number): (typeof FIXED)[number] {
  const found = FIXED[depth - 1];
  if (found !== undefined) return found;
  throw new RangeError(`fixed angles are known from depth 1 to ${FIXED.length}, not ${depth}`);
}

/**
 * The fixed angles of a depth, for any problem: γ is divided by 4·mean |J| over the couplings and fields of the Ising
 * form that are not 0, which is 2 for a cut without weights; the sign of β is turned, since E is smallest where a cut
 * is heaviest. Made for 3-regular graphs, and a fair start elsewhere.
 *
 * @param problem  any
 * @param depth    layers, 1 to `FIXED_DEPTH_MOST`
 * @returns        angles for `qaoaState`
 * @throws         RangeError for another depth: a programmer's error
 * @cost           n + m
 * @source         J. Wurtz, D. Lykov, arXiv:2107.00677; scaling: R. Shaydulin et al., arXiv:2201.11785
 */
export function fixedAngles(problem: Qubo, depth: number): Angles {
  const found = fixedAt(depth);
  const scale = scaleOf(problem);
  return {
    gammas: found.gammas.map((gamma) => gamma / (4 * scale)),
    betas: found.betas.map((beta) => -beta),
  };
}

/**
 * The share of the best cut of a 3-regular graph that the fixed angles of a depth reach at least.
 *
 * @param depth  layers, 1 to `FIXED_DEPTH_MOST`
 * @returns      0.69 to 0.89
 * @throws       RangeError for another depth: a programmer's error
 * @cost         none
 * @source       arXiv:2107.00677, table of guaranteed ratios
 */
export function fixedRatio(depth: number): number {
  const found = fixedAt(depth);
  return found.ratio;
}

/**
 * Mean |J| over the couplings and fields of the Ising form that are not 0: what makes angles comparable.
 *
 * @param problem  any
 * @returns        above 0; 1 where nothing depends on anything
 * @throws         never
 * @cost           n + m
 * @source         arXiv:2201.11785, §3
 */
export function scaleOf(problem: Qubo): number {
  const { fields, couplings } = isingOf(problem);
  const sizes = [...fields, ...couplings.map(({ weight }) => weight)].filter((weight) => weight !== 0);
  return sizes.length === 0 ? 1 : sizes.reduce((sum, size) => sum + Math.abs(size), 0) / sizes.length;
}

/** Where a ramp ends and where it begins. */
export interface Ramp {
  /** Layers, from 1. */
  readonly depth: number;
  /** γ that a last layer of its own would have, in units of 1/`scaleOf`. */
  readonly gamma: number;
  /** −β that a layer before the first would have. */
  readonly beta: number;
}

/**
 * The schedule of an annealer in p steps: γₖ = gamma·(k − ½)/p and βₖ = −beta·(1 − (k − ½)/p) for k from 1 to p.
 *
 * @param problem  any
 * @param ramp     its depth and slopes
 * @returns        angles for `qaoaState`
 * @throws         never
 * @cost           n + m
 * @source         S. H. Sack, M. Serbyn, "Quantum annealing initialization of QAOA", Quantum 5 (2021) 491
 */
export function rampAngles(problem: Qubo, { depth, gamma, beta }: Ramp): Angles {
  const scale = scaleOf(problem);
  const along = Array.from({ length: depth }, (_, k) => (k + 0.5) / depth);
  return {
    gammas: along.map((share) => (gamma * share) / scale),
    betas: along.map((share) => -beta * (1 - share)),
  };
}

/**
 * Angles of depth p + 1 from those of depth p: θ′ₖ = ((k−1)/p)·θₖ₋₁ + ((p−k+1)/p)·θₖ for k from 1 to p + 1, where θ₀
 * and θₚ₊₁ are 0.
 *
 * @param angles  of any depth from 1
 * @returns       one layer more, along the same curve
 * @throws        never
 * @cost          p
 * @source        L. Zhou et al., Phys. Rev. X 10 (2020) 021067, appendix B1 (INTERP)
 */
export function interpolated({ gammas, betas }: Angles): Angles {
  return { gammas: stretched(gammas), betas: stretched(betas) };
}

function stretched(values: readonly number[]): readonly number[] {
  const p = values.length;
  return Array.from({ length: p + 1 }, (_, k) => (k * (values[k - 1] ?? 0) + (p - k) * (values[k] ?? 0)) / p);
}
