/** One HTTP exchange with a store: streams both ways, and credentials that never leave for another origin. */
import { request as requestPlain, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { request as requestSecure } from 'node:https';
import { pipeline } from 'node:stream';
import { FettleError } from '../../registry/base/fault.ts';
import { storeRefused, storeUnreachable } from '../faults.ts';
import { checkAddress, checkedLookup, checkRedirect } from './address.ts';
import type { ByteSource, Span } from './source.ts';

type Headers = Readonly<Record<string, string>>;

export interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Headers;
  /** Headers that only the origin of `url` may see. */
  readonly secretHeaders?: Headers;
  readonly body?: string | Uint8Array | { readonly source: ByteSource; readonly span: Span };
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: IncomingMessage;
  /** Where it came from in the end. */
  readonly url: URL;
}

/** A server that is silent for this long is taken for dead. */
const SILENCE_MS_MAX = 60_000;
const REDIRECTS_MAX = 5;
/** Answers that are read whole are small; whoever sends more is not what we take him for. */
const TEXT_BYTES_MAX = 4 * 1024 * 1024;

/**
 * Whatever the status. A GET or HEAD follows redirects; to another origin it goes without the secret headers.
 *
 * @throws storeUnreachable, storeAddressRefused, storeRefused
 */
export async function ask(call: Call): Promise<Answer> {
  let url: URL = call.url;
  let { secretHeaders } = call;
  checkAddress(url);
  for (let hop = 0; hop <= REDIRECTS_MAX; hop++) {
    const answer = await exchange({ ...call, url, secretHeaders: secretHeaders ?? {} });
    const location = redirectOf(call, answer);
    if (location === null) return answer;
    answer.body.resume();
    const next = urlOf(location, url);
    checkRedirect(url, next);
    if (next.origin !== url.origin) secretHeaders = {};
    url = next;
  }
  throw storeRefused({ where: call.url.host, wanted: 'answer', found: `${REDIRECTS_MAX} redirects` });
}

function redirectOf({ method }: Call, { status, headers }: Answer): string | null {
  const follows = method === 'GET' || method === 'HEAD';
  return follows && [301, 302, 303, 307, 308].includes(status) ? (headers.location ?? null) : null;
}

/** A `Location`, relative or not. @throws storeRefused */
export function urlOf(location: string, base: URL): URL {
  const url = URL.parse(location, base.href);
  if (url !== null) return url;
  throw storeRefused({
    where: base.host,
    wanted: 'name a place to go on',
    found: `\`${location.slice(0, 100)}\``,
  });
}

function exchange(call: Call): Promise<Answer> {
  const { method, url, body } = call;
  const length = lengthOf(body);
  const headers = {
    'user-agent': 'fettle',
    ...(length === null ? {} : { 'content-length': String(length) }),
    ...call.headers,
    ...call.secretHeaders,
  };
  return new Promise((resolve, reject) => {
    const take = (answer: IncomingMessage): void =>
      resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: answer, url });
    const options = { method, headers, lookup: checkedLookup };
    const secure = url.protocol === 'https:';
    const sent = secure ? requestSecure(url, options, take) : requestPlain(url, options, take);
    sent.setTimeout(SILENCE_MS_MAX, () => sent.destroy(new Error(`silence for ${SILENCE_MS_MAX / 1000} s`)));
    sent.on('error', (error) => reject(unreachable(url, error)));
    if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) sent.end(body);
    // The request's own error is the one that tells; the source's arrives there too.
    else pipeline(body.source.stream(body.span), sent, () => undefined);
  });
}

function lengthOf(body: Call['body']): number | null {
  if (body === undefined) return null;
  if (typeof body === 'string') return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : body.span.to - body.span.from;
}

/** What broke while bytes travelled; a fault that says so already stays as it is. */
export function unreachable(url: URL, error: unknown): FettleError {
  if (error instanceof FettleError) return error;
  const said = error instanceof Error && error.message !== '' ? error.message : 'no connection';
  return storeUnreachable({ where: url.host, said, waitMs: null }, error);
}

/** @throws storeUnreachable, storeRefused when there is more of it than `bytesMost` */
export async function textOf({ body, url }: Answer, bytesMost = TEXT_BYTES_MAX): Promise<string> {
  const pieces: Uint8Array[] = [];
  let sizeBytes = 0;
  try {
    for await (const piece of body) {
      pieces.push(piece);
      sizeBytes += piece.length;
      if (sizeBytes > bytesMost) break;
    }
  } catch (error) {
    throw unreachable(url, error);
  }
  if (sizeBytes <= bytesMost) return Buffer.concat(pieces).toString('utf8');
  throw storeRefused({
    where: url.host,
    wanted: 'answer briefly',
    found: `more than ${bytesMost} bytes`,
  });
}

export async function jsonOf(answer: Answer): Promise<unknown> {
  const text = await textOf(answer);
  try {
    return JSON.parse(text);
  } catch (error) {
    throw storeRefused({ where: answer.url.host, wanted: 'answer in JSON', found: excerptOf(text) }, error);
  }
}

/** Reads the rest, so that the connection can be used again. */
export async function emptied(answer: Answer): Promise<Answer> {
  await textOf(answer);
  return answer;
}

/** The fault of an answer that is not what was asked for: `later` where the server itself says so. */
export async function faultOf(answer: Answer, wanted: string, now: string): Promise<FettleError> {
  const { status, headers, url } = answer;
  const said = `HTTP ${status} ${excerptOf(await textOf(answer))}`.trim();
  const waitMs = waitOf(headers, now);
  const limited = status === 403 && (waitMs !== null || /rate limit/i.test(said));
  if (status >= 500 || [408, 425, 429].includes(status) || limited) {
    return storeUnreachable({ where: url.host, said, waitMs });
  }
  return storeRefused({ where: url.host, wanted, found: said });
}

function waitOf(headers: IncomingHttpHeaders, now: string): number | null {
  const after = headers['retry-after'];
  if (after !== undefined) {
    const waitMs = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.parse(now);
    return Number.isFinite(waitMs) ? Math.max(0, waitMs) : null;
  }
  const { 'x-ratelimit-remaining': left, 'x-ratelimit-reset': reset } = headers;
  if (left !== '0' || typeof reset !== 'string') return null;
  return Math.max(0, Number(reset) * 1000 - Date.parse(now));
}

/** Enough to know what a server meant, on one line. */
function excerptOf(text: string): string {
  return text
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, 200);
}
