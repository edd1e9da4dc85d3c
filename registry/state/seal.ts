/** The digest that a seal holds, made of a state instead of files. */
import { digestOf, hexOf, type Digest } from '../base/digest.ts';
import type { ModelName } from '../schema/model.ts';
import { isSealedPath, sealOfDigests } from '../schema/seal.ts';
import type { ModelState, RegistryState } from '../schema/state.ts';
import { viewOf } from './view.ts';

export type Sealing = (state: RegistryState, shards: ReadonlyMap<string, string>) => Digest;

/** Of what a state and these idempotency files are written as; what did not change since the last time is not read again. */
export function sealing(): Sealing {
  const digests = new Map<string, string>();
  let models: ReadonlyMap<ModelName, ModelState> = new Map();
  let known: ReadonlyMap<string, string> = new Map();
  return (state, shards) => {
    const changed = [...state.models.keys()].filter((name) => state.models.get(name) !== models.get(name));
    const files = [
      ...viewOf(state, changed),
      ...[...shards].filter(([path, text]) => known.get(path) !== text),
    ];
    for (const [path, text] of files) if (isSealedPath(path)) digests.set(path, hexOf(digestOf(text)));
    // The models of a fold are kept in one map that goes on changing.
    [models, known] = [new Map(state.models), shards];
    return sealOfDigests(digests);
  };
}
