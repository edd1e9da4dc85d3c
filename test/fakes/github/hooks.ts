/** Webhooks as GitHub sends them: signed, with a GUID each, listed, sent again on request, and lost or doubled as told. */
import { createHmac, randomUUID } from 'node:crypto';
import type { Event } from './world.ts';
import { inside, numberOf, textOrNull, type Thing } from './things.ts';

export interface Attempt {
  readonly id: number;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly deliveredAt: string;
  readonly redelivery: boolean;
  /** Null where nobody answered. */
  readonly status: number | null;
  readonly payload: Thing;
}

/** What happens to a webhook on its way. */
export interface Mishap {
  readonly drop?: boolean;
  /** How often it arrives. */
  readonly copies?: number;
  readonly delayMs?: number;
  /** Signed by somebody else. */
  readonly forged?: boolean;
}

export type OnTheWay = (event: Event) => Mishap | null;

export interface HookOptions {
  readonly secret: string;
  readonly app: number;
  readonly installation: number;
  next(): number;
  now(): string;
  track(work: Promise<unknown>): void;
}

export interface Hooks {
  /** Every attempt so far, oldest first. */
  readonly attempts: readonly Attempt[];
  /** Where they go; null for nowhere. */
  to(url: string | null): void;
  /** Replaces what happens on the way. */
  onTheWay(mishap: OnTheWay): void;
  tell(event: Event): void;
  /** Sends what was told under this GUID again, under the same GUID. */
  redeliver(guid: string): Promise<Attempt>;
}

/** In order, as long as the receiver is quick: tests want to know what comes first. */
const PATIENCE_MS = 100;

export function hooksWith(options: HookOptions): Hooks {
  const attempts: Attempt[] = [];
  let target: string | null = null;
  let lane: Promise<unknown> = Promise.resolve();
  let mishapOf: OnTheWay = () => null;

  interface Sending {
    readonly event: Event;
    readonly guid: string;
    readonly redelivery: boolean;
    readonly mishap: Mishap;
  }

  const send = async ({ event, guid, redelivery, mishap }: Sending): Promise<Attempt> => {
    const body = JSON.stringify(event.payload);
    const status = await post(
      { target, body, event: event.name, guid, forged: mishap.forged ?? false },
      options,
    );
    const attempt = {
      id: options.next(),
      guid,
      event: event.name,
      action: textOrNull(event.payload, 'action'),
      deliveredAt: options.now(),
      redelivery,
      status,
      payload: event.payload,
    };
    attempts.push(attempt);
    return attempt;
  };

  const tell = (event: Event): void => {
    const mishap = mishapOf(event) ?? {};
    if (mishap.drop === true) return;
    const payload = { installation: installationOf(options.installation), ...event.payload };
    const sending = { event: { ...event, payload }, guid: randomUUID(), redelivery: false, mishap };
    const work = async (): Promise<void> => {
      if (mishap.delayMs !== undefined) await new Promise((resolve) => setTimeout(resolve, mishap.delayMs));
      const copies = Array.from({ length: mishap.copies ?? 1 });
      const sent = lane.then(() => Promise.all(copies.map(() => send(sending))));
      lane = Promise.race([sent, new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))]);
      await sent;
    };
    options.track(work());
  };

  return {
    attempts,
    to: (url) => void (target = url),
    onTheWay: (mishap) => void (mishapOf = mishap),
    tell,
    redeliver(guid) {
      const first = attempts.find((attempt) => attempt.guid === guid);
      if (first === undefined) throw new Error(`no webhook was sent as ${guid}`);
      const event = { name: first.event, payload: first.payload, repository: null };
      const again = send({ event, guid, redelivery: true, mishap: {} });
      options.track(again);
      return again;
    },
  };
}

function installationOf(id: number): Thing {
  return { id, node_id: Buffer.from(`Installation${id}`).toString('base64') };
}

interface Post {
  readonly target: string | null;
  readonly body: string;
  readonly event: string;
  readonly guid: string;
  readonly forged: boolean;
}

/** @source docs.github.com: Webhook events and payloads, "Delivery headers"; ten seconds are all a receiver has */
async function post(
  { target, body, event, guid, forged }: Post,
  options: HookOptions,
): Promise<number | null> {
  if (target === null) return null;
  const secret = forged ? `${options.secret} forged` : options.secret;
  const signed = (kind: string): string => `${kind}=${createHmac(kind, secret).update(body).digest('hex')}`;
  try {
    const answer = await fetch(target, {
      method: 'POST',
      body,
      signal: AbortSignal.timeout(10_000),
      headers: {
        'content-type': 'application/json',
        'user-agent': 'GitHub-Hookshot/0000000',
        'x-github-event': event,
        'x-github-delivery': guid,
        'x-github-hook-id': '1',
        'x-github-hook-installation-target-type': 'integration',
        'x-github-hook-installation-target-id': String(options.app),
        'x-hub-signature': signed('sha1'),
        'x-hub-signature-256': signed('sha256'),
      },
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}

/** As `GET /app/hook/deliveries` lists it. */
export function deliveryThing(attempt: Attempt): Thing {
  const { id, guid, event, action, deliveredAt, redelivery, status, payload } = attempt;
  const repository = numberOf(payload['repository'], 'id');
  return {
    id,
    guid,
    delivered_at: deliveredAt,
    redelivery,
    duration: 0.01,
    status: status === null ? 'failed to connect to host' : status < 400 ? 'OK' : 'Invalid HTTP Response',
    status_code: status ?? 502,
    event,
    action,
    installation_id: numberOf(inside(payload, 'installation'), 'id'),
    repository_id: Number.isNaN(repository) ? null : repository,
    throttled_at: null,
  };
}
