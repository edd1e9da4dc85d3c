/** `npm run bench`: the figures of the documents, each beside its target and its peer, measured in this very run. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as z from 'zod';
import { csvFile } from '../../pipelines/connectors/csv-file.ts';
import { randomOf, shuffle } from '../../pipelines/maths/random.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { measureBot } from './bot.ts';
import { measureAction } from './action.ts';
import { measureCircuits } from './circuits.ts';
import { measureCourt } from './court.ts';
import type { Figure } from './figure.ts';
import { measureForge } from './forge.ts';
import { fillLog } from './long-log.ts';
import { measureOptimiser } from './optimiser.ts';
import { measurePrograms } from './programs.ts';
import { measureCodecs, measureMerges } from './tensors.ts';
import { measureTraining } from './training.ts';
import { measureLearner } from './triage.ts';
import { measureRegistry } from './registry.ts';
import { peerCommand, peerMissing } from '../peers/peer.ts';
import { fillVersions } from './many-versions.ts';
import { cost, medianCost } from './measure.ts';

const TOP = path.resolve(import.meta.dirname, '../..');
const CLI = path.join(TOP, 'action/dist/cli.js');
const ISSUES = path.resolve(TOP, '../shared/data/nlbse24/issues_train.csv');

const figures: Figure[] = [];
const folder = mkdtempSync(path.join(tmpdir(), 'fettle-bench-'));

function fettle(...words: readonly string[]): readonly string[] {
  return [process.execPath, CLI, ...words];
}

function seconds(value: number): string {
  return `${value.toFixed(2)} s`;
}

function measureDemo(): void {
  const bare = medianCost(5, () => cost([process.execPath, '-e', '0'], folder));
  const at = path.join(folder, 'demo');
  const fresh = cost(fettle('demo', '--at', at, '--quiet'), folder);
  const again = cost(fettle('demo', '--at', at, '--quiet'), folder);
  const peer = `bare node ${seconds(bare.cpuS)}`;
  figures.push({
    what: 'demo, fresh (CPU)',
    found: seconds(fresh.cpuS),
    target: '45 s',
    met: fresh.cpuS <= 45,
    peer,
  });
  figures.push({
    what: 'demo, again (CPU)',
    found: seconds(again.cpuS),
    target: '5 s',
    met: again.cpuS <= 5,
    peer,
  });
}

async function measureStatus(): Promise<void> {
  const repository = path.join(folder, 'long');
  execFileSync('git', ['init', '--quiet', repository]);
  const log = gitLog({ folder: repository, remote: null, author: { name: 'Ada', email: 'ada@example.org' } });
  const events = 1000;
  await fillLog(log, { events, models: 3, batch: 5 });
  const bare = medianCost(9, () => cost([process.execPath, '-e', '0'], repository));
  const status = medianCost(9, () => cost(fettle('status'), repository));
  figures.push({
    what: `status, ${events} events (CPU)`,
    found: seconds(status.cpuS),
    target: '0.25 s',
    met: status.cpuS <= 0.25,
    peer: `bare node ${seconds(bare.cpuS)}, ${(status.cpuS / bare.cpuS).toFixed(1)} times`,
  });
}

/** The same registry read by both: GTO from the tags that Fettle exported, packed as `git gc` packs them. */
async function measureVersions(): Promise<void> {
  const repository = path.join(folder, 'versions');
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', repository]);
  const many = { models: 10, versions: 10_000 };
  const events = await fillVersions(repository, many);
  const status = medianCost(5, () => cost(fettle('status'), repository));
  const exported = cost(fettle('export', '--gto'), repository);
  const gto = peerMissing('gto') === null ? cost([peerCommand('gto'), 'show'], repository) : null;
  const times = gto === null ? 0 : gto.wallS / status.wallS;
  figures.push({
    what: `status, ${many.versions} versions, ${events} events`,
    found: seconds(status.wallS),
    target: 'GTO 30 times slower',
    met: gto === null ? null : times >= 30,
    peer: gto === null ? 'GTO not installed' : `gto show ${seconds(gto.wallS)}, ${times.toFixed(0)} times`,
  });
  figures.push({
    what: `export --gto, ${many.versions} versions`,
    found: seconds(exported.wallS),
    target: '30 s',
    met: exported.wallS <= 30,
    peer: '–',
  });
}

const RunData = z.object({
  cvMacroF1Mean: z.number(),
  candidates: z.array(z.object({ metrics: z.array(z.object({ name: z.string(), value: z.string() })) })),
});
const PeerData = z.object({
  tfidf: z.object({ f1: z.number(), cpuS: z.number() }),
  fasttext: z.object({ f1: z.number(), cpuS: z.number() }).optional(),
  fasttextMissing: z.string().optional(),
});

function measureTriage(): void {
  const repository = path.join(folder, 'triage');
  execFileSync('git', ['init', '--quiet', repository]);
  const run = cost(fettle('run', 'issue-triage', '--from', ISSUES, '--json'), repository);
  const { data } = z.object({ data: RunData }).parse(JSON.parse(run.stdout));
  const p99 = Math.max(
    ...data.candidates.flatMap(({ metrics }) =>
      metrics.flatMap(({ name, value }) => (name === 'latency_p99' ? [Number(value)] : [])),
    ),
  );
  const peers = measurePeers();
  figures.push({
    what: 'triage: 5-fold CV, calibration, fit, evaluation (CPU)',
    found: seconds(run.cpuS),
    target: '10 s',
    met: run.cpuS <= 10,
    peer: peers === null ? 'Python peers not installed' : `${timesOf(peers, run.cpuS)}`,
  });
  figures.push({
    what: 'triage: mean macro-F1 of the projects, 5-fold CV',
    found: data.cvMacroF1Mean.toFixed(4),
    target: '0.72',
    met: data.cvMacroF1Mean >= 0.72,
    peer: peers === null ? 'fastText published 0.718' : scoresOf(peers),
  });
  figures.push({
    what: 'triage: prediction p99 (wall)',
    found: `${p99.toFixed(2)} ms`,
    target: '5 ms',
    met: p99 <= 5,
    peer: '–',
  });
}

function timesOf({ tfidf, fasttext }: z.infer<typeof PeerData>, mine: number): string {
  const parts = [
    `TF-IDF + LR (scikit-learn), CV alone ${seconds(tfidf.cpuS)}, ratio ${(mine / tfidf.cpuS).toFixed(2)}`,
  ];
  if (fasttext !== undefined) {
    parts.push(`fastText, CV alone ${seconds(fasttext.cpuS)}, ratio ${(mine / fasttext.cpuS).toFixed(2)}`);
  }
  return parts.join('; ');
}

function scoresOf({ tfidf, fasttext, fasttextMissing }: z.infer<typeof PeerData>): string {
  const other =
    fasttext === undefined
      ? `fastText missing (${fasttextMissing ?? ''})`
      : `fastText ${fasttext.f1.toFixed(4)}`;
  return `TF-IDF + LR ${tfidf.f1.toFixed(4)}; ${other}`;
}

/** The peers on folds of the same kind; null where Python or its packages are not there. */
function measurePeers(): z.infer<typeof PeerData> | null {
  const { rows } = csvFile.read(readFileSync(ISSUES), 'issues.csv');
  const folds = rows.map(() => 0);
  const strata = Map.groupBy(
    rows.keys(),
    (index) => `${rows[index]?.cells['repo']} ${rows[index]?.cells['label']}`,
  );
  for (const members of strata.values()) {
    const dealt = [...members];
    shuffle(dealt, randomOf(1));
    dealt.forEach((row, place) => (folds[row] = place % 5));
  }
  const file = path.join(folder, 'folds.json');
  writeFileSync(file, JSON.stringify(folds));
  const python = process.env['FETTLE_PEER_PYTHON'] ?? 'python3';
  // One thread, as ours: spinning threads of a linear algebra library would count as work.
  const env = { ...process.env, OMP_NUM_THREADS: '1', OPENBLAS_NUM_THREADS: '1' };
  try {
    const script = path.join(import.meta.dirname, 'peer-triage.py');
    return PeerData.parse(
      JSON.parse(
        execFileSync(python, [script, ISSUES, file], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'ignore'],
          env,
        }),
      ),
    );
  } catch {
    return null;
  }
}

function print(): void {
  const rows = [
    ['figure', 'found', 'target', '', 'peer in the same run'],
    ...figures.map(({ what, found, target, met, peer }) => [
      what,
      found,
      target,
      met === null ? '' : met ? 'met' : 'not met',
      peer,
    ]),
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  process.stdout.write(`${lines.join('\n')}\n`);
}

async function measureIssues(): Promise<void> {
  if (existsSync(ISSUES)) {
    measureTriage();
    figures.push(...(await measureLearner(ISSUES, folder)));
  } else process.stdout.write(`Issue triage is skipped: ${ISSUES} is not there.\n`);
}

async function measureLog(): Promise<void> {
  const million = process.env['FETTLE_BENCH_MILLION'] === '1';
  const crowds = process.env['FETTLE_BENCH_CROWDS'] === '1';
  figures.push(...(await measureRegistry({ folder, cli: fettle(), million, crowds })));
}

/** In the order in which they are measured; `npm run bench -- registry bot` measures two of them. */
const PARTS: Readonly<Record<string, () => void | Promise<void>>> = {
  demo: measureDemo,
  status: measureStatus,
  action: () => void figures.push(...measureAction(folder)),
  versions: measureVersions,
  court: async () => void figures.push(...(await measureCourt())),
  registry: measureLog,
  bot: async () => void figures.push(...(await measureBot(path.join(folder, 'bot')))),
  optimiser: () => void figures.push(...measureOptimiser()),
  circuits: () => void figures.push(...measureCircuits()),
  programs: () => void figures.push(...measurePrograms()),
  codecs: () => void figures.push(...measureCodecs()),
  merges: () => void figures.push(...measureMerges(folder, process.env['FETTLE_BENCH_LARGE'] === '1')),
  forge: async () => void figures.push(...(await measureForge(folder))),
  training: async () => void figures.push(...(await measureTraining())),
  issues: measureIssues,
};

const asked = process.argv.slice(2);
const unknown = asked.find((name) => !Object.hasOwn(PARTS, name));
if (unknown !== undefined) {
  throw new Error(`wanted some of ${Object.keys(PARTS).join(', ')}, found ${unknown}`);
}
try {
  for (const [name, measure] of Object.entries(PARTS)) {
    if (asked.length === 0 || asked.includes(name)) await measure();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
print();
