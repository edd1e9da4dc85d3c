/** Asks a graph while its weights are being trained elsewhere, or leaves it as a model file with its weights inside. */
import { layOut, type LayOut } from '../kernels/space.ts';
import { encodeModel } from '../onnx/graph.ts';
import { modelOf, type Value } from '../onnx/build.ts';
import { type Machine, openResident } from '../onnx/resident.ts';
import { type Arrays, type Batch, fill, floatsOf, placesFor, tensorsOn } from './places.ts';

export interface Forward {
  /**
   * @returns what comes out with the weights of this moment; valid until the next call
   * @throws  batchUnfit, onnxRunFailed
   */
  readonly run: (batch: Batch) => Promise<Arrays>;
  readonly close: () => Promise<void>;
}

export interface Asked extends Machine {
  /** Values of floats of one graph, by the names under which they come out. */
  readonly outputs: Readonly<Record<string, Value>>;
  /** A trainer's, or others; read where they lie at every run. Those that the outputs do not need may be among them. */
  readonly weights: Arrays;
  readonly lay?: LayOut;
}

/** @returns a session, to be closed by whoever opened it */
export async function forwardOf({ outputs, weights, lay = layOut, ...machine }: Asked): Promise<Forward> {
  const model = modelOf({ name: 'forward', outputs });
  const places = placesFor(
    model.inputs.filter(({ name }) => !Object.hasOwn(weights, name)),
    lay,
  );
  const fetches = placesFor(model.outputs, lay);
  const session = await openResident(encodeModel(model), {
    ...machine,
    feeds: { ...places, ...tensorsOn(model.inputs, weights) },
    fetches,
  });
  const found = floatsOf(fetches);
  return {
    close: session.close,
    async run(batch) {
      fill(places, batch);
      await session.run();
      return found;
    },
  };
}
