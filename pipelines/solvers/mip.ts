/** A problem as a mixed-integer program, solved by HiGHS where its package is installed: proof beyond exhaustive search. */
import * as z from 'zod';
import { packageMissing, problemUnfit } from '../faults.ts';
import { couplingsOf, energyOf, type Bits, type Qubo } from './qubo.ts';
import { answerOf, type Answer, type Ask, type Solver } from './solver.ts';

/** The part of HiGHS that is used here: a model as text in, columns by name out. */
export interface Highs {
  solve(
    model: string,
    options: Readonly<Record<string, number | boolean>>,
  ): { readonly Status: string; readonly Columns: Readonly<Record<string, { readonly Primal?: number }>> };
}

/** Its types are written for another kind of module than it is. */
const Package = z.object({
  default: z.custom<() => Promise<Highs>>(
    (value) => typeof value === 'function',
    'a function that loads HiGHS',
  ),
});

const VARIABLES_MOST = 300;
/** A node of the search takes about as long as so many flips, for each variable. */
const FLIPS_A_NODE = 1000;
const NODES_MOST = 2 ** 31 - 1;
/** HiGHS holds a whole number to be one within 10⁻⁶; with sums below this, no error reaches one half. */
const PROVEN_TO = 100_000;

/**
 * The solver, once its package is loaded.
 *
 * @param load  imports the package; another one in tests
 * @returns     a solver that proves what it finds where all numbers are whole and their sizes add up to 100,000 at most
 * @throws      packageMissing where it is not installed
 * @cost        reading 3.5 MB of WebAssembly
 * @source      Q. Huangfu, J. A. J. Hall, Math. Prog. Computation 10 (2018) 119: HiGHS
 */
export async function mipSolver(load: () => Promise<Highs> = loadHighs): Promise<Solver> {
  const highs = await load().catch((error: unknown) => {
    throw packageMissing({ name: 'highs', does: 'solves mixed-integer programs' }, error);
  });
  return {
    name: 'mip',
    says: 'Branches and bounds; what it ends with is proven where all numbers are whole.',
    variablesMost: VARIABLES_MOST,
    solve: (problem, ask) => branched(highs, problem, ask),
  };
}

async function loadHighs(): Promise<Highs> {
  const { default: loaded } = Package.parse(await import('highs'));
  return loaded();
}

/**
 * min Σ linearᵢ·xᵢ + Σ weightᵢⱼ·yᵢⱼ over bits x, where yᵢⱼ ≥ xᵢ + xⱼ − 1 and yᵢⱼ ≥ 0 for weights above 0, and yᵢⱼ ≤ xᵢ,
 * yᵢⱼ ≤ xⱼ for those below: the other sides hold by themselves at the least value.
 *
 * @param highs    loaded
 * @param problem  up to 300 variables
 * @param ask      seed, and a budget that is told in nodes, so that the end depends on no clock; the target is unheeded
 * @returns        the best bits that the search came by; bits of 0 where it had no time for any; it weighs no flips
 * @throws         problemUnfit beyond 300 variables
 * @cost           grows with 2ⁿ in the worst case
 * @source         F. Glover, E. Woolsey, Operations Research 22 (1974) 180
 */
function branched(highs: Highs, problem: Qubo, { seed, flips }: Ask): Answer {
  const { n } = problem;
  if (n > VARIABLES_MOST) {
    throw problemUnfit({ wanted: `at most ${VARIABLES_MOST} variables`, found: String(n) });
  }
  if (n === 0) return answerOf(problem, { bits: new Uint8Array(0), proven: true, flips: 0 });
  const nodes = Math.max(1, Math.min(NODES_MOST, Math.floor(flips / (FLIPS_A_NODE * n))));
  const { Status: status, Columns: columns } = highs.solve(modelOf(problem), {
    output_flag: false,
    random_seed: seed % NODES_MOST,
    mip_max_nodes: nodes,
    mip_rel_gap: 0,
    mip_abs_gap: 1e-6,
  });
  const found = Uint8Array.from({ length: n }, (_, i) => ((columns[`x${i}`]?.Primal ?? 0) > 0.5 ? 1 : 0));
  const none: Bits = new Uint8Array(n);
  const bits = energyOf(problem, found) <= energyOf(problem, none) ? found : none;
  return answerOf(problem, { bits, proven: status === 'Optimal' && isWhole(problem), flips: 0 });
}

function isWhole(problem: Qubo): boolean {
  const numbers = [...problem.linear, ...couplingsOf(problem).map(({ weight }) => weight)];
  const size = numbers.reduce((sum, number) => sum + Math.abs(number), 0);
  return size <= PROVEN_TO && numbers.every(Number.isInteger);
}

/** In the LP format of CPLEX: one term a line, since lines may not be long. */
function modelOf(problem: Qubo): string {
  const pairs = couplingsOf(problem);
  const term = (weight: number, name: string): string =>
    ` ${weight < 0 ? '-' : '+'} ${Math.abs(weight)} ${name}`;
  const own = Array.from(problem.linear, (weight, i) => term(weight, `x${i}`));
  const products = pairs.map(({ weight }, at) => term(weight, `y${at}`));
  const ties = pairs.flatMap(({ i, j, weight }, at) =>
    weight > 0 ? [` x${i} + x${j} - y${at} <= 1`] : [` y${at} - x${i} <= 0`, ` y${at} - x${j} <= 0`],
  );
  return [
    'Minimize',
    ' e:',
    ...own,
    ...products,
    'Subject To',
    ...ties,
    'Bounds',
    ...pairs.map((_, at) => ` 0 <= y${at} <= 1`),
    'Binaries',
    ...Array.from({ length: problem.n }, (_, i) => ` x${i}`),
    'End',
    '',
  ].join('\n');
}
