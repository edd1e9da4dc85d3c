/** Finds ONNX Runtime: the native package where there is one, else the WebAssembly that ships with Fettle. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { openExternals } from './external.ts';
import { readView } from './read.ts';
import type { Runtime } from './session.ts';

const NATIVE = 'onnxruntime-node';
/** Seen from this file and from the bundle alike: both lie two folders deep. */
const WASM_FILE = new URL('../../action/wasm/onnxruntime.wasm.br', import.meta.url);

/** Which of the two was found; they give equal numbers but for the last digits of a float. */
export type RuntimeKind = 'native' | 'wasm';

export interface FoundRuntime {
  readonly kind: RuntimeKind;
  readonly runtime: Runtime;
}

/**
 * A plain `uses:` brings no packages, and an install may be cut off half-way: whatever is wrong with the native package,
 * the one that ships is taken.
 */
export async function findRuntime(
  native = nativeRuntime,
  wasm: () => Promise<Runtime> = wasmRuntime,
): Promise<FoundRuntime> {
  try {
    const runtime = await native();
    if (isRuntime(runtime)) return { kind: 'native', runtime };
  } catch {
    // Told by `fettle doctor`; the other one is as good but for its speed.
  }
  return { kind: 'wasm', runtime: await wasm() };
}

/** A package cut off in the middle of its install may load and yet have nothing in it. */
function isRuntime(found: Partial<Runtime>): boolean {
  return typeof found.InferenceSession?.create === 'function';
}

// The name is not written into the import, so that no bundler follows it and no type of it is read.
export function nativeRuntime(): Promise<Runtime> {
  const name: string = NATIVE;
  return import(name);
}

/**
 * @cost  about 0.3 s of processor time once: 40 ms to unpack, the rest to compile
 * @source  onnxruntime-web 1.30, `env.wasm.wasmBinary`
 */
export async function wasmRuntime(): Promise<Runtime> {
  const packed = await readFile(fileURLToPath(WASM_FILE));
  const runtime = await import('#onnxruntime-web');
  runtime.env.wasm.wasmBinary = brotliDecompressSync(packed);
  runtime.env.wasm.numThreads = 1;
  runtime.env.logLevel = 'error';
  const { Tensor, InferenceSession } = runtime;
  const create: Runtime['InferenceSession']['create'] = async (model, options) => {
    if (typeof model !== 'string') return InferenceSession.create(model, options);
    const bytes = await readFile(model);
    return InferenceSession.create(bytes, { ...options, externalData: await besides(model, bytes) });
  };
  return { Tensor, InferenceSession: { create } };
}

/** It has no files of its own: those that a model speaks of are handed to it whole. */
async function besides(model: string, bytes: Uint8Array) {
  const { external } = readView(bytes);
  openExternals(model, external).close();
  const locations = new Set(external.map(({ location }) => location));
  const reads = [...locations].map(async (location) => {
    return { path: location, data: await readFile(path.join(path.dirname(model), location)) };
  });
  return Promise.all(reads);
}
