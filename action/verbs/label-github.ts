/** What `fettle label` reads and writes on GitHub; every write only adds, apart from one comment of its own. */
import * as z from 'zod';
import {
  historyAt,
  IssuePage,
  labelNames,
  OneIssue,
  PAGE,
  type IssueNow,
} from '../../pipelines/connectors/github-shapes.ts';
import { judgementOf } from '../../pipelines/connectors/label-history.ts';
import { callsTo, graph, rest, type Calls, type GitHubPlace } from '../../registry/store/github-call.ts';
import { MARKER } from './label-decision.ts';

/** Pages that one run reads at most: a repository with more open issues is labelled over several runs. */
const PAGES_MOST = 10;

/** GitHub asks for a second between writes. */
const BETWEEN_WRITES_MS = 1000;

export type { IssueNow };

/** Open issues that changed since then, the latest first. */
export async function openIssues(place: GitHubPlace, since: string): Promise<readonly IssueNow[]> {
  const calls = callsTo(place);
  const found: IssueNow[] = [];
  for (let page = 1; page <= PAGES_MOST; page++) {
    const asked = { state: 'open', sort: 'updated', direction: 'desc', since, per_page: PAGE, page };
    const { data } = await calls.get(rest('GET /repos/{owner}/{repo}/issues', asked, IssuePage));
    found.push(...data);
    if (data.length < PAGE) break;
  }
  return [...new Map(found.map((issue) => [issue.number, issue])).values()];
}

/**
 * Open issues of these numbers, the lowest first. All pages are read: an issue that was moved here keeps its day and
 * gets a new number, so the order of days is not that of numbers.
 */
export async function openIssuesBetween(
  place: GitHubPlace,
  { from, to }: { readonly from: number; readonly to: number },
): Promise<readonly IssueNow[]> {
  const calls = callsTo(place);
  const found = new Map<number, IssueNow>();
  for (let page = 1; ; page++) {
    const asked = { state: 'open', sort: 'created', direction: 'asc', per_page: PAGE, page };
    const { data } = await calls.get(rest('GET /repos/{owner}/{repo}/issues', asked, IssuePage));
    for (const issue of data) {
      if (issue.number >= from && issue.number <= to) found.set(issue.number, issue);
    }
    if (data.length < PAGE) return [...found.values()].toSorted((a, b) => a.number - b.number);
  }
}

/** Null where there is no such issue. */
export async function issueNumbered(place: GitHubPlace, number: number): Promise<IssueNow | null> {
  const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}';
  const found = await callsTo(place).find(rest(route, { issue_number: number }, OneIssue));
  return found?.data ?? null;
}

export function labelsOf(place: GitHubPlace): Promise<readonly string[]> {
  return labelNames(callsTo(place));
}

/** The labels that people took away from the issue. */
export async function removedFrom(
  place: GitHubPlace,
  issue: IssueNow,
  machines: ReadonlySet<string>,
): Promise<readonly string[]> {
  const history = await historyAt(callsTo(place), issue, { machines, told: () => undefined });
  return judgementOf(history, issue.labels, null).removed;
}

/** Of what GitHub answers to a write nothing is used. */
const Done = z.object({ status: z.int() });

/** Adding a label that is there changes nothing, so it may be sent twice. */
export async function giveLabel(place: GitHubPlace, number: number, label: string): Promise<void> {
  const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/labels';
  await callsTo(place).get(rest(route, { issue_number: number, labels: [label] }, Done));
  await place.sleep(BETWEEN_WRITES_MS);
}

export async function assignTo(place: GitHubPlace, number: number, login: string): Promise<void> {
  const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/assignees';
  await callsTo(place).get(rest(route, { issue_number: number, assignees: [login] }, Done));
  await place.sleep(BETWEEN_WRITES_MS);
}

const Viewer = z.object({ viewer: z.object({ login: z.string() }) });

/** Who the token is: anybody can write a comment that looks like ours. */
export async function whoAmI(place: GitHubPlace): Promise<string> {
  const { viewer } = await callsTo(place).get(graph('query FettleViewer { viewer { login } }', {}, Viewer));
  return viewer.login;
}

const CommentPage = z.object({
  data: z.array(
    z.object({ id: z.int(), body: z.string().nullish(), user: z.object({ login: z.string() }).nullish() }),
  ),
});

/** Writes the comment, or changes the one that is there. @returns whether there was anything to do */
export async function suggestIn(
  place: GitHubPlace,
  number: number,
  { text, me }: { readonly text: string; readonly me: string },
): Promise<boolean> {
  const calls = callsTo(place);
  const mine = await commentOf(calls, number, me);
  if (mine !== null && mine.body === text) return false;
  if (mine === null) {
    const route = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
    // Not sent again when nobody answers: a comment too many is worse than one that the next run writes.
    const reply = await calls.attempt(rest(route, { issue_number: number, body: text }, Done));
    if (!reply.ok) throw calls.faultFor(reply.verdict);
  } else {
    const route = 'PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}';
    await calls.get(rest(route, { comment_id: mine.id, body: text }, Done));
  }
  await place.sleep(BETWEEN_WRITES_MS);
  return true;
}

async function commentOf(
  calls: Calls,
  number: number,
  me: string,
): Promise<{ readonly id: number; readonly body: string } | null> {
  for (let page = 1; ; page++) {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/comments';
    const asked = { issue_number: number, per_page: PAGE, page };
    const { data } = await calls.get(rest(route, asked, CommentPage));
    const mine = data.find(({ body, user }) => user?.login === me && body?.startsWith(MARKER) === true);
    if (mine !== undefined) return { id: mine.id, body: mine.body ?? '' };
    if (data.length < PAGE) return null;
  }
}
