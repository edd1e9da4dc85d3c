/** Weights of a small model as a file, and as arrays again, whatever codecs they went through. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createTensors } from '../tensors/safetensors.ts';
import type { Arrays } from '../training/places.ts';
import { openWeights } from '../transforms/weights.ts';

export type Shapes = Readonly<Record<string, readonly number[]>>;

/** Lets `act` work in a folder of its own, which is gone afterwards. */
export async function inFolder<T>(act: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(path.join(tmpdir(), 'fettle-forge-'));
  try {
    return await act(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes a new .safetensors file. */
export function writeWeights(file: string, weights: Arrays, shapes: Shapes): void {
  rmSync(file, { force: true });
  const tensors = Object.entries(shapes).map(([name, shape]) => ({ name, type: 'F32' as const, shape }));
  const writer = createTensors(file, tensors, { format: 'pt' });
  try {
    for (const { name } of tensors) writer.write(bytesOf(weights[name] ?? new Float32Array()));
  } catch (error) {
    writer.abandon();
    throw error;
  }
  writer.close();
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** All weights of a file, decoded. */
export function readWeights(file: string): Arrays {
  const opened = openWeights(file);
  try {
    const read = opened.weights.map(({ name, shape, stretches }) => {
      const values = new Float32Array(shape.reduce((product, side) => product * side, 1));
      let at = 0;
      for (const stretch of stretches()) {
        values.set(stretch, at);
        at += stretch.length;
      }
      return [name, values] as const;
    });
    return Object.fromEntries(read);
  } finally {
    opened.close();
  }
}

/** The bytes of a file with these weights. */
export async function bytesOfWeights(weights: Arrays, shapes: Shapes): Promise<Uint8Array> {
  return inFolder(async (folder) => {
    const file = path.join(folder, 'model.safetensors');
    writeWeights(file, weights, shapes);
    return readFileSync(file);
  });
}

/** The weights of a file's bytes, decoded. @throws tensorsMalformed */
export async function weightsOf(bytes: Uint8Array): Promise<Arrays> {
  return inFolder(async (folder) => {
    const file = path.join(folder, 'model.safetensors');
    writeFileSync(file, bytes);
    return readWeights(file);
  });
}
