/** Every gate, in the order in which people read their answers. */
import { bounds } from './bounds.ts';
import { contradiction } from './contradiction.ts';
import { descriptionLength } from './description-length.ts';
import { enoughSamples } from './enough-samples.ts';
import type { Gate } from './gate.ts';
import { improvement } from './improvement.ts';
import { latencyBudget } from './latency-budget.ts';
import { metricFloor } from './metric-floor.ts';
import { noRegression } from './no-regression.ts';
import { sizeBudget } from './size-budget.ts';
import { slices } from './slices.ts';
import { temporal } from './temporal.ts';

export const GATES: readonly Gate[] = [
  noRegression,
  improvement,
  slices,
  bounds,
  descriptionLength,
  metricFloor,
  enoughSamples,
  sizeBudget,
  latencyBudget,
  temporal,
  contradiction,
];
