/** What every learner keeps to, whatever it learns. */
import { describe, expect, it } from 'vitest';
import { examplesUnfit } from '../../pipelines/faults.ts';
import { chosenFrom } from '../../pipelines/models/examples.ts';
import type { Learner } from '../../pipelines/models/learner.ts';
import { likeliest, probabilitiesOf } from '../../pipelines/models/linear-model.ts';
import { clouds } from '../fixtures/point-clouds.ts';

export function describeLearner<P>(learner: Learner<P>, params: P): void {
  describe(`${learner.name}, as any learner`, () => {
    const examples = clouds(1);
    const { model } = learner.learn({ examples, params, seed: 1 });

    it('tells apart what is far apart, also where it has not looked', () => {
      const unseen = clouds(2);
      expect(likeliest(probabilitiesOf(model, unseen), 3)).toEqual(unseen.labels);
    });

    it('gives a model for rows as they are, of finite weights', () => {
      expect(model.labels).toEqual(['blue', 'green', 'red']);
      expect([model.width, model.weights.length, model.bias.length]).toEqual([5, 15, 3]);
      expect([...model.weights, ...model.bias].every(Number.isFinite)).toBe(true);
    });

    it('has nothing to say about columns that it never saw', () => {
      expect([...model.weights.subarray(3, 6), ...model.weights.subarray(12)]).toEqual([0, 0, 0, 0, 0, 0]);
    });

    it('gives the same bits for the same seed', () => {
      expect(learner.learn({ examples, params, seed: 1 }).model).toEqual(model);
    });

    it('leaves the examples as they were', () => {
      expect(examples).toEqual(clouds(1));
    });

    it('tells its progress, one step after the other', () => {
      const steps: number[] = [];
      const learned = learner.learn({ examples, params, seed: 1, progress: (step) => steps.push(step) });
      expect(steps).toEqual(Array.from({ length: learned.iterations }, (_, index) => index + 1));
    });

    it('refuses to learn from one label', () => {
      const red = chosenFrom(examples, [0, 3, 6]);
      expect(() => learner.learn({ examples: red, params, seed: 1 })).toThrowFault(examplesUnfit);
    });
  });
}
