import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { tensorsUnfit } from '../../pipelines/tensors/faults.ts';
import { temporaryFolder } from '../temporary.ts';
import { gaussian, merged, modelIn, one } from './models.ts';

interface Ties {
  readonly base: readonly number[];
  readonly models: readonly {
    readonly values: readonly number[];
    readonly weight: number;
    readonly density: number;
  }[];
}

/** TIES by its definition, one element after another; equals are ranked by their place. */
function tiesByDefinition({ base, models }: Ties): readonly number[] {
  const trimmed = models.map(({ values, weight, density }) => {
    const deltas = values.map((value, at) => Math.fround(value - base[at]!));
    const order = deltas.map((_, at) => at).sort((a, b) => Math.abs(deltas[b]!) - Math.abs(deltas[a]!));
    const kept = new Set(
      order.slice(0, density === 0 ? 0 : Math.max(1, Math.floor(density * deltas.length))),
    );
    return deltas.map((delta, at) => (kept.has(at) ? weight * delta : 0));
  });
  return base.map((value, at) => {
    const elected = trimmed.reduce((sum, deltas) => sum + deltas[at]!, 0) >= 0 ? 1 : -1;
    const agreeing = trimmed.flatMap((deltas, index) => (Math.sign(deltas[at]!) === elected ? [index] : []));
    const sum = agreeing.reduce((total, index) => total + trimmed[index]![at]!, 0);
    const weights = agreeing.reduce((total, index) => total + models[index]!.weight, 0);
    return value + sum / (weights || 1);
  });
}

describe('TIES', () => {
  it('keeps just as many of equal magnitudes as the density allows, the first ones', async () => {
    const folder = temporaryFolder();
    // Sixteenths, so that sums are exact and most magnitudes are equal.
    const values = fc.array(fc.integer({ min: -6, max: 6 }), { minLength: 37, maxLength: 37 });
    const density = fc.constantFrom(0, 0.1, 0.25, 0.5, 0.75, 1);
    const weight = fc.constantFrom(0.25, 0.5, 1, -0.5);
    const model = fc.record({ values, density, weight });
    await fc.assert(
      fc.asyncProperty(values, fc.array(model, { minLength: 1, maxLength: 4 }), async (base, models) => {
        modelIn(folder, 'base', one(base.map((value) => value / 16)));
        models.forEach((drawn, index) =>
          modelIn(folder, `m${index}`, one(drawn.values.map((value) => value / 16))),
        );
        const found = await merged(folder, {
          merge_method: 'ties',
          base_model: 'base',
          models: models.map((drawn, index) => {
            return { model: `m${index}`, parameters: { weight: drawn.weight, density: drawn.density } };
          }),
        });
        const wanted = tiesByDefinition({
          base: base.map((value) => value / 16),
          models: models.map((drawn) => ({ ...drawn, values: drawn.values.map((value) => value / 16) })),
        });
        // Where weights cancel, a divisor of 0 counts as 1 for both.
        [...found['w']!].forEach((value, at) => expect(value).toBeCloseTo(wanted[at]!, 5));
      }),
      { seed: 3, numRuns: 60 },
    );
  });

  it('ranks a tensor that is longer than what is in memory at once', async () => {
    const folder = temporaryFolder();
    const random = randomOf(5);
    const count = 100_003;
    const draw = () => Array.from({ length: count }, () => Math.round(gaussian(random) * 256) / 256);
    const [base, a, b] = [draw(), draw(), draw()];
    modelIn(folder, 'base', one(base), 'F16');
    modelIn(folder, 'a', one(a), 'F16');
    modelIn(folder, 'b', one(b), 'F32');
    const models = [
      { model: 'a', parameters: { weight: 1, density: 0.3 } },
      { model: 'b', parameters: { weight: 0.5, density: 0.6 } },
    ];
    const config = { merge_method: 'ties', base_model: 'base', models, dtype: 'float32' };
    const found = await merged(folder, config, { memoryBytes: 200_000 });
    expect(found).toEqual(await merged(folder, config));
    const halves = { base: [...Float16Array.from(base)], a: [...Float16Array.from(a)] };
    const wanted = tiesByDefinition({
      base: halves.base,
      models: [
        { values: halves.a, weight: 1, density: 0.3 },
        { values: b, weight: 0.5, density: 0.6 },
      ],
    });
    const far = found['w']!.reduce((most, value, at) => Math.max(most, Math.abs(value - wanted[at]!)), 0);
    expect(far).toBeLessThan(1e-5);
  });
});

describe('breadcrumbs', () => {
  it('keeps what lies between the smallest and the largest, equals by their place', async () => {
    const folder = temporaryFolder();
    const random = randomOf(8);
    const deltas = Array.from({ length: 200 }, () => random.nextBelow(9) - 4);
    modelIn(folder, 'base', one(deltas.map(() => 0)));
    modelIn(folder, 'a', one(deltas));
    const order = deltas.map((_, at) => at).sort((a, b) => Math.abs(deltas[a]!) - Math.abs(deltas[b]!));
    for (const [density, gamma] of [
      [0.5, 0.1],
      [0.3, 0.33],
      [0.9, 0.3],
      [0.01, 0],
      [0.001, 0],
    ] as const) {
      const first = Math.max(0, 200 - Math.floor(density * 200) - Math.floor(gamma * 200));
      const kept = new Set(order.slice(first, first + Math.floor(density * 200)));
      const found = await merged(folder, {
        merge_method: 'breadcrumbs',
        base_model: 'base',
        models: [{ model: 'a', parameters: { weight: 1, density, gamma } }],
      });
      expect([...found['w']!]).toEqual(deltas.map((delta, at) => (kept.has(at) ? delta : 0)));
    }
  });
});

describe('methods that throw away by chance', () => {
  const count = 200_000;
  const random = randomOf(2);
  const base = Array.from({ length: count }, () => gaussian(random));
  const tuned = base.map((value) => Math.fround(value) + (gaussian(random) + 0.5) / 8);
  const model = (density: number) => ({ model: 'a', parameters: { weight: 1, density, epsilon: 0.1 } });

  async function deltasOf(merge_method: string, density: number, seed = 1): Promise<Float64Array> {
    const folder = temporaryFolder();
    modelIn(folder, 'base', one(base, 'w', [200, 1000]));
    modelIn(folder, 'a', one(tuned, 'w', [200, 1000]));
    const found = await merged(
      folder,
      { merge_method, base_model: 'base', models: [model(density)] },
      { seed },
    );
    return found['w']!.map((value, at) => value - Math.fround(base[at]!));
  }
  const mean = (values: Float64Array): number =>
    values.reduce((sum, value) => sum + value, 0) / values.length;

  it.each(['dare_linear', 'dare_ties', 'della', 'della_linear'])(
    '%s: keep their share, and the delta on average',
    async (method) => {
      const found = await deltasOf(method, 0.3);
      const kept = found.filter((value) => value !== 0).length / count;
      // Six standard deviations of a share of so many throws.
      expect(Math.abs(kept - 0.3)).toBeLessThan(6 * Math.sqrt((0.3 * 0.7) / count));
      if (method === 'della') return;
      const scatter = (1.12 / 8 / Math.sqrt(0.3)) * 6;
      expect(Math.abs(mean(found) - 0.5 / 8)).toBeLessThan(scatter / Math.sqrt(count));
    },
  );

  it('DELLA: keeps the larger of a row more often, from density − ε to density + ε', async () => {
    const found = await deltasOf('della_linear', 0.3);
    const shares = [0, 0];
    for (let row = 0; row < 200; row++) {
      const places = Array.from({ length: 1000 }, (_, at) => row * 1000 + at).sort(
        (a, b) => Math.abs(tuned[a]! - Math.fround(base[a]!)) - Math.abs(tuned[b]! - Math.fround(base[b]!)),
      );
      places.slice(0, 100).forEach((at) => (shares[0]! += found[at] === 0 ? 0 : 1));
      places.slice(-100).forEach((at) => (shares[1]! += found[at] === 0 ? 0 : 1));
    }
    expect(shares[0]! / 20_000).toBeCloseTo(0.21, 1.5);
    expect(shares[1]! / 20_000).toBeCloseTo(0.39, 1.5);
  });

  it('throw the same for a seed, and others for another', async () => {
    const [first, again, other] = await Promise.all(
      [1, 1, 2].map((seed) => deltasOf('dare_linear', 0.5, seed)),
    );
    expect(again).toEqual(first);
    const both = first!.filter((value, at) => value !== 0 && other![at] !== 0).length / count;
    expect(both).toBeCloseTo(0.25, 1.7);
  });

  it('keep everything at a density of 1 and nothing at 0', async () => {
    for (const method of ['dare_linear', 'della']) {
      const [all, none] = [await deltasOf(method, 1), await deltasOf(method, 0)];
      expect(none.every((value) => value === 0)).toBe(true);
      expect(all.every((value, at) => Math.abs(value - (tuned[at]! - Math.fround(base[at]!))) < 1e-6)).toBe(
        true,
      );
    }
  });
});

describe('any method', () => {
  it('gives the model back when all are the same', async () => {
    const folder = temporaryFolder();
    const random = randomOf(4);
    const values = Array.from({ length: 101 }, () => Math.fround(gaussian(random)));
    for (const name of ['base', 'a', 'b']) modelIn(folder, name, one(values));
    const parameters = { weight: 0.5, density: 0.5, t: 0.3, epsilon: 0.1 };
    for (const merge_method of [
      'linear',
      'ties',
      'dare_ties',
      'breadcrumbs',
      'della',
      'model_stock',
      'task_arithmetic',
    ]) {
      const models = [
        { model: 'a', parameters },
        { model: 'b', parameters },
      ];
      const found = await merged(folder, {
        merge_method,
        base_model: merge_method === 'linear' ? null : 'base',
        models,
      });
      [...found['w']!].forEach((value, at) => expect(value).toBeCloseTo(values[at]!, 6));
    }
  });

  it('rounds to the type that is asked for, ties to even', async () => {
    const folder = temporaryFolder();
    const values = [1 + 2 ** -8, 1 + 3 * 2 ** -8, -(1 + 2 ** -8 + 2 ** -20), 1e-40, 65519, -65520];
    modelIn(folder, 'a', one(values));
    const config = { merge_method: 'passthrough', models: [{ model: 'a' }] };
    const brains = await merged(folder, { ...config, out_dtype: 'bfloat16' });
    expect([...brains['w']!].slice(0, 3)).toEqual([1, 1 + 2 ** -6, -(1 + 2 ** -7)]);
    const halves = await merged(folder, { ...config, dtype: 'float16' });
    expect([...halves['w']!]).toEqual([...Float16Array.from(values)]);
  });
});

describe('SLERP', () => {
  const config = (t: number) => ({
    merge_method: 'slerp',
    base_model: 'base',
    models: [{ model: 'base' }, { model: 'a' }],
    parameters: { t },
  });

  it('ends at its ends, and half-way between two axes keeps their length', async () => {
    const folder = temporaryFolder();
    modelIn(folder, 'base', one([2, 0]));
    modelIn(folder, 'a', one([0, 2]));
    expect([...(await merged(folder, config(0)))['w']!]).toEqual([2, 0]);
    expect(
      [...(await merged(folder, config(1)))['w']!].map((value) => Math.round(value * 1e6) / 1e6),
    ).toEqual([0, 2]);
    const [x, y] = (await merged(folder, config(0.5)))['w']!;
    expect(Math.hypot(x!, y!)).toBeCloseTo(2, 6);
    expect(x).toBeCloseTo(Math.SQRT2, 6);
  });

  it('has no direction to start from at zero, unless both are', async () => {
    const folder = temporaryFolder();
    modelIn(folder, 'base', one([0, 0]));
    modelIn(folder, 'a', one([0, 2]));
    await expect(merged(folder, config(0.5))).rejects.toThrowFault(tensorsUnfit);
    modelIn(folder, 'a2', one([0, 0]));
    modelIn(folder, 'a', one([0, 0]));
    expect([...(await merged(folder, config(0.5)))['w']!]).toEqual([0, 0]);
  });
});
