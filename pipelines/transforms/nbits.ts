/** Matrices of few bits as `MatMulNBits` multiplies them: what a codec stored, brought to the form that ONNX Runtime reads. */
import { GROUP, unpackTrits } from '../codecs/grouped.ts';
import { halvesOf, type Codec, type Parts } from '../codecs/codec.ts';
import type { GraphNode, Initializer } from '../onnx/graph.ts';
import { floatInitializer } from '../onnx/graph.ts';

/** Codecs whose numbers the operator multiplies as they are, and the bits that it takes for one. */
export const OPERATOR_BITS: Readonly<Record<string, 2 | 4 | 8>> = { ternary: 2, int4: 4, int8: 8 };

/** A matrix in rows, one for each output: `rows × columns` numbers, row-major. */
interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: Float32Array;
}

/** The weights of one multiplication. */
export interface NBits {
  readonly bits: 2 | 4 | 8;
  readonly rows: number;
  readonly columns: number;
  /** `rows × ceil(columns/128) × 16·bits`, the lowest bits first along a row; code − 2^(bits−1) is the number. */
  readonly codes: Uint8Array;
  /** `rows × ceil(columns/128)`. */
  readonly scales: Float32Array;
}

/**
 * w ≈ (code − 2^(bits−1)) · scale, with a scale for 128 weights of a row. The numbers are those of the codec, which
 * encodes each row filled up with zeros to a multiple of 128; nothing is rounded twice.
 *
 * @param codec   one of `OPERATOR_BITS`
 * @param matrix  finite weights
 * @returns       what `MatMulNBits` takes as B and scales, with block size 128
 * @throws        RangeError for another codec: a programmer's error
 * @cost          as the codec's `encode`
 * @source        onnxruntime docs/ContribOperators.md, com.microsoft.MatMulNBits
 */
export function packNBits(codec: Codec, { rows, columns, values }: Matrix): NBits {
  const bits = OPERATOR_BITS[codec.name];
  if (bits === undefined) throw new RangeError(`MatMulNBits does not multiply what ${codec.name} stores`);
  const width = Math.ceil(columns / GROUP) * GROUP;
  const filled = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    filled.set(values.subarray(row * columns, (row + 1) * columns), row * width);
  }
  const parts: Parts = Object.fromEntries(codec.encode(filled).map(({ name, bytes }) => [name, bytes]));
  const stored = parts['codes']!;
  const codes = bits === 2 ? unpackTrits(stored).subarray(0, filled.length / 4) : shifted(stored, bits);
  return { bits, rows, columns, codes, scales: Float32Array.from(halvesOf(parts['scales'])) };
}

/** Two's complement to a number that counts from 0: the sign bit turned over. */
function shifted(codes: Uint8Array, bits: 4 | 8): Uint8Array {
  return codes.map((byte) => byte ^ (bits === 4 ? 0x88 : 0x80));
}

/** The weights that the operator multiplies by, in rows. */
export function unpackNBits({ bits, rows, columns, codes, scales }: NBits): Float32Array {
  const width = Math.ceil(columns / GROUP) * GROUP;
  const [zero, each, most] = [2 ** (bits - 1), 8 / bits, 2 ** bits - 1];
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const at = row * width + column;
      const code = (codes[Math.floor(at / each)]! >> (bits * (at % each))) & most;
      values[row * columns + column] = (code - zero) * scales[Math.floor(at / GROUP)]!;
    }
  }
  return values;
}

/** Activations are rounded to 8 bits: without, two- and eight-bit weights are multiplied a hundred times slower. */
const ACCURACY_LEVEL = 4;

interface Multiplication {
  readonly input: string;
  readonly output: string;
  /** Of the weights; their two constants are named after it. */
  readonly weights: string;
  readonly packed: NBits;
}

/** output = input · weightsᵀ as a node, and its two constants. */
export function multiplied({ input, output, weights, packed }: Multiplication): {
  readonly node: GraphNode;
  readonly constants: readonly [Initializer, Initializer];
} {
  const { bits, rows, columns, codes, scales } = packed;
  const blocks = Math.ceil(columns / GROUP);
  const names = [`${weights}.codes`, `${weights}.scales`] as const;
  const whole = (value: number) => ({ kind: 'int' as const, value });
  const node: GraphNode = {
    operator: 'MatMulNBits',
    domain: 'com.microsoft',
    inputs: [input, ...names],
    outputs: [output],
    attributes: {
      K: whole(columns),
      N: whole(rows),
      bits: whole(bits),
      block_size: whole(GROUP),
      accuracy_level: whole(ACCURACY_LEVEL),
    },
  };
  const dims = [rows, blocks, (GROUP * bits) / 8];
  const packedCodes: Initializer = { name: names[0], type: 'uint8', dims, raw: codes };
  return { node, constants: [packedCodes, floatInitializer(names[1], [rows * blocks], scales)] };
}
