/** Stands between a store and a real server, and breaks what travels: cuts, lies and lost answers, on demand. */
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** How the next matching exchange is broken. */
export type Break =
  /** The body ends after so many bytes, and so does the connection. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The request's own body ends after so many bytes, and nothing is answered. */
  | { readonly kind: 'cut-upload'; readonly afterBytes: number }
  /** One byte of the body is another. */
  | { readonly kind: 'tamper' }
  /** The body is shorter or longer than it should be, and its length says so. */
  | { readonly kind: 'resize'; readonly byBytes: number }
  /** Another body altogether, of its own length. */
  | { readonly kind: 'replace'; readonly text: string }
  /** The server does it, but nobody hears of it. */
  | { readonly kind: 'lose-answer' }
  /** The server is not even asked. */
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Readonly<Record<string, string>> };

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface BreakingProxy {
  readonly url: URL;
  readonly seen: Exchange[];
  /** Breaks the next exchange that `when` picks, once. */
  breakNext(how: Break, when?: (exchange: Exchange) => boolean): void;
  /** Forgets what was to be broken and was not. */
  mend(): void;
  close(): Promise<void>;
}

/** Downloads of bytes, as told by size: manifests and listings are smaller. */
const BIG = 1000;

interface Planned {
  readonly how: Break;
  readonly when: ((exchange: Exchange) => boolean) | null;
}

export async function breakingProxy(target: URL): Promise<BreakingProxy> {
  const seen: Exchange[] = [];
  const planned: Planned[] = [];
  const takePlan = (exchange: Exchange, answer: IncomingMessage | null): Break | null => {
    const index = planned.findIndex(({ how, when }) => {
      const early = how.kind === 'answer' || how.kind === 'cut-upload';
      if (early !== (answer === null)) return false;
      if (when !== null) return when(exchange);
      return exchange.method === 'GET' && (early || Number(answer?.headers['content-length'] ?? 0) > BIG);
    });
    return index < 0 ? null : (planned.splice(index, 1)[0]?.how ?? null);
  };

  const server = createServer((asked, answer) => {
    const exchange = { method: asked.method ?? '', path: asked.url ?? '', headers: asked.headers };
    seen.push(exchange);
    const early = takePlan(exchange, null);
    if (early?.kind === 'answer') {
      asked.resume();
      answer.writeHead(early.status, early.headers).end('broken on purpose');
      return;
    }
    forward({ asked, answer, target, early }, (inner) => takePlan(exchange, inner));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    seen,
    breakNext: (how, when) => void planned.push({ how, when: when ?? null }),
    mend: () => void planned.splice(0),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

interface Forwarding {
  readonly asked: IncomingMessage;
  readonly answer: ServerResponse;
  readonly target: URL;
  readonly early: Break | null;
}

function forward(
  { asked, answer, target, early }: Forwarding,
  planFor: (inner: IncomingMessage) => Break | null,
): void {
  // The Host stays as the client sent it: signatures cover it, and absolute locations are made of it.
  const options = { method: asked.method, headers: asked.headers, path: asked.url };
  const inner = request(target, options, (from) => void passOn(from, answer, planFor(from)));
  inner.on('error', () => answer.destroy());
  if (early?.kind !== 'cut-upload') {
    asked.pipe(inner);
    return;
  }
  let taken = 0;
  asked.on('end', () => inner.end());
  asked.on('data', (piece: Buffer) => {
    const left = early.afterBytes - taken;
    taken += piece.length;
    if (left > 0) inner.write(piece.subarray(0, left));
    if (taken < early.afterBytes) return;
    asked.pause();
    // The server must have read what was let through before the connection ends.
    setTimeout(() => {
      inner.destroy();
      asked.destroy();
    }, 50);
  });
}

async function passOn(from: IncomingMessage, answer: ServerResponse, how: Break | null): Promise<void> {
  const status = from.statusCode ?? 500;
  if (how === null) {
    answer.writeHead(status, from.headers);
    from.pipe(answer);
    return;
  }
  const pieces: Buffer[] = [];
  for await (const piece of from) pieces.push(piece as Buffer);
  const whole = Buffer.concat(pieces);
  if (how.kind === 'lose-answer') return void answer.destroy();
  if (how.kind === 'cut') {
    answer.writeHead(status, from.headers);
    answer.write(whole.subarray(0, how.afterBytes), () => setTimeout(() => answer.destroy(), 20));
    return;
  }
  const body = brokenBody(whole, how);
  const { 'content-length': _, etag: __, ...headers } = from.headers;
  answer.writeHead(status, { ...headers, 'content-length': String(body.length) });
  answer.end(body);
}

function brokenBody(whole: Buffer, how: Break): Buffer {
  if (how.kind === 'replace') return Buffer.from(how.text);
  if (how.kind === 'resize') {
    return how.byBytes < 0
      ? whole.subarray(0, whole.length + how.byBytes)
      : Buffer.concat([whole, Buffer.alloc(how.byBytes, 7)]);
  }
  const other = Buffer.from(whole);
  other[other.length >> 1] = (other[other.length >> 1] ?? 0) ^ 1;
  return other;
}
