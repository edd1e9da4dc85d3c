/** What a registry of 100,000 events costs to open, to read, to verify, to add to and to store; and many writers of one. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { appendLeaf } from '../../registry/base/merkle.ts';
import { verifyLog } from '../../registry/audit/verify.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { FROM_START, inspectLog } from '../../registry/store/check-log.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { segmentPaths } from '../../registry/store/lay-out.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { measureEpochs } from './epochs.ts';
import { atLeast, atMost, type Figure } from './figure.ts';
import { fillLog } from './long-log.ts';
import { cost, medianCost } from './measure.ts';
import { measureWriters } from './writers.ts';

const AUTHOR = { name: 'Bench', email: 'bench@example.org' };
const MODELS = 200;
const EVENTS = 100_000;
const NOW = '2027-01-01T00:00:00.000Z';

export interface RegistryBench {
  /** Empty, and the bench's own. */
  readonly folder: string;
  /** The command line, as words to start with. */
  readonly cli: readonly string[];
  /** Measure a log of a million events, too: some minutes. */
  readonly million: boolean;
  /** Let 64 and 256 writers write at once, too: a minute or two. */
  readonly crowds: boolean;
}

export async function measureRegistry(bench: RegistryBench): Promise<readonly Figure[]> {
  const { folder, cli } = bench;
  const short = await filled(path.join(folder, 'short'), 1000);
  const long = await filled(path.join(folder, 'hundred'), EVENTS);
  const small = resolveMs(short.folder);
  const cold = resolveMs(long.folder);
  const figures: Figure[] = [
    atMost(
      'registry, 100,000 events: open and resolve a channel',
      { value: cold, target: 40, unit: 'ms', digits: 1 },
      `1,000 events ${small.toFixed(1)} ms`,
    ),
    ...(await reading(long.log)),
    ...appending(short.folder, cli),
    storing(long.folder),
    ...(await measureEpochs(folder)),
  ];
  if (bench.million) figures.push(await growing(path.join(folder, 'million'), long.folder));
  figures.push(...(await writing(folder)));
  if (bench.crowds) for (const writers of [64, 256]) figures.push(await crowding(folder, writers));
  return figures;
}

/** @param appends  at most so many commits */
async function filled(
  folder: string,
  events: number,
  appends = 100,
): Promise<{ readonly folder: string; readonly log: EventLog }> {
  mkdirSync(folder);
  execFileSync('git', ['init', '--quiet', folder]);
  const log = gitLog({ folder, remote: null, author: AUTHOR });
  await fillLog(log, {
    events,
    models: Math.min(MODELS, events / 20),
    batch: Math.max(10, events / appends),
  });
  return { folder, log };
}

/** Of a process that has seen nothing of the registry. */
function resolveOnceMs(folder: string): number {
  const script = path.join(import.meta.dirname, 'resolve.ts');
  return Number(execFileSync(process.execPath, [script, folder, 'model-7'], { encoding: 'utf8' }));
}

/** The median of nine. */
function resolveMs(folder: string): number {
  return medianOf(Array.from({ length: 9 }, () => resolveOnceMs(folder)));
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** CPU seconds of this process, which does the work on one core; git's own reading of the objects is not in it. */
async function cpuOf<T>(
  act: () => T | Promise<T>,
): Promise<{ readonly cpuS: number; readonly wallS: number; readonly found: T }> {
  const [before, begin] = [process.cpuUsage(), performance.now()];
  const found = await act();
  const { user, system } = process.cpuUsage(before);
  return { cpuS: (user + system) / 1e6, wallS: (performance.now() - begin) / 1000, found };
}

async function reading(log: EventLog): Promise<readonly Figure[]> {
  const all = await cpuOf(() => log.entries(0));
  const whole = await cpuOf(() =>
    verifyLog({ log, pin: null, extent: 'all', witnessed: [], now: NOW, readme: readmeOf }),
  );
  if (whole.found?.problems.length !== 0) throw new Error('the log of the bench does not verify');
  const look = await log.look(null);
  const size = whole.found.size;
  const paths = new Set(segmentPaths(size - 100, size));
  const tail = new Map([...(look?.files ?? [])].filter(([file]) => paths.has(file)));
  const lines = await log.entries(0);
  const before = size - 100;
  const leaves = lines.slice(1, before + 1).map(({ prev }) => prev);
  const frontier = leaves.reduce<readonly string[]>(
    (grown, leaf, index) => appendLeaf(grown, index, leaf),
    [],
  );
  const from = { ...FROM_START, size: before, prev: lines[before]?.prev ?? '', frontier };
  const begin = performance.now();
  for (let round = 0; round < 20; round++) inspectLog(tail, { where: '', from, sizes: [], begun: null });
  const tailMs = (performance.now() - begin) / 20;
  return [
    atMost(
      'read all of it (wall)',
      { value: all.wallS, target: 1, unit: 's' },
      `CPU of ours ${all.cpuS.toFixed(2)} s`,
    ),
    atMost(
      'verify all of it, folded anew (CPU, one core)',
      { value: whole.cpuS, target: 5, unit: 's' },
      `wall ${whole.wallS.toFixed(2)} s`,
    ),
    atMost('verify a tail of 100 events', { value: tailMs, target: 5, unit: 'ms' }),
  ];
}

function appending(folder: string, cli: readonly string[]): readonly Figure[] {
  let count = 0;
  const found = medianCost(5, () =>
    cost([...cli, count++ % 2 === 0 ? 'stop' : 'resume', '--reason', 'a drill'], folder),
  );
  return [atMost('append one event, whole process (CPU)', { value: found.cpuS, target: 0.3, unit: 's' })];
}

/** As git packs it when asked to take its time, which a server does by itself now and then. */
function storing(folder: string): Figure {
  execFileSync('git', ['-C', folder, 'repack', '-adfq', '--window=20']);
  const told = execFileSync('git', ['-C', folder, 'count-objects', '-v'], { encoding: 'utf8' });
  const kib = Number(/size-pack: (\d+)/.exec(told)?.[1] ?? Number.NaN);
  return atMost('packed repository', { value: kib / 1024, target: 45, unit: 'MiB', digits: 1 });
}

/**
 * In ten commits, because each writes the state of every model whole, which grows with its versions; what a resolve
 * reads is of the last. Both registries are asked in turns, so that whatever else the machine does meets both.
 */
async function growing(folder: string, beside: string): Promise<Figure> {
  const { folder: at } = await filled(folder, EVENTS * 10, 10);
  const pairs = Array.from({ length: 9 }, () => [resolveOnceMs(at), resolveOnceMs(beside)] as const);
  const [long, short] = [medianOf(pairs.map(([one]) => one)), medianOf(pairs.map(([, two]) => two))];
  return atMost(
    '1,000,000 events: cold resolve beside that of 100,000',
    { value: long / short, target: 1.3, unit: 'times' },
    `${long.toFixed(1)} ms and ${short.toFixed(1)} ms`,
  );
}

async function writing(folder: string): Promise<readonly Figure[]> {
  const runs = [
    { writers: 8, batches: 10, size: 100, events: 500, p99: 1500 },
    { writers: 8, batches: 20, size: 1, events: 15, p99: 1000 },
  ];
  const figures: Figure[] = [];
  for (const { writers, batches, size, events, p99 } of runs) {
    const at = path.join(folder, `writers-${size}`);
    mkdirSync(at);
    const found = await measureWriters({ folder: at, writers, batches, size });
    const what = `${writers} writers over smart HTTP, batches of ${size}`;
    figures.push(
      atLeast(`${what}: folded`, { value: found.eventsPerS, target: events, unit: 'events/s', digits: 0 }),
      atMost(
        `${what}: durable, p99`,
        { value: found.p99Ms, target: p99, unit: 'ms', digits: 0 },
        `p50 ${found.p50Ms.toFixed(0)} ms`,
      ),
    );
  }
  return figures;
}

/** All begin at once, so the last waits for all the others; starved is whoever does not get through. */
async function crowding(folder: string, writers: number): Promise<Figure> {
  const at = path.join(folder, `crowd-${writers}`);
  mkdirSync(at);
  const found = await measureWriters({ folder: at, writers, batches: 1, size: 1 });
  const worst = `${(found.worstMs / 1000).toFixed(1)} s, p50 ${(found.p50Ms / 1000).toFixed(1)} s`;
  return {
    what: `${writers} writers at once over smart HTTP, single events`,
    found: found.leastBatches === 1 ? 'all got through' : 'some starved',
    target: 'nobody starves',
    met: found.leastBatches === 1,
    peer: `the last after ${worst}; ${found.eventsPerS.toFixed(1)} events/s`,
  };
}
