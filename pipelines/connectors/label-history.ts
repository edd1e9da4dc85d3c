/** What people did with the labels of one issue, from its timeline: who decided what, and over which text. */

export interface LabelDeed {
  readonly kind: 'labeled' | 'unlabeled';
  readonly at: string;
  readonly label: string;
  /** A person with a say: neither an app, nor a template that an author filled in. */
  readonly human: boolean;
  /** For telling bursts by one account; never stored. */
  readonly by: string;
}

export interface Renaming {
  readonly at: string;
  readonly from: string;
}

export interface IssueHistory {
  readonly deeds: readonly LabelDeed[];
  readonly renamings: readonly Renaming[];
}

interface Given {
  readonly label: string;
  readonly at: string;
  readonly by: string;
  /** What the label was called when it was given, where it seems to have been renamed since. */
  readonly was?: string;
}

export interface Judgement {
  /** The label that a person gave last of those that stand, under its name of today; null where none does. */
  readonly given: Given | null;
  /** Labels that a machine gave and a person took away, and when the last of them was. */
  readonly denied: readonly { readonly label: string; readonly at: string; readonly by: string }[];
  /** Labels that a person took away, whoever gave them: nobody but a person gives them again. */
  readonly removed: readonly string[];
  /** Whether people gave and took the same label so often that it says nothing. */
  readonly disputed: boolean;
}

/** So many changes of one label by people are a quarrel, not a judgement. */
const QUARREL = 4;

/**
 * @param history  in order of time
 * @param now      the labels that the issue has today
 * @param family   the labels that a model is about; null: every one
 */
export function judgementOf(
  { deeds }: IssueHistory,
  now: readonly string[],
  family: ReadonlySet<string> | null,
): Judgement {
  const renamed = renamedIn(deeds, now);
  const mine = deeds
    .map((deed) => ({ ...deed, was: deed.label, label: renamed.get(deed.label) ?? deed.label }))
    .filter(({ label }) => family === null || family.has(label));
  const last = new Map<string, LabelDeed & { readonly was: string }>();
  const givers = new Map<string, LabelDeed>();
  const denied = new Map<string, LabelDeed>();
  const changes = new Map<string, number>();
  for (const deed of mine) {
    const { kind, label, human } = deed;
    if (human) changes.set(label, (changes.get(label) ?? 0) + 1);
    if (kind === 'labeled') {
      givers.set(label, deed);
      if (human) denied.delete(label);
    } else if (human && givers.get(label)?.human === false) denied.set(label, deed);
    last.set(label, deed);
  }
  const standing = [...last.values()]
    .filter(({ kind, human, label }) => kind === 'labeled' && human && now.includes(label))
    .sort((a, b) => (a.at < b.at ? -1 : 1));
  const given = standing.at(-1) ?? null;
  return {
    given: given === null ? null : givenBy(given),
    denied: [...denied.values()].map(({ label, at, by }) => ({ label, at, by })),
    removed: [...last.values()]
      .filter(({ kind, human }) => kind === 'unlabeled' && human)
      .map(({ label }) => label),
    disputed: [...changes.values()].some((count) => count >= QUARREL),
  };
}

function givenBy({ label, at, by, was }: LabelDeed & { readonly was: string }): Given {
  return was === label ? { label, at, by } : { label, at, by, was };
}

/** A label that was renamed stays on its issues under another name, of which their timelines tell nothing. */
function renamedIn(deeds: readonly LabelDeed[], now: readonly string[]): ReadonlyMap<string, string> {
  const last = new Map(deeds.map((deed) => [deed.label, deed.kind]));
  const gone = [...last].filter(([label, kind]) => kind === 'labeled' && !now.includes(label));
  const unexplained = now.filter((label) => !last.has(label));
  const [[from] = [''], [to]] = [gone[0] ?? [''], unexplained];
  return gone.length === 1 && unexplained.length === 1 && to !== undefined
    ? new Map([[from, to]])
    : new Map();
}

/** The title as it was then: each renaming tells the one before it. */
export function titleAt(title: string, { renamings }: IssueHistory, at: string): string {
  return renamings.find((renaming) => renaming.at > at)?.from ?? title;
}

export interface Edit {
  readonly at: string;
  /** The whole text after the edit. */
  readonly text: string;
}

/** @param edits  in order of time, the first of them the text as it was written; none where it was never edited */
export function bodyAt(body: string, edits: readonly Edit[], at: string): string {
  const then = edits.filter((edit) => edit.at <= at).at(-1) ?? edits[0];
  return then?.text ?? body;
}
