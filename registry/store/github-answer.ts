/** What an answer of GitHub's API that is no success means, and above all whether the deed may have been done. */
import * as z from 'zod';

/** Every kind but `unknown` says that nothing was done. */
export type Verdict =
  /** The branch was not where the caller had seen it. */
  | { readonly kind: 'stale'; readonly said: string }
  /** What was to be created is there already. */
  | { readonly kind: 'exists'; readonly said: string }
  | { readonly kind: 'absent'; readonly said: string }
  /** Too much was asked; null where GitHub does not say for how long to pause. */
  | { readonly kind: 'wait'; readonly said: string; readonly seconds: number | null }
  /** The same call will be refused again: rights, rules, or a call that GitHub does not take. */
  | { readonly kind: 'refused'; readonly said: string }
  /** It may or may not have been done: only looking tells. */
  | { readonly kind: 'unknown'; readonly said: string };

const Headers = z.record(z.string(), z.unknown());

const GraphError = z.object({ message: z.string(), type: z.string().optional() });
type GraphError = z.infer<typeof GraphError>;

/** Of an HTTP answer; octokit invents the status 500 where none came, so only what it calls the response counts. */
const HttpFailure = z.object({
  response: z.object({ status: z.int(), headers: Headers, data: z.unknown() }),
});

/** Of an answer with status 200 that lists errors. */
const GraphFailure = z.object({ headers: Headers.optional(), errors: z.array(GraphError).min(1) });

const Told = z.object({ message: z.string() });

/** @param thrown  what octokit's `request` or `graphql` threw */
export function verdictOn(thrown: unknown): Verdict {
  const http = HttpFailure.safeParse(thrown);
  if (http.success) return ofHttp(http.data.response);
  const graph = GraphFailure.safeParse(thrown);
  if (graph.success) return ofGraph(graph.data.errors, graph.data.headers ?? {});
  const told = Told.safeParse(thrown);
  return { kind: 'unknown', said: plain(told.success ? told.data.message : String(thrown)) };
}

/** @param found  how an answer of status 200 differs from what was asked for */
export function verdictOnShape(found: string): Verdict {
  return { kind: 'unknown', said: plain(`an answer of another shape: ${found}`) };
}

// REST, and GraphQL where it does not get as far as GraphQL

interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
}

const LIMITED = /rate limit|abuse detection|temporarily blocked from content creation/i;
const MOVED = /fast[ -]?forward|Expected branch to point to|cannot lock ref|reference has been updated/i;
const UNSURE = /something went wrong|timed? ?out|try (your request )?again later|internal (server )?error/i;

function ofHttp({ status, headers, data }: Response): Verdict {
  const told = Told.safeParse(data);
  const text = told.success ? told.data.message : '';
  const said = plain(`${status} ${text || pageOf(data)}`);
  if (status === 429 || (status === 403 && isLimit(text, headers))) {
    return { kind: 'wait', said, seconds: secondsIn(headers) };
  }
  if (status >= 500 || status === 408 || status < 400) return { kind: 'unknown', said };
  if (status === 404 || status === 410) return { kind: 'absent', said };
  if (status === 409 && !/empty/i.test(text)) return { kind: 'stale', said };
  if (status === 422 && /already exists/i.test(text)) return { kind: 'exists', said };
  if (status === 422 && MOVED.test(text)) return { kind: 'stale', said };
  return { kind: 'refused', said };
}

function isLimit(text: string, headers: Readonly<Record<string, unknown>>): boolean {
  return LIMITED.test(text) || headers['retry-after'] !== undefined || remaining(headers) === 0;
}

/** What came instead of JSON: proxies answer in HTML, and a connection may end in the middle. */
function pageOf(data: unknown): string {
  if (typeof data !== 'string' || data === '') return 'without a reason';
  const title = /<title>([^<]*)</i.exec(data)?.[1];
  return title ?? (/^\s*</.test(data) ? 'and a page of HTML' : data);
}

// GraphQL

/** By GitHub's `type`. What is not here is judged by its words. */
const GRAPH_KINDS: Readonly<Record<string, Verdict['kind']>> = {
  STALE_DATA: 'stale',
  RATE_LIMITED: 'wait',
  RATE_LIMIT: 'wait',
  FORBIDDEN: 'refused',
  UNAUTHORIZED: 'refused',
  INSUFFICIENT_SCOPES: 'refused',
  NOT_FOUND: 'absent',
  BAD_USER_INPUT: 'refused',
  VALIDATION: 'refused',
  UNPROCESSABLE: 'refused',
  SERVICE_UNAVAILABLE: 'unknown',
  INTERNAL: 'unknown',
  TIMEOUT: 'unknown',
};

/** Of several errors the one decides that leaves most open. */
const WEIGHT: readonly Verdict['kind'][] = ['unknown', 'stale', 'wait', 'refused', 'exists', 'absent'];

function ofGraph(errors: readonly GraphError[], headers: Readonly<Record<string, unknown>>): Verdict {
  const kinds = errors.map(kindOf);
  const kind = WEIGHT.find((one) => kinds.includes(one)) ?? 'unknown';
  const said = plain(errors.map(({ message, type }) => (type ? `${type} ${message}` : message)).join('; '));
  return kind === 'wait' ? { kind, said, seconds: secondsIn(headers) } : { kind, said };
}

function kindOf({ message, type }: GraphError): Verdict['kind'] {
  if (LIMITED.test(message)) return 'wait';
  if (MOVED.test(message)) return 'stale';
  if (UNSURE.test(message)) return 'unknown';
  if (type !== undefined) return GRAPH_KINDS[type] ?? 'unknown';
  // Errors about the query itself carry no type; they are found before anything is done.
  return /doesn't (exist|accept)|is invalid|parse error|isn't defined/i.test(message) ? 'refused' : 'unknown';
}

// How long to pause

/** By GitHub's own clock: ours may be wrong, and a pause that is too short is answered with a longer one. */
function secondsIn(headers: Readonly<Record<string, unknown>>): number | null {
  const after = numberIn(headers, 'retry-after');
  if (after !== null) return Math.max(1, Math.ceil(after));
  const reset = numberIn(headers, 'x-ratelimit-reset');
  const now = Date.parse(String(headers['date'])) / 1000;
  if (reset === null || remaining(headers) !== 0 || Number.isNaN(now)) return null;
  return Math.max(1, Math.ceil(reset - now));
}

function remaining(headers: Readonly<Record<string, unknown>>): number | null {
  return numberIn(headers, 'x-ratelimit-remaining');
}

function numberIn(headers: Readonly<Record<string, unknown>>, name: string): number | null {
  const text = String(headers[name] ?? '').trim();
  return /^\d+(\.\d+)?$/.test(text) ? Number(text) : null;
}

function plain(text: string): string {
  // Control characters could act on the terminal that shows this.
  const calm = text.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim();
  return calm.length > 300 ? `${calm.slice(0, 300)}…` : calm;
}
