/** Reads lists of GitHub to their end, page by page. */
import * as z from 'zod';
import { callsTo, rest, type Ask } from './call.ts';
import type { Place } from './place.ts';

const PER_PAGE = 100;

/** No list that the app reads is longer than this; a longer one is cut, never read for ever. */
const PAGES_MAX = 100;

export interface ListAsk<T> {
  readonly route: string;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly item: z.ZodType<T>;
  /** Of the app or of an organization, so that no repository is named. */
  readonly wide?: boolean;
  /** Where the list lies within an object, as `workflow_runs`. */
  readonly under?: string;
}

export async function listOf<T>(place: Place, ask: ListAsk<T>): Promise<readonly T[]> {
  const calls = callsTo(place);
  const all: T[] = [];
  const answer = answerOf(ask);
  for (let page = 1; page <= PAGES_MAX; page++) {
    const parameters = { ...ask.parameters, per_page: PER_PAGE, page };
    const { data } = await calls.get(
      ask.wide === true ? wideCall(ask.route, parameters, answer) : rest(ask.route, parameters, answer),
    );
    all.push(...data);
    if (data.length < PER_PAGE) break;
  }
  return all;
}

function wideCall<T>(
  route: string,
  parameters: Readonly<Record<string, unknown>>,
  answer: z.ZodType<T>,
): Ask<T> {
  return { answer, send: ({ api }, signal) => api.request(route, { ...parameters, request: { signal } }) };
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
