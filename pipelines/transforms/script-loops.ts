/** The loops of merging in JavaScript alone, where kernels cannot run: the same operations in the same order. */
import type { Combination, Loops, Throw, Weighing } from './loops.ts';

const MAGNITUDE = 0x7fff_ffff;
const INFINITE = 0x7f80_0000;

export const LOOPS_IN_SCRIPT: Loops = {
  fromBrain(from, to) {
    const bits = bitsOf(to);
    for (let at = 0; at < to.length; at++) bits[at] = from[at]! << 16;
  },
  fromHalf(from, to) {
    to.set(new Float16Array(from.buffer, from.byteOffset, to.length));
  },
  toBrain(from, to) {
    const bits = bitsOf(from);
    for (let at = 0; at < bits.length; at++) {
      to[at] = (bits[at]! + 0x7fff + ((bits[at]! >>> 16) & 1)) >>> 16;
    }
  },
  toHalf(from, to) {
    new Float16Array(to.buffer, to.byteOffset, from.length).set(from);
  },
  subtract(base, a) {
    for (let at = 0; at < a.length; at++) a[at]! -= base[at]!;
  },
  countUpper(base, a, counting) {
    LOOPS_IN_SCRIPT.subtract(base, a);
    const bits = bitsOf(a);
    for (let at = 0; at < a.length; at++) counting[(bits[at]! & MAGNITUDE) >>> 15]! += 1;
  },
  countLower(a, bin, counting) {
    const bits = bitsOf(a);
    for (let at = 0; at < a.length; at++) {
      if ((bits[at]! & MAGNITUDE) >>> 15 === bin) counting[bits[at]! & 0x7fff]! += 1;
    }
  },
  drop(a, how) {
    const scale = Math.fround(how.scale);
    for (let at = 0; at < a.length; at++) {
      a[at] = hashed(how.index + at, how.seeds) < how.limit ? a[at]! * scale : 0;
    }
  },
  dot(a, b) {
    let [even, odd] = [0, 0];
    for (let at = 0; at < a.length; at += 2) {
      even += a[at]! * b[at]!;
      if (at + 1 < a.length) odd += a[at + 1]! * b[at + 1]!;
    }
    return even + odd;
  },
  blend(a, b, shares, out) {
    const [x, y] = [Math.fround(shares[0]), Math.fround(shares[1])];
    for (let at = 0; at < out.length; at++) out[at] = Math.fround(a[at]! * x) + Math.fround(b[at]! * y);
  },
  unbounded: (a) => bitsOf(a).some((bits) => (bits & MAGNITUDE) >= INFINITE),
  weigh,
  combine,
};

function bitsOf({ buffer, byteOffset, length }: Float32Array): Int32Array {
  return new Int32Array(buffer, byteOffset, length);
}

/** What decides a throw: 0 to 2³² − 1, for one place. */
export function hashed(place: number, [one, two]: Throw['seeds']): number {
  let value = (Math.imul(place, 0x9e37_79b1) + one) | 0;
  value = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  value = Math.imul(value ^ (value >>> 13) ^ two, 0xc2b2_ae35);
  return (value ^ (value >>> 16)) >>> 0;
}

function weigh({ tensors, weights, divisor }: Weighing, out: Float32Array): void {
  const rounded = Float32Array.from(weights);
  const by = Math.fround(divisor);
  for (let at = 0; at < out.length; at++) {
    // Unlike 0, −0 leaves what is added to it as it is.
    let sum = -0;
    for (let index = 0; index < tensors.length; index++) {
      sum = Math.fround(sum + Math.fround(tensors[index]![at]! * rounded[index]!));
    }
    out[at] = sum / by;
  }
}

function combine({ base, deltas, terms, lambda, kind }: Combination, out: Float32Array): void {
  const rounded = terms.map(({ least, most, scale, weight }) => {
    return Float32Array.of(least, most, scale, weight);
  });
  const share = Math.fround(lambda);
  const scaled = new Float32Array(deltas.length);
  for (let at = 0; at < out.length; at++) {
    let whole = -0;
    for (let index = 0; index < deltas.length; index++) {
      const [least, most, scale] = rounded[index]!;
      const delta = deltas[index]![at]!;
      const size = Math.abs(delta);
      scaled[index] = size >= least! && size <= most! ? delta * scale! : 0;
      whole = Math.fround(whole + scaled[index]!);
    }
    const sum = kind === 'all' ? whole : elected(scaled, { rounded, kind, sign: whole < 0 ? -1 : 1 });
    out[at] = base[at]! + Math.fround(share * sum);
  }
}

interface Election {
  readonly rounded: readonly Float32Array[];
  readonly kind: Combination['kind'];
  readonly sign: -1 | 1;
}

function elected(scaled: Float32Array, { rounded, kind, sign }: Election): number {
  let [sum, weights] = [-0, -0];
  for (let index = 0; index < scaled.length; index++) {
    const agrees = sign * scaled[index]! > 0;
    sum = Math.fround(sum + (agrees ? scaled[index]! : 0));
    weights = Math.fround(weights + (agrees ? rounded[index]![3]! : 0));
  }
  return kind === 'divided' ? Math.fround(sum / (weights === 0 ? 1 : weights)) : sum;
}
