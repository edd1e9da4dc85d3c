/** Which bytes the registry still needs: everything that its state names by digest, whatever names it. Pure. */
import { Digest } from '../base/digest.ts';
import type { RegistryState } from '../schema/state.ts';

export interface Needed {
  readonly digests: ReadonlySet<Digest>;
  /** Those that are datasets: each names batches of its own, which the state does not. */
  readonly datasets: ReadonlySet<Digest>;
}

/** Where the state names a dataset by its digest alone. */
const DATASET_KEYS = new Set(['data']);

/**
 * Reads the state as plain words rather than field by field, so that a field that is added to it is needed too: to keep
 * a few bytes too many is harmless, and to remove one too many is not.
 */
export function neededIn({ models }: RegistryState): Needed {
  const digests = new Set<Digest>();
  const datasets = new Set<Digest>();
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string') {
      const digest = Digest.safeParse(value);
      if (!digest.success) return;
      digests.add(digest.data);
      if (DATASET_KEYS.has(key)) datasets.add(digest.data);
    } else if (typeof value === 'object' && value !== null) {
      const isDataset = 'kind' in value && value.kind === 'dataset';
      for (const [name, inner] of Object.entries(value)) visit(inner, isDataset ? 'data' : name);
    }
  };
  for (const model of models.values()) visit(model, '');
  return { digests, datasets };
}
