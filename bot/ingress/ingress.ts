/**
 * Takes deliveries of webhooks: verified before a byte is parsed, duplicates dropped, on the disk before they are
 * answered, one lane per repository. What is to be done with them is none of its business.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../registry/base/clock.ts';
import { readBody } from './body.ts';
import type { Delivery, DeliveryLog } from './delivery-log.ts';
import { openLanes, type Lanes, type Turn } from './lanes.ts';
import { openSeen, type Seen } from './seen.ts';
import type { Verify } from './signature.ts';

/** What of a payload is used, and the lane it belongs to; null where nothing is to be done. */
export type Route = (name: string, payload: unknown) => Routed | null;

export interface Routed {
  readonly lane: string;
  readonly payload: unknown;
}

export interface IngressOptions {
  readonly verify: Verify;
  readonly log: DeliveryLog;
  readonly route: Route;
  readonly handle: (delivery: Delivery, turn: Turn) => Promise<void>;
  readonly now: Clock;
  /** Whatever a handler throws, with the delivery's id and name but nothing of its payload. */
  readonly failed: (error: unknown, delivery: Pick<Delivery, 'id' | 'name'>) => void;
  readonly bytesMax?: number;
  readonly waitingMax?: number;
}

export interface Counts {
  taken: number;
  /** Nothing was to be done. */
  idle: number;
  duplicate: number;
  refused: number;
  busy: number;
  done: number;
  failed: number;
}

export interface Ingress {
  readonly counts: Readonly<Counts>;
  readonly left: number;
  readonly closing: boolean;
  /** Answers one request whose path was the webhook's. */
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  /** Takes a delivery that nobody sent: one found by looking. @returns whether it was new */
  take(delivery: Omit<Delivery, 'at'>): Promise<boolean>;
  /** Takes nothing more. @returns how many were not done within the time */
  drain(ms: number): Promise<number>;
}

const BYTES_MAX = 25 * 1024 * 1024;
const WAITING_MAX = 5000;
const SEEN_MAX = 20_000;
const LANES_AT_WORK = 50;
const GRACE_MS = 200;

/** What waits in the lanes of one ingress. */
interface Desk extends Pick<Ingress, 'take'> {
  readonly options: IngressOptions;
  readonly lanes: Lanes;
  readonly seen: Seen;
  readonly counts: Counts;
  closing: boolean;
}

export function openIngress(options: IngressOptions): Ingress {
  const desk = openDesk(options);
  const { counts, lanes, take } = desk;
  return {
    counts,
    take,
    get left() {
      return lanes.left;
    },
    get closing() {
      return desk.closing;
    },
    async answer(request, response) {
      const answer = await receive(desk, request).catch((error: unknown): Answer => {
        options.failed(error, { id: wordsOf(request)?.id ?? '', name: 'ingress' });
        return { status: 500, text: 'not taken' };
      });
      tally(counts, answer);
      send(request, response, { ...answer, closing: desk.closing });
    },
    async drain(ms) {
      desk.closing = true;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
      await Promise.race([lanes.idle(), late]);
      clearTimeout(timer);
      return lanes.left;
    },
  };
}

function openDesk(options: IngressOptions): Desk {
  const { log, now, failed } = options;
  const counts: Counts = { taken: 0, idle: 0, duplicate: 0, refused: 0, busy: 0, done: 0, failed: 0 };
  const lanes = openLanes({
    parallel: LANES_AT_WORK,
    failed: (error) => failed(error, { id: '', name: 'lane' }),
  });
  const seen = openSeen(SEEN_MAX, log.known);
  const enqueue = (delivery: Delivery): void => {
    lanes.add(delivery.lane, async (turn) => {
      try {
        await options.handle(delivery, turn);
        counts.done++;
      } catch (error) {
        counts.failed++;
        failed(error, { id: delivery.id, name: delivery.name });
      }
      log.done(delivery.id, now());
    });
  };
  const take = async (delivery: Omit<Delivery, 'at'>): Promise<boolean> => {
    if (seen.has(delivery.id)) return false;
    seen.add(delivery.id);
    const whole = { ...delivery, at: now() };
    try {
      await log.take(whole);
    } catch (error) {
      seen.forget(delivery.id);
      throw error;
    }
    counts.taken++;
    enqueue(whole);
    return true;
  };
  for (const delivery of log.undone) enqueue(delivery);
  return { options, lanes, seen, counts, take, closing: false };
}

async function receive({ options, ...desk }: Desk, request: IncomingMessage): Promise<Answer> {
  const words = wordsOf(request);
  if (request.method !== 'POST' || words === null) return { status: 400, text: 'wanted a delivery' };
  const { id, name, signature } = words;
  if (desk.closing || desk.lanes.left >= (options.waitingMax ?? WAITING_MAX)) {
    return { status: 503, text: 'busy' };
  }
  const body = await readBody(request, options.bytesMax ?? BYTES_MAX);
  if (body.kind === 'cut-off') return { status: 400, text: 'cut off' };
  if (body.kind === 'too-large') return { status: 413, text: 'too large' };
  if (!options.verify(body.bytes, signature)) return { status: 401, text: 'wrong signature' };
  if (desk.seen.has(id)) return { status: 200, text: 'duplicate' };
  const payload = parsed(body.bytes);
  if (payload === undefined) return { status: 400, text: 'wanted JSON' };
  const routed = options.route(name, payload);
  if (routed === null) return { status: 202, text: 'nothing to do' };
  const fresh = await desk.take({ id, name, ...routed });
  return fresh ? { status: 202, text: 'taken' } : { status: 200, text: 'duplicate' };
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

function tally(counts: Counts, { status, text }: Answer): void {
  if (status === 503) counts.busy++;
  else if (text === 'duplicate') counts.duplicate++;
  else if (text === 'nothing to do') counts.idle++;
  else if (status >= 400 && status < 500) counts.refused++;
}

interface Words {
  readonly id: string;
  readonly name: string;
  readonly signature: string | undefined;
}

/** GUIDs and names are written into a file and into logs, so that they have to look like such. */
function wordsOf({ headers }: IncomingMessage): Words | null {
  const [id, name, signature] = ['x-github-delivery', 'x-github-event', 'x-hub-signature-256'].map((header) =>
    String(headers[header] ?? ''),
  );
  if (id === undefined || !/^[\w-]{1,100}$/.test(id)) return null;
  if (name === undefined || !/^[a-z_]{1,60}$/.test(name)) return null;
  return { id, name, signature };
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Whoever is refused before the body was read is cut off, so that nobody keeps sending. */
function send(
  request: IncomingMessage,
  response: ServerResponse,
  { status, text, closing }: Answer & { readonly closing: boolean },
): void {
  const unread = !request.complete;
  const words = { 'content-type': 'text/plain', 'content-length': Buffer.byteLength(text) };
  response.writeHead(status, unread || closing ? { ...words, connection: 'close' } : words);
  response.end(text, () => {
    // At once would take the answer away from whoever is still sending.
    if (unread) setTimeout(() => request.destroy(), GRACE_MS).unref();
  });
}
