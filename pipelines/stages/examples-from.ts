/** Rows of a dataset -> examples that a learner takes. */
import type { Row } from '../artifacts/batch.ts';
import type { Dataset } from '../artifacts/dataset.ts';
import { singleClass } from '../faults.ts';
import { examplesOf, type Examples } from '../models/examples.ts';
import { featurize, FeatureSpec, widthOf } from '../models/features.ts';

export function featuresOf({ input }: Dataset): FeatureSpec {
  return input.kind === 'dense' ? input : FeatureSpec.parse({ kind: 'hashed-text', version: 1 });
}

/** @throws singleClass when there are not two labels to tell apart */
export function examplesFrom(rows: readonly Row[], features: FeatureSpec): Examples {
  const [first] = rows;
  if (first !== undefined && rows.every(({ label }) => label === first.label)) {
    throw singleClass({ label: first.label, rows: rows.length });
  }
  return examplesOf(
    rows.map(({ input, label }) => ({ row: featurize(features, input), label })),
    widthOf(features),
  );
}
