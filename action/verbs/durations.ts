/** What steps took, from the records of earlier runs and of machines elsewhere. */
import type { StepRecord } from '../../registry/schema/run.ts';
import type { ModelState } from '../../registry/schema/state.ts';

/** The median of what the step took in the last runs, in milliseconds; null where it was never performed. */
export function tookOf(known: ModelState | undefined, step: string): number | null {
  const took = recordsIn(known)
    .filter((record) => record.step === step && !record.known)
    .map(({ tookMs }) => tookMs)
    .sort((a, b) => a - b);
  return took[Math.floor(took.length / 2)] ?? null;
}

/** A step that was performed elsewhere is known to the run that joins it; its time stands in its lease. */
function recordsIn(known: ModelState | undefined): readonly StepRecord[] {
  const elsewhere = (known?.leases ?? []).flatMap(({ end }) =>
    end?.kind === 'performed' ? [end.record] : [],
  );
  return [...(known?.runs ?? []).flatMap(({ records }) => records), ...elsewhere];
}
