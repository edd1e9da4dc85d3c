/** The loops of an optimizer over all weights at once, as kernels and in JavaScript, equal to the last bit. */
import type { Kernels } from '../kernels/space.ts';

export interface AdamStep {
  /** Factor of the gradient. */
  readonly share: number;
  readonly rate: number;
  /** Factor of the root of the second moment. */
  readonly root: number;
  /** How much of a moment is renewed: one less its decay. */
  readonly first: number;
  readonly second: number;
  readonly epsilon: number;
  /** Factor of the weight before it moves. */
  readonly keep: number;
}

export interface MomentumStep {
  readonly share: number;
  readonly rate: number;
  readonly kept: number;
  readonly decay: number;
}

export interface SlowStep {
  readonly share: number;
  readonly fresh: number;
  readonly louder: number;
}

/**
 * Arrays are of one length, a multiple of 16, and lie in one space. Every number is rounded to 32 bits after each
 * operation unless it says doubles.
 */
export interface Updates {
  /** Σ a²: in floats over a block of 1024, the blocks in doubles; infinite where a square or a sum of a block is. */
  readonly squares: (a: Float32Array) => number;
  /** a ← a + b. */
  readonly accumulate: (a: Float32Array, b: Float32Array) => void;
  /** m ← m + first·(g' − m), v ← v + second·(g'² − v), w ← keep·w − rate·m/(root·√v + epsilon), with g' = share·g. */
  readonly adam: (at: Places, how: AdamStep) => void;
  /** m ← kept·m + share·g + decay·w, w ← w − rate·m. */
  readonly momentum: (at: Omit<Places, 'v'>, how: MomentumStep) => void;
  /** h ← h + fresh·(share·g − h), g ← share·g + louder·h. */
  readonly grokfast: (h: Float32Array, g: Float32Array, how: SlowStep) => void;
}

export interface Places {
  readonly w: Float32Array;
  readonly m: Float32Array;
  readonly v: Float32Array;
  readonly g: Float32Array;
}

/** @param kernels  of the space in which the arrays lie; null where there are none */
export function updatesBy(kernels: Kernels | null): Updates {
  return kernels === null ? UPDATES_IN_SCRIPT : updatesByKernel(kernels);
}

function updatesByKernel(kernels: Kernels): Updates {
  return {
    squares: (a) => kernels.squares(a.byteOffset, a.length),
    accumulate: (a, b) => kernels.blend(a.byteOffset, b.byteOffset, a.byteOffset, a.length, 1, 1),
    adam: ({ w, m, v, g }, { share, rate, root, first, second, epsilon, keep }) => {
      const places = [w, m, v, g].map((array) => array.byteOffset);
      kernels.adam(...places, w.length, share, rate, root, first, second, epsilon, keep);
    },
    momentum: ({ w, m, g }, { share, rate, kept, decay }) =>
      kernels.momentum(w.byteOffset, m.byteOffset, g.byteOffset, w.length, share, rate, kept, decay),
    grokfast: (h, g, { share, fresh, louder }) =>
      kernels.grokfast(h.byteOffset, g.byteOffset, g.length, share, fresh, louder),
  };
}

const round = Math.fround;
const BLOCK = 1024;
const LANES = 16;

const UPDATES_IN_SCRIPT: Updates = {
  squares(a) {
    let whole = 0;
    for (let from = 0; from < a.length; from += BLOCK) {
      const sums = new Float32Array(LANES);
      const until = Math.min(from + BLOCK, a.length);
      for (let at = from; at < until; at++) sums[at % LANES]! += round(a[at]! * a[at]!);
      const lanes = [0, 1, 2, 3].map((lane) =>
        round(round(sums[lane]! + sums[lane + 4]!) + round(sums[lane + 8]! + sums[lane + 12]!)),
      );
      whole += lanes[0]! + lanes[1]!;
      whole += lanes[2]! + lanes[3]!;
    }
    return whole;
  },
  accumulate(a, b) {
    for (let at = 0; at < a.length; at++) a[at]! += b[at]!;
  },
  adam({ w, m, v, g }, how) {
    const [share, rate, root] = [round(how.share), round(how.rate), round(how.root)];
    const [first, second] = [round(how.first), round(how.second)];
    const [epsilon, keep] = [round(how.epsilon), round(how.keep)];
    for (let at = 0; at < w.length; at++) {
      const gradient = round(g[at]! * share);
      const mean = round(m[at]! + round(first * round(gradient - m[at]!)));
      const energy = round(v[at]! + round(second * round(round(gradient * gradient) - v[at]!)));
      m[at] = mean;
      v[at] = energy;
      const size = round(round(round(Math.sqrt(energy)) * root) + epsilon);
      w[at] = round(w[at]! * keep) - round(round(rate * mean) / size);
    }
  },
  momentum({ w, m, g }, how) {
    const [share, rate, kept, decay] = [round(how.share), round(how.rate), round(how.kept), round(how.decay)];
    for (let at = 0; at < w.length; at++) {
      const gradient = round(round(g[at]! * share) + round(w[at]! * decay));
      const moved = round(round(m[at]! * kept) + gradient);
      m[at] = moved;
      w[at] = w[at]! - round(rate * moved);
    }
  },
  grokfast(h, g, how) {
    const [share, fresh, louder] = [round(how.share), round(how.fresh), round(how.louder)];
    for (let at = 0; at < g.length; at++) {
      const gradient = round(g[at]! * share);
      const slow = round(h[at]! + round(fresh * round(gradient - h[at]!)));
      h[at] = slow;
      g[at] = gradient + round(louder * slow);
    }
  },
};
