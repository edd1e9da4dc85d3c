/** Which bytes the registry still needs: everything that its state names by digest, whatever names it. Pure. */
import { Digest } from '../base/digest.ts';
import { ArtifactRef, type ArtifactKind } from '../schema/artifact.ts';
import type { RegistryState } from '../schema/state.ts';

export interface Needed {
  readonly digests: ReadonlySet<Digest>;
  /** What they are, where the state says so. A dataset names batches of its own, which the state does not. */
  readonly kinds: ReadonlyMap<Digest, ArtifactKind>;
}

/**
 * Reads the state as plain words rather than field by field, so that a field that is added to it is needed too: to keep
 * a few bytes too many is harmless, and to remove one too many is not.
 */
export function neededIn({ models }: RegistryState): Needed {
  const digests = new Set<Digest>();
  const kinds = new Map<Digest, ArtifactKind>();
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string') {
      const digest = Digest.safeParse(value);
      if (!digest.success) return;
      digests.add(digest.data);
      // A version and a model name their dataset by its digest alone.
      if (key === 'data') kinds.set(digest.data, 'dataset');
    } else if (typeof value === 'object' && value !== null) {
      const ref = ArtifactRef.safeParse(value);
      if (ref.success) kinds.set(ref.data.digest, ref.data.kind);
      for (const [name, inner] of Object.entries(value)) visit(inner, name);
    }
  };
  for (const model of models.values()) visit(model, '');
  return { digests, kinds };
}
