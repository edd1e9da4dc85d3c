/** As much of onnxruntime-web as is used; its own types speak of the browser, which a server's type check lacks. */
import type { Runtime } from './session.ts';

export const Tensor: Runtime['Tensor'];
export const InferenceSession: Runtime['InferenceSession'];
export const env: {
  readonly wasm: { numThreads?: number; wasmBinary?: Uint8Array };
  logLevel?: 'verbose' | 'info' | 'warning' | 'error' | 'fatal';
};
