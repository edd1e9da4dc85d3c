/**
 * Trains any graph that gives a loss: its gradients are a graph too, ONNX Runtime runs that, and a fused loop moves the
 * weights. Weights, moments and gradients lie in one memory and stay there.
 *
 *     const net = decoder({ layers: 2, width: 128, heads: 4, context: 128, vocabulary: 256, batch: 8 });
 *     const trainer = await trainerOf({
 *       loss: nextTokenLoss(net),              // any scalar value of any graph
 *       weights: net.initial(seed),            // the graph's inputs that are trained, by name
 *       optimizer: OptimizerSettings.parse({ kind: 'adamw', rate: 3e-4, clipNorm: 1 }),
 *       seed,
 *     });
 *     const { step, loss, norm } = await trainer.step({ tokens, targets });  // the inputs that are left, by name
 *     const forward = await forwardOf({ outputs: { logits: net.logits }, weights: trainer.weights });
 *     const { logits } = await forward.run({ tokens });                      // with the weights of this moment
 *     const bytes = encodeCheckpoint(trainer.state());                       // safetensors; the weights by their names
 *     await trainerOf({ …, from: decodeCheckpoint(bytes) });                 // goes on to the same bits
 */
import { layOut, type LayOut } from '../kernels/space.ts';
import { randomAt, randomOf, type RandomWords, type ResumableRandom } from '../maths/random.ts';
import { modelOf, sizeOf, type Value } from '../onnx/build.ts';
import { gradientsOf } from '../onnx/differentiate.ts';
import { encodeModel, type OnnxModel } from '../onnx/graph.ts';
import { type Machine, openResident } from '../onnx/resident.ts';
import type { Tensors } from '../onnx/session.ts';
import { type Desk, deskOf, type Moments } from './desk.ts';
import type { OptimizerSettings } from './optimizer.ts';
import { type Arrays, type Batch, fill, floatsOf, placesFor, tensorsOn } from './places.ts';

/** What training can go on from: copies, by the names of the weights. */
export interface TrainingState extends Moments {
  /** Steps done. */
  readonly step: number;
  readonly random: RandomWords;
  /** One for each step. */
  readonly losses: Float32Array;
}

export interface Training extends Machine {
  /** A scalar of the graph. */
  readonly loss: Value;
  /** Where they begin, for each input of the graph that is to be trained. */
  readonly weights: Arrays;
  /** For inputs of the graph that stay as they are. */
  readonly frozen?: Arrays;
  /** Values of floats that a step gives besides the loss, as they were before it. */
  readonly outputs?: Readonly<Record<string, Value>>;
  readonly optimizer: OptimizerSettings;
  /** Of the trainer's random numbers. */
  readonly seed: number;
  /** Goes on from there; weights and random numbers are then those of the state. */
  readonly from?: TrainingState;
  /** Batches that are taken together for one step; 1 unless told. */
  readonly batches?: number;
  /** Where everything lies; in the kernels' memory unless told. */
  readonly lay?: LayOut;
}

export interface Stepped {
  /** 1 for the first. */
  readonly step: number;
  /** Mean of the batches, before the step. */
  readonly loss: number;
  /** Length of the gradient before it was clipped. */
  readonly norm: number;
  /** Of the last batch; valid until the next step. */
  readonly outputs: Arrays;
}

export interface Trainer {
  /** As they are now, not copies: whoever writes into them changes the model. */
  readonly weights: Arrays;
  /** Part of the state: who draws batches from it draws the same ones after a resumption. */
  readonly random: ResumableRandom;
  /** Steps done so far, those before a resumption included. */
  readonly steps: () => number;
  /**
   * @param batch      one batch, or as many as the training says
   * @param rateShare  factor of the optimizer's rate, for schedules; 1 unless told
   * @throws           batchUnfit; trainingDiverged where the loss or a gradient is no finite number: then nothing has moved
   */
  readonly step: (batch: Batch | readonly Batch[], rateShare?: number) => Promise<Stepped>;
  readonly state: () => TrainingState;
  readonly close: () => Promise<void>;
}

const LOSS = 'loss';
/** Before the name of the weight whose gradient it is. */
const GRADIENT = 'gradient of ';
/**
 * Opens a graph for training.
 *
 * @param training  a loss and where it begins
 * @returns         a trainer, to be closed by whoever opened it
 * @throws          notDifferentiable, checkpointUnfit, batchUnfit for what is frozen, faults of `openResident`; RangeError
 *                  when a weight has another size than its input: a programmer's error
 * @cost            10 to 50 ms for the session; 16 bytes a weight with AdamW, 12 with SGD, 4 more with Grokfast and 4 more
 *                  where a step takes several batches
 * @source          reverse-mode differentiation in `differentiate.ts`; optimizers in `optimizer.ts`
 */
export async function trainerOf(training: Training): Promise<Trainer> {
  const { seed, from, batches = 1, lay = layOut, frozen = {} } = training;
  const model = gradientModel(training);
  const desk = deskOf({ ...training, batches, lay });
  const given = placesFor(
    model.inputs.filter(({ name }) => !Object.hasOwn(desk.weights, name)),
    lay,
  );
  const told = placesFor(
    model.outputs.filter(({ name }) => !name.startsWith(GRADIENT)),
    lay,
  );
  fill(
    only(given, (name) => Object.hasOwn(frozen, name)),
    frozen,
  );
  const changes = only(given, (name) => !Object.hasOwn(frozen, name));
  const gradients = Object.entries(desk.gradients).map(([name, array]) => [GRADIENT + name, array]);
  const session = await openResident(encodeModel(model), {
    ...training,
    feeds: { ...given, ...tensorsOn(model.inputs, desk.weights) },
    fetches: { ...told, ...tensorsOn(model.outputs, Object.fromEntries(gradients)) },
  });

  const random = from === undefined ? randomOf(seed) : randomAt(from.random);
  const { [LOSS]: lossPlace, ...outputs } = floatsOf(told);
  const losses: number[] = [...(from?.losses ?? [])];
  return {
    weights: desk.weights,
    random,
    steps: () => losses.length,
    close: session.close,
    state: () => ({
      step: losses.length,
      random: random.words(),
      losses: Float32Array.from(losses),
      ...copied(desk),
    }),
    async step(batch, rateShare = 1) {
      const list: readonly Batch[] = isList(batch) ? batch : [batch];
      if (list.length !== batches) throw new RangeError(`${batches} batches a step, not ${list.length}`);
      let loss = 0;
      for (const one of list) {
        fill(changes, one);
        await session.run();
        desk.gather();
        loss += lossPlace![0]! / batches;
      }
      const norm = desk.move({ step: losses.length + 1, loss, rateShare });
      losses.push(loss);
      return { step: losses.length, loss, norm, outputs };
    },
  };
}

/** The loss, what else a step gives, and the gradient of each weight. */
function gradientModel({ loss, weights, outputs = {} }: Training): OnnxModel {
  const names = Object.keys(weights);
  const inputs = names.map((name) => {
    const value = loss.graph.inputs.get(name);
    if (value !== undefined && sizeOf(value.shape) === weights[name]!.length) return value;
    throw new RangeError(`an input ${name} of ${weights[name]!.length} floats to be trained`);
  });
  const gradients = gradientsOf(loss, inputs);
  return modelOf({
    name: 'training-step',
    outputs: {
      ...outputs,
      [LOSS]: loss,
      ...Object.fromEntries(names.map((name, index) => [GRADIENT + name, gradients[index]!])),
    },
  });
}

function only(places: Tensors, wanted: (name: string) => boolean): Tensors {
  return Object.fromEntries(Object.entries(places).filter(([name]) => wanted(name)));
}

/** @returns copies, since the desk goes on */
function copied({ weights, first, second, slow }: Desk): Moments {
  const copy = (arrays: Arrays): Arrays =>
    Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, array.slice()]));
  return { weights: copy(weights), first: copy(first), second: copy(second), slow: copy(slow) };
}

function isList(batch: Batch | readonly Batch[]): batch is readonly Batch[] {
  return Array.isArray(batch);
}
