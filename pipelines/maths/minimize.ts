/** Minimizes a smooth function of many variables by limited-memory BFGS, the same way every time. */

/** What to minimize, and when to stop. */
export interface Problem {
  /** Where to begin; not changed. */
  readonly start: Float64Array;
  /** Returns the value at a point and writes all of its gradient into the second argument. */
  readonly evaluate: (point: Float64Array, gradient: Float64Array) => number;
  /** Stops when no component of the gradient exceeds this. */
  readonly gradientTolerance: number;
  readonly iterationsMost: number;
  /** How many past steps stand in for the curvature; 8 unless told. */
  readonly memory?: number;
  readonly progress?: (iteration: number, value: number) => void;
}

export interface Minimum {
  readonly point: Float64Array;
  readonly value: number;
  readonly iterations: number;
  /** Whether the gradient met the tolerance, rather than the iterations or the precision having run out. */
  readonly converged: boolean;
}

/** A past step: how far the point moved, how much the gradient changed, and 1/⟨moved, changed⟩. */
interface Step {
  readonly moved: Float64Array;
  readonly changed: Float64Array;
  readonly rho: number;
}

interface Place {
  readonly point: Float64Array;
  readonly gradient: Float64Array;
  readonly value: number;
}

/** Sufficient decrease and curvature of the weak Wolfe conditions. */
const DECREASE = 1e-4;
const CURVATURE = 0.9;
const TRIALS_MOST = 40;

/**
 * xₖ₊₁ = xₖ − tₖ·Hₖ·∇f(xₖ), where Hₖ is the BFGS estimate of the inverse Hessian from the last `memory` steps and tₖ
 * meets the weak Wolfe conditions f(x+td) ≤ f(x) + 10⁻⁴·t·⟨∇f, d⟩ and ⟨∇f(x+td), d⟩ ≥ 0.9·⟨∇f, d⟩.
 *
 * @param problem  a function that is bounded below; its start has any length above 0
 * @returns        the best point found, its value, and whether its gradient is within the tolerance (∞-norm)
 * @throws         never; a function that gives NaN ends the search where it stands
 * @cost           one evaluation an iteration in most cases, and 4·memory·n multiply-adds
 * @source         J. Nocedal, S. Wright, Numerical Optimization, 2nd ed., algorithms 7.4 and 7.5; line search by
 *                 bisection: A. Lewis, M. Overton, Math. Programming 141 (2013), algorithm 2.6
 */
export function minimize(problem: Problem): Minimum {
  const { gradientTolerance, iterationsMost, memory = 8, progress } = problem;
  const past: Step[] = [];
  let place = placeAt(problem, problem.start.slice());

  for (let iteration = 0; ; iteration++) {
    const done = largest(place.gradient) <= gradientTolerance;
    if (done || iteration === iterationsMost) return ended(place, iteration, done);
    const direction = descent(place.gradient, past);
    const next = lineSearch(problem, place, direction);
    if (next === undefined) return ended(place, iteration, false);
    remember(past, stepBetween(place, next), memory);
    place = next;
    progress?.(iteration + 1, place.value);
  }
}

function ended({ point, value }: Place, iterations: number, converged: boolean): Minimum {
  return { point, value, iterations, converged };
}

function placeAt(problem: Problem, point: Float64Array): Place {
  const gradient = new Float64Array(point.length);
  const value = problem.evaluate(point, gradient);
  return { point, gradient, value };
}

/** −H·gradient by the two loops; without a past, −gradient shortened to length 1 at most. */
function descent(gradient: Float64Array, past: readonly Step[]): Float64Array {
  const direction = gradient.map((component) => -component);
  const last = past.at(-1);
  if (last === undefined) {
    scale(direction, 1 / Math.max(1, Math.sqrt(dot(gradient, gradient))));
    return direction;
  }
  const weights = new Float64Array(past.length);
  for (let k = past.length - 1; k >= 0; k--) {
    const { moved, changed, rho } = past[k]!;
    weights[k] = rho * dot(moved, direction);
    add(direction, changed, -weights[k]!);
  }
  scale(direction, 1 / (last.rho * dot(last.changed, last.changed)));
  for (let k = 0; k < past.length; k++) {
    const { moved, changed, rho } = past[k]!;
    add(direction, moved, weights[k]! - rho * dot(changed, direction));
  }
  return direction;
}

/** A place along the direction that meets both Wolfe conditions; undefined when precision does not allow one. */
function lineSearch(problem: Problem, from: Place, direction: Float64Array): Place | undefined {
  const slope = dot(from.gradient, direction);
  if (!(slope < 0)) return undefined;
  let [low, high, length] = [0, Number.POSITIVE_INFINITY, 1];
  let best: Place | undefined;
  for (let trial = 0; trial < TRIALS_MOST; trial++) {
    const point = from.point.slice();
    add(point, direction, length);
    const place = placeAt(problem, point);
    if (!(place.value <= from.value + DECREASE * length * slope)) {
      high = length;
    } else {
      best = place;
      if (dot(place.gradient, direction) >= CURVATURE * slope) return place;
      low = length;
    }
    length = high === Number.POSITIVE_INFINITY ? 2 * low : (low + high) / 2;
  }
  return best;
}

function stepBetween(before: Place, after: Place): Step {
  const moved = after.point.slice();
  add(moved, before.point, -1);
  const changed = after.gradient.slice();
  add(changed, before.gradient, -1);
  return { moved, changed, rho: 1 / dot(moved, changed) };
}

/** A step along which the slope did not grow would spoil the estimate, and is forgotten. */
function remember(past: Step[], step: Step, memory: number): void {
  if (!(step.rho > 0) || !Number.isFinite(step.rho)) return;
  past.push(step);
  if (past.length > memory) past.shift();
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

function add(target: Float64Array, source: Float64Array, times: number): void {
  for (let i = 0; i < target.length; i++) target[i]! += times * source[i]!;
}

function scale(target: Float64Array, by: number): void {
  for (let i = 0; i < target.length; i++) target[i]! *= by;
}

function largest(vector: Float64Array): number {
  let most = 0;
  for (const component of vector) most = Math.max(most, Math.abs(component));
  return most;
}
