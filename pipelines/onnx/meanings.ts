/** One definition an operator: from inputs and attributes to outputs, in doubles. */
import type { Attribute } from './graph.ts';
import { normalCdf } from '../maths/special.ts';
import { countOf, filled, grown, numberAt, type Numbers, offsetOf } from './tensor.ts';

type Attributes = Readonly<Record<string, Attribute>>;

/** @returns one for each output, `outputs` of them */
type Meaning = (inputs: readonly Numbers[], attributes: Attributes, outputs: number) => readonly Numbers[];

export const MEANINGS: Readonly<Record<string, Meaning>> = {
  Add: binary((a, b) => a + b),
  Sub: binary((a, b) => a - b),
  Mul: binary((a, b) => a * b),
  Div: binary((a, b) => a / b),
  Neg: unary((x) => -x),
  Abs: unary(Math.abs),
  Sign: unary(Math.sign),
  Round: unary(roundedToEven),
  Exp: unary(Math.exp),
  Log: unary(Math.log),
  Sqrt: unary(Math.sqrt),
  Tanh: unary(Math.tanh),
  Erf: unary(erf),
  Sigmoid: unary((x) => 1 / (1 + Math.exp(-x))),
  Relu: unary((x) => Math.max(x, 0)),
  Gelu: unary((x) => 0.5 * x * (1 + erf(x / Math.SQRT2))),
  Identity: unary((x) => x),
  Clip: ([x, least, most]) =>
    unary((each) => Math.min(Math.max(each, least!.data[0]!), most!.data[0]!))([x!], {}, 1),
  Softmax: ([x], attributes) => [alongLast(x!, attributes, softmax)],
  LogSoftmax: ([x], attributes) => [alongLast(x!, attributes, (row) => softmax(row).map(Math.log))],
  MatMul: ([a, b]) => [product(a!, b!)],
  Gemm: ([a, b, c], attributes) => {
    const whole = product(
      intOf(attributes, 'transA', 0) === 1 ? turned(a!, [1, 0]) : a!,
      intOf(attributes, 'transB', 0) === 1 ? turned(b!, [1, 0]) : b!,
    );
    const [alpha, beta] = [floatOf(attributes, 'alpha', 1), floatOf(attributes, 'beta', 1)];
    const added = (place: readonly number[]) => (c === undefined ? 0 : beta * numberAt(c, place));
    return [made(whole, whole.shape, (place) => alpha * numberAt(whole, place) + added(place))];
  },
  Transpose: ([x], attributes) => [
    turned(x!, intsOf(attributes, 'perm') ?? x!.shape.map((_, axis) => axis).toReversed()),
  ],
  Reshape: ([x, shape]) => [{ ...x!, shape: [...shape!.data] }],
  Expand: ([x, shape]) => {
    const sides = grown(x!.shape, [...shape!.data]);
    return [made(x!, sides, (place) => numberAt(x!, place))];
  },
  ReduceSum: (inputs) => [reduced(inputs, (sum) => sum)],
  ReduceMean: (inputs) => [reduced(inputs, (sum, count) => sum / count)],
  LayerNormalization: ([x, scale, shift], attributes, outputs) =>
    layerNormalization([x!, scale!, shift!], floatOf(attributes, 'epsilon', 1e-5)).slice(0, outputs),
  Gather: ([table, indexes]) => {
    const rank = indexes!.shape.length;
    const sides = [...indexes!.shape, ...table!.shape.slice(1)];
    const row = (place: readonly number[]) => numberAt(indexes!, place.slice(0, rank));
    return [made(table!, sides, (place) => numberAt(table!, [row(place), ...place.slice(rank)]))];
  },
  GatherElements: ([x, indexes], attributes) => [
    made(x!, indexes!.shape, (place) =>
      numberAt(x!, place.with(intOf(attributes, 'axis', 0), numberAt(indexes!, place))),
    ),
  ],
  ScatterElements: ([x, indexes, updates], attributes) => {
    const data = x!.data.slice();
    filled(indexes!.shape, (place) => {
      data[offsetOf(x!.shape, place.with(intOf(attributes, 'axis', 0), numberAt(indexes!, place)))]! +=
        numberAt(updates!, place);
      return 0;
    });
    return [{ ...x!, data }];
  },
  Split: ([x, sizes], attributes) => {
    const axis = intOf(attributes, 'axis', 0);
    return [...sizes!.data].map((size, part) => {
      const before = sizes!.data.slice(0, part).reduce((sum, each) => sum + each, 0);
      const sides = x!.shape.with(axis, size);
      return made(x!, sides, (place) => numberAt(x!, place.with(axis, before + place[axis]!)));
    });
  },
  Concat: (parts, attributes) => {
    const axis = intOf(attributes, 'axis', 0);
    const ends = parts.map((_, part) =>
      parts.slice(0, part + 1).reduce((sum, { shape }) => sum + shape[axis]!, 0),
    );
    return [
      made(parts[0]!, parts[0]!.shape.with(axis, ends.at(-1)!), (place) => {
        const part = ends.findIndex((end) => place[axis]! < end);
        return numberAt(parts[part]!, place.with(axis, place[axis]! - (ends[part - 1] ?? 0)));
      }),
    ];
  },
};

function made(
  { type }: Numbers,
  shape: readonly number[],
  at: (place: readonly number[]) => number,
): Numbers {
  return { type, shape, data: filled(shape, at) };
}

function unary(of: (x: number) => number): Meaning {
  return ([x]) => [{ ...x!, data: x!.data.map((each) => of(each)) }];
}

function binary(of: (a: number, b: number) => number): Meaning {
  return ([a, b]) => {
    const whole = made(a!, grown(a!.shape, b!.shape), (place) =>
      of(numberAt(a!, place), numberAt(b!, place)),
    );
    return [whole];
  };
}

function erf(x: number): number {
  return 2 * normalCdf(x * Math.SQRT2) - 1;
}

/** Halves go to the even number. */
function roundedToEven(x: number): number {
  const near = Math.round(x);
  return Math.abs(x - Math.trunc(x)) === 0.5 && near % 2 !== 0 ? near - 1 : near;
}

function softmax(row: Float64Array): Float64Array {
  const most = row.reduce((a, b) => Math.max(a, b), -Infinity);
  const weights = row.map((each) => Math.exp(each - most));
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((each) => each / sum);
}

/** Only the last axis is ever asked for here. */
function alongLast(x: Numbers, attributes: Attributes, of: (row: Float64Array) => Float64Array): Numbers {
  const rank = x.shape.length;
  const axis = (intOf(attributes, 'axis', -1) + rank) % rank;
  if (axis !== rank - 1) throw new RangeError(`the last axis of ${rank}, not ${axis}`);
  const size = x.shape[axis]!;
  const data = x.data.slice();
  for (let from = 0; from < data.length; from += size) {
    data.set(of(x.data.subarray(from, from + size)), from);
  }
  return { ...x, data };
}

function product(a: Numbers, b: Numbers): Numbers {
  const inner = a.shape.at(-1)!;
  const outer = grown(a.shape.slice(0, -2), b.shape.slice(0, -2));
  return made(a, [...outer, a.shape.at(-2)!, b.shape.at(-1)!], (place) => {
    const [front, row, column] = [place.slice(0, -2), place.at(-2)!, place.at(-1)!];
    let sum = 0;
    for (let k = 0; k < inner; k++) {
      sum += numberAt(a, [...front, row, k]) * numberAt(b, [...front, k, column]);
    }
    return sum;
  });
}

function turned(x: Numbers, order: readonly number[]): Numbers {
  const sides = order.map((axis) => x.shape[axis]!);
  return made(x, sides, (place) =>
    numberAt(
      x,
      x.shape.map((_, axis) => place[order.indexOf(axis)]!),
    ),
  );
}

/** The axes stay, with a size of 1. */
function reduced([x, axes]: readonly Numbers[], of: (sum: number, count: number) => number): Numbers {
  const gone = [...axes!.data];
  const sides = x!.shape.map((size, axis) => (gone.includes(axis) ? 1 : size));
  const sums = new Float64Array(countOf(sides));
  filled(x!.shape, (place) => {
    sums[offsetOf(sides, place)]! += numberAt(x!, place);
    return 0;
  });
  const count = x!.data.length / sums.length;
  return { ...x!, shape: sides, data: sums.map((sum) => of(sum, count)) };
}

/** What is normalized, the mean, and 1/√(variance + epsilon). */
function layerNormalization(
  [x, scale, shift]: readonly [Numbers, Numbers, Numbers],
  epsilon: number,
): readonly Numbers[] {
  const last = { type: x.type, shape: [1], data: Float64Array.of(x.shape.length - 1) };
  const mean = reduced([x, last], (sum, count) => sum / count);
  const squares = made(x, x.shape, (place) => (numberAt(x, place) - numberAt(mean, place)) ** 2);
  const inverse = reduced([squares, last], (sum, count) => 1 / Math.sqrt(sum / count + epsilon));
  const normal = made(x, x.shape, (place) => {
    const each = (numberAt(x, place) - numberAt(mean, place)) * numberAt(inverse, place);
    return each * numberAt(scale, place) + numberAt(shift, place);
  });
  return [normal, mean, inverse];
}

function intOf(attributes: Attributes, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute?.kind === 'int' ? attribute.value : otherwise;
}

function floatOf(attributes: Attributes, name: string, otherwise: number): number {
  const attribute = attributes[name];
  return attribute?.kind === 'float' ? attribute.value : otherwise;
}

function intsOf(attributes: Attributes, name: string): readonly number[] | undefined {
  const attribute = attributes[name];
  return attribute?.kind === 'ints' ? attribute.value : undefined;
}
