import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergeUnfit, outputBusy, pickleRefused, tensorsUnfit } from '../../pipelines/tensors/faults.ts';
import { openTensors } from '../../pipelines/tensors/safetensors.ts';
import { merge } from '../../pipelines/transforms/merge.ts';
import { mergeSettingsOf } from '../../pipelines/transforms/merge-settings.ts';
import { diskEnvironment, newShim } from '../fixtures/faulty-disk.ts';
import { fettle } from '../action/fettle.ts';
import { temporaryFolder } from '../temporary.ts';
import { merged, modelIn, one } from './models.ts';

describe('a merge that cannot be', () => {
  const folder = temporaryFolder();
  modelIn(folder, 'base', { ...one([1, 2, 3, 4], 'w', [2, 2]), ...one([1, 2], 'b') });
  modelIn(folder, 'good', { ...one([2, 2, 3, 4], 'w', [2, 2]), ...one([1, 2], 'b') });
  modelIn(folder, 'wide', { ...one([1, 2, 3, 4, 5, 6], 'w', [2, 3]), ...one([1, 2], 'b') });
  modelIn(folder, 'less', one([1, 2, 3, 4], 'w', [2, 2]));
  modelIn(folder, 'nan', { ...one([1, 2, Number.NaN, 4], 'w', [2, 2]), ...one([1, 2], 'b') });
  modelIn(folder, 'inf', { ...one([1, 2, 3, 4], 'w', [2, 2]), ...one([1, -Infinity], 'b') });
  modelIn(folder, 'huge', { ...one([3e38, 2, 3, 4], 'w', [2, 2]), ...one([1, 2], 'b') });
  modelIn(folder, 'tiny', { ...one([-3e38, 2, 3, 4], 'w', [2, 2]), ...one([1, 2], 'b') });
  const ties = (model: string, parameters = {}, base = 'base') => ({
    merge_method: 'ties',
    base_model: base,
    models: [{ model, parameters: { weight: 1, density: 0.5, ...parameters } }],
  });

  it.each([
    ['another shape', ties('wide'), /^tensor w: wanted \[2, 2\], as in .*base.*, found \[2, 3\] in .*wide/],
    ['a tensor that one lacks', ties('less'), /^tensor b: wanted it in .*less/],
    [
      'a number that is none',
      ties('nan'),
      /^tensor w: wanted finite numbers in .*nan.*, found NaN at element 2/,
    ],
    ['an infinity', ties('inf'), /^tensor b: wanted finite numbers in .*inf.*, found -Infinity at element 1/],
    ['a base that is not finite', ties('good', {}, 'nan'), /^tensor w: .*nan.* found NaN at element 2/],
    ['a delta that overflows', ties('huge', {}, 'tiny'), /^tensor w: wanted a finite delta/],
    [
      'a number that is none, in a method that ranks nothing',
      { merge_method: 'linear', models: [{ model: 'nan', parameters: { weight: 1 } }] },
      /^tensor w: wanted finite numbers in .*nan/,
    ],
  ])('names the tensor: %s', async (_, config, says) => {
    const failed = merged(folder, config);
    await expect(failed).rejects.toThrowFault(tensorsUnfit);
    await expect(failed).rejects.toThrow(says);
    expect(existsSync(path.join(folder, 'merged.safetensors'))).toBe(false);
  });

  it.each([
    [
      'without a base',
      { ...ties('good'), base_model: null },
      /^base_model: wanted a base for ties, found none/,
    ],
    [
      'with a density above 1',
      ties('good', { density: 1.5 }),
      /^parameter density at w: wanted 0 to 1, found 1.5/,
    ],
    [
      'without a weight',
      ties('good', { weight: [] }),
      /^parameter weight at w: wanted a number for every model/,
    ],
    [
      'with a weight that is no number',
      ties('good', { weight: 'much' }),
      /wanted a finite number, found much/,
    ],
    [
      'with an epsilon beyond its density',
      { ...ties('good', { epsilon: 0.6 }), merge_method: 'della' },
      /^parameter epsilon at w/,
    ],
    ['with a method nobody knows', { ...ties('good'), merge_method: 'magic' }, /^config.yml, merge_method/],
    [
      'with models and slices',
      { ...ties('good'), slices: [{ sources: [{ model: 'good', layer_range: [0, 1] }] }] },
      /both/,
    ],
    ['with a tokenizer to merge', { ...ties('good'), tokenizer_source: 'union' }, /vocabularies/],
    [
      'with weights that cancel',
      {
        merge_method: 'linear',
        models: [
          { model: 'base', parameters: { weight: 1 } },
          { model: 'good', parameters: { weight: -1 } },
        ],
      },
      /other than 0/,
    ],
    ['with one model for a stock', { ...ties('good'), merge_method: 'model_stock' }, /2 or more models/],
  ])('says what to change: %s', async (_, config, says) => {
    const failed = (async () => merged(folder, config))();
    await expect(failed).rejects.toThrowFault(mergeUnfit);
    await expect(failed).rejects.toThrow(says);
  });

  it('names the tensor whose rows are too long to be ranked in the memory that is granted', async () => {
    const values = Array.from({ length: 40 }, (_, at) => at);
    const other = temporaryFolder();
    modelIn(other, 'base', one(values));
    modelIn(other, 'good', one(values));
    const della = { ...ties('good', { epsilon: 0.1 }), merge_method: 'della' };
    const failed = merged(other, della, { memoryBytes: 256 });
    await expect(failed).rejects.toThrowFault(tensorsUnfit);
    await expect(failed).rejects.toThrow(
      /^tensor w: wanted rows of at most 16 elements to rank, found rows of 40/,
    );
  });

  it('opens no pickle', async () => {
    const settings = mergeSettingsOf(ties('good'), 'c');
    const asked = merge({
      settings,
      pathOf: () => 'pytorch_model.bin',
      target: path.join(folder, 'x'),
      seed: 0,
    });
    await expect(asked).rejects.toThrowFault(pickleRefused);
  });
});

describe('a configuration that cannot be read', () => {
  it('is told with its name, whether it is not there or no YAML', () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'bad.yml'), 'models: [');
    for (const name of ['bad.yml', 'missing.yml']) {
      const { code, stderr } = fettle(folder, ['merge', name, 'out.safetensors']);
      expect(code).toBe(1);
      expect(stderr).toContain(`${name}: wanted a configuration of mergekit in YAML, found`);
    }
    expect(readdirSync(folder)).toEqual(['bad.yml']);
  });
});

describe('tied weights', () => {
  it('are merged with those of a model that stores both', async () => {
    const folder = temporaryFolder();
    modelIn(folder, 'tied', one([1, 2], 'model.embed_tokens.weight'));
    modelIn(folder, 'both', {
      ...one([3, 4], 'model.embed_tokens.weight'),
      ...one([5, 6], 'lm_head.weight'),
    });
    const models = ['tied', 'both'].map((model) => ({ model, parameters: { weight: 0.5 } }));
    const found = await merged(folder, { merge_method: 'linear', models });
    expect([...found['model.embed_tokens.weight']!]).toEqual([2, 3]);
    expect([...found['lm_head.weight']!]).toEqual([3, 4]);
  });
});

describe('tensors that are no floats', () => {
  it('are copied where they are the same, and refused where not', async () => {
    const folder = temporaryFolder();
    modelIn(folder, 'a', one([1, 2, 3]), 'I64');
    modelIn(folder, 'b', one([1, 2, 3]), 'I64');
    modelIn(folder, 'c', one([1, 2, 4]), 'I64');
    const config = (other: string) => ({
      merge_method: 'linear',
      models: ['a', other].map((model) => ({ model, parameters: { weight: 1 } })),
    });
    expect([...(await merged(folder, config('b')))['w']!]).toEqual([1, 2, 3]);
    await expect(merged(folder, config('c'))).rejects.toThrowFault(tensorsUnfit);
  });
});

describe('a model of more tensors than a call may have arguments', () => {
  it('is refused where more slices than a machine can plan go over it', async () => {
    const folder = temporaryFolder();
    const tensors = Array.from({ length: 2001 }, (_, at) => [`h.0.w${at}`, { shape: [0], values: [] }]);
    modelIn(folder, 'many', Object.fromEntries(tensors));
    const slice = { sources: [{ model: 'many', layer_range: [0, 1] }] };
    const slices = Array.from({ length: 1000 }, () => slice);
    const failed = merged(folder, { merge_method: 'passthrough', slices });
    await expect(failed).rejects.toThrowFault(mergeUnfit);
    await expect(failed).rejects.toThrow(
      /^slices: wanted at most 2000000 tensors .* found 2001000 in 1000 slices/,
    );
    expect(readdirSync(folder)).toEqual(['many.safetensors']);
  });

  it('is merged like any other', async () => {
    const folder = temporaryFolder();
    const count = 150_000;
    const tensors = Array.from({ length: count }, (_, at) => [
      `h.${at % 3}.w${at}`,
      { shape: [0], values: [] },
    ]);
    modelIn(folder, 'many', Object.fromEntries(tensors));
    const found = await merged(folder, { merge_method: 'passthrough', models: [{ model: 'many' }] });
    expect(Object.keys(found)).toHaveLength(count);
  }, 60_000);
});

describe('a file that two merge into', () => {
  it('is written by the first, and the second is told; a lock of a process that is gone is taken over', async () => {
    const folder = temporaryFolder();
    modelIn(folder, 'a', one([1, 2]));
    const config = { merge_method: 'passthrough', models: [{ model: 'a' }] };
    const both = await Promise.allSettled([merged(folder, config), merged(folder, config)]);
    const failed = both.filter((one) => one.status === 'rejected');
    expect(failed).toHaveLength(1);
    expect(failed[0]!.reason).toThrowFault(outputBusy);
    writeFileSync(path.join(folder, 'merged.safetensors.lock'), '99999999');
    expect([...(await merged(folder, config))['w']!]).toEqual([1, 2]);
    expect(readdirSync(folder).sort()).toEqual(['a.safetensors', 'merged.safetensors']);
  });
});

const SHIM = newShim();

describe.skipIf(SHIM === null)('a disk that becomes full', () => {
  it('leaves the file before as it was, and says so', () => {
    const folder = temporaryFolder();
    modelIn(folder, 'a', { ...one([1, 2]), ...one([3], 'b'), ...one([4], 'c') });
    writeFileSync(
      path.join(folder, 'c.yml'),
      'merge_method: passthrough\nmodels: [{model: a.safetensors}]\n',
    );
    const words = ['merge', 'c.yml', 'out.safetensors'];
    let full = 0;
    for (let at = 1; at <= 8; at++) {
      writeFileSync(path.join(folder, 'out.safetensors'), 'as it was');
      const fault = { what: 'ENOSPC', at } as const;
      const environment = diskEnvironment({
        shim: SHIM!,
        root: folder,
        log: path.join(temporaryFolder(), 'log'),
        fault,
      });
      const { code, stderr } = fettle(folder, words, environment);
      if (code === 0) continue;
      full += 1;
      expect(stderr).toContain('ENOSPC');
      expect(stderr).toMatch(/wanted to write .*out\.safetensors/);
      expect(() => openTensors(path.join(folder, 'out.safetensors'))).toThrow();
      expect(readdirSync(folder).sort()).toEqual(['a.safetensors', 'c.yml', 'out.safetensors']);
    }
    expect(full).toBeGreaterThan(2);
  });
});
