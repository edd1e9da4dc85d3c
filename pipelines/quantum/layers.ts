/** Registers of qubits that go through layers of QAOA, fast: phases from a table, mixers as real rotations. */
import { layOut, type Kernels, type LayOut, type Pieces } from '../kernels/space.ts';
import { hasRoomForTwo, openTeam, type Team } from '../kernels/team.ts';
import { mirroredOverlap, mirrorFactor, turnMirrored } from './mirror.ts';
import { phase, spread, type State } from './statevector.ts';

/** More levels than a 16-bit index tells apart have their phases computed one by one. */
const LEVELS_MOST = 65_536;
/** Logarithms of bytes: of one part of a block, of which two fit into a second cache of 512 KiB, and of a column. */
const [BLOCK_LOG, TILE_LOG] = [18, 10];
/** Two states of double precision meet in smaller blocks. */
const OVERLAP_BLOCK_LOG = 13;
/** The kernel takes 16 amplitudes at a time. */
const KERNEL_LEAST = 4;
/** From so many qubits on two threads are faster than one; from so many on there is a column for each. */
const [TEAM_FASTER, TEAM_LEAST] = [16, 10];

/** `single` is twice as fast, and tells values to about 10⁻⁶ of their size. */
export type Precision = 'single' | 'double';

export interface Layer {
  /** Radians for a unit of the diagonal. */
  readonly gamma: number;
  /** Radians. */
  readonly beta: number;
}

export interface Simulator {
  readonly n: number;
  readonly diagonal: Float64Array;
  /** Each as its last layer left it. */
  readonly registers: readonly State[];
  /** All amplitudes equal. */
  readonly begin: (register: number) => void;
  /** ψ ← e^(−iβΣX)·e^(−iγE)·ψ. */
  readonly apply: (register: number, layer: Layer) => void;
  /** Im⟨λ|ΣX|ψ⟩ and Im⟨λ|E|ψ⟩ of two registers of double precision. */
  readonly overlaps: (dual: number, state: number) => { readonly mixer: number; readonly phase: number };
  /** How many threads the next layer has: a second one takes some time to come. */
  readonly threads: () => 1 | 2;
  /** Sends a second thread away, if there is one; no layer may follow, but the registers stay. */
  readonly close: () => void;
}

export interface Make {
  readonly precision?: Precision;
  /** How many; 1 unless told. */
  readonly registers?: number;
  /** Whether the diagonal is the first half of one that stays the same when all bits are turned. */
  readonly mirrored?: boolean;
  /** 1 unless told; `free` is 2 where they are faster and a second processor seems free. The numbers are the same. */
  readonly threads?: 1 | 2 | 'free';
  readonly lay?: LayOut;
}

/**
 * Registers for one diagonal. A layer looks e^(−iγE) up by level, times cosⁿ β, and then turns each qubit, from the
 * first on, by (φ₀, φ₁) ← (φ₀ − t·φ₁, φ₁ + t·φ₀) with t = tan β and |β| ≤ π/4; quarter turns beyond change places
 * alone. A mirrored state has one qubit more than it shows, and the amplitudes of both halves count where one stands:
 * a shot of it shows the half whose last bit is 0. With kernels or without, amplitudes are the same to the last bit; overlaps are summed in another order.
 *
 * @param diagonal  2ⁿ values of E, n up to 24
 * @param make      precision, how many registers, and where they lie
 * @returns         registers that `begin` must fill
 * @throws          RangeError where the machine has no such memory
 * @cost            a layer takes 2·n·2ⁿ multiply-adds and, beyond 65,536 levels, 2ⁿ sines and cosines
 * @source          E. Farhi, J. Goldstone, S. Gutmann, arXiv:1411.4028; the diagonal kept: D. Lykov et al.,
 *                  arXiv:2309.04841
 */
export function simulatorOf(
  diagonal: Float64Array,
  { precision = 'double', registers = 1, mirrored = false, threads = 1, lay = layOut }: Make = {},
): Simulator {
  const n = Math.log2(diagonal.length);
  const values = levelsOf(diagonal);
  const kind = precision === 'single' ? Float32Array : Float64Array;
  const size = diagonal.length;
  const isForTwo =
    threads === 'free' ? n >= TEAM_FASTER && hasRoomForTwo() : threads === 2 && n >= TEAM_LEAST;
  // Two threads want a block each.
  const blockLog = Math.min(isForTwo ? n - 1 : n, BLOCK_LOG - Math.log2(kind.BYTES_PER_ELEMENT));
  const columns = n > blockLog ? 2 ** (n - blockLog + TILE_LOG) / kind.BYTES_PER_ELEMENT : 0;
  const pieces = {
    amplitudes: [kind, 2 * size * registers],
    levels: [Uint16Array, size],
    values: [Float64Array, values?.length ?? 1],
    table: [kind, 2 * (values?.length ?? 1)],
    scratch: [kind, isForTwo ? 2 * columns : columns],
  } as const;
  const team = isForTwo ? openTeam(pieces) : null;
  const space = team ?? lay(pieces);
  const { amplitudes, levels, values: kept } = space.arrays;
  if (values !== null) {
    kept.set(values);
    index({ diagonal, values, levels });
  }
  const states = Array.from({ length: registers }, (_, at) => ({
    n,
    re: amplitudes.subarray(2 * at * size, (2 * at + 1) * size),
    im: amplitudes.subarray((2 * at + 1) * size, (2 * at + 2) * size),
  }));
  const kernels = n < KERNEL_LEAST ? null : space.kernels;
  const held = { kernels, team, blockLog, arrays: space.arrays, diagonal, values, mirrored };
  return {
    n,
    diagonal,
    registers: states,
    begin: (register) => spread(states[register]!),
    apply: (register, layer) => applyLayer(held, states[register]!, layer),
    overlaps: (dual, state) => overlapsOf(held, states[dual]!, states[state]!),
    threads: () => (team?.isThere() === true ? 2 : 1),
    close: () => team?.close(),
  };
}

type Amplitudes = Float32Array | Float64Array;

interface Held {
  readonly kernels: Kernels | null;
  readonly team: Pick<Team<Pieces>, 'perform' | 'shared'> | null;
  /** Qubits of a block. */
  readonly blockLog: number;
  readonly arrays: {
    readonly levels: Uint16Array;
    readonly values: Float64Array;
    readonly table: Amplitudes;
    readonly scratch: Amplitudes;
  };
  readonly diagonal: Float64Array;
  readonly values: Float64Array | null;
  readonly mirrored: boolean;
}

/** All whole numbers of a short range, or the distinct values in order; null where there are too many. */
function levelsOf(diagonal: Float64Array): Float64Array | null {
  let [low, high, whole] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, true];
  for (const value of diagonal) {
    low = Math.min(low, value);
    high = Math.max(high, value);
    whole &&= Number.isInteger(value);
  }
  if (whole && high - low < LEVELS_MOST) {
    return Float64Array.from({ length: high - low + 1 }, (_, at) => low + at);
  }
  const seen = new Set<number>();
  for (const value of diagonal) {
    seen.add(value);
    if (seen.size > LEVELS_MOST) return null;
  }
  return Float64Array.from(seen).sort();
}

interface Indexed {
  readonly diagonal: Float64Array;
  readonly values: Float64Array;
  readonly levels: Uint16Array;
}

function index({ diagonal, values, levels }: Indexed): void {
  const low = values[0]!;
  // Whole numbers in a row tell their own places.
  if (values.at(-1)! - low === values.length - 1) {
    for (let x = 0; x < diagonal.length; x++) levels[x] = diagonal[x]! - low;
    return;
  }
  const places = new Map(Array.from(values, (value, place) => [value, place]));
  for (let x = 0; x < diagonal.length; x++) levels[x] = places.get(diagonal[x]!)!;
}

/** A quarter turn of all qubits takes φₓ from the opposite corner, where a mirrored state is the same; two are (−1)ⁿ. */
function applyLayer(
  { kernels, team, blockLog, arrays, diagonal, values, mirrored }: Held,
  state: State,
  { gamma, beta }: Layer,
): void {
  const quarters = Math.round(beta / (Math.PI / 2));
  const rest = beta - quarters * (Math.PI / 2);
  const { n, re, im } = state;
  const { levels, table, scratch } = arrays;
  const scale = Math.cos(rest) ** (mirrored ? n + 1 : n) * ((quarters & 2) !== 0 && n % 2 === 1 ? -1 : 1);
  if (values === null) phase(state, diagonal, gamma);
  (values ?? [0]).forEach((value, level) => {
    table[2 * level] = scale * Math.cos(gamma * value);
    table[2 * level + 1] = -scale * Math.sin(gamma * value);
  });
  const tangent = Math.tan(rest);
  if (team !== null) {
    turnByTwo(team, { state, arrays, blockLog, mirrored, tangent });
    if (!mirrored && (quarters & 1) !== 0) quarter(state);
    return;
  }
  if (kernels === null) {
    phaseInScript(state, levels, table);
    for (const part of [re, im]) turnInScript(part, tangent);
  } else {
    const layer = re instanceof Float32Array ? kernels.layer32 : kernels.layer64;
    const [real, imaginary, from, phases, spare] = [re, im, levels, table, scratch].map(
      ({ byteOffset }) => byteOffset,
    );
    layer(real!, imaginary!, from!, phases!, n, blockLog, TILE_LOG, spare!, tangent);
  }
  if (mirrored) turnMirrored(state, tangent, kernels);
  else if ((quarters & 1) !== 0) quarter(state);
}

interface Turning extends Pick<Held, 'arrays' | 'blockLog' | 'mirrored'> {
  readonly state: State;
  readonly tangent: number;
}

/** What one thread does in one go is done by shares, with a barrier wherever a share needs what another one did. */
function turnByTwo(
  team: Pick<Team<Pieces>, 'perform'>,
  { state, arrays, blockLog, mirrored, tangent }: Turning,
): void {
  const { n, re, im } = state;
  const isSingle = re instanceof Float32Array;
  const [real, imaginary] = [re.byteOffset, im.byteOffset];
  const { levels, table, scratch } = arrays;
  const low = [real, imaginary, levels.byteOffset, table.byteOffset, n, blockLog, tangent];
  team.perform(isSingle ? 'low32' : 'low64', low);
  const high = [real, imaginary, n, blockLog, TILE_LOG, scratch.byteOffset, tangent];
  team.perform(isSingle ? 'high32' : 'high64', high);
  if (!mirrored) return;
  team.perform(isSingle ? 'opposite32' : 'opposite64', [real, imaginary, n, mirrorFactor(n, tangent)]);
}

/** φₓ ← (−1)^(n−|x|)·φ of the complement of x: each qubit's (φ₀, φ₁) ← (−φ₁, φ₀). */
function quarter({ n, re, im }: State): void {
  for (const part of [re, im]) {
    part.reverse();
    for (let x = 0; x < part.length; x++) if (((n - bitCount(x)) & 1) !== 0) part[x] = -part[x]!;
  }
}

function bitCount(x: number): number {
  let rest = x;
  let count = 0;
  for (; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** Rounds as the array it came from does. */
function roundingOf(part: Amplitudes): (value: number) => number {
  return part instanceof Float32Array ? Math.fround : (value) => value;
}

function phaseInScript({ re, im }: State, levels: Uint16Array, table: Amplitudes): void {
  const round = roundingOf(re);
  for (let x = 0; x < re.length; x++) {
    const [cos, sin] = [table[2 * levels[x]!]!, table[2 * levels[x]! + 1]!];
    const [a, b] = [re[x]!, im[x]!];
    re[x] = round(a * cos) - round(b * sin);
    im[x] = round(a * sin) + round(b * cos);
  }
}

function turnInScript(part: Amplitudes, tangent: number): void {
  const round = roundingOf(part);
  const t = round(tangent);
  for (let stride = 1; stride < part.length; stride *= 2) {
    for (let x = 0; x < part.length; x++) {
      if ((x & stride) !== 0) continue;
      const [zero, one] = [part[x]!, part[x + stride]!];
      part[x] = zero - round(t * one);
      part[x + stride] = one + round(t * zero);
    }
  }
}

function overlapsOf(
  held: Held,
  dual: State,
  state: State,
): { readonly mixer: number; readonly phase: number } {
  const { arrays, diagonal, values } = held;
  // Sums are taken by one thread alone: in shares they would round in another way.
  const kernels = held.team?.shared ?? held.kernels;
  const { n, re, im } = state;
  if (!(re instanceof Float64Array)) throw new RangeError('overlaps are told of double precision alone');
  const last = held.mirrored ? mirroredOverlap(dual, state, kernels) : 0;
  if (kernels === null) {
    return { mixer: last + mixerInScript(dual, state), phase: phaseOverlap(diagonal, dual, state) };
  }
  const apart = im.byteOffset - re.byteOffset;
  const [l, p] = [dual.re.byteOffset, re.byteOffset];
  return {
    mixer: last + kernels.overlapMixer(l, p, apart, n, Math.min(n, OVERLAP_BLOCK_LOG)),
    phase:
      values === null
        ? phaseOverlap(diagonal, dual, state)
        : kernels.overlapPhase(l, p, apart, arrays.levels.byteOffset, arrays.values.byteOffset, n),
  };
}

/** In the form of `State` the pair (0, 1) of a qubit gives Re(λ̄₁·φ₀) − Re(λ̄₀·φ₁). */
function mixerInScript(dual: State, state: State): number {
  let sum = 0;
  for (let stride = 1; stride < state.re.length; stride *= 2) {
    for (let x = 0; x < state.re.length; x++) {
      if ((x & stride) !== 0) continue;
      const y = x + stride;
      sum += dual.re[y]! * state.re[x]! + dual.im[y]! * state.im[x]!;
      sum -= dual.re[x]! * state.re[y]! + dual.im[x]! * state.im[y]!;
    }
  }
  return sum;
}

function phaseOverlap(diagonal: Float64Array, dual: State, state: State): number {
  let sum = 0;
  for (let x = 0; x < diagonal.length; x++) {
    sum += diagonal[x]! * (dual.re[x]! * state.im[x]! - dual.im[x]! * state.re[x]!);
  }
  return sum;
}
