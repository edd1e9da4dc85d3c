/** What the Action costs before it has done anything: the processor's time from its start to the end of `status`. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { GIT_ENV } from '../temporary-git.ts';
import { atMost, type Figure } from './figure.ts';
import { cost, medianCost } from './measure.ts';

const TOP = path.resolve(import.meta.dirname, '../..');
const TARGET_MS = 130;
const TIMES = 9;

/** What GitHub's runner tells every job. */
const RUNNER = {
  GITHUB_ACTIONS: 'true',
  GITHUB_REPOSITORY_ID: '4711',
  GITHUB_RUN_ID: '99',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_JOB: 'status',
  GITHUB_SHA: 'c0ffee0000000000000000000000000000000000',
  GITHUB_ACTOR: 'octocat',
  GITHUB_ACTOR_ID: '583231',
  INPUT_VERB: 'status',
  INPUT_FOLDER: '.',
};

/** The same code as esbuild bundles it, where FETTLE_PEER_ESBUILD names that program; null where it does not. */
function peerBundle(folder: string): string | null {
  const program = process.env['FETTLE_PEER_ESBUILD'] ?? '';
  if (program === '') return null;
  const out = path.join(folder, 'esbuild');
  const words = ['action/main.ts', '--bundle', '--minify', '--platform=node', '--format=esm', '--splitting'];
  const banner =
    "--banner:js=import{createRequire}from'module';const require=createRequire(import.meta.url);";
  const { status } = spawnSync(
    program,
    [...words, banner, '--external:onnxruntime-node', `--outdir=${out}`, '--out-extension:.js=.mjs'],
    { cwd: TOP },
  );
  return status === 0 ? path.join(out, 'main.mjs') : null;
}

export function measureAction(folder: string): readonly Figure[] {
  const workspace = path.join(folder, 'action');
  mkdirSync(workspace);
  const env = { ...process.env, ...GIT_ENV };
  execFileSync('git', ['init', '--quiet', '--initial-branch=main', workspace], { env });
  const cli = [realpathSync(process.execPath), path.join(TOP, 'action/dist/cli.js')];
  execFileSync(cli[0] ?? '', [cli[1] ?? '', 'init'], { cwd: workspace, env, stdio: 'ignore' });
  const [output, summary] = ['output', 'summary'].map((name) => path.join(folder, name));
  for (const file of [output, summary]) writeFileSync(file ?? '', '');
  const told = {
    ...RUNNER,
    GITHUB_WORKSPACE: workspace,
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
  };
  const pairs = Object.entries(told).map(([name, value]) => `${name}=${value}`);
  const cpuMs = (...words: readonly string[]): number =>
    medianCost(TIMES, () => cost(['env', ...pairs, cli[0] ?? '', ...words], workspace)).cpuS * 1000;

  const [bare, action] = [cpuMs('-e', '0'), cpuMs(path.join(TOP, 'action/dist/main.js'))];
  const bundle = peerBundle(folder);
  const peer =
    bundle === null ? 'esbuild not named' : `the same bundled by esbuild ${cpuMs(bundle).toFixed(0)} ms`;
  const beside = `bare node ${bare.toFixed(0)} ms; ${peer}`;
  const measured = { value: action, target: TARGET_MS, unit: 'ms', digits: 0 };
  return [atMost('Action: start to the end of `status` (CPU)', measured, beside)];
}
