/** Deliveries as GitHub sends them, over real HTTP to a real server on a free port. */
import { createHmac, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { openDeliveryLog, type Delivery } from '../../bot/ingress/delivery-log.ts';
import { openIngress, type IngressOptions } from '../../bot/ingress/ingress.ts';
import { verifierFor } from '../../bot/ingress/signature.ts';
import { serve, WEBHOOK_PATH, type Served } from '../../bot/web/serve.ts';
import { temporaryFolder } from '../temporary.ts';
import { SECRET } from './secret.ts';

export { SECRET };

export interface Sent {
  readonly status: number;
  readonly text: string;
}

export interface SendAsk {
  readonly url: string;
  readonly body: string | Uint8Array;
  readonly id?: string;
  readonly name?: string;
  readonly secret?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path?: string;
}

export function signatureOf(body: string | Uint8Array, secret: string = SECRET): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

export function send(ask: SendAsk): Promise<Sent> {
  return new Promise((resolve, reject) => {
    const sending = request(`${ask.url}${ask.path ?? WEBHOOK_PATH}`, {
      method: 'POST',
      agent: false,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(ask.body),
        'x-github-delivery': ask.id ?? randomUUID(),
        'x-github-event': ask.name ?? 'issue_comment',
        'x-hub-signature-256': signatureOf(ask.body, ask.secret),
        ...ask.headers,
      },
    });
    sending.on('error', reject);
    sending.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    sending.end(ask.body);
  });
}

export interface Opened extends Served {
  readonly handled: readonly Delivery[];
  readonly failures: readonly unknown[];
  readonly folder: string;
}

/** An ingress over HTTP whose deliveries of `{"lane", "n"}` go to a handler of the test. */
export async function openService(
  options: Partial<IngressOptions> & { readonly folder?: string } = {},
): Promise<Opened> {
  const handled: Delivery[] = [];
  const failures: unknown[] = [];
  const folder = options.folder ?? temporaryFolder();
  const log = options.log ?? (await openDeliveryLog(folder));
  const ingress = openIngress({
    verify: verifierFor(SECRET),
    log,
    route: (_name, payload) => ({ lane: laneOf(payload), payload }),
    handle: async (delivery) => void handled.push(delivery),
    now: () => new Date().toISOString(),
    failed: (error) => void failures.push(error),
    ...options,
  });
  const served = await serve({
    ingress,
    host: '127.0.0.1',
    port: 0,
    page: async () => null,
    ready: () => true,
    samples: () => [],
    failed: (error) => void failures.push(error),
  });
  const drain = async (ms: number): Promise<number> => {
    const left = await served.drain(ms);
    await log.close();
    return left;
  };
  return { ...served, drain, handled, failures, folder };
}

function laneOf(payload: unknown): string {
  return typeof payload === 'object' && payload !== null && 'lane' in payload ? String(payload.lane) : '-';
}
