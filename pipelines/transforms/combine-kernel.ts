/** The loop that adds deltas to their base: which elements of each count, whose sign wins, and by what is divided. */
import {
  type AssembledFunction,
  type Code,
  F32,
  get,
  I32,
  lanes,
  load,
  op,
  set,
  store,
  V128,
} from '../tensors/assembler.ts';
import { between, floats, overAll, range, SIGN } from './loops.ts';

/** Where the locals of one kernel lie. */
interface Places {
  readonly models: number;
  readonly lambda: number;
  readonly end: number;
  readonly sign: number;
  readonly divisor: number;
  readonly scaled: (model: number) => number;
  /** 0 least, 1 most, 2 scale, 3 weight. */
  readonly given: (model: number, which: number) => Code;
}

function placesFor(models: number): Places {
  const lambda = models + 3 + 4 * models;
  const end = lambda + 1;
  return {
    models,
    lambda,
    end,
    sign: end + 1 + models,
    divisor: end + 2 + models,
    scaled: (model) => end + 1 + model,
    given: (model, which) => op('f32x4.splat', get(models + 3 + 4 * model + which)),
  };
}

const sumOver = (models: number, of: (model: number) => Code): Code =>
  range(models)
    .map(of)
    .reduce((left, right) => op('f32x4.add', left, right));

/** eᵢ of every model into its local. */
function scale({ models, scaled, given }: Places): Code {
  return range(models).flatMap((model) => [
    ...set(scaled(model), load(get(1 + model))),
    ...set(
      scaled(model),
      op(
        'v128.and',
        op('f32x4.mul', get(scaled(model)), given(model, 2)),
        between(get(scaled(model)), given(model, 0), given(model, 1)),
      ),
    ),
  ]);
}

/** The sign bit of Σ eᵢ. */
function elect({ models, scaled, sign }: Places): Code {
  const negative = op(
    'f32x4.lt',
    sumOver(models, (model) => get(scaled(model))),
    lanes(0),
  );
  return set(sign, op('v128.and', negative, lanes(SIGN)));
}

const agrees = ({ scaled, sign }: Places, model: number): Code =>
  op('f32x4.gt', op('v128.xor', get(scaled(model)), get(sign)), lanes(0));

/** The sum of the weights of those that agree, 1 where it is 0. */
function divide(places: Places): Code {
  const { models, given, divisor } = places;
  const weights = sumOver(models, (model) => op('v128.and', given(model, 3), agrees(places, model)));
  const one = op('v128.bitselect', floats(1), get(divisor), op('f32x4.eq', get(divisor), lanes(0)));
  return [...set(divisor, weights), ...set(divisor, one)];
}

/**
 * (base, d₁ … dₙ, out, n, then for each model least, most, scale, weight, then lambda):
 * eᵢ = dᵢ·scaleᵢ where leastᵢ ≤ |dᵢ| ≤ mostᵢ, else 0; out ← base + lambda·Σ eᵢ. With `elects`, the sum takes only the
 * eᵢ whose sign is that of Σ eᵢ (a sum of 0 counts as positive); with `divides` it is divided by the sum of their
 * weights, or by 1 where that is 0.
 */
export function combine(kind: {
  readonly name: string;
  readonly models: number;
  readonly elects: boolean;
  readonly divides: boolean;
}): AssembledFunction {
  const { name, models, elects, divides } = kind;
  const places = placesFor(models);
  const { scaled, divisor, lambda, end } = places;
  const [base, out, n] = [0, models + 1, models + 2];
  const sum = sumOver(models, (model) =>
    elects ? op('v128.and', get(scaled(model)), agrees(places, model)) : get(scaled(model)),
  );
  const whole = divides ? op('f32x4.div', sum, get(divisor)) : sum;
  const moved = op('f32x4.mul', op('f32x4.splat', get(lambda)), whole);
  const body = [
    ...scale(places),
    ...(elects ? elect(places) : []),
    ...(divides ? divide(places) : []),
    ...store(get(out), op('f32x4.add', load(get(base)), moved)),
  ];
  const steps = Object.fromEntries(range(models + 2).map((local) => [local, 16]));
  return {
    name,
    takes: [...range(models + 3).map(() => I32), ...range(4 * models + 1).map(() => F32)],
    locals: [I32, ...range(models).map(() => V128), V128, V128],
    gives: null,
    body: overAll({ n, end, first: base }, steps, body),
  };
}
