import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { merge } from '../../pipelines/transforms/merge.ts';
import { mergeSettingsOf } from '../../pipelines/transforms/merge-settings.ts';
import { peer, peerMissing } from '../peers/peer.ts';
import { temporaryFolder } from '../temporary.ts';
import { LLAMA_CONFIG, llamas, valuesIn } from './models.ts';

const MISSING = peerMissing('mergekit', 'torch');

const CONFIGS: Readonly<Record<string, string>> = {
  linear: `
merge_method: linear
models:
  - {model: m0, parameters: {weight: 0.2}}
  - {model: m1, parameters: {weight: 1.0}}
  - {model: m2, parameters: {weight: [0, 0.5, 1]}}
dtype: float32`,
  'linear without normalizing': `
merge_method: linear
models:
  - {model: m1, parameters: {weight: 0.75}}
  - {model: m2, parameters: {weight: [{filter: mlp, value: 0.1}, {filter: norm, value: 2}, {value: 0.3}]}}
parameters: {normalize: false}
dtype: float32`,
  'slerp by slices, filters and gradients': `
slices:
  - sources:
      - {model: m0, layer_range: [0, 2]}
      - {model: m1, layer_range: [0, 2]}
merge_method: slerp
base_model: m0
parameters:
  t:
    - {filter: self_attn, value: [0, 0.5, 0.3, 0.7, 1]}
    - {filter: mlp, value: [1, 0.5, 0.7, 0.3, 0]}
    - {value: 0.5}
dtype: float32`,
  'task arithmetic': `
merge_method: task_arithmetic
base_model: m0
models:
  - {model: m1, parameters: {weight: 0.6}}
  - {model: m2, parameters: {weight: -0.3}}
parameters: {lambda: 0.9}
dtype: float32`,
  'task arithmetic, normalized': `
merge_method: task_arithmetic
base_model: m0
models:
  - {model: m1, parameters: {weight: 0.6}}
  - {model: m2, parameters: {weight: 0.9}}
parameters: {normalize: true}
dtype: float32`,
  ties: `
merge_method: ties
base_model: m0
models:
  - {model: m0}
  - {model: m1, parameters: {weight: 1.0, density: 0.5}}
  - {model: m2, parameters: {weight: 0.7, density: [1, 0.2]}}
  - {model: m3, parameters: {weight: 0.5, density: 0.11}}
parameters: {normalize: true, int8_mask: true, lambda: 1.1}
dtype: float32`,
  'ties without normalizing, rescaled, at a density of 0 and 1': `
merge_method: ties
base_model: m0
models:
  - {model: m1, parameters: {weight: 1.0, density: 0.3}}
  - {model: m2, parameters: {weight: 0.7, density: 0}}
  - {model: m3, parameters: {weight: 0.7, density: 1}}
parameters: {normalize: false, rescale: true}
dtype: float32`,
  breadcrumbs: `
merge_method: breadcrumbs
base_model: m0
models:
  - {model: m1, parameters: {weight: 1.0, density: 0.9, gamma: 0.01}}
  - {model: m2, parameters: {weight: 0.7, density: 0.4, gamma: 0.2}}
dtype: float32`,
  'breadcrumbs with ties': `
merge_method: breadcrumbs_ties
base_model: m0
models:
  - {model: m1, parameters: {weight: 1.0, density: 0.9}}
  - {model: m2, parameters: {weight: 0.7, density: 0.4, gamma: 0}}
  - {model: m3, parameters: {weight: 0.2, density: 0.3, gamma: 0.9}}
dtype: float32`,
  'model stock': `
merge_method: model_stock
base_model: m0
models: [{model: m1}, {model: m2}, {model: m3}]
dtype: float32`,
  'passthrough, layers twice': `
merge_method: passthrough
slices:
  - sources: [{model: m1, layer_range: [0, 2]}]
  - sources: [{model: m2, layer_range: [1, 2], parameters: {scale: [{filter: o_proj, value: 0.5}, {value: 1}]}}]
dtype: float32`,
  'ties of slices with different models': `
merge_method: ties
base_model: m0
slices:
  - sources:
      - {model: m0, layer_range: [1, 2]}
      - {model: m2, layer_range: [1, 2], parameters: {weight: 1, density: 0.3}}
      - {model: m3, layer_range: [0, 1], parameters: {weight: 1, density: 0.3}}
  - sources:
      - {model: m0, layer_range: [0, 1]}
      - {model: m1, layer_range: [0, 1], parameters: {weight: 0.4, density: 0.6}}
dtype: float32`,
};

const SCRIPT = `
import json, sys, yaml, logging
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions
for name, text in json.load(sys.stdin).items():
    run_merge(MergeConfiguration.model_validate(yaml.safe_load(text)), 'theirs-' + name,
              MergeOptions(quiet=True, copy_tokenizer=False, write_model_card=False))
`;

describe.skipIf(MISSING !== null)(`mergekit 0.1.5${MISSING === null ? '' : ` (${MISSING})`}`, () => {
  it('gives the tensors that we give', async () => {
    const folder = temporaryFolder();
    llamas(folder, 3).forEach((file, index) => {
      const own = path.join(folder, `m${index}`);
      mkdirSync(own);
      renameSync(file, path.join(own, 'model.safetensors'));
      writeFileSync(path.join(own, 'config.json'), JSON.stringify(LLAMA_CONFIG));
    });
    peer(['-c', SCRIPT], { folder, input: JSON.stringify(CONFIGS) });
    for (const [name, text] of Object.entries(CONFIGS)) {
      const target = path.join(folder, `ours-${name}.safetensors`);
      const settings = mergeSettingsOf(parse(text), 'config.yml');
      await merge({ settings, pathOf: (model) => path.join(folder, model), target, seed: 0 });
      const [ours, theirs] = [valuesIn(target), valuesIn(path.join(folder, `theirs-${name}`))];
      expect(Object.keys(ours).sort(), name).toEqual(Object.keys(theirs).sort());
      for (const [tensor, values] of Object.entries(theirs)) {
        const far = values
          .map((value, at) => Math.abs(value - ours[tensor]![at]!))
          .reduce((a, b) => Math.max(a, b), 0);
        expect(far, `${name}, ${tensor}`).toBeLessThan(2e-6);
      }
    }
  });
});
