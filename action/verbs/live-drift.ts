/** Whether the version that serves errs more on what people labelled since than it did on its held-out items. */
import { decodeOutcomes } from '../../pipelines/artifacts/outcomes.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import type { Pulled } from '../../pipelines/connectors/feed.ts';
import { driftIn } from '../../pipelines/stats/drift.ts';
import type { Channel } from '../../registry/schema/model.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { outcomesLeft, servingOf } from '../../registry/state/query.ts';
import { openVersion } from './service.ts';

export interface Living {
  readonly known: ModelState | undefined;
  readonly channel: Channel;
  readonly store: ArtifactStore;
}

/** @returns what noticed it; null where nothing did, or nothing serves that could err */
export async function liveDrift(
  { known, channel, store }: Living,
  rows: Pulled['rows'],
): Promise<string | null> {
  const champion = servingOf(known, channel);
  const held = champion === null ? null : outcomesLeft(champion);
  if (known === undefined || champion === null || held === null) return null;
  const { truth, predicted } = decodeOutcomes(await store.get(held));
  const before = truth.map((label, index) => (label === predicted[index] ? 0 : 1));
  const { classifier } = await openVersion(known, { channel, version: null }, store);
  try {
    const since: number[] = [];
    // A label that it never learned is no error of its, but another reason to train.
    const fair = rows.filter(({ label = '' }) => classifier.labels.includes(label));
    for (const { title = '', body = '', repo = '', label } of inTime(fair)) {
      const said = await classifier.predict({ title, body, project: repo });
      since.push(said.label === label ? 0 : 1);
    }
    return driftIn(before, since);
  } finally {
    await classifier.close();
  }
}

function inTime(rows: Pulled['rows']): Pulled['rows'] {
  const at = (row: Pulled['rows'][number]): string => row['labelled_at'] ?? '';
  return [...rows].sort((a, b) => (at(a) < at(b) ? -1 : at(a) > at(b) ? 1 : 0));
}
