/** A disk that is full, fails, or loses its power: nothing that was said to be safe is gone, nothing is half there. */
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  changesIn,
  copyOf,
  cutPower,
  diskEnvironment,
  newShim,
  type Change,
  type Fault,
} from '../fixtures/faulty-disk.ts';
import {
  expectSound,
  idemsIn,
  logIn,
  registryIn,
  removeLocks,
  saidSafe,
  start,
  waitingIn,
  WRITER,
} from '../fixtures/faulty-world.ts';
import { gitFailed } from '../../registry/faults.ts';
import { git, newFolder, newRepository } from '../fixtures/git.ts';
import { foldAt, recordAtLast, type Desk } from '../fixtures/record-runs.ts';
import { candidate, register } from '../fixtures/registry.ts';
import { eventNamed } from '../fixtures/runs.ts';

/** Of all the calls that an act makes, so many are struck; `FETTLE_POINTS=1000` strikes each of them. */
const POINTS = Number(process.env['FETTLE_POINTS'] ?? 3);
const ERRORS = ['ENOSPC', 'EIO', 'EMFILE', 'EROFS'] as const;

interface Site {
  /** Everything below it is on the faulty disk. */
  readonly root: string;
  readonly clone: string;
  readonly bare: string;
}

interface Act {
  readonly name: string;
  readonly how: 'append' | 'offer' | 'fold';
  readonly remote: 'origin' | '-';
}

const ACTS: readonly Act[] = [
  { name: 'an append to this repository', how: 'append', remote: '-' },
  { name: 'an append to a remote', how: 'append', remote: 'origin' },
  { name: 'an offer to this repository', how: 'offer', remote: '-' },
  { name: 'an offer to a remote', how: 'offer', remote: 'origin' },
  { name: 'a fold of this repository', how: 'fold', remote: '-' },
  { name: 'a fold of a remote', how: 'fold', remote: 'origin' },
];

let shim: string | null = null;
beforeAll(() => void (shim = newShim()));

const made = new Map<string, string>();

/** A registry, in a clone of a bare origin where there is one, with one parcel that waits. */
async function newSite(act: Act): Promise<Site> {
  const first = made.get(act.name) ?? (await firstSite(act));
  made.set(act.name, first);
  const root = copyOf(first);
  const site = { root, clone: path.join(root, 'clone'), bare: path.join(root, 'bare') };
  git(site.clone, 'remote', 'set-url', 'origin', site.bare);
  return site;
}

async function firstSite({ remote }: Act): Promise<string> {
  const root = newFolder();
  git(root, 'init', '--quiet', '--bare', 'bare');
  git(root, 'clone', '--quiet', 'bare', 'clone');
  const clone = path.join(root, 'clone');
  await register(registryIn(clone, remote === '-' ? null : 'origin'), candidate('one', 'pass'));
  await recordAtLast({ folder: clone, remote: remote === '-' ? null : remote }, 'offer', 'waiting-0');
  return root;
}

interface Struck {
  readonly site: Site;
  readonly before: string;
  readonly changes: readonly Change[];
  readonly out: string;
  readonly code: number | null;
}

async function struck(act: Act, site: Site, fault: Fault | null): Promise<Struck> {
  const before = copyOf(site.root);
  const log = path.join(newFolder(), 'log');
  const env = diskEnvironment({ shim: shim ?? '', root: site.root, log, fault });
  const until = act.how === 'fold' ? '0' : '1';
  const started = start([WRITER, site.clone, act.remote, act.how, 'struck', '0', until], { env });
  const { code } = await started.ended;
  return { site, before, changes: changesIn(log), out: started.out(), code };
}

const counted = new Map<string, number>();

/** Some of the calls that the act makes, each time others of them, and all where there are no more. */
async function pointsOf(act: Act, most: number, share: number): Promise<readonly number[]> {
  const known = counted.get(act.name) ?? (await struck(act, await newSite(act), null)).changes.length;
  counted.set(act.name, known);
  if (most >= known) return Array.from({ length: known }, (_, index) => index);
  return Array.from({ length: most }, (_, index) => Math.floor(((index + share) / most) * known));
}

/** Whatever became of it: the same act comes to its end, and the registry holds everything once. */
async function expectMended(act: Act, { site, out }: Struck): Promise<void> {
  for (const folder of [site.clone, site.bare]) removeLocks(folder);
  const desk = deskOf(act, site);
  const safe = act.how === 'fold' ? [] : await recordAtLast(desk, act.how, 'struck-0');
  await foldAt(desk, 'last');
  await expectSound(desk.folder, desk.remote);
  if (desk.remote !== null) await expectSound(site.bare);
  const idems = await idemsIn(logIn(desk.remote === null ? site.clone : site.bare));
  expect(new Set(idems).size).toBe(idems.length);
  for (const idem of [...saidSafe(out), ...safe, eventNamed('waiting-0').idem]) expect(idems).toContain(idem);
  expect(await waitingIn(desk.folder, desk.remote)).toEqual([]);
}

function deskOf({ remote }: Act, { clone }: Pick<Site, 'clone'>): Desk {
  return { folder: clone, remote: remote === '-' ? null : remote };
}

describe.each(ACTS)('$name', (act) => {
  it('is on the disk when it says so, whatever was not flushed', async ({ skip }) => {
    if (shim === null) return skip('needs Linux and gcc');
    const site = await newSite(act);
    const done = await struck(act, site, null);
    expect(done.code, done.out).toBe(0);
    cutPower(site.root, done.before, done.changes);
    const { folder, remote } = deskOf(act, site);
    await expectSound(folder, remote);
    if (remote !== null) await expectSound(site.bare);
    const there = remote === null ? site.clone : site.bare;
    const kept = [...(await idemsIn(logIn(there))), ...(await waitingIn(there))];
    for (const idem of saidSafe(done.out)) expect(kept).toContain(idem);
    await expectMended(act, done);
  });

  it('leaves a sound registry when the power is cut before any of its calls', async ({ skip }) => {
    if (shim === null) return skip('needs Linux and gcc');
    for (const at of await pointsOf(act, POINTS, 0.9)) {
      const site = await newSite(act);
      const cut = await struck(act, site, { what: 'kill', at });
      cutPower(site.root, cut.before, cut.changes);
      await expectMended(act, cut);
      rmSync(site.root, { recursive: true });
    }
  });

  it('says so when any of its calls fails', async ({ skip }) => {
    if (shim === null) return skip('needs Linux and gcc');
    for (const [index, what] of ERRORS.entries()) {
      for (const at of await pointsOf(act, Math.ceil(POINTS / ERRORS.length), index / ERRORS.length)) {
        const site = await newSite(act);
        const met = await struck(act, site, { what, at });
        const isTold = met.code === 0 || (met.code === 3 && /^fault /m.test(met.out));
        expect(isTold, `${what} at ${at}: ${met.out}`).toBe(true);
        await expectMended(act, met);
        rmSync(site.root, { recursive: true });
      }
    }
  });
});

describe('a file of Fettle’s own', () => {
  it('is flushed before it gets its name, and its folder after', async ({ skip }) => {
    if (shim === null) return skip('needs Linux and gcc');
    const root = newFolder();
    const [file, log] = [path.join(root, 'spool/parcel.json'), path.join(newFolder(), 'log')];
    const module = path.resolve(import.meta.dirname, '../../pipelines/artifacts/durable.ts');
    const code = `await (await import('${module}')).writeDurably('${file}', 'text');`;
    const env = diskEnvironment({ shim, root, log, fault: null });
    const started = start(['--input-type=module', '--eval', code], { env });
    expect((await started.ended).code, started.out()).toBe(0);
    const told = changesIn(log).filter(({ what }) => ['write', 'fsync', 'rename'].includes(what));
    expect(told.map(({ what }) => what)).toEqual(['write', 'fsync', 'rename', 'fsync']);
    expect(told[1]?.one).toBe(told[2]?.one);
    expect(told[2]?.two).toBe(file);
    expect(told[3]?.one).toBe(path.dirname(file));
  });
});

describe('a disk that is really full', () => {
  it('is told of, and the same append goes on once there is room', async ({ skip }) => {
    const folder = newFolder();
    const mount = (options: string): void =>
      void execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
    try {
      mount('size=400k');
    } catch {
      return skip('mounting a small tmpfs needs root on Linux');
    }
    try {
      git(folder, 'init', '--quiet', '--bare', '--template=', '.');
      const desk = { folder, remote: null };
      await recordAtLast(desk, 'append', 'begin');
      const full = async (): Promise<never> => {
        for (let index = 0; ; index++) await recordAtLast(desk, 'append', `run ${index}`);
      };
      await expect(full()).rejects.toThrowFault(gitFailed);
      const { length } = await idemsIn(logIn(folder));
      mount('remount,size=8m');
      await recordAtLast(desk, 'append', 'last');
      expect(await idemsIn(logIn(folder))).toHaveLength(length + 1);
      await expectSound(folder);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

describe('a process that may open few files', () => {
  it.each([24, 32, 48])('of %i says so or goes on, and leaves a sound registry', async (most) => {
    const folder = newRepository('--bare');
    const desk = { folder, remote: null };
    await recordAtLast(desk, 'append', 'begin');
    const words = [process.execPath, WRITER, folder, '-', 'append', 'few', '0', '1'];
    const { status, stdout, stderr } = spawnSync(
      'sh',
      ['-c', `ulimit -n ${most}; exec "$@"`, 'sh', ...words],
      {
        encoding: 'utf8',
      },
    );
    // Below what Node itself needs it does not start, which is no word of ours.
    if (stdout !== '') expect(status === 0 || /^fault /m.test(stdout), `${stdout}${stderr}`).toBe(true);
    for (const idem of saidSafe(stdout)) expect(await idemsIn(logIn(folder))).toContain(idem);
    await recordAtLast(desk, 'append', 'few-0');
    await expectSound(folder);
  });
});
