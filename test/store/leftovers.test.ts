/** What killed processes, other tools and cut-off clones leave behind: gone on past, or told with what to do. */
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { branchInTheWay, branchLocked } from '../../registry/faults.ts';
import { fettle } from '../action/fettle.ts';
import { expectSound, idemsIn, logIn, newWorld } from '../fixtures/faulty-world.ts';
import { cloneOf, git, newFolder, newRepository } from '../fixtures/git.ts';
import { foldAt, record, type Desk } from '../fixtures/record-runs.ts';

interface Left {
  readonly bare: string;
  readonly clone: string;
  readonly desk: Desk;
}

async function world(): Promise<Left> {
  const { bare, clones } = await newWorld(1);
  const clone = clones[0] ?? '';
  return { bare, clone, desk: { folder: clone, remote: 'origin' } };
}

function leave(file: string, ageMinutes = 0): string {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, '');
  const at = Date.now() / 1000 - ageMinutes * 60;
  utimesSync(file, at, at);
  return file;
}

const LOCKS = {
  'the branch, which has no remote': ({ clone }: Left) =>
    path.join(clone, '.git/refs/heads/fettle/registry.lock'),
  'what is known of the remote': ({ clone }: Left) =>
    path.join(clone, '.git/refs/remotes/origin/fettle/registry.lock'),
  'the branch of a remote that is a folder': ({ bare }: Left) =>
    path.join(bare, 'refs/heads/fettle/registry.lock'),
} as const;

describe('a lock that a killed process left behind', () => {
  it.each(Object.entries(LOCKS))(
    'on %s is named, and `fettle doctor --repair` there removes it',
    async (which, at) => {
      const left = await world();
      const desk = which.includes('no remote') ? { ...left.desk, remote: null } : left.desk;
      // Somebody else was here, so that there is something to fetch.
      if (desk.remote !== null) await record({ folder: left.bare, remote: null }, 'append', 'other');
      const lock = leave(at(left), 11);
      const locked = record(desk, 'append', 'one');
      await expect(locked).rejects.toThrowFault(branchLocked);
      await expect(locked).rejects.toThrow(/registry\.lock/);
      const { stdout } = fettle(lock.startsWith(left.bare) ? left.bare : left.clone, ['doctor', '--repair']);
      expect(stdout).toContain(`removed ${lock}`);
      expect(existsSync(lock)).toBe(false);
      const idems = await record(desk, 'append', 'one');
      expect(await idemsIn(logIn(desk.folder, desk.remote))).toEqual(expect.arrayContaining([...idems]));
      await expectSound(desk.folder, desk.remote);
    },
  );

  it('a moment ago may be held, and is left to whoever holds it', async () => {
    const { clone } = await world();
    const lock = leave(path.join(clone, '.git/refs/heads/fettle/registry.lock'));
    expect(fettle(clone, ['doctor', '--repair']).stdout).not.toContain('removed');
    expect(existsSync(lock)).toBe(true);
  });

  it('on the packed names keeps parcels in the inbox, and the fold says so', async () => {
    const { bare, desk } = await world();
    await record(desk, 'offer', 'one');
    leave(path.join(bare, 'packed-refs.lock'));
    await expect(foldAt(desk, 'fold')).rejects.toThrowFault(branchLocked);
    await expect(foldAt({ folder: bare, remote: null }, 'fold')).rejects.toThrow(/packed-refs\.lock/);
  });
});

describe('half an object that a killed git left behind', () => {
  it('is in nobody’s way', async () => {
    const { clone, desk } = await world();
    writeFileSync(leave(path.join(clone, '.git/objects/ab/tmp_obj_Xyz123')), 'half');
    writeFileSync(leave(path.join(clone, '.git/objects/pack/tmp_pack_Xyz123')), 'half');
    await record(desk, 'append', 'one');
    await expectSound(clone, 'origin');
    expect(fettle(clone, ['status']).code).toBe(0);
  });
});

describe('a shallow clone', () => {
  it('of the registry’s branch is written from', async () => {
    const { bare } = await world();
    const folder = newFolder();
    git(folder, 'clone', '--quiet', '--depth=1', '--branch=fettle/registry', `file://${bare}`, '.');
    git(folder, 'checkout', '--quiet', '--detach');
    await record({ folder: bare, remote: null }, 'append', 'other');
    const idems = await record({ folder, remote: 'origin' }, 'append', 'one');
    expect(await idemsIn(logIn(bare))).toEqual(expect.arrayContaining([...idems]));
    await expectSound(bare);
  });

  it('that lacks what lies between its branch and the remote’s asks for it, and sees no two histories', async () => {
    const { bare, clone, desk } = await world();
    for (const word of ['two', 'three']) await record({ folder: bare, remote: null }, 'append', word);
    const spec = '+refs/heads/fettle/registry:refs/remotes/origin/fettle/registry';
    git(clone, 'remote', 'set-url', 'origin', `file://${bare}`);
    git(clone, 'fetch', '--quiet', '--depth=1', 'origin', spec);
    expect(await idemsIn(logIn(clone, 'origin'))).toEqual(await idemsIn(logIn(bare)));
    await record(desk, 'append', 'one');
    await expectSound(clone, 'origin');
    await expectSound(bare);
  });
});

describe('a branch `fettle`', () => {
  it('at the remote is named, and is no question of rights', async () => {
    const bare = newRepository('--bare');
    const clone = cloneOf(bare);
    git(clone, 'commit', '--quiet', '--allow-empty', '-m', 'one');
    git(clone, 'push', '--quiet', 'origin', 'HEAD:refs/heads/fettle');
    const desk = { folder: clone, remote: 'origin' };
    await expect(record(desk, 'append', 'one')).rejects.toThrowFault(branchInTheWay);
    await expect(record(desk, 'offer', 'one')).rejects.toThrowFault(branchInTheWay);
    git(clone, 'fetch', '--quiet');
    git(
      clone,
      'push',
      '--quiet',
      'origin',
      'refs/remotes/origin/fettle:refs/heads/fettle-old',
      ':refs/heads/fettle',
    );
    await record(desk, 'append', 'one');
    await expectSound(clone, 'origin');
  });
});
