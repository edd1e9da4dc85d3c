import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { mergeUnfit } from '../../pipelines/tensors/faults.ts';
import { evolve } from '../../pipelines/transforms/evolve.ts';
import { merge } from '../../pipelines/transforms/merge.ts';
import { pathGenes, recipeGenes } from '../../pipelines/transforms/merge-genes.ts';
import { mergeSettingsOf } from '../../pipelines/transforms/merge-settings.ts';
import { temporaryFolder } from '../temporary.ts';
import { modelIn, one, valuesIn } from './models.ts';

const models = ['base', 'a', 'b'].map((model) => ({ model }));
const TASKS = mergeSettingsOf({ merge_method: 'task_arithmetic', base_model: 'base', models }, 'test');

async function mergedBy(
  folder: string,
  settings: typeof TASKS,
): Promise<Readonly<Record<string, Float64Array>>> {
  const target = path.join(folder, 'out.safetensors');
  await merge({
    settings,
    pathOf: (model) => path.join(folder, `${model}.safetensors`),
    target,
    seed: 0,
    scratch: true,
  });
  return valuesIn(target);
}

describe('recipeGenes', () => {
  it('gives each model but the base a weight a group of layers, and a density where the method takes one', () => {
    const { start, bounds, settingsOf } = recipeGenes({ ...TASKS, merge_method: 'ties' }, 2);
    expect(start).toHaveLength(8);
    expect(bounds.slice(0, 4)).toEqual([
      [0, 2],
      [0, 2],
      [0.05, 1],
      [0.05, 1],
    ]);
    const settings = settingsOf(Float64Array.of(0.1, 0.2, 0.3, 0.4, 5, -1, 0.7, 0));
    expect(settings.models?.map(({ parameters }) => parameters)).toEqual([
      {},
      { weight: [0.1, 0.2], density: [0.3, 0.4] },
      { weight: [2, 0], density: [0.7, 0.05] },
    ]);
  });

  it('refuses slices, and methods without weights', () => {
    const slerp = mergeSettingsOf({ merge_method: 'slerp', base_model: 'base', models }, 'test');
    expect(() => recipeGenes(slerp, 1)).toThrowFault(mergeUnfit);
    const slices = pathGenes({ models: ['a'], layers: 2, repeats: 1 }).settingsOf(Float64Array.of(1, 1));
    expect(() => recipeGenes(slices, 1)).toThrowFault(mergeUnfit);
  });
});

describe('evolve', () => {
  // target = base + 1.25·(a − base) + 0.5·(b − base), so the weights are known.
  it.each(['cma-es', 'nsga-ii'] as const)('finds the weights that make a known model, by %s', async (by) => {
    const folder = temporaryFolder();
    const [base, a, b] = [
      [1, 2, 3, 4],
      [2, 2, 1, 4],
      [1, 5, 3, 0],
    ] as const;
    modelIn(folder, 'base', one(base));
    modelIn(folder, 'a', one(a));
    modelIn(folder, 'b', one(b));
    const target = base.map((value, at) => value + 1.25 * (a[at]! - value) + 0.5 * (b[at]! - value));
    const genes = recipeGenes(TASKS, 1);
    const found = await evolve({
      genes,
      by,
      generations: 12,
      population: 8,
      seed: 5,
      judge: async (point) => {
        const { w } = await mergedBy(folder, genes.settingsOf(point));
        const off = (from: number): number =>
          Math.hypot(...[0, 1].map((at) => w![from + at]! - target[from + at]!));
        return [off(0), off(2)];
      },
    });
    expect(found.candidates).toHaveLength(97);
    expect(found.last).toHaveLength(8);
    expect(found.best.genes[0]).toBeCloseTo(1.25, by === 'cma-es' ? 1 : 0);
    expect(found.best.genes[1]).toBeCloseTo(0.5, by === 'cma-es' ? 1 : 0);
    const means = found.candidates.map(({ objectives: [x, y] }) => (x! + y!) / 2);
    expect((found.best.objectives[0]! + found.best.objectives[1]!) / 2).toBe(Math.min(...means));
    expect(Math.min(...means)).toBeLessThan(means[0]! / 4);
  });
});

describe('pathGenes', () => {
  const layer = (value: number) => ({ shape: [1], values: [value] });
  const tensors = (own: number) => ({
    'embed.weight': layer(own),
    'layers.0.weight': layer(own + 1),
    'layers.1.weight': layer(own + 2),
    'head.weight': layer(own + 3),
  });

  it('lays the chosen layers one after the other, and takes the ends from the first and the last', async () => {
    const folder = temporaryFolder();
    modelIn(folder, 'a', tensors(10));
    modelIn(folder, 'b', tensors(20));
    const { start, settingsOf } = pathGenes({ models: ['a', 'b'], layers: 2, repeats: 2 });
    expect(start).toHaveLength(8);
    expect(await mergedBy(folder, settingsOf(start))).toEqual({
      'embed.weight': Float64Array.of(10),
      'layers.0.weight': Float64Array.of(11),
      'layers.1.weight': Float64Array.of(12),
      'head.weight': Float64Array.of(13),
    });
    const way = Float64Array.of(1, -1, -1, 1, 0.2, -1, 0, 1);
    expect(await mergedBy(folder, settingsOf(way))).toEqual({
      'embed.weight': Float64Array.of(10),
      'layers.0.weight': Float64Array.of(11),
      'layers.1.weight': Float64Array.of(22),
      'layers.2.weight': Float64Array.of(11),
      'layers.3.weight': Float64Array.of(22),
      'head.weight': Float64Array.of(23),
    });
  });

  it('takes the layer that is least unwanted where none is wanted', () => {
    const { settingsOf } = pathGenes({ models: ['a'], layers: 3, repeats: 1 });
    const { slices } = settingsOf(Float64Array.of(-1, -0.2, -0.9));
    expect(slices).toEqual([{ sources: [{ model: 'a', layer_range: [1, 2] }] }]);
    expect(() => pathGenes({ models: ['a'], layers: 1, repeats: 1 })).toThrowFault(mergeUnfit);
  });
});
