/** What both versions would have said of issues that were left to people: for machines where nobody kept what was said. */
import type { Row } from '../../pipelines/artifacts/batch.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import type { TriageSettings } from '../../pipelines/settings/triage.ts';
import { armOf } from '../../pipelines/stats/arms.ts';
import type { ModelState, VersionState } from '../../registry/schema/state.ts';
import { duelSalt } from './label-opinions.ts';
import type { ShadowLine } from './label-shadow.ts';
import { rowsIn } from './scored.ts';
import { openVersion } from './service.ts';

export interface Replaying {
  readonly known: ModelState;
  readonly champion: VersionState;
  readonly challenger: VersionState;
  readonly triage: Pick<TriageSettings, 'challenger' | 'audit'>;
  readonly store: ArtifactStore;
  /** Issues of which it was kept what was said: they are not asked about again. */
  readonly kept: ReadonlySet<string>;
}

/**
 * A version says the same of the same text for ever, and which issues were left to people follows from their numbers.
 * So what was said can be said again, of issues that neither version had learned from and that were opened when both
 * had their places already. None where the files that tell are not here.
 */
export async function replayed(replaying: Replaying): Promise<readonly ShadowLine[]> {
  const { known, champion, challenger, triage, store } = replaying;
  const rows = await unheard(replaying);
  if (rows.length === 0) return [];
  const salt = duelSalt(known.model, champion, challenger);
  const said = async (version: VersionState): Promise<readonly ShadowLine['champion'][]> => {
    const chosen = { channel: 'production', version: version.version } as const;
    const { classifier } = await openVersion(known, chosen, store);
    try {
      return (await classifier.predictAll(rows.map(({ input }) => input))).map(({ label, probabilities }) => {
        const probability = probabilities[classifier.labels.indexOf(label)] ?? 0;
        return { version: version.version, label, probability };
      });
    } finally {
      await classifier.close();
    }
  };
  const [first, second] = [await said(champion), await said(challenger)];
  return rows.flatMap(({ id, at }, index): readonly ShadowLine[] => {
    const [one, other] = [first[index], second[index]];
    if (one === undefined || other === undefined) return [];
    const arm = armOf(id, { salt, share: triage.challenger });
    return [{ id, at, arm, share: triage.challenger, audit: true, champion: one, challenger: other }];
  });
}

/** Issues that were left to people, new to both versions, and of which nobody kept what was said. */
async function unheard(replaying: Replaying): Promise<readonly Row[]> {
  const { known, champion, challenger, triage, store, kept } = replaying;
  const since = placesSince(known, [champion, challenger]);
  const learned = await idsIn([champion, challenger], store);
  if (since === null || learned === null || known.data === null || !(await store.has(known.data))) return [];
  const salt = `${duelSalt(known.model, champion, challenger)} audit`;
  const last = new Map((await rowsIn(known.data, store)).map((row) => [row.id, row]));
  return [...last.values()].filter(
    ({ id, at, input }) =>
      'title' in input &&
      at >= since &&
      !learned.has(id) &&
      !kept.has(id) &&
      armOf(id, { salt, share: triage.audit }) === 'challenger',
  );
}

/** When the last of them came to where it serves now; null where one serves nowhere. */
function placesSince({ tenures }: ModelState, versions: readonly VersionState[]): string | null {
  const from = versions.map(
    ({ version }) => tenures.findLast((one) => one.version === version && one.until === null)?.from,
  );
  const known = from.flatMap((at) => at ?? []);
  return known.length < from.length ? null : (known.sort().at(-1) ?? null);
}

/** Null where the dataset of one of them is not here. */
async function idsIn(
  versions: readonly VersionState[],
  store: ArtifactStore,
): Promise<ReadonlySet<string> | null> {
  const ids = new Set<string>();
  for (const { lineage } of versions) {
    if (lineage === null || !(await store.has(lineage.data))) return null;
    for (const { id } of await rowsIn(lineage.data, store)) ids.add(id);
  }
  return ids;
}
