/** Issues and their timelines as GitHub tells them, cut to what labels need, and who of the actors counts as a person. */
import * as z from 'zod';
import { graph, rest, type Ask, type Calls } from '../../registry/store/github-call.ts';
import type { Edit, IssueHistory, LabelDeed } from './label-history.ts';

const Account = z.object({ login: z.string(), type: z.string().optional() }).nullish();
const Headers = z.record(z.string(), z.unknown());

export const PAGE = 100;

/** Labels of issues come as objects, and of old ones as bare names. */
const Name = z.union([z.string(), z.object({ name: z.string().nullish() })]);

const Issue = z
  .object({
    number: z.int(),
    title: z.string(),
    body: z.string().nullish(),
    labels: z.array(Name),
    created_at: z.string(),
    updated_at: z.string(),
    state: z.string(),
    author_association: z.string().optional(),
    user: Account,
    locked: z.boolean().optional(),
    assignees: z.array(z.object({ login: z.string() })).nullish(),
    pull_request: z.unknown().optional(),
  })
  .transform((told) => ({
    number: told.number,
    title: told.title,
    body: told.body ?? '',
    labels: told.labels.flatMap((label) => (typeof label === 'string' ? [label] : (label.name ?? []))),
    createdAt: told.created_at,
    updatedAt: told.updated_at,
    association: told.author_association ?? 'NONE',
    author: told.user?.login ?? 'ghost',
    assigned: (told.assignees ?? []).length > 0,
    isOpen: told.state === 'open',
    isLocked: told.locked ?? false,
    isPull: told.pull_request !== undefined && told.pull_request !== null,
  }));
export type IssueNow = z.output<typeof Issue>;

const Answered = z.object({ headers: Headers.optional() });
export const IssuePage = Answered.extend({ data: z.array(Issue) });
export const OneIssue = Answered.extend({ data: Issue });

const TimelineEvent = z.object({
  event: z.string().optional(),
  created_at: z.string().optional(),
  actor: Account,
  label: z.object({ name: z.string() }).nullish(),
  rename: z.object({ from: z.string() }).nullish(),
  performed_via_github_app: z.unknown().optional(),
});
type TimelineEvent = z.infer<typeof TimelineEvent>;

const TimelinePage = Answered.extend({ data: z.array(TimelineEvent) });

/** Of a label that came with the issue: GitHub names the author, though the template chose it. */
const TEMPLATE_MS = 5000;
const INSIDERS: readonly string[] = ['OWNER', 'MEMBER', 'COLLABORATOR'];

export interface Told {
  /** @param headers  of each answer, which tell what is left of the hour */
  (headers: Readonly<Record<string, unknown>>): void;
}

/** Every page of one issue's timeline, in order of time. */
export async function historyAt(
  calls: Calls,
  issue: IssueNow,
  { machines, told }: { readonly machines: ReadonlySet<string>; readonly told: Told },
): Promise<IssueHistory> {
  const events: TimelineEvent[] = [];
  for (let page = 1; ; page++) {
    const route = 'GET /repos/{owner}/{repo}/issues/{issue_number}/timeline';
    const asked = { issue_number: issue.number, per_page: PAGE, page };
    const { data, headers } = (await calls.find(rest(route, asked, TimelinePage))) ?? { data: [] };
    told(headers ?? {});
    events.push(...data);
    if (data.length < PAGE) break;
  }
  const ordered = events
    .map((event) => ({ ...event, at: event.created_at ?? '' }))
    .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0));
  return {
    deeds: ordered.flatMap((event) => deedOf(event, issue, machines)),
    renamings: ordered.flatMap(({ event, at, rename }) =>
      event === 'renamed' && rename ? [{ at, from: rename.from }] : [],
    ),
  };
}

function deedOf(event: TimelineEvent, issue: IssueNow, machines: ReadonlySet<string>): readonly LabelDeed[] {
  const { event: kind, created_at: at = '', label, actor } = event;
  if ((kind !== 'labeled' && kind !== 'unlabeled') || !label) return [];
  const by = actor?.login ?? 'ghost';
  const isMachine =
    actor?.type === 'Bot' ||
    by.endsWith('[bot]') ||
    machines.has(by) ||
    (event.performed_via_github_app ?? null) !== null;
  const fromTemplate =
    by === issue.author &&
    !INSIDERS.includes(issue.association) &&
    Math.abs(Date.parse(at) - Date.parse(issue.createdAt)) <= TEMPLATE_MS;
  return [{ kind, at, label: label.name, by, human: !isMachine && !fromTemplate && by !== 'ghost' }];
}

const LabelPage = Answered.extend({ data: z.array(z.object({ name: z.string() })) });

/** Every label that the repository has now. */
export async function labelNames(calls: Calls): Promise<readonly string[]> {
  const names: string[] = [];
  for (let page = 1; ; page++) {
    const asked = { per_page: PAGE, page };
    const { data } = await calls.get(rest('GET /repos/{owner}/{repo}/labels', asked, LabelPage));
    names.push(...data.map(({ name }) => name));
    if (data.length < PAGE) return names;
  }
}

export function issuesSince(since: string | null, page: number): Ask<z.output<typeof IssuePage>> {
  const asked = { state: 'all', sort: 'updated', direction: 'asc', per_page: PAGE, page };
  return rest('GET /repos/{owner}/{repo}/issues', since === null ? asked : { ...asked, since }, IssuePage);
}

const Edits = z.object({
  repository: z
    .record(
      z.string(),
      z
        .object({
          userContentEdits: z
            .object({
              nodes: z.array(z.object({ editedAt: z.string(), diff: z.string().nullish() }).nullable()),
            })
            .nullable(),
        })
        .nullable(),
    )
    .nullable(),
});

/** So many issues fit into one question for their edits. */
export const EDITS_MOST = 50;

/**
 * What the bodies were: REST tells only what they are. GitHub calls the whole text after an edit its `diff`, and tells
 * the newest first. Null where it does not tell, as a token without GraphQL is told nothing.
 */
export async function editsOf(
  calls: Calls,
  numbers: readonly number[],
): Promise<ReadonlyMap<number, readonly Edit[]> | null> {
  if (numbers.length === 0) return new Map();
  const fields = numbers.map(
    (number) =>
      `i${number}: issue(number: ${number}) { userContentEdits(first: 100) { nodes { editedAt diff } } }`,
  );
  const query = `query FettleEdits($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) { ${fields.join(' ')} }
}`;
  const { owner, name } = calls.place;
  const reply = await calls.attempt(graph(query, { owner, name }, Edits));
  if (!reply.ok || reply.value.repository === null) return null;
  const { repository } = reply.value;
  return new Map(
    numbers.map((number) => {
      const nodes = repository[`i${number}`]?.userContentEdits?.nodes ?? [];
      const edits = nodes.flatMap((node) =>
        node === null || typeof node.diff !== 'string' ? [] : [{ at: node.editedAt, text: node.diff }],
      );
      return [number, edits.sort((a, b) => (a.at < b.at ? -1 : 1))];
    }),
  );
}

/** What the answer says is left of the hour; infinity where it does not say. */
export function leftIn(headers: Readonly<Record<string, unknown>>): number {
  const text = String(headers['x-ratelimit-remaining'] ?? '');
  return /^\d+$/.test(text) ? Number(text) : Number.POSITIVE_INFINITY;
}
