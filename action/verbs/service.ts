/** Opens the classifier that serves, or another version of it. */
import { openClassifier, type Classifier } from '../../pipelines/models/classifier.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { artifactMissing } from '../../pipelines/faults.ts';
import { modelRetired, nothingServes } from '../../registry/faults.ts';
import type { Channel, Version } from '../../registry/schema/model.ts';
import type { ModelState, VersionState } from '../../registry/schema/state.ts';
import { servingOf, versionOf } from '../../registry/state/query.ts';

/** @throws modelRetired, nothingServes */
export function served(known: ModelState, channel: Channel): VersionState {
  const serving = servingOf(known, channel);
  if (serving !== null) return serving;
  if (known.retired !== null) throw modelRetired({ model: known.model, reason: known.retired.reason });
  throw nothingServes({ model: known.model, channel });
}

export interface Chosen {
  readonly channel: Channel;
  /** Another version than the one that serves. */
  readonly version: Version | null;
}

/** @throws nothingServes, versionUnknown, artifactMissing, artifactDamaged */
export async function openVersion(
  known: ModelState,
  { channel, version }: Chosen,
  store: ArtifactStore,
): Promise<{ readonly version: VersionState; readonly classifier: Classifier }> {
  const chosen = version === null ? served(known, channel) : versionOf(known, version);
  const artifact = chosen.artifacts['model'];
  if (artifact === undefined) {
    throw artifactMissing({ digest: 'of the model file', where: 'its registration' });
  }
  return { version: chosen, classifier: await openClassifier(await store.get(artifact.digest)) };
}
