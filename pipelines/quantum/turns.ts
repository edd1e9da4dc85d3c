/** Gates of one qubit as rotations, so that a row of them becomes one, and one becomes what a machine has. */

/** w − i·(x·X + y·Y + z·Z) with w² + x² + y² + z² = 1: any gate of one qubit, but for its phase. */
export type Turn = readonly [w: number, x: number, y: number, z: number];

/** Angles this close to one that needs fewer gates are taken for it; far above rounding, far below what shots show. */
const CLOSE = 1e-12;

export const STILL: Turn = [1, 0, 0, 0];
export const HADAMARD: Turn = [0, Math.SQRT1_2, 0, Math.SQRT1_2];
export const FLIP: Turn = [0, 1, 0, 0];
export const ROOT_OF_FLIP: Turn = aroundX(Math.PI / 2);

/** e^(−i·angle/2·X). */
export function aroundX(angle: number): Turn {
  return [Math.cos(angle / 2), Math.sin(angle / 2), 0, 0];
}

/** e^(−i·angle/2·Z). */
export function aroundZ(angle: number): Turn {
  return [Math.cos(angle / 2), 0, 0, Math.sin(angle / 2)];
}

/**
 * One turn and then another: the product second·first of their matrices.
 *
 * @param first   happens first
 * @param second  happens then
 * @returns       one turn
 * @throws        never
 * @cost          16 products
 * @source        W. R. Hamilton's product of quaternions
 */
export function joined(first: Turn, second: Turn): Turn {
  const [w, x, y, z] = second;
  const [a, b, c, d] = first;
  return [
    w * a - x * b - y * c - z * d,
    w * b + x * a + y * d - z * c,
    w * c - x * d + y * a + z * b,
    w * d + x * c - y * b + z * a,
  ];
}

/** rz(before), then rx(around), then rz(after). */
export interface Angles3 {
  readonly before: number;
  /** 0 to π. */
  readonly around: number;
  readonly after: number;
}

/**
 * The three rotations that a turn is, but for its phase.
 *
 * @param turn  any
 * @returns     radians; `around` is exactly 0, π/2 or π where it is close to it, and `before` 0 where `around` is
 * @throws      never
 * @cost        four trigonometric functions
 * @source      Euler's angles for Z, X, Z
 */
export function eulerOf([w, x, y, z]: Turn): Angles3 {
  const around = snapped(2 * Math.atan2(Math.hypot(x, y), Math.hypot(w, z)));
  const sum = around === Math.PI ? 0 : Math.atan2(z, w);
  const difference = around === 0 ? sum : Math.atan2(y, x);
  // With no turn around X, all of it stands after.
  return { before: sum - difference, around, after: sum + difference };
}

function snapped(angle: number): number {
  const near = [0, Math.PI / 2, Math.PI].find((target) => Math.abs(angle - target) < CLOSE);
  return near ?? angle;
}

/**
 * The same angle above −π and up to π, exactly 0 where it is close to it.
 *
 * @param angle  radians
 * @returns      radians
 * @throws       never
 * @cost         one division
 * @source       rz(t + 2π) = −rz(t), which is a phase of the whole
 */
export function wrapped(angle: number): number {
  const turns = angle - 2 * Math.PI * Math.round(angle / (2 * Math.PI));
  if (Math.abs(turns) < CLOSE) return 0;
  return turns <= -Math.PI ? turns + 2 * Math.PI : turns;
}
