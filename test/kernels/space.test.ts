import { readFileSync } from 'node:fs';
import { brotliDecompressSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { compiledKernels } from '../../action/compile-kernels.ts';
import { KERNEL_FILES } from '../../pipelines/kernels/files.ts';
import { layOut, layOutInScript } from '../../pipelines/kernels/space.ts';
import { digestOf } from '../../registry/base/digest.ts';

describe('the kernels that ship', () => {
  it.each(['index', 'shared'] as const)(
    'are what their sources compile to, byte for byte, and what the code knows: %s',
    async (entry) => {
      const compiled = await compiledKernels(entry);
      const { url, digest } = KERNEL_FILES[entry];
      expect(brotliDecompressSync(readFileSync(url)).equals(compiled)).toBe(true);
      expect(digestOf(compiled)).toBe(digest);
    },
  );
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
