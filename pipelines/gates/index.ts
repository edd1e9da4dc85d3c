/** Every gate, in the order in which people read their answers. */
import { enoughSamples } from './enough-samples.ts';
import type { Gate } from './gate.ts';
import { improvement } from './improvement.ts';
import { latencyBudget } from './latency-budget.ts';
import { metricFloor } from './metric-floor.ts';
import { noRegression } from './no-regression.ts';
import { sizeBudget } from './size-budget.ts';
import { slices } from './slices.ts';

export const GATES: readonly Gate[] = [
  noRegression,
  improvement,
  slices,
  metricFloor,
  enoughSamples,
  sizeBudget,
  latencyBudget,
];
