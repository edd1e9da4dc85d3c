/** The app's figures: how soon a delivery is acknowledged, and what one costs beside plain Probot. */
import { fork, type ChildProcess } from 'node:child_process';
import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import type { Figure } from './figure.ts';

const SECRET = 'a secret that nobody can guess';
const PER_SECOND = 200;
const PACED = 1200;
const LOAD = 3000;
const AT_ONCE = 20;

/** As large as what GitHub sends: about 12 kB, most of which nobody reads. */
function payloadOf(text: string, comment: number): string {
  const account = { id: 7, login: 'ada', type: 'User', url: `https://example.org/${'u'.repeat(900)}` };
  return JSON.stringify({
    action: 'created',
    installation: { id: 1 },
    repository: {
      id: comment % 5,
      name: 'models',
      owner: account,
      default_branch: 'main',
      archived: false,
      urls: Array.from(
        { length: 60 },
        (_, index) => `https://api.example.org/repos/octo/models/${index}${'x'.repeat(90)}`,
      ),
    },
    issue: { number: 1, body: 'b'.repeat(2000), user: account },
    comment: {
      id: comment,
      body: text,
      created_at: '2026-11-21T10:00:00Z',
      updated_at: '2026-11-21T10:00:00Z',
      user: account,
    },
    sender: account,
  });
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

function deliver(port: number, body: string): Promise<number> {
  const signature = `sha256=${createHmac('sha256', SECRET).update(body).digest('hex')}`;
  return new Promise((resolve, reject) => {
    const sending = request({
      host: '127.0.0.1',
      port,
      path: '/',
      method: 'POST',
      agent,
      headers: {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(body),
        'x-github-delivery': randomUUID(),
        'x-github-event': 'issue_comment',
        'x-hub-signature-256': signature,
      },
    });
    sending.on('error', reject);
    sending.on('response', (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode ?? 0));
    });
    sending.end(body);
  });
}

interface Running {
  readonly port: number;
  cpuS(): Promise<number>;
  stop(): void;
}

async function start(kind: 'probot' | 'fettle', folder: string): Promise<Running> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  const child: ChildProcess = fork(path.join(import.meta.dirname, 'bot-server.ts'), [
    kind,
    folder,
    SECRET,
    key,
  ]);
  const [told] = await once(child, 'message');
  return {
    port: z.object({ port: z.int() }).parse(told).port,
    async cpuS() {
      child.send('cpu');
      const [answer] = await once(child, 'message');
      return z.object({ cpuS: z.number() }).parse(answer).cpuS;
    },
    stop: () => void child.kill(),
  };
}

/** Deliveries per second of processor time, of those that ask for nothing. */
async function throughput(
  kind: 'probot' | 'fettle',
  { folder, text }: { folder: string; text: string },
): Promise<number> {
  const server = await start(kind, folder);
  const bodies = Array.from({ length: 50 }, (_, index) => payloadOf(text, index + 1));
  let sent = 0;
  const worker = async (until: number): Promise<void> => {
    while (sent < until) await deliver(server.port, bodies[sent++ % bodies.length]!);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, () => worker(500)));
  const before = await server.cpuS();
  sent = 0;
  await Promise.all(Array.from({ length: AT_ONCE }, () => worker(LOAD)));
  const spent = (await server.cpuS()) - before;
  server.stop();
  return LOAD / spent;
}

async function acknowledgement(folder: string): Promise<{ p50: number; p99: number }> {
  const server = await start('fettle', folder);
  const times: number[] = [];
  const pending: Promise<void>[] = [];
  for (let warm = 0; warm < 100; warm++) await deliver(server.port, payloadOf('/fettle status', warm + 1));
  const begun = performance.now();
  for (let sent = 0; sent < PACED; sent++) {
    const due = begun + (sent * 1000) / PER_SECOND;
    const left = due - performance.now();
    if (left > 0) await sleep(left);
    const body = payloadOf('/fettle status', sent + 1);
    const from = performance.now();
    pending.push(
      deliver(server.port, body).then((status) => {
        if (status !== 202) throw new Error(`wanted 202, found ${status}`);
        times.push(performance.now() - from);
      }),
    );
  }
  await Promise.all(pending);
  server.stop();
  const sorted = times.sort((a, b) => a - b);
  return { p50: sorted[Math.floor(PACED * 0.5)]!, p99: sorted[Math.floor(PACED * 0.99)]! };
}

export async function measureBot(folder: string): Promise<readonly Figure[]> {
  const { p50, p99 } = await acknowledgement(path.join(folder, 'paced'));
  const text = 'Thanks, this looks right to me.';
  const peer = await throughput('probot', { folder: '', text });
  const idle = await throughput('fettle', { folder: path.join(folder, 'idle'), text });
  const kept = await throughput('fettle', { folder: path.join(folder, 'kept'), text: '/fettle status' });
  agent.destroy();
  return [
    {
      what: `bot: acknowledgement p99, ${PER_SECOND} deliveries a second, synced`,
      found: `${p99.toFixed(1)} ms`,
      target: '20 ms',
      met: p99 <= 20,
      peer: `p50 ${p50.toFixed(1)} ms`,
    },
    {
      what: 'bot: deliveries per CPU second, nothing to do',
      found: idle.toFixed(0),
      target: '0.8 of plain Probot',
      met: idle / peer >= 0.8,
      peer: `Probot 14 ${peer.toFixed(0)}, ratio ${(idle / peer).toFixed(2)}`,
    },
    {
      what: 'bot: the same, kept in the delivery log',
      found: kept.toFixed(0),
      target: '–',
      met: null,
      peer: `ratio ${(kept / peer).toFixed(2)}`,
    },
  ];
}
