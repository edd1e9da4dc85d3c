/** Many writer processes on one bare remote over smart HTTP, and one folder: throughput until folded, time until durable. */
import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { openRegistry } from '../../registry/decide/execute.ts';
import { gitInbox } from '../../registry/store/git-inbox.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { serveGit } from '../fixtures/http-git.ts';

export interface WritersAsk {
  /** Empty, and the bench's own. */
  readonly folder: string;
  readonly writers: number;
  readonly batches: number;
  /** Events per batch. */
  readonly size: number;
}

export interface WritersFound {
  readonly eventsPerS: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** Batches of the writer that got through least. */
  readonly leastBatches: number;
}

const REST_MS = 200;
/** As many processes as that have a writer each; what more writers there are share them. */
const PROCESSES_MAX = 8;
const AUTHOR = { name: 'Bench', email: 'bench@example.org' };

export async function measureWriters({ folder, writers, batches, size }: WritersAsk): Promise<WritersFound> {
  const bare = path.join(folder, 'origin.git');
  execFileSync('git', ['init', '--quiet', '--bare', bare]);
  execFileSync('git', ['-C', bare, 'config', 'http.receivepack', 'true']);
  const server = await serveGit(bare);
  try {
    const clones = ['folder', ...Array.from({ length: writers }, (_, index) => `w${index}`)].map((name) =>
      cloneAt(path.join(folder, name), server.url),
    );
    const [keeper = '', ...others] = clones;
    const registry = registryIn(keeper);
    await registry.execute(() => [begin()]);
    const origin = (await registry.read())?.origin ?? '';
    const inbox = gitInbox({ folder: keeper, remote: 'origin' });
    const start = performance.now();
    const share = Math.ceil(writers / PROCESSES_MAX);
    const running = Array.from({ length: Math.ceil(writers / share) }, (_, index) => {
      const some = others.slice(index * share, (index + 1) * share);
      return write(some, [`${index * share}`, `${batches}`, `${size}`, origin]);
    });
    let writing = true;
    const all = Promise.all(running).finally(() => (writing = false));
    let folded = 0;
    while (writing || folded < writers * batches) {
      folded += (await registry.fold(inbox)).folded;
      // A folder is started by a push or a schedule; one that never rests would only take the writers' processor.
      await new Promise((resolve) => setTimeout(resolve, REST_MS));
    }
    const seconds = (performance.now() - start) / 1000;
    const times = await all;
    const sorted = times
      .flat()
      .map(({ ms }) => ms)
      .sort((a, b) => a - b);
    const at = (share: number): number =>
      sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
    const entries = await registry.log.entries(0);
    // What began the registry, and the seals on the way, are nobody's batch.
    const events = entries.filter(({ envelope }) => envelope.type !== 'snapshot.sealed').length - 2;
    if (events !== writers * batches * size) {
      throw new Error(`${events} of ${writers * batches * size} events arrived`);
    }
    const byWriter = Map.groupBy(times.flat(), ({ writer }) => writer);
    const leastBatches =
      byWriter.size < writers ? 0 : Math.min(...[...byWriter.values()].map((some) => some.length));
    const waits = { p50Ms: at(0.5), p99Ms: at(0.99), worstMs: at(1) };
    return { eventsPerS: events / seconds, ...waits, leastBatches };
  } finally {
    await server.close();
  }
}

function cloneAt(folder: string, url: string): string {
  mkdirSync(folder);
  execFileSync('git', ['init', '--quiet', folder]);
  execFileSync('git', ['-C', folder, 'remote', 'add', 'origin', url]);
  return folder;
}

function registryIn(folder: string): ReturnType<typeof openRegistry> {
  return openRegistry({
    log: gitLog({ folder, remote: 'origin', author: AUTHOR }),
    actor: { kind: 'local', login: 'bench' },
    source: { door: 'cli' },
    now: () => new Date().toISOString(),
    visit: 'bench',
    origin: 'local/bench',
    signers: [],
    begins: async () => {},
    outbox: null,
    tell: () => new Map(),
  });
}

function begin(): { type: 'switch.released'; subject: 'registry'; body: { reason: string } } {
  return { type: 'switch.released', subject: 'registry', body: { reason: 'the bench begins' } };
}

interface Wait {
  readonly writer: string;
  /** Until the batch was durable. */
  readonly ms: number;
}

/** One process; a writer for each of the clones. */
function write(clones: readonly string[], words: readonly string[]): Promise<readonly Wait[]> {
  const script = path.join(import.meta.dirname, 'write-parcels.ts');
  const stdio = ['ignore', 'pipe', 'inherit'] as const;
  const child = spawn(process.execPath, [script, clones.join(','), ...words], { stdio: [...stdio] });
  let out = '';
  child.stdout?.on('data', (chunk: Buffer) => (out += chunk.toString()));
  return new Promise((resolve, reject) =>
    child.on('close', (code) => {
      if (code !== 0) return reject(new Error(`writer ended with ${code}`));
      const lines = out.trim().split('\n');
      return resolve(
        lines.map((line) => ({ writer: line.split(' ')[0] ?? '', ms: Number(line.split(' ')[1]) })),
      );
    }),
  );
}
