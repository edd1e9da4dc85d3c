/** Carries out what is to be done with issues, one after the other, within the cap of one run. */
import type { Autonomy, TriageSettings } from '../../pipelines/settings/triage.ts';
import type { GitHubPlace } from '../../registry/store/github-call.ts';
import {
  isDenied,
  leaningOf,
  suggestionText,
  type Answer,
  type LabelCase,
  type Leaning,
  type Skip,
} from './label-decision.ts';
import { assignTo, giveLabel, issueNumbered, removedFrom, suggestIn, type IssueNow } from './label-github.ts';

export interface Opinion {
  readonly issue: IssueNow;
  readonly answer: Answer;
  /** `model@version`. */
  readonly by: string;
  /** Whether nothing is done with it, so that what people say of it can be held against two versions. */
  readonly leftToPeople: boolean;
}

export interface Labelling {
  readonly place: GitHubPlace;
  readonly autonomy: ReadonlyMap<string, Autonomy>;
  readonly triage: Pick<TriageSettings, 'assign' | 'machines' | 'most'>;
  /** Labels that the repository has. */
  readonly repository: LabelCase['repository'];
  /** Whose comment a suggestion is; read only where something may be suggested. */
  readonly me: string;
  readonly dryRun: boolean;
  /** How many issues may be looked at closely, each with some calls, whether they are written to or not; all if left out. */
  readonly looksMost?: number;
}

interface Told {
  readonly issue: number;
  readonly probability: number;
  readonly by: string;
}

export type Deed =
  | (Told & { readonly kind: 'skip'; readonly why: Skip | 'unchanged' })
  | (Told & { readonly kind: 'suggest' | 'label'; readonly label: string })
  | (Told & { readonly kind: 'assign'; readonly label: string; readonly login: string | null });

export async function carryOut(opinions: readonly Opinion[], labelling: Labelling): Promise<readonly Deed[]> {
  const deeds: Deed[] = [];
  const { looksMost = Infinity } = labelling;
  let [written, looks] = [0, 0];
  const look = (): boolean => written < labelling.triage.most && looks++ < looksMost;
  for (const opinion of opinions) {
    const deed = await one(opinion, { ...labelling, look });
    if (deed.kind !== 'skip') written += 1;
    deeds.push(deed);
  }
  return deeds;
}

interface Limited extends Labelling {
  /** Whether another issue may be looked at closely; each time it says so counts. */
  readonly look: () => boolean;
}

async function one(opinion: Opinion, labelling: Limited): Promise<Deed> {
  const { issue, answer, by } = opinion;
  const told = { issue: issue.number, probability: answer.probability, by };
  const skip = (why: Skip | 'unchanged'): Deed => ({ ...told, kind: 'skip', why });
  const { place, triage, dryRun, autonomy, repository } = labelling;
  const lean = (now: IssueNow): Leaning => leaningOf({ issue: now, answer, autonomy, repository });
  const before = lean(issue);
  if (before.kind === 'skip') return skip(before.why);
  if (opinion.leftToPeople) return skip('left-to-people');
  if (!labelling.look()) return skip('enough');
  // Somebody may have labelled it since it was listed: what counts is the issue as it is just before the write.
  const now = await issueNumbered(place, issue.number);
  const leaning = now === null ? null : lean(now);
  if (now === null || leaning === null) return skip('closed');
  if (leaning.kind === 'skip') return skip(leaning.why);
  if (isDenied(leaning.label, await removedFrom(place, now, new Set(triage.machines)))) return skip('denied');
  const { does, label } = leaning;
  if (does === 'suggest') {
    const text = suggestionText({ label, probability: answer.probability, by });
    const wrote = dryRun || (await suggestIn(place, issue.number, { text, me: labelling.me }));
    return wrote ? { ...told, kind: 'suggest', label } : skip('unchanged');
  }
  if (!dryRun) await giveLabel(place, issue.number, label);
  if (does === 'label') return { ...told, kind: 'label', label };
  const login = now.assigned ? null : (triage.assign[label] ?? null);
  if (login !== null && !dryRun) await assignTo(place, issue.number, login);
  return { ...told, kind: 'assign', label, login };
}
