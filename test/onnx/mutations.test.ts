import { describe, expect, it } from 'vitest';
import { onnxMalformed } from '../../pipelines/onnx/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { gradientsOf } from '../../pipelines/onnx/differentiate.ts';
import { encodeModel } from '../../pipelines/onnx/graph.ts';
import { modelOf } from '../../pipelines/onnx/build.ts';
import { readModel } from '../../pipelines/onnx/read.ts';
import { decoder, nextTokenLoss } from '../../pipelines/training/decoder.ts';
import { FettleError } from '../../registry/base/fault.ts';

const MUTATIONS = 10_000;

/** A graph of gradients: every kind of attribute that is written here, ints, floats, texts, and many constants. */
function wholeModel(): Buffer {
  const net = decoder({ layers: 1, width: 4, heads: 2, context: 3, vocabulary: 5, batch: 1 });
  const loss = nextTokenLoss(net);
  const inputs = Object.keys(net.shapes).map((name) => net.graph.inputs.get(name)!);
  const gradients = gradientsOf(loss, inputs).map((value, at) => [`gradient ${at}`, value] as const);
  const fixed = net.initial(1);
  const outputs = { loss, ...Object.fromEntries(gradients) };
  return Buffer.from(encodeModel(modelOf({ name: 'all', outputs, fixed, metadata: { a: 'ä' } })));
}

/** One to four changes: a bit, a length of its own, a cut, a part left out, a part twice. */
function mutated(bytes: Buffer, seed: number): Buffer {
  const random = randomOf(seed);
  let found = Buffer.from(bytes);
  for (let change = 0; change <= random.nextBelow(4); change++) {
    const at = random.nextBelow(found.length);
    const other = random.nextBelow(at + 1);
    const kind = random.nextBelow(5);
    if (kind === 0) found[at]! ^= 1 << random.nextBelow(8);
    if (kind === 1) found[at] = 128 + random.nextBelow(128);
    if (kind === 2 && random.nextBelow(4) === 0) found = found.subarray(0, at + 1);
    if (kind === 3) found = Buffer.concat([found.subarray(0, other), found.subarray(at)]);
    if (kind === 4) found = Buffer.concat([found.subarray(0, at), found.subarray(other)]);
  }
  return found;
}

describe('10,000 damaged models', () => {
  it('are read or refused, none of them otherwise, and no constant is larger than its file', () => {
    const whole = wholeModel();
    const found = { read: 0, refused: 0 };
    for (let seed = 0; seed < MUTATIONS; seed++) {
      const bytes = mutated(whole, seed);
      try {
        const { initializers } = readModel(bytes);
        const largest = Math.max(0, ...initializers.map(({ raw }) => raw.length));
        if (largest > bytes.length) throw new RangeError(`${largest} bytes out of ${bytes.length}`);
        found.read += 1;
      } catch (error) {
        if (!(error instanceof FettleError) || error.code !== onnxMalformed.code) throw error;
        found.refused += 1;
      }
    }
    expect(found.read + found.refused).toBe(MUTATIONS);
    expect(Math.min(found.read, found.refused)).toBeGreaterThan(MUTATIONS / 20);
  });
});
