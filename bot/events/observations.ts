/** What people did with issues and labels, kept to be learnt from: who, what and when, and no text of theirs. */
import { appendFile, mkdir } from 'node:fs/promises';
import path from 'node:path';

export interface Observation {
  readonly at: string;
  readonly repository: number;
  readonly what: 'issue' | 'label';
  readonly action: string;
  /** Null for a label of the repository as a whole. */
  readonly issue: number | null;
  readonly label: string | null;
  /** What a label was called before. */
  readonly before: string | null;
  readonly by: { readonly id: number; readonly kind: string };
}

/** A file per repository and month, so that what was ingested can be put away. */
export async function keepObservation(folder: string, observation: Observation): Promise<void> {
  const at = path.join(folder, 'observations', String(observation.repository));
  await mkdir(at, { recursive: true, mode: 0o700 });
  const file = path.join(at, `${observation.at.slice(0, 7)}.jsonl`);
  await appendFile(file, `${JSON.stringify(observation)}\n`, { mode: 0o600, flush: true });
}
