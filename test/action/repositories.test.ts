import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { git, temporaryFolder, temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS, everythingIn, fettle } from './fettle.ts';

function prepared(folder: string): string {
  mkdirSync(path.join(folder, '.github'), { recursive: true });
  writeFileSync(path.join(folder, '.github/fettle.yml'), CLOUDS_SETTINGS);
  writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(200));
  return folder;
}

const RUN = ['run', 'clouds', '--from', 'first.csv'] as const;

function withOrigin(): { readonly folder: string; readonly origin: string } {
  const folder = prepared(temporaryRepository());
  const origin = temporaryFolder();
  git(origin, 'init', '--quiet', '--bare', '.');
  git(folder, 'remote', 'add', 'origin', origin);
  return { folder, origin };
}

describe('a repository', () => {
  it('without a commit is worked in, and its lineage says so', () => {
    const folder = temporaryFolder();
    git(folder, 'init', '--quiet');
    prepared(folder);
    expect(fettle(folder, RUN).code).toBe(0);
    expect(JSON.parse(fettle(folder, ['show', 'clouds@1.0.0', '--json']).stdout)).toMatchObject({
      data: { lineage: { commit: null } },
    });
    expect(() => git(folder, 'rev-parse', '--verify', 'HEAD')).toThrow();
  });

  it('with a detached head is worked in, and the head stays where it is', () => {
    const folder = prepared(temporaryRepository());
    const commit = git(folder, 'rev-parse', 'HEAD');
    git(folder, 'checkout', '--quiet', '--detach');
    expect(fettle(folder, RUN).code).toBe(0);
    expect(git(folder, 'rev-parse', 'HEAD')).toBe(commit);
    expect(git(folder, 'rev-parse', '--abbrev-ref', 'HEAD')).toBe('HEAD');
  });

  it('that is dirty keeps its work tree and index to the byte', () => {
    const folder = prepared(temporaryRepository());
    writeFileSync(path.join(folder, 'staged.txt'), 'staged');
    git(folder, 'add', 'staged.txt');
    writeFileSync(path.join(folder, 'staged.txt'), 'and changed again');
    const before = everythingIn(folder);
    expect(fettle(folder, RUN).code).toBe(0);
    const after = Object.entries(everythingIn(folder)).filter(
      ([file]) => !file.startsWith('.fettle/') && file !== 'refs',
    );
    expect(Object.fromEntries(after)).toEqual(
      Object.fromEntries(Object.entries(before).filter(([file]) => file !== 'refs')),
    );
  });

  it('is found from a folder deep inside it', () => {
    const folder = prepared(temporaryRepository());
    mkdirSync(path.join(folder, 'a/b'), { recursive: true });
    expect(fettle(path.join(folder, 'a/b'), ['run', 'clouds', '--from', '../../first.csv']).code).toBe(0);
    expect(existsSync(path.join(folder, '.fettle'))).toBe(true);
  });
});

describe('a source that the settings name', () => {
  it('is looked for from the top of the repository, wherever one stands', () => {
    const folder = prepared(temporaryRepository());
    writeFileSync(path.join(folder, '.github/fettle.yml'), `${CLOUDS_SETTINGS}    from: first.csv\n`);
    mkdirSync(path.join(folder, 'deep'));
    expect(fettle(path.join(folder, 'deep'), ['run', 'clouds']).code).toBe(0);
  });
});

describe('a remote', () => {
  it('is pushed to, so that another clone reads the same registry', () => {
    const { folder, origin } = withOrigin();
    expect(fettle(folder, RUN).code).toBe(0);
    expect(git(origin, 'rev-parse', 'fettle/registry')).toBe(git(folder, 'rev-parse', 'fettle/registry'));
    const other = temporaryFolder();
    git(other, 'clone', '--quiet', origin, '.');
    expect(fettle(other, ['status']).stdout).toMatch(/clouds\s+production\s+1\.0\.0/);
  });

  it('that was added after the registry began is told to have none, until an event brings it there', () => {
    const folder = prepared(temporaryRepository());
    const origin = temporaryFolder();
    git(origin, 'init', '--quiet', '--bare', '.');
    expect(fettle(folder, ['init']).code).toBe(0);
    git(folder, 'remote', 'add', 'origin', path.join(origin, 'nowhere'));
    expect(fettle(folder, ['init']).stdout).toContain('origin did not answer');
    git(folder, 'remote', 'set-url', 'origin', origin);
    const told = fettle(folder, ['init']).stdout;
    expect(told).toContain('on the branch fettle/registry of this clone already, and none on origin yet');
    expect(git(origin, 'for-each-ref')).toBe('');
    expect(fettle(folder, ['stop', '--reason', 'a drill']).code).toBe(0);
    expect(fettle(folder, ['init']).stdout).toContain('on the branch fettle/registry of origin already');
    const tip = git(folder, 'rev-parse', 'fettle/registry');
    expect(git(origin, 'rev-parse', 'fettle/registry')).toBe(tip);
  });

  it('that refuses the push is told of, nothing is recorded, and the same command goes on once it may', () => {
    const { folder, origin } = withOrigin();
    const hook = path.join(origin, 'hooks/pre-receive');
    mkdirSync(path.dirname(hook), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\necho "this branch is protected" >&2\nexit 1\n');
    chmodSync(hook, 0o755);
    const refused = fettle(folder, RUN);
    expect(refused.stderr).toMatch(
      /wanted to push fettle\/registry to origin, found it refused: .*(protected|hook declined)/s,
    );
    expect(refused.stderr).toContain('Nothing was recorded');
    expect(refused.code).toBe(1);
    expect(git(folder, 'for-each-ref', 'refs/heads/fettle')).toBe('');
    rmSync(hook);
    const again = JSON.parse(fettle(folder, [...RUN, '--json']).stdout) as {
      data: { candidates: { fate: string }[] };
    };
    expect(again.data.candidates[0]?.fate).toBe('serves');
  });
});

describe('the branch fettle/registry', () => {
  it('that another tool wrote on is left alone and told of', () => {
    const folder = prepared(temporaryRepository());
    git(folder, 'branch', 'fettle/registry');
    const { code, stderr } = fettle(folder, RUN);
    expect(stderr).toMatch(/wanted a Fettle registry on the branch fettle\/registry, found/);
    expect(code).toBe(1);
    expect(git(folder, 'rev-parse', 'fettle/registry')).toBe(git(folder, 'rev-parse', 'HEAD'));
  });

  it('of a format from the future is left alone, with advice to update', () => {
    const folder = prepared(temporaryRepository());
    expect(fettle(folder, RUN).code).toBe(0);
    const text = git(folder, 'show', 'fettle/registry:log/000/000/000.jsonl').replace('"v":1}', '"v":2}');
    const scratch = temporaryFolder();
    writeFileSync(path.join(scratch, 'log'), `${text}\n`);
    const blob = git(folder, 'hash-object', '-w', path.join(scratch, 'log'));
    const env = { ...process.env, GIT_INDEX_FILE: path.join(scratch, 'index') };
    const plumb = (...words: string[]): string =>
      execFileSync('git', words, { cwd: folder, encoding: 'utf8', env }).trim();
    plumb('read-tree', 'fettle/registry');
    plumb('update-index', '--cacheinfo', `100644,${blob},log/000/000/000.jsonl`);
    const identity = ['-c', 'user.name=A', '-c', 'user.email=a@example.com'];
    const commit = plumb(
      ...identity,
      'commit-tree',
      plumb('write-tree'),
      '-p',
      'fettle/registry',
      '-m',
      'from the future',
    );
    git(folder, 'update-ref', 'refs/heads/fettle/registry', commit);
    const { stderr } = fettle(folder, ['verify']);
    const { stdout } = fettle(folder, ['verify', '--json']);
    expect(`${stderr}${stdout}`).toMatch(/events of version|from-future|newer Fettle/);
  });
});

describe('a disk', () => {
  // A file system of 256 KiB that is really full, rather than a writer that pretends to be.
  it('that is full is told of, and the same command goes on once there is room', ({ skip }) => {
    const folder = prepared(temporaryRepository());
    const shelf = path.join(folder, '.fettle');
    mkdirSync(shelf);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=20k', 'tmpfs', shelf], { stdio: 'ignore' });
    } catch {
      return skip('mounting a small tmpfs needs root on Linux');
    }
    try {
      const full = fettle(folder, RUN);
      expect(full.stderr).toMatch(/wanted to write \d+ bytes to .*ENOSPC/);
      expect(full.stderr).toContain('finished steps are kept');
      expect(full.code).toBe(4);
      execFileSync('mount', ['-o', 'remount,size=4m', shelf], { stdio: 'ignore' });
      expect(fettle(folder, RUN).code).toBe(0);
      expect(fettle(folder, ['verify', '--artifacts']).code).toBe(0);
    } finally {
      execFileSync('umount', [shelf]);
    }
  });
});
