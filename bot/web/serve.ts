/** The app over HTTP: the address of the webhook, and what people and machines may look at. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Ingress } from '../ingress/ingress.ts';
import { openHistogram, prometheusText, type Sample } from './metrics.ts';

export interface ServeOptions {
  readonly ingress: Ingress;
  readonly host: string;
  /** 0 for any that is free. */
  readonly port: number;
  /** The page of a repository that was given free to be shown; null for any other. */
  readonly page: (repository: string) => Promise<string | null>;
  /** Whether GitHub answered the app at its last look. */
  readonly ready: () => boolean;
  /** Counts beside those of the ingress. */
  readonly samples: () => readonly Sample[];
  readonly failed: (error: unknown) => void;
}

export interface Served {
  readonly url: string;
  /** Takes nothing more, lets what is at work finish. @returns how many were left undone */
  drain(ms: number): Promise<number>;
}

export const WEBHOOK_PATH = '/api/github/webhooks';

const HEADERS_MS_MAX = 10_000;
const REQUEST_MS_MAX = 15_000;

export async function serve(options: ServeOptions): Promise<Served> {
  const { ingress } = options;
  const acknowledged = openHistogram({
    name: 'fettle_webhook_acknowledgement_seconds',
    help: 'From the headers of a delivery to its answer.',
  });
  const server = createServer((request, response) => {
    const pathname = pathOf(request.url);
    if (pathname === WEBHOOK_PATH) {
      const begun = performance.now();
      response.on('finish', () => acknowledged.observe((performance.now() - begun) / 1000));
      void ingress.answer(request, response);
      return;
    }
    void look(options, { request, response, pathname, acknowledged: acknowledged.text }).catch(
      options.failed,
    );
  });
  server.headersTimeout = HEADERS_MS_MAX;
  server.requestTimeout = REQUEST_MS_MAX;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  return {
    url: urlOf(server.address(), options.host),
    async drain(ms) {
      // Whoever asks from now on is told to come again; the health shows it, so that nobody is sent here any more.
      const left = await ingress.drain(ms);
      server.close();
      server.closeAllConnections();
      return left;
    },
  };
}

/** Anybody may ask for `//`, which is no address: what is thrown here would end the whole app. */
function pathOf(asked: string | undefined): string {
  return URL.parse(asked ?? '/', 'http://localhost')?.pathname ?? '';
}

function urlOf(address: AddressInfo | string | null, host: string): string {
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

interface Look {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly pathname: string;
  readonly acknowledged: () => string;
}

interface Shown {
  readonly status: number;
  readonly kind: 'text/plain' | 'text/html';
  readonly text: string;
}

async function look(
  options: ServeOptions,
  { request, response, pathname, acknowledged }: Look,
): Promise<void> {
  request.resume();
  const shown = await shownAt(options, { pathname, acknowledged, method: request.method ?? '' }).catch(
    (error: unknown): Shown => {
      options.failed(error);
      return plain(500, 'this page could not be made; the log says why');
    },
  );
  const words = {
    'content-type': `${shown.kind}; charset=utf-8`,
    'content-length': Buffer.byteLength(shown.text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    'referrer-policy': 'no-referrer',
  };
  response.writeHead(shown.status, options.ingress.closing ? { ...words, connection: 'close' } : words);
  response.end(request.method === 'HEAD' ? undefined : shown.text);
}

async function shownAt(
  options: ServeOptions,
  { pathname, acknowledged, method }: Pick<Look, 'pathname' | 'acknowledged'> & { readonly method: string },
): Promise<Shown> {
  const { ingress } = options;
  if (method !== 'GET' && method !== 'HEAD') return plain(405, 'only GET');
  if (pathname === '/healthz') return plain(200, ingress.closing ? 'draining' : 'ok');
  if (pathname === '/readyz') {
    const ready = !ingress.closing && options.ready();
    return plain(
      ready ? 200 : 503,
      ingress.closing ? 'draining' : ready ? 'ready' : 'GitHub does not answer',
    );
  }
  if (pathname === '/metrics') {
    return plain(200, `${prometheusText([...samplesOf(ingress), ...options.samples()])}${acknowledged()}`);
  }
  const [, repository] = /^\/([\w.-]{1,39}\/[\w.-]{1,100})\/?$/.exec(pathname) ?? [];
  const page = repository === undefined ? null : await options.page(repository);
  return page === null ? plain(404, 'nothing here') : { status: 200, kind: 'text/html', text: page };
}

function plain(status: number, text: string): Shown {
  return { status, kind: 'text/plain', text: `${text.trimEnd()}\n` };
}

function samplesOf({ counts, left }: Ingress): readonly Sample[] {
  const values = Object.entries(counts).map(([outcome, value]) => ({ labels: { outcome }, value }));
  return [
    {
      name: 'fettle_deliveries_total',
      help: 'Deliveries of webhooks by what became of them.',
      kind: 'counter',
      values,
    },
    {
      name: 'fettle_deliveries_left',
      help: 'Deliveries taken and not done yet.',
      kind: 'gauge',
      values: [{ value: left }],
    },
  ];
}
