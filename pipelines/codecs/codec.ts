/** The port of this room: what a codec of weights is. Adding one = one file here, one line in index.ts, one test. */

/** Bytes that are stored beside each other under the tensor's name. */
export interface Part {
  readonly name: string;
  readonly type: 'U8' | 'I8' | 'F16';
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

export type Parts = Readonly<Record<string, Uint8Array>>;

export interface Codec {
  readonly name: string;
  /** One sentence: what a weight becomes, and how many bits it takes. */
  readonly says: string;
  /** The same weights give the same bytes on every machine. Weights are finite. */
  encode(weights: Float32Array): readonly Part[];
  /** What `encode` gave, as weights again; `parts` by their names, `count` weights. */
  decode(parts: Parts, count: number): Float32Array;
}

export function part(name: string, type: Part['type'], data: Uint8Array | Int8Array | Float16Array): Part {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { name, type, shape: [data.length], bytes };
}

/** A copy, because the parts of a file lie at any address and halves only at even ones. */
export function halvesOf(bytes: Uint8Array | undefined): Float16Array {
  return new Float16Array((bytes ?? new Uint8Array()).slice().buffer);
}

/** Where a number of some bits lies: its lowest bit first, from a bit on. */
export interface BitField {
  readonly from: number;
  readonly width: number;
  readonly value: number;
}

/** The bits must be 0 before. */
export function putBits(bytes: Uint8Array, { from, width, value }: BitField): void {
  for (let done = 0; done < width;) {
    const [at, shift] = [(from + done) >> 3, (from + done) & 7];
    bytes[at]! |= (value >> done) << shift;
    done += 8 - shift;
  }
}

/** The number that `putBits` put there; a width of at most 16. */
export function bitsAt(bytes: Uint8Array, from: number, width: number): number {
  const at = from >> 3;
  const three = bytes[at]! | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16);
  return (three >> (from & 7)) & (2 ** width - 1);
}
