/** Every stage. */
import { ATTEMPTS } from './attempt.ts';
import { compareSolvers } from './compare-solvers.ts';
import { crossValidate } from './cross-validate.ts';
import { crossValidateTriage } from './cross-validate-triage.ts';
import { evaluate } from './evaluate.ts';
import { forgeBaking } from './forge-baking.ts';
import { forgeCompress } from './forge-compress.ts';
import { forgeCreate } from './forge-create.ts';
import { forgeLatency } from './forge-latency.ts';
import { forgeMerge } from './forge-merge.ts';
import { forgeTernary } from './forge-ternary.ts';
import { forgeTraining } from './forge-training.ts';
import { ingest } from './ingest.ts';
import { measure } from './measure.ts';
import { packageModel } from './package.ts';
import { pose } from './pose.ts';
import { split } from './split.ts';
import type { Stage } from './stage.ts';
import { streamTriage } from './stream-triage.ts';
import { thin } from './thin.ts';
import { trainTriage } from './train-triage.ts';
import { train } from './train.ts';

export const STAGES: readonly Stage[] = [
  ingest,
  split,
  thin,
  train,
  trainTriage,
  streamTriage,
  evaluate,
  crossValidate,
  crossValidateTriage,
  measure,
  packageModel,
  pose,
  ...ATTEMPTS,
  compareSolvers,
  forgeCreate,
  forgeMerge,
  forgeTernary,
  forgeTraining,
  forgeBaking,
  forgeCompress,
  forgeLatency,
];
