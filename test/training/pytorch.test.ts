import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { constant, bytesOfModel, input, newGraph, sizeOf } from '../../pipelines/onnx/build.ts';
import { gradientsOf } from '../../pipelines/onnx/differentiate.ts';
import { mul, sum } from '../../pipelines/onnx/operators.ts';
import { RULES } from '../../pipelines/onnx/rules.ts';
import { wasmRuntime } from '../../pipelines/onnx/runtime.ts';
import { openSession } from '../../pipelines/onnx/session.ts';
import { CASES } from '../onnx/cases.ts';
import { drawn } from './drawn.ts';
import { stepped, TRAININGS } from './trainings.ts';

const Numbers = z.array(z.number());
/** Written by `make.ts`, which asks PyTorch itself. */
const told = z
  .object({
    torch: z.string(),
    cases: z.record(z.string(), z.object({ made: Numbers, gradients: z.array(Numbers) })),
    trainings: z.record(z.string(), z.object({ losses: Numbers, norms: Numbers })),
  })
  .parse(JSON.parse(readFileSync(path.join(import.meta.dirname, 'pytorch.json'), 'utf8')));

function gapOf(found: ArrayLike<number>, wanted: readonly number[]): number {
  expect(found.length).toBe(wanted.length);
  const gap = Math.hypot(...wanted.map((each, at) => each - found[at]!));
  return gap / Math.max(Math.hypot(...wanted), 1e-3);
}

describe(`what PyTorch ${told.torch} says`, () => {
  it.each(CASES)(
    'of $name, forward and backward, ONNX Runtime computes',
    async ({ name, inputs, range, of }) => {
      const graph = newGraph();
      const values = Object.entries(inputs).map(([as, shape]) => input(graph, as, shape));
      const made = of(...values);
      const weights = constant(graph, [...drawn(100, sizeOf(made.shape), 0.5, 1.5)], { shape: made.shape });
      const gradients = gradientsOf(sum(mul(made, weights)), values);
      const outputs = Object.fromEntries(gradients.map((value, at) => [`${at}`, value]));
      const session = await openSession(bytesOfModel({ name, outputs: { made, ...outputs } }));
      const feeds = values.map(({ name: as, shape }, salt) => {
        const data = drawn(salt, sizeOf(shape), ...(range ?? []));
        return [as, { type: 'float32', dims: shape, data }] as const;
      });
      // An input whose gradient is a constant need not be fed, and then may not be.
      const fed = feeds.filter(([as]) => session.inputs.includes(as));
      const found = await session.run(Object.fromEntries(fed));
      await session.close();
      const wanted = told.cases[name]!;
      expect(gapOf(Array.from(found['made']!.data, Number), wanted.made)).toBeLessThan(1e-5);
      for (const [at, gradient] of wanted.gradients.entries()) {
        expect(gapOf(Array.from(found[`${at}`]!.data, Number), gradient), `gradient ${at}`).toBeLessThan(
          1e-5,
        );
      }
    },
  );

  it('covers every rule', () => {
    const covered = new Set(
      CASES.flatMap(({ inputs, of }) => {
        const graph = newGraph();
        of(...Object.entries(inputs).map(([as, shape]) => input(graph, as, shape)));
        return graph.steps.map(({ operator }) => operator);
      }),
    );
    expect(Object.keys(RULES).filter((operator) => !covered.has(operator))).toEqual([]);
  });

  it.each(TRAININGS)('of the first twenty steps of $name comes out', async (one) => {
    const { losses, norms } = told.trainings[one.name]!;
    const found = await stepped(one, losses.length);
    for (const [at, { loss, norm, step }] of found.entries()) {
      expect(step).toBe(at + 1);
      expect(Math.abs(loss - losses[at]!), `loss of step ${step}`).toBeLessThan(1e-4);
      expect(Math.abs(norm / norms[at]! - 1), `norm of step ${step}`).toBeLessThan(1e-3);
    }
    expect(losses.at(-1)).not.toBeCloseTo(losses[0]!, 3);
  });

  it('comes out where only the runtime in WebAssembly is', async () => {
    const find = async () => ({ kind: 'wasm', runtime: await wasmRuntime() }) as const;
    for (const one of [TRAININGS[0]!, TRAININGS.at(-1)!]) {
      const { losses } = told.trainings[one.name]!;
      const found = await stepped(one, losses.length, { find });
      expect(Math.max(...found.map(({ loss }, at) => Math.abs(loss - losses[at]!)))).toBeLessThan(1e-4);
    }
  });
});
