import { statSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { CODECS } from '../../pipelines/codecs/index.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { mergeUnfit, tensorsMalformed, tensorsUnfit } from '../../pipelines/tensors/faults.ts';
import { createTensors } from '../../pipelines/tensors/safetensors.ts';
import { differences } from '../../pipelines/transforms/difference.ts';
import { portraitOf } from '../../pipelines/transforms/inspect.ts';
import { quantize } from '../../pipelines/transforms/quantize.ts';
import { CODECS_KEY, openWeights } from '../../pipelines/transforms/weights.ts';
import { fettle } from '../action/fettle.ts';
import { peer, peerMissing } from '../peers/peer.ts';
import { temporaryFolder } from '../temporary.ts';
import { gaussian, modelIn, one, valuesIn } from './models.ts';

const MISSING = peerMissing('onnx', 'torch', 'safetensors');
const random = randomOf(21);
const draw = (count: number, scale = 1): number[] =>
  Array.from({ length: count }, () => Math.fround(gaussian(random) * scale));

function smallModel(folder: string): string {
  return modelIn(folder, 'model', {
    ...one(draw(4096), 'a.weight', [64, 64]),
    ...one(draw(64), 'a.bias'),
    ...one(draw(2048, 0.01), 'b.weight', [32, 64]),
  });
}

describe('compressing', () => {
  it.each(CODECS)(
    'tells what the written file holds, bit by bit and number by number: $name',
    async (codec) => {
      const folder = temporaryFolder();
      const source = smallModel(folder);
      const target = path.join(folder, 'small.safetensors');
      const told = await quantize({ source, target, by: { codec } });
      const before = valuesIn(source);
      const read = openWeights(target);
      expect(told.sizeBytes).toBe(statSync(target).size);
      expect(told.parameters).toBe(4096 + 64 + 2048);
      let [energy, noise] = [0, 0];
      for (const weights of read.weights) {
        const own = before[weights.name]!;
        const found = [...weights.stretches()].flatMap((stretch) => [...stretch]);
        expect(weights.type).toBe(weights.name === 'a.bias' ? 'F32' : codec.name);
        let far = 0;
        own.forEach((value, at) => {
          energy += value ** 2;
          far += (value - found[at]!) ** 2;
        });
        noise += far;
        if (weights.name === 'a.bias') expect(found).toEqual([...own]);
      }
      read.close();
      expect(told.snrDb).toBeCloseTo(10 * Math.log10(energy / noise), 9);
    },
  );

  it('keeps a budget, and loses less with a larger one', async () => {
    const folder = temporaryFolder();
    const source = smallModel(folder);
    const found = [];
    for (const budgetBytes of [5000, 8000, 30_000]) {
      const target = path.join(folder, `${budgetBytes}.safetensors`);
      found.push(await quantize({ source, target, by: { budgetBytes } }));
      expect(statSync(target).size).toBeLessThanOrEqual(budgetBytes);
    }
    expect(found[1]!.snrDb).toBeGreaterThan(found[0]!.snrDb + 6);
    expect(found[2]!.snrDb).toBe(Infinity);
    const tooSmall = quantize({ source, target: path.join(folder, 'x'), by: { budgetBytes: 1000 } });
    await expect(tooSmall).rejects.toThrowFault(mergeUnfit);
  });

  it('refuses weights that are not finite, with their place', async () => {
    const folder = temporaryFolder();
    const values = draw(2048);
    values[77] = Number.NaN;
    const source = modelIn(folder, 'm', one(values, 'w', [32, 64]));
    const asked = quantize({ source, target: path.join(folder, 'x'), by: { codec: CODECS[0]! } });
    await expect(asked).rejects.toThrowFault(tensorsUnfit);
    await expect(asked).rejects.toThrow(/tensor w: .* NaN at element 77/);
  });
});

describe('a compressed file that was tampered with', () => {
  it.each([
    ['a codec nobody knows', { w: { codec: 'magic', shape: [2] } }],
    ['parts that are not there', { v: { codec: 'int8', shape: [2] } }],
    ['no codecs', 'w'],
  ])('is malformed with %s', (_, told) => {
    const file = path.join(temporaryFolder(), 'a.safetensors');
    const parts = [{ name: 'w.int8.codes', type: 'I8', shape: [2] }] as const;
    const writer = createTensors(file, parts, { [CODECS_KEY]: JSON.stringify(told) });
    writer.write(Uint8Array.of(1, 2));
    writer.close();
    expect(() => openWeights(file)).toThrowFault(tensorsMalformed);
  });

  it('is not believed when it announces more weights than it has bits', () => {
    const file = path.join(temporaryFolder(), 'a.safetensors');
    const parts = [{ name: 'w.int8.codes', type: 'I8', shape: [2] }] as const;
    const told = { [CODECS_KEY]: JSON.stringify({ w: { codec: 'int8', shape: [2 ** 40] } }) };
    const writer = createTensors(file, parts, told);
    writer.write(Uint8Array.of(1, 2));
    writer.close();
    const opened = openWeights(file);
    expect(() => [...opened.weights[0]!.stretches()]).toThrowFault(tensorsMalformed);
    opened.close();
  });
});

describe('a portrait', () => {
  it('counts by hand what is zero, outlying or no number', () => {
    const folder = temporaryFolder();
    // 98 times ±1 and twice 100: mean 2, deviation √(1 + 2·98²·… ) worked out below from the definition.
    const values = [
      ...Array.from({ length: 98 }, (_, at) => (at % 2 === 0 ? 1 : -1)),
      100,
      100,
      0,
      Number.NaN,
      Infinity,
    ];
    const opened = openWeights(modelIn(folder, 'm', one(values)));
    const found = portraitOf(opened.weights[0]!);
    opened.close();
    const finite = values.filter(Number.isFinite);
    const mean = 200 / 101;
    const deviation = Math.sqrt(finite.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 101);
    expect(found).toMatchObject({ count: 103, zeros: 1, unbounded: 2, outliers: 2, least: -1, most: 100 });
    expect(found.mean).toBeCloseTo(mean, 12);
    expect(found.deviation).toBeCloseTo(deviation, 12);
    expect(found.histogram.reduce((sum, count) => sum + count, 0)).toBe(101);
    expect(found.histogram.at(-1)).toBe(2);
  });

  it.skipIf(MISSING !== null)(
    `agrees with torch over many stretches, in safetensors and ONNX${MISSING ?? ''}`,
    () => {
      const folder = temporaryFolder();
      const script = `
import json, torch, onnx
from onnx import helper, numpy_helper
from safetensors.torch import save_file
torch.manual_seed(1)
w = torch.randn(2500, 1000) * 0.3 + 0.1
w[0, :10] = 5
save_file({'w': w.to(torch.bfloat16)}, 'm.safetensors')
graph = helper.make_graph([helper.make_node('Identity', ['w'], ['y'])], 'g', [],
    [helper.make_tensor_value_info('y', onnx.TensorProto.FLOAT, [2500, 1000])], [numpy_helper.from_array(w.numpy(), 'w')])
onnx.save(helper.make_model(graph), 'm.onnx')
def told(x):
    d = x.double(); s = d.std(unbiased=False); a = ((d - d.mean()) / s)
    bins = torch.clamp(torch.floor((a + 4) / 8 * 16), 0, 15).long().flatten()
    return [d.mean().item(), s.item(), d.min().item(), d.max().item(), (a.abs() > 6).sum().item(), torch.bincount(bins, minlength=16).tolist()]
print(json.dumps({'m.safetensors': told(w.to(torch.bfloat16)), 'm.onnx': told(w)}))`;
      const theirs = JSON.parse(peer(['-c', script], { folder })) as Record<
        string,
        [number, number, number, number, number, number[]]
      >;
      for (const [file, [mean, deviation, least, most, outliers, histogram]] of Object.entries(theirs)) {
        const opened = openWeights(path.join(folder, file));
        const found = portraitOf(opened.weights[0]!);
        opened.close();
        expect(found).toMatchObject({ count: 2_500_000, least, most, outliers });
        expect(found.mean).toBeCloseTo(mean, 9);
        expect(found.deviation).toBeCloseTo(deviation, 9);
        // A number at the edge of two bins may fall into either.
        found.histogram.forEach((count, bin) =>
          expect(Math.abs(count - histogram[bin]!)).toBeLessThanOrEqual(2),
        );
      }
    },
  );
});

describe('the difference of two models', () => {
  it('names what is only in one, of another shape, changed or the same', () => {
    const folder = temporaryFolder();
    const a = openWeights(
      modelIn(folder, 'a', {
        ...one([1, 2], 'same'),
        ...one([1, 2], 'shape'),
        ...one([3, 4], 'moved'),
        ...one([1], 'gone'),
      }),
    );
    const b = openWeights(
      modelIn(folder, 'b', {
        ...one([1, 2], 'same'),
        ...one([1, 2, 3], 'shape'),
        ...one([3, 4.5], 'moved'),
        ...one([1], 'new'),
      }),
    );
    expect(differences(a.weights, b.weights)).toEqual([
      { name: 'same', how: 'same' },
      { name: 'shape', how: 'another shape', shapes: ['[2]', '[3]'] },
      { name: 'moved', how: 'changed', count: 2, changed: 1, largest: 0.5, energy: 25, noise: 0.25 },
      { name: 'gone', how: 'only in the first' },
      { name: 'new', how: 'only in the second' },
    ]);
    a.close();
    b.close();
  });
});

describe('the verbs', () => {
  it('compress, look and compare, as people call them', () => {
    const folder = temporaryFolder();
    smallModel(folder);
    const small = fettle(folder, ['quantize', 'model.safetensors', 'small.safetensors', '--codec', 'int4']);
    expect(small.stderr).not.toMatch(/wanted/);
    expect(small.stdout).toMatch(/a\.weight +int4 +4,096 +4\.125 +\d\d\.\d\d dB/);
    const looked = fettle(folder, ['inspect', 'small.safetensors', '--tensor', 'bias']);
    expect(looked.stdout).toMatch(/a\.bias +F32 +\[64\] +256 /);
    const compared = fettle(folder, ['diff', 'model.safetensors', 'small.safetensors']);
    expect(compared.stdout).toMatch(/2 tensors differ, 1 are the same/);
    expect(fettle(folder, ['diff', 'model.safetensors', 'model.safetensors']).stdout).toMatch(
      /All 3 tensors are the same/,
    );
    expect(fettle(folder, ['quantize', 'model.safetensors', 'x.safetensors']).stderr).toMatch(
      /--codec.*--budget/,
    );
  });
});
