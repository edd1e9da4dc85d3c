/** Measures whole processes: the CPU time that a command and everything it starts takes. */
import { spawnSync } from 'node:child_process';
import { GIT_ENV } from '../temporary-git.ts';

export interface Cost {
  /** Seconds of CPU, user and system, of the process and its children. */
  readonly cpuS: number;
  readonly wallS: number;
  readonly stdout: string;
}

/** bash's `times` counts the children that have ended, git's among them. */
const SCRIPT =
  'begin=$EPOCHREALTIME; "$@" >&3; code=$?; end=$EPOCHREALTIME; echo "$begin $end $code" >&2; times >&2';

/** @throws Error when the command fails in another way than a judgement that says no */
export function cost(command: readonly string[], folder: string): Cost {
  const result = spawnSync('bash', ['-c', SCRIPT, 'bash', ...command], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '', LC_ALL: 'C', ...GIT_ENV },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
    maxBuffer: 1 << 28,
  });
  const lines = result.stderr.trim().split('\n');
  const [begin = 0, end = 0, code = 1] = (lines.at(-3) ?? '').split(' ').map(Number);
  if (code !== 0 && code !== 3) throw new Error(`${command.join(' ')} ended with ${code}:\n${result.stderr}`);
  return { cpuS: secondsOf(lines.at(-1) ?? ''), wallS: end - begin, stdout: result.output[3] ?? '' };
}

/** `0m1.234s 0m0.567s` -> the sum in seconds. */
function secondsOf(line: string): number {
  return [...line.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + Number(minutes) * 60 + Number(rest),
    0,
  );
}

/** The median of several runs, by CPU. */
export function medianCost(times: number, measure: () => Cost): Cost {
  const all = Array.from({ length: times }, measure).sort((a, b) => a.cpuS - b.cpuS);
  const middle = all[Math.floor(all.length / 2)];
  if (middle === undefined) throw new Error('nothing was measured');
  return middle;
}
