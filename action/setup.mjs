/** Makes a fresh clone ready: installs the locked packages once and links Node 24 and `fettle` beside them. */
// Plain JavaScript on purpose: this is the one file that any Node from 20 on must be able to run with nothing installed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIN = path.join(ROOT, 'node_modules', '.bin');
const STAMP = path.join(ROOT, 'node_modules', '.fettle-setup');
const PRODUCTION = process.argv.includes('--production');

const lock = readFileSync(path.join(ROOT, 'package-lock.json'));
const wanted = [
  createHash('sha256').update(lock).digest('hex'),
  process.platform,
  process.arch,
  PRODUCTION,
].join(' ');
if (!existsSync(STAMP) || readFileSync(STAMP, 'utf8') !== wanted) {
  install();
  link('node', path.join('..', `node-${process.platform}-${process.arch}`, 'bin', 'node'));
  link('fettle', path.join('..', '..', 'action', 'dist', 'cli.js'));
  writeFileSync(STAMP, wanted);
}

function install() {
  process.stderr.write('Installing the locked packages (once, about 15 seconds)\n');
  const npm = process.env.npm_execpath;
  const words = ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  if (PRODUCTION) words.push('--omit=dev');
  // npm of Node 20 warns about packages that want Node 24; Node 24 is among the packages.
  const result =
    npm === undefined
      ? spawnSync('npm', words, { cwd: ROOT, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
      : spawnSync(process.execPath, [npm, ...words], { cwd: ROOT, stdio: ['ignore', 2, 2] });
  if (result.status === 0) return;
  process.stderr.write(
    'Fettle could not install its packages: `npm ci` failed (see above). ' +
      'Check that the npm registry is reachable, then run the same command again.\n',
  );
  process.exit(1);
}

/** npm skips the link when several platform packages declare the same name, so it is made here. */
function link(name, target) {
  const at = path.join(BIN, name);
  if (process.platform === 'win32') {
    if (existsSync(path.resolve(BIN, target))) writeFileSync(`${at}.cmd`, `@"%~dp0\\${target}" %*\r\n`);
    return;
  }
  if (!existsSync(path.resolve(BIN, target))) return;
  mkdirSync(BIN, { recursive: true });
  rmSync(at, { force: true });
  symlinkSync(target, at);
  chmodSync(at, 0o755);
}
