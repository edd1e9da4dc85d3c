/** One line of the table that the benchmarks print. */

export interface Figure {
  readonly what: string;
  readonly found: string;
  readonly target: string;
  /** Null where there is no target. */
  readonly met: boolean | null;
  /** What was measured beside it in the same run. */
  readonly peer: string;
}

/** A figure that must not be above its target. */
export function atMost(
  what: string,
  measured: {
    readonly value: number;
    readonly target: number;
    readonly unit: string;
    readonly digits?: number;
  },
  peer = '–',
): Figure {
  const { value, target, unit, digits = 2 } = measured;
  return {
    what,
    found: `${value.toFixed(digits)} ${unit}`,
    target: `${target} ${unit}`,
    met: value <= target,
    peer,
  };
}

/** A figure that must not be below its target. */
export function atLeast(
  what: string,
  measured: {
    readonly value: number;
    readonly target: number;
    readonly unit: string;
    readonly digits?: number;
  },
  peer = '–',
): Figure {
  return { ...atMost(what, measured, peer), met: measured.value >= measured.target };
}
