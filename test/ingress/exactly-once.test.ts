/** Every command is acted on exactly once, whatever is delivered twice, out of order or to a process that was killed. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, describe, expect, it } from 'vitest';
import { randomOf, shuffle, type Random } from '../../pipelines/maths/random.ts';
import { temporaryFolder } from '../temporary.ts';
import { send } from './deliveries.ts';

/** `FETTLE_DELIVERIES=10000` for the whole of it. */
const DELIVERIES = Number(process.env['FETTLE_DELIVERIES'] ?? 600);
const KILLS = 3;
const AT_ONCE = 16;

const children: ChildProcess[] = [];
const servers: Server[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
  for (const server of servers) server.close();
});

interface Ledger {
  readonly url: string;
  readonly acts: ReadonlyMap<number, number>;
  readonly written: { lane: string; comment: number }[];
}

/** Where commands are acted on, and the list of what people wrote. */
async function openLedger(): Promise<Ledger> {
  const acts = new Map<number, number>();
  const written: Ledger['written'] = [];
  const server = createServer((request, response) => {
    const [, what, comment = ''] = (request.url ?? '').split('/');
    if (what === 'act') acts.set(Number(comment), (acts.get(Number(comment)) ?? 0) + 1);
    if (what === 'written') response.end(JSON.stringify(written));
    else response.end(what === 'acted' && acts.has(Number(comment)) ? 'yes' : 'no');
  });
  servers.push(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, acts, written };
}

async function start(folder: string, ledger: Ledger): Promise<{ child: ChildProcess; url: string }> {
  const script = path.join(import.meta.dirname, 'crashing-server.ts');
  const child = spawn(process.execPath, [script, folder, ledger.url], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const [url] = await once(createInterface({ input: child.stdout! }), 'line');
  return { child, url: String(url) };
}

interface Planned {
  readonly id: string;
  readonly lane: string;
  readonly comment: number;
}

/** A tenth of them twice, and one in twenty at another place. */
function plan(random: Random): readonly Planned[] {
  const planned: Planned[] = [];
  for (let comment = 1; planned.length < DELIVERIES; comment++) {
    const one = { id: `guid-${comment}`, lane: `repository-${comment % 7}`, comment };
    planned.push(one);
    if (random.nextFloat() < 0.1) planned.push(one);
  }
  const moved = planned.filter(() => random.nextFloat() < 0.05);
  shuffle(moved, random);
  for (const one of moved) {
    planned.splice(planned.indexOf(one), 1);
    planned.splice(Math.floor(random.nextFloat() * planned.length), 0, one);
  }
  return planned;
}

describe('the ingress', () => {
  it(`acts exactly once on every command among ${DELIVERIES} deliveries, killed ${KILLS} times`, async () => {
    const random = randomOf(20261121);
    const folder = temporaryFolder();
    const ledger = await openLedger();
    const planned = plan(random);
    let running = await start(folder, ledger);
    const killAt = Array.from({ length: KILLS }, (_, kill) =>
      Math.floor((planned.length * (kill + 0.3 + random.nextFloat() * 0.4)) / KILLS),
    );
    const statuses = new Map<number | 'lost', number>();
    for (let from = 0; from < planned.length; from += AT_ONCE) {
      const batch = planned.slice(from, from + AT_ONCE);
      const sending = batch.map(async (one, index) => {
        if (!ledger.written.some(({ comment }) => comment === one.comment)) {
          ledger.written.push({ lane: one.lane, comment: one.comment });
        }
        if (killAt.includes(from + index)) running.child.kill('SIGKILL');
        const body = JSON.stringify({ lane: one.lane, comment: one.comment });
        const sent = await send({ url: running.url, id: one.id, body }).catch(() => null);
        const status = sent?.status ?? 'lost';
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
      });
      await Promise.all(sending);
      if (running.child.signalCode !== null || running.child.killed) running = await start(folder, ledger);
    }
    running.child.kill('SIGTERM');
    const [code] = await once(running.child, 'exit');
    expect(code).toBe(0);
    const commands = new Set(planned.map(({ comment }) => comment));
    expect([...ledger.acts.keys()].sort((a, b) => a - b)).toEqual([...commands].sort((a, b) => a - b));
    expect([...ledger.acts].filter(([, times]) => times !== 1)).toEqual([]);
    expect(statuses.get('lost') ?? 0).toBeGreaterThan(0);
    expect(statuses.get(200) ?? 0).toBeGreaterThan(0);
  }, 600_000);
});
