/** A model that ONNX Runtime has opened and can be asked; the runtime is loaded only when the first one is opened. */
import { onnxRefused, onnxRunFailed, onnxRuntimeMissing } from './faults.ts';
import { findRuntime } from './runtime.ts';

/** What goes in and comes out; elements in row-major order. */
export type Tensor =
  | { readonly type: 'float32'; readonly dims: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'int64'; readonly dims: readonly number[]; readonly data: BigInt64Array };

export type Tensors = Readonly<Record<string, Tensor>>;

export interface OnnxSession {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** @throws onnxRunFailed when names, types or shapes do not fit, or an output is neither float32 nor int64 */
  readonly run: (feeds: Tensors) => Promise<Tensors>;
  /** Gives the runtime's memory back; the session cannot be asked afterwards. */
  readonly close: () => Promise<void>;
}

/**
 * As much of either package as is used. The types of the packages themselves speak of the browser (`ImageData`,
 * `WebGLTexture`), which a server's type check does not know.
 */
export interface Runtime {
  readonly Tensor: new (
    type: string,
    data: Float32Array | BigInt64Array,
    dims: readonly number[],
  ) => RuntimeTensor;
  readonly InferenceSession: {
    /** Of bytes, or of the file at a path, beside which its external constants lie. */
    create(model: Uint8Array | string, options: Readonly<Record<string, unknown>>): Promise<RuntimeSession>;
  };
}

interface RuntimeTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

interface RuntimeSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  /** Outputs that are given as fetches are written where they lie, by the native runtime alone. */
  run(
    feeds: Readonly<Record<string, RuntimeTensor>>,
    fetches?: Readonly<Record<string, RuntimeTensor>>,
  ): Promise<Readonly<Record<string, RuntimeTensor>>>;
  release(): Promise<void>;
}

/** One thread, so that sums are added in one order and a shared machine is left to others; only errors are logged. */
const OPTIONS = {
  // Native; the other runtime takes it for its own processor code.
  executionProviders: ['cpu'],
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
} as const;

/**
 * Opens a model with ONNX Runtime on one thread of the processor.
 *
 * @param model  a whole `ModelProto`, or the path of one whose constants may lie in files beside it
 * @param load   gives the runtime; the native one or that in WebAssembly unless told
 * @returns      a session, to be closed by whoever opened it
 * @throws       onnxRuntimeMissing when neither can be loaded, onnxRefused when it refuses the bytes
 * @cost         about 40 ms for loading the native runtime once, 300 ms for the other, then about a millisecond a megabyte
 * @source       onnxruntime-node 1.30, `InferenceSession.create`
 */
export async function openSession(model: Uint8Array | string, load = loadRuntime): Promise<OnnxSession> {
  const runtime = await loaded(load);
  const session = await opened(runtime, model);
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    run: (feeds) => run(runtime, session, feeds),
    close: () => session.release(),
  };
}

async function loadRuntime(): Promise<Runtime> {
  return (await findRuntime()).runtime;
}

async function loaded(load: () => Promise<Runtime>): Promise<Runtime> {
  try {
    return await load();
  } catch (error) {
    throw onnxRuntimeMissing({ native: 'onnxruntime-node', shipped: 'onnxruntime.wasm.br' }, error);
  }
}

async function opened(runtime: Runtime, model: Uint8Array | string): Promise<RuntimeSession> {
  try {
    return await runtime.InferenceSession.create(model, OPTIONS);
  } catch (error) {
    throw onnxRefused({ said: wordsOf(error) }, error);
  }
}

async function run(runtime: Runtime, session: RuntimeSession, feeds: Tensors): Promise<Tensors> {
  try {
    const given = Object.entries(feeds).map(([name, { type, data, dims }]) => {
      return [name, new runtime.Tensor(type, data, dims)] as const;
    });
    const answers = await session.run(Object.fromEntries(given));
    return Object.fromEntries(Object.entries(answers).map(([name, tensor]) => [name, typed(name, tensor)]));
  } catch (error) {
    throw onnxRunFailed({ said: wordsOf(error) }, error);
  }
}

function typed(name: string, { type, dims, data }: RuntimeTensor): Tensor {
  if (data instanceof Float32Array) return { type: 'float32', dims: [...dims], data };
  if (data instanceof BigInt64Array) return { type: 'int64', dims: [...dims], data };
  throw new TypeError(`output ${name} is ${type}, neither float32 nor int64`);
}

/** The first line of what was said, without stack or addresses. */
export function wordsOf(error: unknown): string {
  const [first = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
  return first.slice(0, 300);
}
