/** Bundles of Fettle from this clone's own history, on a registry that today's Fettle wrote. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { registryFromFuture } from '../../registry/faults.ts';
import { registryIn } from '../fixtures/faulty-world.ts';
import { newFolder, newRepository, git } from '../fixtures/git.ts';
import { candidate, register } from '../fixtures/registry.ts';
import { cleanEnvironment, fettle } from '../action/fettle.ts';

const TOP = path.resolve(import.meta.dirname, '../..');
const BUNDLE = 'action/dist';

/** The oldest commit with a bundle, and one in the middle; none where history was not fetched. */
function olderOnes(): readonly string[] {
  try {
    const asked = ['log', '--format=%H', '--', `${BUNDLE}/cli.js`];
    const all = execFileSync('git', asked, { cwd: TOP, encoding: 'utf8', stdio: 'pipe' }).trim().split('\n');
    const older = all.slice(1);
    return [...new Set([older.at(-1) ?? '', older[older.length >> 1] ?? ''])].filter((one) => one !== '');
  } catch {
    return [];
  }
}

function unpacked(commit: string): string {
  const folder = newFolder();
  mkdirSync(folder, { recursive: true });
  const input = execFileSync('git', ['archive', commit, BUNDLE, 'package.json'], {
    cwd: TOP,
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  execFileSync('tar', ['-x'], { cwd: folder, input });
  return path.join(folder, BUNDLE, 'cli.js');
}

describe('an older Fettle', () => {
  const [oldest = null, between = null] = olderOnes();

  it.for([
    ['the oldest', oldest],
    ['one in between', between],
  ])(
    'reads what today’s wrote, or says that it is too old, and spoils nothing: %s',
    async ([, commit = null], { skip }) => {
      if (commit === null) return skip('this clone has no older bundle in its history');
      const cli = unpacked(commit);
      const folder = newRepository();
      git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'begin');
      const registry = registryIn(folder);
      for (const word of ['one', 'two']) await register(registry, candidate(word, 'pass'));
      const tip = git(folder, 'rev-parse', 'fettle/registry');
      const asked = { cwd: folder, encoding: 'utf8', env: cleanEnvironment() } as const;
      for (const words of [['status'], ['history', 'digits']]) {
        const { status, stdout } = spawnSync(process.execPath, [cli, ...words, '--json'], asked);
        if (status === 0) expect(stdout).toContain('1.1.0');
        else expect(JSON.parse(stdout)).toMatchObject({ error: { code: registryFromFuture.code } });
      }
      expect(git(folder, 'rev-parse', 'fettle/registry')).toBe(tip);
      spawnSync(process.execPath, [cli, 'retire', 'digits', '--reason', 'old'], asked);
      expect(fettle(folder, ['doctor', '--repair']).code).not.toBe(4);
      expect(JSON.parse(fettle(folder, ['verify', '--json']).stdout)).toMatchObject({
        data: { problems: [] },
      });
    },
  );
});
