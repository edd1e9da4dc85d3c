/** Reads lists of GitHub to their end, page by page. */
import * as z from 'zod';
import { callsTo, rest } from '../../registry/store/github-call.ts';
import type { Place } from './place.ts';

const PER_PAGE = 100;

/** No list that the app reads is longer than this; a longer one is cut, never read for ever. */
const PAGES_MAX = 100;

export interface ListAsk<T> {
  readonly route: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly item: z.ZodType<T>;
  /** Where the list lies within an object, as `workflow_runs`. */
  readonly under?: string;
}

export async function listOf<T>(place: Place, ask: ListAsk<T>): Promise<readonly T[]> {
  const calls = callsTo(place);
  const all: T[] = [];
  const answer = answerOf(ask);
  for (let page = 1; page <= PAGES_MAX; page++) {
    const { data } = await calls.get(
      rest(ask.route, { ...ask.parameters, per_page: PER_PAGE, page }, answer),
    );
    all.push(...data);
    if (data.length < PER_PAGE) break;
  }
  return all;
}

function answerOf<T>({ item, under }: ListAsk<T>): z.ZodType<{ data: T[] }> {
  const list = z.array(item);
  if (under === undefined) return z.object({ data: list });
  return z.object({ data: z.record(z.string(), z.unknown()) }).transform(({ data }, context) => {
    const parsed = list.safeParse(data[under]);
    if (parsed.success) return { data: parsed.data };
    context.addIssue({ code: 'custom', message: `no list under ${under}` });
    return z.NEVER;
  });
}
