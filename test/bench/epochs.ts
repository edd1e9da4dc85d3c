/** What a new epoch takes out of a long registry's tree, and what a first look at it costs before and after. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { verifyLog } from '../../registry/audit/verify.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { registryOn } from '../fixtures/registry.ts';
import type { Figure } from './figure.ts';
import { fillLog } from './long-log.ts';

const NOW = '2027-01-01T00:00:00.000Z';
const BRANCH = 'fettle/registry';

interface Measured {
  readonly files: number;
  /** Of different contents: git keeps and sends equal ones once. */
  readonly bytes: number;
  readonly shallowKiB: number;
  readonly lookMs: number;
  readonly read: number;
}

/** @param folder  the bench's own, in which a registry of this many events is made */
export async function measureEpochs(folder: string, events = 10_000): Promise<readonly Figure[]> {
  const at = path.join(folder, 'epochs');
  mkdirSync(at);
  execFileSync('git', ['init', '--quiet', '--bare', at]);
  const log = gitLog({ folder: at, remote: null, author: { name: 'Bench', email: 'bench@example.org' } });
  await fillLog(log, { events, models: 50, batch: events / 100 });
  const before = await measured(at, log);
  const tell: Parameters<typeof registryOn>[1] = {
    now: () => NOW,
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  };
  const begin = performance.now();
  await registryOn(log, tell).beginEpoch();
  const beginMs = performance.now() - begin;
  const after = await measured(at, log);
  const what = (name: string): string => `${events.toLocaleString('en-US')} events, a new epoch: ${name}`;
  const row = (name: string, of: (one: Measured) => string): Figure => ({
    what: what(name),
    found: of(after),
    target: '–',
    met: null,
    peer: `before ${of(before)}`,
  });
  return [
    row('contents of the tree', ({ bytes, files }) => `${(bytes / 1e6).toFixed(2)} MB in ${files} files`),
    row('clone --depth=1, packed', ({ shallowKiB }) => `${shallowKiB} KiB`),
    row('a first look (wall)', ({ lookMs, read }) => `${lookMs.toFixed(0)} ms, ${read} events read`),
    {
      what: what('to begin it (wall)'),
      found: `${beginMs.toFixed(0)} ms`,
      target: '–',
      met: null,
      peer: '–',
    },
  ];
}

async function measured(folder: string, log: EventLog): Promise<Measured> {
  const listing = execFileSync('git', ['-C', folder, 'ls-tree', '-r', '-l', BRANCH], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const rows = listing.split('\n').filter(Boolean);
  const contents = new Map(
    rows.map((line) => line.split(/\s+/)).map(([, , oid = '', size]) => [oid, Number(size)]),
  );
  const looks: number[] = [];
  let read = 0;
  for (let round = 0; round < 3; round++) {
    const begin = performance.now();
    const ask = { log, pin: null, extent: 'since-pin', witnessed: [], now: NOW, readme: readmeOf } as const;
    const found = await verifyLog(ask);
    looks.push(performance.now() - begin);
    if (found?.problems.length !== 0) throw new Error('the log of the bench does not verify');
    ({ read } = found);
  }
  const bytes = [...contents.values()].reduce((sum, size) => sum + size, 0);
  const [, lookMs = 0] = looks.toSorted((a, b) => a - b);
  return { files: rows.length, bytes, shallowKiB: shallowKiB(folder), lookMs, read };
}

function shallowKiB(folder: string): number {
  const to = `${folder}-shallow`;
  const words = ['clone', '--quiet', '--bare', '--depth=1', '--branch', BRANCH, `file://${folder}`, to];
  execFileSync('git', words);
  const told = execFileSync('git', ['-C', to, 'count-objects', '-v'], { encoding: 'utf8' });
  rmSync(to, { recursive: true });
  return Number(/size-pack: (\d+)/.exec(told)?.[1] ?? Number.NaN);
}
