/** Keeps the share of successes in a band by making what is asked harder or easier: a proportional-integral controller. */

export interface BandSettings {
  /** The share of successes that is wanted, and how far it may be off. */
  readonly target: number;
  readonly width: number;
  /** Levels a unit of error moves at once, and a unit of summed error. */
  readonly proportional: number;
  readonly integral: number;
  readonly levels: readonly [number, number];
}

export interface Band {
  /** The level to ask at now, within `levels`; not whole. */
  level(): number;
  /** Takes up the share of successes of a step. */
  hear(success: number): void;
}

/** 55% to 75% of successes. */
export const EDGE: BandSettings = {
  target: 0.65,
  width: 0.1,
  proportional: 2,
  integral: 0.4,
  levels: [1, 9],
};

/**
 * level = begin + Kp·e + Ki·Σe with e = success − target. The sum does not grow while the level stands at an end and
 * would go beyond it (anti-windup by conditional integration).
 *
 * @source  K. J. Åström, T. Hägglund, Advanced PID Control (2006), section 3.5
 */
export function bandOf({ target, proportional, integral, levels: [low, high] }: BandSettings): Band {
  let [sum, error] = [0, 0];
  const wanted = (): number => low + proportional * error + integral * sum;
  return {
    level: () => Math.min(high, Math.max(low, wanted())),
    hear(success) {
      error = success - target;
      const beyond = (wanted() >= high && error > 0) || (wanted() <= low && error < 0);
      if (!beyond) sum += error;
    },
  };
}

export function isWithin({ target, width }: BandSettings, success: number): boolean {
  return Math.abs(success - target) <= width + 1e-12;
}
