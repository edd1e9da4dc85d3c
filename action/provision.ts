/** Makes sure that models can be run in an action's own folder, which comes without packages. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runtimeNotProvided } from './faults.ts';

const PACKAGE = 'onnxruntime-node';
/** The folder of package.json and its lock, seen from the bundle. */
const FOLDER = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Installs the locked production packages once, without running any package's own script.
 *
 * @throws runtimeNotProvided with npm's first words
 */
export function provideRuntime(): void {
  if (isThere()) return;
  const words = [
    'ci',
    '--omit=dev',
    '--omit=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
  ];
  const { status, stderr, error } = spawnSync('npm', words, {
    cwd: FOLDER,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: process.platform === 'win32',
  });
  if (status === 0 && isThere()) return;
  const said = error?.message ?? (causeIn(stderr) || `npm ended with ${String(status)}`);
  throw runtimeNotProvided({ folder: FOLDER, said });
}

/** npm names the cause first and ends with where its log is. */
function causeIn(stderr: string): string {
  return stderr
    .split('\n')
    .map((line) => line.replace(/^npm (error|ERR!) ?/, '').trim())
    .filter((line) => line !== '')
    .slice(0, 3)
    .join('; ');
}

function isThere(): boolean {
  const own = path.join(FOLDER, 'node_modules');
  // npm writes this file last: where it lacks, an install was cut off, and what is there is not to be trusted.
  if (existsSync(own) && !existsSync(path.join(own, '.package-lock.json'))) return false;
  try {
    createRequire(import.meta.url).resolve(PACKAGE);
    return true;
  } catch {
    return false;
  }
}
