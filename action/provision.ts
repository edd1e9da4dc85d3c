/** Makes sure that models can be run in an action's own folder, which comes without packages. */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runtimeNotProvided } from './faults.ts';

const PACKAGE = 'onnxruntime-node';
/** The folder of package.json and its lock, seen from the bundle. */
const FOLDER = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Installs the locked production packages once, without running any package's own script.
 *
 * @throws runtimeNotProvided with npm's last words
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
  const said = error?.message ?? (stderr.trim().split('\n').at(-1) || `npm ended with ${String(status)}`);
  throw runtimeNotProvided({ folder: FOLDER, said });
}

function isThere(): boolean {
  try {
    createRequire(import.meta.url).resolve(PACKAGE);
    return true;
  } catch {
    return false;
  }
}
