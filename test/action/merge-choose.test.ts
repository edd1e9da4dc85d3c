/** `fettle merge --choose`: of models that learned different things, and of copies of one, the right ones are merged. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { merge } from '../../action/verbs/merge.ts';
import { fileUnreadable } from '../../action/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { mergeUnfit } from '../../pipelines/tensors/faults.ts';
import { likenessBetween } from '../../pipelines/transforms/likeness.ts';
import { openWeights } from '../../pipelines/transforms/weights.ts';
import { gaussian, modelIn, valuesIn } from '../transforms/models.ts';
import { temporaryFolder } from '../temporary.ts';
import { asked } from './in-process.ts';

const SIZE = 500;

/** A base, two models that learned other things, and one that is nearly the first. */
function models() {
  const folder = temporaryFolder();
  const random = randomOf(4);
  const noise = (scale: number) => Array.from({ length: SIZE }, () => scale * gaussian(random));
  const plus = (a: readonly number[], b: readonly number[]) => a.map((value, i) => value + b[i]!);
  const base = noise(1);
  const [left, right] = [noise(0.1), noise(0.1)];
  const tensors = {
    base,
    left: plus(base, left),
    right: plus(base, right),
    twin: plus(base, plus(left, noise(0.01))),
  };
  for (const [name, values] of Object.entries(tensors)) {
    modelIn(folder, name, { w: { shape: [SIZE], values } });
  }
  const listed = ['left', 'right', 'twin'].map((name) => `  - model: ${name}.safetensors\n`).join('');
  writeFileSync(
    path.join(folder, 'merge.yml'),
    `merge_method: task_arithmetic\nbase_model: base.safetensors\nparameters: { weight: 1, normalize: false }\nmodels:\n${listed}`,
  );
  writeFileSync(
    path.join(folder, 'scores.json'),
    JSON.stringify({ 'left.safetensors': 0.8, 'right.safetensors': 0.75, 'twin.safetensors': 0.81 }),
  );
  return { folder, tensors };
}

describe('fettle merge --choose', () => {
  it('merges the good one of two that are alike with the one that is not, and nothing of the third', async () => {
    const { folder, tensors } = models();
    const words = { config: 'merge.yml', out: 'out.safetensors', choose: 2, scores: 'scores.json' };
    expect(await asked(folder, merge, words)).toMatchObject({
      choice: {
        chosen: ['right.safetensors', 'twin.safetensors'],
        leftOut: ['left.safetensors'],
        proven: true,
      },
    });
    const { w } = valuesIn(path.join(folder, 'out.safetensors'));
    const { base, right, twin } = tensors;
    const apart = base.map((zero, i) => Math.abs(w![i]! - (right[i]! + twin[i]! - zero)));
    expect(Math.max(...apart)).toBeLessThan(1e-5);
    // By scores alone the two that are alike come first.
    expect(await asked(folder, merge, { ...words, diversity: 0 })).toMatchObject({
      choice: { chosen: ['left.safetensors', 'twin.safetensors'] },
    });
  });

  it('refuses scores that lack a model, and slices', async () => {
    const { folder } = models();
    writeFileSync(path.join(folder, 'few.json'), '{"left.safetensors": 1}');
    writeFileSync(
      path.join(folder, 'slices.yml'),
      'merge_method: passthrough\nslices: [{ sources: [{ model: left.safetensors, layer_range: [0, 1] }] }]\n',
    );
    const words = { out: 'out.safetensors', choose: 2 };
    const few = asked(folder, merge, { ...words, config: 'merge.yml', scores: 'few.json' });
    await expect(few).rejects.toThrowFault(fileUnreadable);
    await expect(asked(folder, merge, { ...words, config: 'slices.yml' })).rejects.toThrowFault(mergeUnfit);
  });
});

describe('how alike models are', () => {
  it('is the cosine of what they learned over the base, and over their mean where there is none', () => {
    const { folder, tensors } = models();
    const opened = ['left', 'right', 'twin', 'base'].map((name) =>
      openWeights(path.join(folder, `${name}.safetensors`)),
    );
    const named = opened.map(({ weights }, at) => ({ name: `${at}`, weights }));
    const cosine = (a: readonly number[], b: readonly number[], zero: readonly number[]) => {
      const dot = (x: readonly number[], y: readonly number[]) =>
        x.reduce((sum, value, i) => sum + (value - zero[i]!) * (y[i]! - zero[i]!), 0);
      return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
    };
    const { base, left, right, twin } = tensors;
    const [[, leftRight, leftTwin]] = likenessBetween(named.slice(0, 3), named[3]!) as [number[]];
    expect(leftRight).toBeCloseTo(cosine(left, right, base), 5);
    expect(leftTwin).toBeCloseTo(cosine(left, twin, base), 5);
    const mean = base.map((_, i) => (left[i]! + right[i]! + twin[i]!) / 3);
    const [[, alone]] = likenessBetween(named.slice(0, 3), null) as [number[]];
    expect(alone).toBeCloseTo(cosine(left, right, mean), 5);
    for (const file of opened) file.close();
  });
});
