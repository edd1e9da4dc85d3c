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

/** Of several checks of one name on one commit GitHub shows the newest. */
export async function tellCheck(place: Place, ask: CheckAsk): Promise<void> {
  const calls = callsTo(place);
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
  const reply = await calls.attempt(
    rest(
      'POST /repos/{owner}/{repo}/check-runs',
      { head_sha: ask.sha, ...body },
      z.object({ status: z.int() }),
    ),
  );
  if (!reply.ok) throw calls.faultFor(reply.verdict);
}

function annotationOf({ path, line, column, level, message }: Annotation) {
  const at = { path, start_line: line, end_line: line, start_column: column, end_column: column };
  return { ...at, annotation_level: level, message: message.slice(0, 60_000) };
}
