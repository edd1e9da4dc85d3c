/** Every learner. */
import * as z from 'zod';
import type { Learned, Learner, Lesson } from './learner.ts';
import { perceptron, PerceptronParams } from './perceptron.ts';
import { softmaxRegression, SoftmaxParams } from './softmax-regression.ts';

export const LEARNERS = [softmaxRegression, perceptron] as const;

/** The words of a learner, softmax regression where no `kind` is said. */
export const LearnerParams = z.discriminatedUnion('kind', [SoftmaxParams, PerceptronParams]);
export type LearnerParams = z.infer<typeof LearnerParams>;

/** Learns as the words say. */
export const anyLearner: Learner<LearnerParams, Learned | Promise<Learned>> = {
  name: 'any-learner',
  params: LearnerParams,
  learn({ params, ...lesson }: Lesson<LearnerParams>) {
    if (params.kind === 'perceptron') return perceptron.learn({ ...lesson, params });
    return softmaxRegression.learn({ ...lesson, params });
  },
};
