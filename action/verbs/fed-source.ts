/** What is new on GitHub for a model, as the bytes of a source; where to go on is in the name under which it is recorded. */
import type { Row } from '../../pipelines/artifacts/batch.ts';
import { decodeDataset, PART, rowsOf } from '../../pipelines/artifacts/dataset.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { sourceOf, type Pulled } from '../../pipelines/connectors/feed.ts';
import { githubIssues } from '../../pipelines/connectors/github-issues.ts';
import { evidenceThin } from '../../pipelines/faults.ts';
import type { ModelSettings } from '../../pipelines/settings/settings.ts';
import { retrainNow, type RetrainEvidence } from '../../pipelines/stats/retrain.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { liveDrift } from './live-drift.ts';
import { githubPlace } from './transport.ts';
import type { VerbContext } from './verb.ts';
import { counted } from './words.ts';

/** What `from` says in the settings of a model that learns from the issues of GITHUB_REPOSITORY. */
export const GITHUB_ISSUES = 'github-issues';

export interface Feeding {
  readonly known: ModelState | undefined;
  readonly chosen: ModelSettings;
  readonly store: ArtifactStore;
}

export interface Fed {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** @throws apiUnknown, evidenceThin where it is not worth a training yet, and faults of GitHub's */
export async function fedSource(context: VerbContext, { known, chosen, store }: Feeding): Promise<Fed> {
  const { labels, machines, retrain } = chosen.triage;
  const family = Object.keys(labels);
  const before = await takenIn(known, store);
  const labelOf = new Map(before.map(({ id, label }) => [id, label]));
  const feed = githubIssues({
    ...(await githubPlace(context)),
    family: family.length === 0 ? null : new Set(family),
    machines: new Set(machines),
  });
  const pulled = await feed.pull({ cursor: cursorOf(known), known: labelOf });
  const rows = pulled.rows.filter(
    (row) => row['label'] === '' || labelOf.get(row['id'] ?? '') !== row['label'],
  );
  say(context, pulled, rows.length);
  const found = evidenceIn(rows, labelOf);
  // Asking the model about every row is worth it only where nothing else has decided.
  const enough = retrainNow(found, retrain).length > 0;
  const living = { known, channel: chosen.promote ?? 'production', store };
  const evidence = { ...found, drift: enough ? null : await liveDrift(living, rows) };
  const reasons = retrainNow(evidence, retrain);
  if (reasons.length === 0) {
    throw evidenceThin({ model: known?.model ?? 'the model', ...evidence, wanted: retrain });
  }
  const by = evidence.drift === null ? '' : ` (${evidence.drift})`;
  context.progress.say(`Worth a training: ${reasons.join(', ')}${by}.`);
  return { name: `${GITHUB_ISSUES}@${pulled.cursor ?? ''}.jsonl`, bytes: sourceOf(rows) };
}

/** Every row that was ever taken in with a label, the held-out ones and those left out too, in the order of the batches. */
async function takenIn(known: ModelState | undefined, store: ArtifactStore): Promise<readonly Row[]> {
  const data = known?.data ?? null;
  if (data === null) return [];
  const dataset = decodeDataset(await store.get(data));
  const rows = await rowsOf(dataset, [PART.train, PART.holdout, PART.none], (digest) => store.get(digest));
  return rows.filter(({ label }) => label !== '');
}

/** The registry itself remembers how far it has read: only runs that were completed moved on. */
export function cursorOf(known: Pick<ModelState, 'runs'> | undefined): string | null {
  const cursors = (known?.runs ?? []).flatMap(({ outcome, asked }) => {
    const found = /^"github-issues@(.+)\.jsonl"$/.exec(asked['source'] ?? '')?.[1];
    return outcome?.kind === 'completed' && found !== undefined ? [found] : [];
  });
  return cursors.sort().at(-1) ?? null;
}

function evidenceIn(rows: Pulled['rows'], before: ReadonlyMap<string, string>): RetrainEvidence {
  const learnt = new Set(before.values());
  const unknown = new Map<string, number>();
  for (const { label = '' } of rows) {
    if (label !== '' && !learnt.has(label)) unknown.set(label, (unknown.get(label) ?? 0) + 1);
  }
  const isChange = ({ id = '', label = '', not = '' }: Pulled['rows'][number]): boolean =>
    not !== '' || (label !== '' && before.has(id));
  return {
    first: before.size === 0,
    labels: rows.filter(({ label }) => label !== '').length,
    corrections: rows.filter(isChange).length,
    unknown,
    drift: null,
  };
}

function say({ progress }: VerbContext, { done, quarantined }: Pulled, fresh: number): void {
  const parts = [
    `GitHub: ${counted(fresh, 'issue')} with new judgements`,
    ...(quarantined > 0 ? [`${quarantined} left out: one account in a hurry, a quarrel, or copies`] : []),
    ...(done ? [] : ['more to come: the calls of this turn are spent']),
  ];
  progress.say(`${parts.join('; ')}.`);
}
