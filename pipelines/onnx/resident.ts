/** A model run many times over the same memory: what goes in and comes out lies in arrays that stay where they are. */
import { onnxRefused, onnxRunFailed, onnxRuntimeMissing, providerMissing } from './faults.ts';
import { findRuntime, type FoundRuntime } from './runtime.ts';
import { type Runtime, type Tensor, type Tensors, wordsOf } from './session.ts';

export interface ResidentSession {
  /**
   * Runs on what lies in the inputs now, and leaves what comes out in the outputs.
   *
   * @throws onnxRunFailed
   */
  readonly run: () => Promise<void>;
  /** Gives the runtime's memory back; the arrays are the caller's. */
  readonly close: () => Promise<void>;
}

/** What computes, and how. */
export interface Machine {
  /** The processor unless told. Others are asked for alone: a model never falls back in silence. */
  readonly provider?: 'cpu' | 'cuda' | 'webgpu';
  /** Of the processor, in the native runtime; one unless told. The other runtime has one. */
  readonly threads?: number;
  /** Gives the runtime; the native one or that in WebAssembly unless told. */
  readonly find?: () => Promise<FoundRuntime>;
}

export interface Residence extends Machine {
  /** One array for each input of the model. */
  readonly feeds: Tensors;
  /** One array for each output that is wanted. */
  readonly fetches: Tensors;
}

/**
 * Opens a model on arrays.
 *
 * @param bytes      a whole `ModelProto`
 * @param residence  arrays of the sizes that the model's shapes say, which no other run may use at the same time
 * @returns          a session, to be closed by whoever opened it
 * @throws           onnxRuntimeMissing when no runtime can be loaded, onnxRefused when it refuses the bytes,
 *                   providerMissing when it has no such provider here
 * @cost             a run of the native runtime copies no input and each output once, and that copy is given back at once
 * @source           onnxruntime-node 1.30: `run(feeds, fetches)` reads typed arrays where they lie and fills those
 *                   given as fetches; onnxruntime-web 1.30 copies both, so outputs are copied again from its answer
 */
export async function openResident(bytes: Uint8Array, residence: Residence): Promise<ResidentSession> {
  const { feeds, fetches, find = findRuntime } = residence;
  const { kind, runtime } = await found(find);
  const session = await opened(runtime, bytes, residence);
  const given = tensorsOf(runtime, feeds);
  const wanted = tensorsOf(runtime, fetches);
  const places = Object.entries(fetches);
  return {
    close: () => session.release(),
    async run() {
      try {
        const answers = await (kind === 'native' ? session.run(given, wanted) : session.run(given));
        for (const [name, place] of places) {
          const answer = answers[name]?.data;
          if (kind === 'wasm') copied(answer, place);
          dropped(answer, place);
        }
      } catch (error) {
        throw onnxRunFailed({ said: wordsOf(error) }, error);
      }
    },
  };
}

async function found(find: () => Promise<FoundRuntime>): Promise<FoundRuntime> {
  try {
    return await find();
  } catch (error) {
    throw onnxRuntimeMissing({ native: 'onnxruntime-node', shipped: 'onnxruntime.wasm.br' }, error);
  }
}

async function opened(runtime: Runtime, bytes: Uint8Array, { provider = 'cpu', threads = 1 }: Machine) {
  try {
    return await runtime.InferenceSession.create(bytes, {
      executionProviders: [provider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Moments of weights that no longer move decay into numbers so small that processors take them a hundred times slower.
      extra: { session: { set_denormal_as_zero: '1' } },
    });
  } catch (error) {
    const said = wordsOf(error);
    throw provider === 'cpu' ? onnxRefused({ said }, error) : providerMissing({ provider, said }, error);
  }
}

function tensorsOf(runtime: Runtime, tensors: Tensors) {
  const made = Object.entries(tensors).map(([name, { type, data, dims }]) => {
    return [name, new runtime.Tensor(type, data, dims)] as const;
  });
  return Object.fromEntries(made);
}

/**
 * Gives the memory of a copy back now. Left to the collector, each run would be handed new pages for its outputs, and
 * touching them for the first time takes five times as long as filling them.
 */
function dropped(answer: unknown, { data }: Tensor): void {
  if (!(answer instanceof Float32Array || answer instanceof BigInt64Array)) return;
  if (answer.buffer instanceof ArrayBuffer && answer.buffer !== data.buffer) answer.buffer.transfer(0);
}

function copied(from: unknown, { type, data }: Tensor): void {
  if (type === 'float32' && from instanceof Float32Array) data.set(from);
  else if (type === 'int64' && from instanceof BigInt64Array) data.set(from);
  else throw new TypeError(`an output that is no ${type}`);
}
