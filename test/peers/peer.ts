/** The tools that exports are made for, in the python that FETTLE_PEER_PYTHON names. */
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { GIT_ENV } from '../temporary-git.ts';

export const PYTHON = process.env['FETTLE_PEER_PYTHON'] ?? '';

/** Why a test of these modules cannot be run here; null when it can. */
export function peerMissing(...modules: readonly string[]): string | null {
  if (PYTHON === '') return 'FETTLE_PEER_PYTHON names no python';
  const script = modules.map((module) => `import ${module}`).join('\n');
  const { status, stderr, error } = spawnSync(PYTHON, ['-c', script], {
    encoding: 'utf8',
    env: environment(),
  });
  if (status === 0) return null;
  return `${PYTHON}: ${error?.message ?? stderr.trim().split('\n').at(-1) ?? 'it failed'}`;
}

/** A command that pip installed beside the python, such as `gto`. */
export function peerCommand(name: string): string {
  return path.join(path.dirname(PYTHON), name);
}

/** What the command prints, which is python itself unless named. @throws Error with what it said when it fails */
export function peer(args: readonly string[], { folder = '.', input = '', command = PYTHON } = {}): string {
  const { status, stdout, stderr, error } = spawnSync(command, [...args], {
    cwd: folder,
    encoding: 'utf8',
    env: environment(),
    input,
    maxBuffer: 1 << 28,
  });
  if (status === 0) return stdout;
  throw new Error(`${args.join(' ').slice(0, 200)} ended with ${status}: ${error?.message ?? stderr}`);
}

function environment(): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    LC_ALL: 'C.UTF-8',
    // The file store works as it always did and is refused without this since MLflow 3.
    MLFLOW_ALLOW_FILE_STORE: 'true',
    ...GIT_ENV,
  };
}
