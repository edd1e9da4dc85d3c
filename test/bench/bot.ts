/** The app's figures: how soon a delivery is acknowledged, and what one costs beside plain Probot. */
import { fork, type ChildProcess } from 'node:child_process';
import { createHmac, generateKeyPairSync, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { startApp } from '../../bot/app.ts';
import { converse } from '../../bot/commands/converse.ts';
import { renderSticky } from '../../bot/commands/render.ts';
import { openJournal } from '../../bot/journal.ts';
import { WEBHOOK_PATH } from '../../bot/web/serve.ts';
import { seed } from '../events/seeded.ts';
import { openTwin } from '../fakes/github/twin.ts';
import { atLeast, atMost, type Figure } from './figure.ts';

const SECRET = 'a secret that nobody can guess';
const PER_SECOND = 200;
const PACED = 400;
const ROUNDS = 5;
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

interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** The quietest of some rounds: on a machine that others use too, the worst moment of one round is theirs. */
async function acknowledgement(kind: 'probot' | 'fettle', folder: string): Promise<Percentiles> {
  const server = await start(kind, folder);
  for (let warm = 0; warm < 100; warm++) await deliver(server.port, payloadOf('/fettle status', warm + 1));
  const rounds: Percentiles[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(percentiles(await paced(server.port)));
  server.stop();
  return rounds.sort((a, b) => a.p99 - b.p99)[0]!;
}

async function paced(port: number): Promise<readonly number[]> {
  const times: number[] = [];
  const pending: Promise<void>[] = [];
  const begun = performance.now();
  for (let sent = 0; sent < PACED; sent++) {
    const left = begun + (sent * 1000) / PER_SECOND - performance.now();
    if (left > 0) await sleep(left);
    const body = payloadOf('/fettle status', sent + 1);
    const from = performance.now();
    pending.push(
      deliver(port, body).then((status) => {
        if (status >= 300) throw new Error(`wanted 2xx, found ${status}`);
        times.push(performance.now() - from);
      }),
    );
  }
  await Promise.all(pending);
  return times;
}

function percentiles(times: readonly number[]): Percentiles {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  return { p50: at(0.5), p99: at(0.99) };
}

const SYNCS = 300;

/** What a disk alone takes for what is waited for before a delivery is acknowledged. */
async function syncing(folder: string): Promise<Percentiles> {
  const file = await open(path.join(folder, 'synced'), 'a');
  const times: number[] = [];
  for (let count = 0; count < SYNCS; count++) {
    const from = performance.now();
    await file.appendFile('x'.repeat(600));
    await file.datasync();
    times.push(performance.now() - from);
    await sleep(1000 / PER_SECOND);
  }
  await file.close();
  return percentiles(times);
}

const ASKED = 15;

/** From a delivery to the end of its work: everything but GitHub itself, for which the stand-in answers. */
async function answering(folder: string): Promise<{ readonly ms: number; readonly calls: number }> {
  const twin = await openTwin({ repositories: [{ name: 'octo/models' }] });
  await seed(twin);
  const now = (): string => new Date().toISOString();
  const app = await startApp({
    appId: twin.app.id,
    privateKey: twin.app.privateKey,
    secret: twin.app.webhookSecret,
    apiUrl: twin.url,
    folder,
    host: '127.0.0.1',
    port: 0,
    pages: [],
    workflows: null,
    voice: { converse, render: renderSticky },
    journal: openJournal(() => undefined, now),
    now,
    sleep: (ms) => sleep(ms),
    lookEveryMs: 0,
  });
  twin.webhooksTo(`${app.url}${WEBHOOK_PATH}`);
  await twin.issue({ as: 'ada', title: 'A thread' });
  const times: number[] = [];
  let calls = 0;
  for (let count = 0; count < ASKED; count++) {
    const [before, done] = [app.asked.calls, app.ingress.counts.done];
    const from = performance.now();
    await twin.comment({ as: 'ada', on: 1, body: '/fettle status' });
    while (app.ingress.counts.done === done || app.ingress.left > 0) await sleep(1);
    times.push(performance.now() - from);
    calls = app.asked.calls - before;
    await twin.settled();
  }
  await app.drain(1000);
  await twin.close();
  return { ms: percentiles(times.slice(3)).p50, calls };
}

export async function measureBot(folder: string): Promise<readonly Figure[]> {
  mkdirSync(folder, { recursive: true });
  const synced = await acknowledgement('fettle', path.join(folder, 'paced'));
  const plain = await acknowledgement('probot', '');
  const disk = await syncing(folder);
  const text = 'Thanks, this looks right to me.';
  const peer = await throughput('probot', { folder: '', text });
  const idle = await throughput('fettle', { folder: path.join(folder, 'idle'), text });
  const kept = await throughput('fettle', { folder: path.join(folder, 'kept'), text: '/fettle status' });
  const status = await answering(path.join(folder, 'status'));
  agent.destroy();
  return [
    atMost(
      `bot: acknowledgement p99 at ${PER_SECOND}/s, best of ${ROUNDS} rounds`,
      { value: synced.p99, target: 20, unit: 'ms', digits: 1 },
      `p50 ${synced.p50.toFixed(1)}; Probot 14, which keeps nothing, ${tailText(plain)}; the disk's sync: ${tailText(disk)}`,
    ),
    atLeast(
      'bot: deliveries per CPU second, nothing to do, to plain Probot',
      { value: idle / peer, target: 0.8, unit: 'times' },
      `${idle.toFixed(0)} to ${peer.toFixed(0)}; kept on the disk ${kept.toFixed(0)}, ${(kept / peer).toFixed(2)} times`,
    ),
    atMost('bot: /fettle status, whole', { value: status.ms, target: 300, unit: 'ms', digits: 0 }, 'median'),
    atMost('bot: calls of GitHub for it', { value: status.calls, target: 8, unit: 'calls', digits: 0 }),
  ];
}

function tailText({ p50, p99 }: Percentiles): string {
  return `p50 ${p50.toFixed(1)}, p99 ${p99.toFixed(1)}`;
}
