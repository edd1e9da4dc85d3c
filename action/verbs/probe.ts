/** Is a version fit to serve, here and now? Its file is whole, opens, and answers its held-out items as it was recorded to. */
import { decodeDataset, PART, rowsOf } from '../../pipelines/artifacts/dataset.ts';
import { decodeOutcomes } from '../../pipelines/artifacts/outcomes.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { openClassifier } from '../../pipelines/models/classifier.ts';
import { FettleError } from '../../registry/base/fault.ts';
import type { VersionState } from '../../registry/schema/state.ts';
import { outcomesLeft } from '../../registry/state/query.ts';

/** Items that are asked of it; enough to tell another model from this one, few enough to take no time. */
const ITEMS_MOST = 32;

/** Probabilities of another machine may differ in their last digits. */
const SLACK = 1e-4;

export interface Probe {
  readonly version: string;
  readonly sound: boolean;
  /** Held-out items that it answered as recorded; 0 where they are not here, and its file was only opened. */
  readonly items: number;
  readonly says: string;
}

export async function probeOf(version: VersionState, store: ArtifactStore): Promise<Probe> {
  const file = version.artifacts['model'];
  const name = version.version;
  if (file === undefined) {
    return { version: name, sound: false, items: 0, says: 'no model file was recorded' };
  }
  try {
    // The store gives no bytes but those of the digest.
    const classifier = await openClassifier(await store.get(file.digest));
    try {
      const answered = await answeredOf(version, store, classifier.predict);
      const says =
        answered.items === 0 ? 'its file is whole and opens' : `${answered.items} items answered as recorded`;
      return answered.wrong === null
        ? { version: name, sound: true, items: answered.items, says }
        : {
            version: name,
            sound: false,
            items: answered.items,
            says: `item ${answered.wrong} is answered otherwise than recorded`,
          };
    } finally {
      await classifier.close();
    }
  } catch (error) {
    if (!(error instanceof FettleError)) throw error;
    return { version: name, sound: false, items: 0, says: error.message };
  }
}

type Predict = (
  input: Awaited<ReturnType<typeof rowsOf>>[number]['input'],
) => Promise<{ readonly probabilities: readonly number[] | ArrayLike<number> }>;

async function answeredOf(
  version: VersionState,
  store: ArtifactStore,
  predict: Predict,
): Promise<{ readonly items: number; readonly wrong: string | null }> {
  const digest = outcomesLeft(version);
  const data = version.forgotten === null ? (version.lineage?.data ?? null) : version.forgotten.data;
  if (digest === null || data === null || !(await store.has(digest)) || !(await store.has(data))) {
    return { items: 0, wrong: null };
  }
  const recorded = decodeOutcomes(await store.get(digest));
  const dataset = decodeDataset(await store.get(data));
  const there = await Promise.all(dataset.members.map(({ batch }) => store.has(batch)));
  if (!there.every(Boolean)) return { items: 0, wrong: null };
  const rows = (await rowsOf(dataset, PART.holdout, (one) => store.get(one))).slice(0, ITEMS_MOST);
  const placeOf = new Map(recorded.ids.map((id, place) => [id, place]));
  let items = 0;
  for (const { id, input } of rows) {
    const place = placeOf.get(id);
    if (place === undefined) continue;
    const { probabilities } = await predict(input);
    const width = recorded.labels.length;
    const told = recorded.probabilities.slice(place * width, (place + 1) * width).sort((a, b) => b - a);
    // By size: a label that only the truth has stands among the recorded ones, with nothing given to it.
    const found = Array.from(probabilities).sort((a, b) => b - a);
    if (found.some((one, index) => Math.abs(one - (told[index] ?? 2)) > SLACK)) return { items, wrong: id };
    items += 1;
  }
  return { items, wrong: null };
}
