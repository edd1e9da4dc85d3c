/** Where the inputs and outputs of a graph lie while it is run again and again, and how a batch gets there. */
import { batchUnfit } from './faults.ts';
import type { LayOut } from '../kernels/space.ts';
import { sizeOf } from '../onnx/build.ts';
import type { Port } from '../onnx/graph.ts';
import type { Tensor, Tensors } from '../onnx/session.ts';

/** Numbers for each input that is neither a weight nor frozen, row-major; whole numbers of 32 bits for int64. */
export type Batch = Readonly<Record<string, ArrayLike<number>>>;

/** Floats by name, row-major. */
export type Arrays = Readonly<Record<string, Float32Array>>;

/** Room for each port, as the runtime takes it. */
export function placesFor(ports: readonly Port[], lay: LayOut): Tensors {
  const sizes = ports.map(({ dims }) => sizeOf(dims.map(Number)));
  const floats = sizes.map((size, index) => [`float ${index}`, [Float32Array, size]] as const);
  const wholes = sizes.map((size, index) => [`whole ${index}`, [Int32Array, 2 * size]] as const);
  const isWhole = (index: number) => ports[index]!.type === 'int64';
  const { arrays: laidFloats } = lay(Object.fromEntries(floats.filter((_, index) => !isWhole(index))));
  const { arrays: laidWholes } = lay(Object.fromEntries(wholes.filter((_, index) => isWhole(index))));
  const made = ports.map(({ name, dims: sides }, index) => {
    const dims = sides.map(Number);
    const halves = laidWholes[`whole ${index}`];
    return [
      name,
      halves === undefined ? floatsAt(dims, laidFloats[`float ${index}`]!) : wholesAt(dims, halves),
    ];
  });
  return Object.fromEntries(made);
}

function floatsAt(dims: readonly number[], data: Float32Array): Tensor {
  return { type: 'float32', dims, data };
}

/** A space has no integers of 64 bits: two of 32 stand for one. */
function wholesAt(dims: readonly number[], { buffer, byteOffset, length }: Int32Array<ArrayBuffer>): Tensor {
  return { type: 'int64', dims, data: new BigInt64Array(buffer, byteOffset, length / 2) };
}

/** Floats where they lie, as the runtime takes them. */
export function tensorsOn(ports: readonly Port[], arrays: Arrays): Tensors {
  const made = ports.flatMap(({ name, dims }): readonly (readonly [string, Tensor])[] => {
    const data = arrays[name];
    return data === undefined ? [] : [[name, floatsAt(dims.map(Number), data)]];
  });
  return Object.fromEntries(made);
}

/**
 * Brings a batch to its places.
 *
 * @throws batchUnfit when an input is missing, unknown, of another size, or holds no whole numbers where it must
 */
export function fill(places: Tensors, batch: Batch): void {
  for (const name of Object.keys(batch)) {
    if (Object.hasOwn(places, name)) continue;
    throw batchUnfit({ input: name, wanted: `one of ${Object.keys(places).join(', ')}`, found: 'another' });
  }
  for (const [name, { type, data }] of Object.entries(places)) {
    const numbers = batch[name];
    if (numbers?.length !== data.length) {
      const found = numbers === undefined ? 'none' : `${numbers.length}`;
      throw batchUnfit({ input: name, wanted: `${data.length} numbers`, found });
    }
    if (type === 'float32') data.set(numbers);
    else fillWhole(name, numbers, data);
  }
}

/** The low and the high 32 bits of each, since a bigint for each would take longer than a small step. */
function fillWhole(name: string, numbers: ArrayLike<number>, data: BigInt64Array): void {
  const halves = new Int32Array(data.buffer, data.byteOffset, 2 * data.length);
  for (let at = 0; at < numbers.length; at++) {
    const low = numbers[at]! | 0;
    if (low !== numbers[at]) {
      throw batchUnfit({ input: name, wanted: 'whole numbers of 32 bits', found: `${numbers[at]} at ${at}` });
    }
    halves[2 * at] = low;
    halves[2 * at + 1] = low >> 31;
  }
}

/** The floats among the places, by name. */
export function floatsOf(places: Tensors): Arrays {
  const found = Object.entries(places).flatMap(([name, { type, data }]) =>
    type === 'float32' ? [[name, data] as const] : [],
  );
  return Object.fromEntries(found);
}
