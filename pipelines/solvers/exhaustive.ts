/** Every assignment there is: the truth about small problems. */
import { problemUnfit } from '../faults.ts';
import { layOut, type Kernels, type LayOut } from '../kernels/space.ts';
import { energyOf, fieldsOf, type Bits, type Qubo } from './qubo.ts';
import { answerOf, type Answer, type Solver } from './solver.ts';

/** They take about two seconds; each one more takes twice as long. */
const VARIABLES_MOST = 32;
/** Variables of a block: its values take 32 KiB, as a first cache has them. */
const BLOCK = 12;
/** The kernel takes two assignments at a time. */
const KERNEL_LEAST = 2;
/** After so many blocks the running sums begin anew, so that rounding does not gather. */
const ANEW = 2 ** 12;

export const exhaustive: Solver = exhaustiveIn(layOut);

/** @param lay  where a block lies; the answer is the same in every place */
export function exhaustiveIn(lay: LayOut): Solver {
  return {
    name: 'exhaustive',
    says: 'Weighs every assignment; what it finds is proven.',
    variablesMost: VARIABLES_MOST,
    solve: (problem) => exhausted(problem, lay),
  };
}

/**
 * min over all x of E(x), seed, budget and target unheeded. The first 12 variables are weighed in blocks, whose
 * quadratic part is summed once; the others go through the Gray code, and each step there changes the linear part.
 *
 * @param problem  up to 32 variables
 * @param lay      where a block lies
 * @returns        the smallest of the first block that has it
 * @throws         problemUnfit
 * @cost           about 2·2ⁿ additions, and the neighbours of one variable a block
 * @source         F. Gray, US patent 2632058 (1953); D. E. Knuth, TAOCP vol. 4A, §7.2.1.1
 */
function exhausted(problem: Qubo, lay: LayOut): Answer {
  const { n } = problem;
  if (n > VARIABLES_MOST) {
    throw problemUnfit({ wanted: `at most ${VARIABLES_MOST} variables`, found: String(n) });
  }
  const bits = new Uint8Array(n);
  const best = new Uint8Array(n);
  const block = blockOf(problem, lay);
  const low = Math.min(n, BLOCK);
  let fields = fieldsOf(problem, bits);
  let [energy, least] = [0, Number.POSITIVE_INFINITY];
  for (let step = 0; step < 2 ** (n - low); step++) {
    if (step > 0) energy += turned(problem, { bits, fields, i: low + 31 - Math.clz32(step & -step) });
    if (step % ANEW === ANEW - 1) {
      fields = fieldsOf(problem, bits);
      energy = energyOf(problem, bits) - problem.offset;
    }
    const found = energy + block.least(fields);
    if (found >= least) continue;
    least = found;
    best.set(bits);
    best.set(block.where(fields));
  }
  return answerOf(problem, { bits: best, proven: true, flips: 2 ** n });
}

interface Turn {
  readonly bits: Bits;
  readonly fields: Float64Array;
  readonly i: number;
}

/** @returns what turning the bit changes */
function turned({ starts, neighbours, weights }: Qubo, { bits, fields, i }: Turn): number {
  const sign = bits[i] === 1 ? -1 : 1;
  bits[i]! ^= 1;
  for (let at = starts[i]!; at < starts[i + 1]!; at++) fields[neighbours[at]!]! += sign * weights[at]!;
  return sign * fields[i]!;
}

/** The first variables, of which all but the linear part is fixed. */
interface Block {
  /** The smallest value for these fields, of which those of the block count. */
  readonly least: (fields: Float64Array) => number;
  /** Bits of the first assignment that has it. */
  readonly where: (fields: Float64Array) => Bits;
}

function blockOf(problem: Qubo, lay: LayOut): Block {
  const size = Math.min(problem.n, BLOCK);
  const { kernels, arrays } = lay({
    quadratic: [Float64Array, 2 ** size],
    sums: [Float64Array, 2 ** size],
    fields: [Float64Array, size],
  });
  const { quadratic, sums, fields } = arrays;
  fillQuadratic(problem, quadratic);
  const summed = (all: Float64Array): void => {
    sums[0] = 0;
    for (let k = 0; k < size; k++) {
      for (let x = 0; x < 2 ** k; x++) sums[x + 2 ** k] = sums[x]! + all[k]!;
    }
  };
  return {
    least(all) {
      if (kernels !== null && size >= KERNEL_LEAST) {
        fields.set(all.subarray(0, size));
        return leastByKernel(kernels, { quadratic, sums, fields });
      }
      summed(all);
      return sums.reduce((low, sum, x) => Math.min(low, sum + quadratic[x]!), Number.POSITIVE_INFINITY);
    },
    where(all) {
      summed(all);
      let first = 0;
      for (let x = 1; x < sums.length; x++) {
        if (sums[x]! + quadratic[x]! < sums[first]! + quadratic[first]!) first = x;
      }
      return Uint8Array.from({ length: size }, (_, k) => (first >> k) & 1);
    },
  };
}

interface BlockArrays {
  readonly quadratic: Float64Array;
  readonly sums: Float64Array;
  readonly fields: Float64Array;
}

function leastByKernel(kernels: Kernels, { quadratic, sums, fields }: BlockArrays): number {
  return kernels.leastOfBlock(quadratic.byteOffset, sums.byteOffset, fields.byteOffset, fields.length);
}

/** Σ weightᵢⱼ·xᵢ·xⱼ over the block's own variables: with bit k the highest one set, what it meets is added. */
function fillQuadratic({ starts, neighbours, weights }: Qubo, quadratic: Float64Array): void {
  for (let k = 0; 2 ** k < quadratic.length; k++) {
    const half = 2 ** k;
    const met = new Float64Array(half);
    for (let at = starts[k]!; at < starts[k + 1]! && neighbours[at]! < k; at++) {
      addWhereSet(met, { bit: neighbours[at]!, weight: weights[at]! });
    }
    for (let x = 0; x < half; x++) quadratic[x + half] = quadratic[x]! + met[x]!;
  }
}

function addWhereSet(
  sums: Float64Array,
  { bit, weight }: { readonly bit: number; readonly weight: number },
): void {
  for (let x = 0; x < sums.length; x++) if (((x >> bit) & 1) === 1) sums[x]! += weight;
}
