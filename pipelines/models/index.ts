/** Every learner. */
import { softmaxRegression } from './softmax-regression.ts';

export const LEARNERS = [softmaxRegression] as const;
