/** What the version that serves, and its challenger where there is one, make of issues; whose word counts for which. */
import type { Classifier } from '../../pipelines/models/classifier.ts';
import type { TriageSettings } from '../../pipelines/settings/triage.ts';
import { armOf } from '../../pipelines/stats/arms.ts';
import type { ModelState, VersionState } from '../../registry/schema/state.ts';
import { servingOf } from '../../registry/state/query.ts';
import type { IssueNow } from './label-github.ts';
import type { Labelling, Opinion } from './label-issues.ts';
import type { ShadowLine } from './label-shadow.ts';
import { openVersion } from './service.ts';
import type { Shelf } from './workplace.ts';

interface Opened {
  readonly version: VersionState;
  readonly classifier: Classifier;
}

export interface OpenArms {
  readonly champion: Opened;
  readonly challenger: Opened | null;
}

export async function openArms(known: ModelState, { store }: Shelf): Promise<OpenArms> {
  const champion = await openVersion(known, { channel: 'production', version: null }, store);
  const second = challengerOf(known);
  if (second === null) return { champion, challenger: null };
  return {
    champion,
    challenger: await openVersion(known, { channel: 'staging', version: second.version }, store),
  };
}

/** Deals the issues anew for each pair of versions. */
export function duelSalt(
  model: string,
  champion: Pick<VersionState, 'version'>,
  challenger: Pick<VersionState, 'version'>,
): string {
  return `${model} ${champion.version} ${challenger.version}`;
}

/** What serves staging, or else the candidates; null where that is what serves production. */
export function challengerOf(known: ModelState): VersionState | null {
  const second = servingOf(known, 'staging') ?? servingOf(known, 'candidate');
  return second === null || second.version === servingOf(known, 'production')?.version ? null : second;
}

interface Asked extends Pick<Labelling, 'autonomy' | 'place'> {
  readonly known: ModelState;
  readonly triage: Pick<TriageSettings, 'challenger' | 'audit'>;
  readonly opened: OpenArms;
  /** Now, ISO 8601. */
  readonly at: string;
}

export async function opinionsOn(
  issues: readonly IssueNow[],
  { known, place, triage, opened, autonomy, at }: Asked,
): Promise<{ readonly opinions: readonly Opinion[]; readonly shadows: readonly ShadowLine[] }> {
  const { champion, challenger } = opened;
  const project = `${place.owner}/${place.name}`;
  const shadows: ShadowLine[] = [];
  const opinions: Opinion[] = [];
  for (const issue of issues) {
    const id = `${project}#${issue.number}`;
    const input = { title: issue.title, body: issue.body, project };
    const first = await saidBy(champion, input);
    const by = (one: Opened): string => `${known.model}@${one.version.version}`;
    if (challenger === null) {
      opinions.push({ issue, answer: first, by: by(champion), leftToPeople: false });
      continue;
    }
    const second = await saidBy(challenger, input);
    const salt = duelSalt(known.model, champion.version, challenger.version);
    const arm = armOf(id, { salt, share: triage.challenger });
    const mine = arm === 'champion' ? champion : challenger;
    // People who see what a version says are swayed by it, and they speak up where it errs: neither tells who is better.
    const leftToPeople = armOf(id, { salt: `${salt} audit`, share: triage.audit }) === 'challenger';
    opinions.push({ issue, answer: arm === 'champion' ? first : second, by: by(mine), leftToPeople });
    const said = ({ version }: Opened, { label: told, probability }: Opinion['answer']) => {
      return { version: version.version, label: told, probability };
    };
    // Only what was said before anybody decided can be held against what people decide.
    if (issue.labels.some((one) => autonomy.has(one))) continue;
    shadows.push({
      id,
      at,
      arm,
      share: triage.challenger,
      audit: leftToPeople,
      champion: said(champion, first),
      challenger: said(challenger, second),
    });
  }
  return { opinions, shadows };
}

async function saidBy(
  { classifier }: Opened,
  input: { readonly title: string; readonly body: string; readonly project: string },
): Promise<Opinion['answer']> {
  const { label: best, probabilities, given } = await classifier.predict(input);
  return { label: best, given, probability: probabilities[classifier.labels.indexOf(best)] ?? 0 };
}
