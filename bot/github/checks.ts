/** Check runs: a verdict beside a commit, with the lines it is about. */
import * as z from 'zod';
import { callsTo, rest } from './call.ts';
import type { Place } from './place.ts';

export interface CheckAsk {
  readonly name: string;
  readonly sha: string;
  readonly conclusion: 'success' | 'failure' | 'neutral';
  readonly title: string;
  readonly summary: string;
  readonly annotations: readonly Annotation[];
  /** Names this check for its maker. */
  readonly externalId: string;
}

export interface Annotation {
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly message: string;
}

/** GitHub takes no more with one request. */
const ANNOTATIONS_MAX = 50;
const SUMMARY_MAX = 60_000;

const Listed = z.object({
  data: z.object({
    check_runs: z.array(z.object({ id: z.int(), app: z.object({ slug: z.string().nullish() }).nullish() })),
  }),
});

/** One check of a name on one commit: the one that is there is told anew. */
export async function tellCheck(place: Place, slug: string, ask: CheckAsk): Promise<void> {
  const calls = callsTo(place);
  const before = await calls.find(
    rest(
      'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
      { ref: ask.sha, check_name: ask.name },
      Listed,
    ),
  );
  const mine = before?.data.check_runs.find(({ app }) => app?.slug === slug);
  const body = {
    name: ask.name,
    status: 'completed',
    conclusion: ask.conclusion,
    external_id: ask.externalId,
    output: {
      title: ask.title.slice(0, 250),
      summary: ask.summary.slice(0, SUMMARY_MAX),
      annotations: ask.annotations.slice(0, ANNOTATIONS_MAX).map(annotationOf),
    },
  };
  const answer = z.object({ status: z.int() });
  if (mine !== undefined) {
    const route = 'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}';
    await calls.get(rest(route, { check_run_id: mine.id, ...body }, answer));
    return;
  }
  const reply = await calls.attempt(
    rest('POST /repos/{owner}/{repo}/check-runs', { head_sha: ask.sha, ...body }, answer),
  );
  if (!reply.ok) throw calls.faultFor(reply.verdict);
}

function annotationOf({ path, line, column, level, message }: Annotation) {
  const at = { path, start_line: line, end_line: line, start_column: column, end_column: column };
  return { ...at, annotation_level: level, message: message.slice(0, 60_000) };
}
