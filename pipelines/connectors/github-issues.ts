/** Issues of a GitHub repository with the labels that people gave them: what is new since a cursor, within a budget. */
import { FettleError } from '../../registry/base/fault.ts';
import { remoteBusy } from '../../registry/faults.ts';
import { callsTo, type Calls, type GitHubPlace } from '../../registry/store/github-call.ts';
import type { Feed, Pull, Pulled } from './feed.ts';
import {
  EDITS_MOST,
  editsOf,
  historyAt,
  issuesSince,
  labelNames,
  leftIn,
  PAGE,
  type IssueNow,
} from './github-shapes.ts';
import { bodyAt, judgementOf, titleAt, type IssueHistory, type Judgement } from './label-history.ts';

export interface GitHubIssuesOptions extends GitHubPlace {
  /** The labels that the model is about; null takes every one. */
  readonly family: ReadonlySet<string> | null;
  /** Accounts that are no people, beside those that GitHub calls bots. */
  readonly machines: ReadonlySet<string>;
  /** Calls that one pull may make; 600 when left out, well below what a workflow's token has in an hour. */
  readonly callsMost?: number;
  /** Calls of the hour that are left to others; 100 when left out. */
  readonly reserve?: number;
}

/** GitHub's own index may lag behind what it tells: the last minutes are read again. */
const OVERLAP_MS = 5 * 60_000;

/** More by one account within ten minutes are a burst: what comes after them is left out. */
export const BURST = { most: 30, withinMs: 600_000 };

/** More issues of the same words under the same label say nothing new: a form left as it was, or one voice made many. */
export const COPIES_MOST = 3;

interface Judged {
  readonly issue: IssueNow;
  readonly history: IssueHistory;
  readonly judgement: Judgement;
}

export function githubIssues(options: GitHubIssuesOptions): Feed {
  return {
    name: 'github-issues',
    async pull(asked) {
      const calls = callsTo(options);
      const { judged, cursor, done } = await read(calls, options, asked);
      const { kept, quarantined } = withoutBursts(judged);
      const told = await rowsOf(calls, kept, await goneIn(calls, kept));
      const rows = withoutCopies(told);
      return { rows, cursor, done, quarantined: quarantined + told.length - rows.length } satisfies Pulled;
    },
  };
}

interface Found {
  readonly judged: readonly Judged[];
  readonly cursor: string | null;
  readonly done: boolean;
}

async function read(calls: Calls, options: GitHubIssuesOptions, { cursor, known }: Pull): Promise<Found> {
  const { family, machines, callsMost = 600, reserve = 100 } = options;
  let [spent, left] = [0, Number.POSITIVE_INFINITY];
  const told = (headers: Readonly<Record<string, unknown>>): void => {
    spent += 1;
    left = leftIn(headers);
  };
  const judged: Judged[] = [];
  const seen = new Set<number>();
  let [since, page, last, whole] = [cursor, 1, cursor, cursor];
  const isTired = (): boolean => (spent >= callsMost || left <= reserve) && movedFrom(cursor, whole);
  const judge = async (issue: IssueNow): Promise<void> => {
    if (issue.isPull || isSettled(issue, family, known.get(idOf(calls, issue)))) return;
    const history = await historyAt(calls, issue, { machines, told });
    judged.push({ issue, history, judgement: judgementOf(history, issue.labels, family) });
  };
  const stopped = (busy: FettleError | null): Found => {
    if (movedFrom(cursor, whole)) return { judged, cursor: whole, done: false };
    throw busy;
  };
  for (;;) {
    const reply = await orBusy(calls.get(issuesSince(since, page)));
    if (reply instanceof FettleError) return stopped(reply);
    told(reply.headers ?? {});
    for (const issue of reply.data.filter(({ number }) => !seen.has(number))) {
      if (last === null || issue.updatedAt > last) [whole, last] = [last, issue.updatedAt];
      const ended = isTired() ? true : await orBusy(judge(issue));
      if (ended !== undefined) return stopped(ended instanceof FettleError ? ended : null);
      seen.add(issue.number);
    }
    const { length } = reply.data;
    if (length < PAGE) return { judged, cursor: seen.size === 0 ? cursor : before(last), done: true };
    // Pages with high numbers are refused: each begins anew where the one before ended, unless that is one second.
    const end = reply.data.at(-1)?.updatedAt ?? null;
    [since, page] = end === since ? [since, page + 1] : [end, 1];
  }
}

async function orBusy<T>(work: Promise<T>): Promise<T | FettleError> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof FettleError && error.code === remoteBusy.code) return error;
    throw error;
  }
}

/** A pull ends early only where the cursor moved, so that every pull gets on. */
function movedFrom(cursor: string | null, whole: string | null): boolean {
  return whole !== null && (cursor === null || whole > cursor);
}

/** Nothing to learn from it that is not known: no call is spent on its timeline. */
function isSettled(issue: IssueNow, family: ReadonlySet<string> | null, known: string | undefined): boolean {
  const mine = issue.labels.filter((label) => family === null || family.has(label));
  if (mine.length === 0) return issue.updatedAt === issue.createdAt;
  return mine.length === 1 && mine[0] === known;
}

function before(last: string | null): string | null {
  if (last === null) return null;
  return new Date(Date.parse(last) - OVERLAP_MS).toISOString().replace(/\.\d+Z$/, 'Z');
}

function idOf({ remote }: Calls, { number }: Pick<IssueNow, 'number'>): string {
  return `${remote}#${number}`;
}

/** One account can be wrong, or stolen: what it does faster than people judge does not count. */
function withoutBursts(judged: readonly Judged[]): { kept: readonly Judged[]; quarantined: number } {
  const byAccount = new Map<string, number[]>();
  const inTime = [...judged].sort((a, b) => (momentOf(a) < momentOf(b) ? -1 : 1));
  const kept = inTime.filter(({ judgement: { given, denied, disputed } }) => {
    const deed = given ?? denied.at(-1);
    if (deed === undefined) return false;
    if (disputed) return false;
    const at = Date.parse(deed.at);
    const recent = (byAccount.get(deed.by) ?? []).filter((one) => at - one <= BURST.withinMs);
    byAccount.set(deed.by, [...recent, at]);
    return recent.length < BURST.most;
  });
  const meant = judged.filter(({ judgement: { given, denied } }) => given !== null || denied.length > 0);
  return { kept, quarantined: meant.length - kept.length };
}

/** The first of those that nobody could tell apart; what was only denied a label is kept. */
function withoutCopies(rows: Pulled['rows']): Pulled['rows'] {
  const counts = new Map<string, number>();
  return rows.filter(({ label = '', title = '', body = '' }) => {
    const words = `${title}\n${body}`.toLowerCase().replaceAll(/\s+/g, ' ').trim();
    const key = JSON.stringify([label, words]);
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    return label === '' || before < COPIES_MOST;
  });
}

function momentOf({ judgement: { given, denied }, issue }: Judged): string {
  return given?.at ?? denied.at(-1)?.at ?? issue.createdAt;
}

/** Names that labels seem to have had once, and that no label of the repository has now: those were renamed. */
async function goneIn(calls: Calls, judged: readonly Judged[]): Promise<ReadonlySet<string>> {
  const once = new Set(judged.flatMap(({ judgement }) => judgement.given?.was ?? []));
  if (once.size === 0) return once;
  const now = new Set(await labelNames(calls));
  return new Set([...once].filter((name) => !now.has(name)));
}

async function rowsOf(
  calls: Calls,
  judged: readonly Judged[],
  gone: ReadonlySet<string>,
): Promise<Pulled['rows']> {
  const rows: Pulled['rows'][number][] = [];
  for (let from = 0; from < judged.length; from += EDITS_MOST) {
    const some = judged.slice(from, from + EDITS_MOST);
    const edits = await editsOf(
      calls,
      some.map(({ issue }) => issue.number),
    );
    for (const { issue, history, judgement } of some) {
      const at = momentOf({ issue, history, judgement });
      rows.push({
        id: idOf(calls, issue),
        repo: calls.remote,
        number: String(issue.number),
        created_at: issue.createdAt,
        labelled_at: at,
        label: judgement.given?.label ?? '',
        was: gone.has(judgement.given?.was ?? '') ? (judgement.given?.was ?? '') : '',
        not: judgement.denied.map(({ label }) => label).join('\n'),
        title: titleAt(issue.title, history, at),
        body: bodyAt(issue.body, edits?.get(issue.number) ?? [], at),
        author_association: issue.association,
      });
    }
  }
  return rows;
}
