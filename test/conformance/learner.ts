/** What every learner keeps to, whatever it learns. */
import { beforeAll, describe, expect, it } from 'vitest';
import { examplesUnfit } from '../../pipelines/faults.ts';
import { chosenFrom } from '../../pipelines/models/examples.ts';
import type { Learned, Learner } from '../../pipelines/models/learner.ts';
import { likeliest, probabilitiesOf } from '../../pipelines/models/linear-model.ts';
import { clouds } from '../fixtures/point-clouds.ts';

export function describeLearner<P>(learner: Learner<P, Learned | Promise<Learned>>, params: P): void {
  describe(`${learner.name}, as any learner`, () => {
    const examples = clouds(1);
    let model: Learned['model'];
    beforeAll(async () => {
      ({ model } = await learner.learn({ examples, params, seed: 1 }));
    });

    it('tells apart what is far apart, also where it has not looked', () => {
      const unseen = clouds(2);
      expect(likeliest(probabilitiesOf(model, unseen), 3)).toEqual(unseen.labels);
    });

    it('gives a model for rows as they are, of finite weights', () => {
      expect(model.labels).toEqual(['blue', 'green', 'red']);
      const layers = [model, ...model.deeper];
      const sizes = [5, ...layers.map(({ bias }) => bias.length)];
      expect([model.width, sizes.at(-1)]).toEqual([5, 3]);
      layers.forEach(({ weights, bias }, at) => {
        expect(weights.length).toBe(sizes[at]! * sizes[at + 1]!);
        expect([...weights, ...bias].every(Number.isFinite)).toBe(true);
      });
    });

    it('has nothing to say about columns that it never saw', () => {
      const outputs = model.bias.length;
      const unseen = [1, 4].flatMap((column) => [
        ...model.weights.subarray(column * outputs, (column + 1) * outputs),
      ]);
      expect(unseen).toEqual(Array.from({ length: 2 * outputs }, () => 0));
    });

    it('gives the same bits for the same seed', async () => {
      expect((await learner.learn({ examples, params, seed: 1 })).model).toEqual(model);
    });

    it('leaves the examples as they were', () => {
      expect(examples).toEqual(clouds(1));
    });

    it('tells its progress, one step after the other', async () => {
      const steps: number[] = [];
      const progress = (step: number, _loss: number, most: number): void => {
        expect(step).toBeLessThanOrEqual(most);
        steps.push(step);
      };
      const learned = await learner.learn({ examples, params, seed: 1, progress });
      expect(steps).toEqual(Array.from({ length: learned.iterations }, (_, index) => index + 1));
    });

    it('refuses to learn from one label', async () => {
      const red = chosenFrom(examples, [0, 3, 6]);
      const learning = async () => learner.learn({ examples: red, params, seed: 1 });
      await expect(learning()).rejects.toThrowFault(examplesUnfit);
    });
  });
}
