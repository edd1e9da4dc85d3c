/** The kernels of a layer by shares, for threads over one memory. Shares touch different amplitudes. */
import { turnAbove, turnLow } from './layer';

export { opposite32, opposite64, overlapOpposite } from './opposite';
export { overlapMixer, overlapPhase } from './overlap';

/**
 * Phase and lower qubits of the blocks of one share.
 *
 * @param re, im    2ⁿ numbers each, n above `blockLog`
 * @param levels    u16 an amplitude
 * @param table     cosine and sine for each level
 * @param n         qubits
 * @param blockLog  qubits of a block
 * @param tangent   of beta
 * @param share     0 to `shares` − 1
 * @param shares    how many; 2ᵏ, k up to n − `blockLog`
 */
export function low32(
  re: usize, im: usize, levels: usize, table: usize, n: i32, blockLog: i32, tangent: f64, share: i32, shares: i32,
): void {
  const t = f32x4.splat(<f32>tangent), each = (<usize>1 << (n + 2)) / shares;
  const t0 = f32x4.mul(t, f32x4(-1, 1, -1, 1)), t1 = f32x4.mul(t, f32x4(-1, -1, 1, 1));
  turnLow<f32>(re, im, levels, table, each * share, each * (share + 1), blockLog, t, t0, t1);
}

export function low64(
  re: usize, im: usize, levels: usize, table: usize, n: i32, blockLog: i32, tangent: f64, share: i32, shares: i32,
): void {
  const t = f64x2.splat(tangent), t0 = f64x2.mul(t, f64x2(-1, 1)), each = (<usize>1 << (n + 3)) / shares;
  turnLow<f64>(re, im, levels, table, each * share, each * (share + 1), blockLog, t, t0, t0);
}

/**
 * The qubits above a block, of the columns of one share.
 *
 * @param tileLog  logarithm of the bytes of a column; a share of a row has one or more
 * @param scratch  2^(n − blockLog + tileLog) bytes for each share
 */
export function high32(
  re: usize, im: usize, n: i32, blockLog: i32, tileLog: i32, scratch: usize, tangent: f64, share: i32, shares: i32,
): void {
  const each = (<usize>1 << (blockLog + 2)) / shares, mine = scratch + (<usize>share << (n - blockLog + tileLog));
  turnAbove<f32>(re, im, each * share, each * (share + 1), n, blockLog, tileLog, mine, f32x4.splat(<f32>tangent));
}

export function high64(
  re: usize, im: usize, n: i32, blockLog: i32, tileLog: i32, scratch: usize, tangent: f64, share: i32, shares: i32,
): void {
  const each = (<usize>1 << (blockLog + 3)) / shares, mine = scratch + (<usize>share << (n - blockLog + tileLog));
  turnAbove<f64>(re, im, each * share, each * (share + 1), n, blockLog, tileLog, mine, f64x2.splat(tangent));
}
