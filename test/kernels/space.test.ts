import { readFileSync } from 'node:fs';
import path from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compiledKernels } from '../../action/compile-kernels.ts';
import { KERNELS_DIGEST, layOut, layOutInScript } from '../../pipelines/kernels/space.ts';
import { digestOf } from '../../registry/base/digest.ts';

const SHIPPED = path.resolve(import.meta.dirname, '../../action/wasm/kernels.wasm.br');

describe('the kernels that ship', () => {
  it('are what their sources compile to, byte for byte, and what the code knows', async () => {
    const compiled = await compiledKernels();
    expect(brotliDecompressSync(readFileSync(SHIPPED)).equals(compiled)).toBe(true);
    expect(digestOf(compiled)).toBe(KERNELS_DIGEST);
  });
});

describe('a space', () => {
  it('lays arrays of zeros out one after the other, at multiples of 64 bytes', () => {
    const { kernels, arrays } = layOut({ a: [Int8Array, 3], b: [Float64Array, 70_000] });
    expect(kernels).not.toBeNull();
    expect([arrays.a.byteOffset, arrays.b.byteOffset]).toEqual([0, 64]);
    expect(arrays.a.buffer).toBe(arrays.b.buffer);
    expect([arrays.a.length, arrays.b.length, arrays.b.some((value) => value !== 0)]).toEqual([
      3,
      70_000,
      false,
    ]);
  });

  it('is its own each time', () => {
    const [one, other] = [0, 1].map(() => layOut({ a: [Int32Array, 1] }).arrays);
    one!.a[0] = 7;
    expect(other!.a[0]).toBe(0);
  });

  it('has arrays and no kernels in script', () => {
    const { kernels, arrays } = layOutInScript({ a: [Uint16Array, 2] });
    expect([kernels, arrays.a.length]).toEqual([null, 2]);
  });
});
