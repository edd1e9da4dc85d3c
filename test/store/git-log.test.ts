/** The log on a branch: the promises of every log, then what git, remotes and crashes add. */
import { spawn } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FettleError } from '../../registry/base/fault.ts';
import {
  branchInTheWay,
  branchLocked,
  logMoved,
  notARepository,
  registryDamaged,
  registryDiverged,
  registryForeign,
  remoteRefused,
  remoteUnreachable,
} from '../../registry/faults.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { BRANCH } from '../../registry/store/git-tip.ts';
import type { EventLog, Head } from '../../registry/store/log.ts';
import { describeEventLog, problemsIn } from '../conformance/event-log.ts';
import { eventOf } from '../fixtures/events.ts';
import { cloneOf, git, gitWith, newFolder, newRepository, readBranch, writeBranch } from '../fixtures/git.ts';

const AUTHOR = { name: 'Grace <Hopper>', email: 'grace@example.org' };
const REF = `refs/heads/${BRANCH}`;

function open(folder: string, remote: string | null = null): EventLog {
  return gitLog({ folder, remote, author: AUTHOR });
}

async function put(log: EventLog, ...events: readonly RegistryEvent[]): Promise<Head> {
  const expected = (await log.read())?.head ?? null;
  return log.append({ expected, events, view: new Map(), reducer: 1 });
}

/** Decides again whenever another writer was first, as whoever calls a log does. */
async function putAtLast(log: EventLog, event: RegistryEvent): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    try {
      await put(log, event);
      return;
    } catch (error) {
      if (!(error instanceof FettleError && error.code === logMoved.code)) throw error;
    }
  }
  throw new Error('another writer was first 200 times');
}

async function begun(folder: string, remote: string | null = null): Promise<EventLog> {
  const log = open(folder, remote);
  await put(log, eventOf('registry.created'));
  return log;
}

async function idemsOf(log: EventLog): Promise<readonly string[]> {
  return (await log.entries(0)).map(({ envelope }) => envelope.idem);
}

describeEventLog('git-log', async () => {
  const folder = newRepository();
  return {
    log: open(folder),
    again: async () => open(folder),
    files: async () => readBranch(folder, BRANCH),
    tamper: async (files) => writeBranch(folder, BRANCH, files),
  };
});

describe('git-log in one repository', () => {
  it('commits one append as one commit, by the author and with the most telling event as its subject', async () => {
    const folder = newRepository();
    const log = await begun(folder);
    const judged = [eventOf('run.finished'), eventOf('verdict.given')];
    await put(log, ...judged, eventOf('model.promoted', { version: '1.4.0', channel: 'production' }));
    expect(git(folder, 'log', '--format=%an|%ae|%cn|%s', BRANCH).trim().split('\n')).toEqual([
      'Grace Hopper|grace@example.org|Fettle|model.promoted digits@1.4.0 -> production',
      'Grace Hopper|grace@example.org|Fettle|registry.created local/5f0c8a52e6d14b5c',
    ]);
    expect(git(folder, 'log', '-1', '--format=%b', BRANCH).trim().split('\n')).toEqual([
      'run.finished digits run-00112233445566aa completed',
      'verdict.given digits@1.0.0 pass',
    ]);
  });

  it('leaves a dirty work tree, its index and HEAD as they were, byte for byte', async () => {
    const folder = newRepository();
    writeFileSync(join(folder, 'kept.txt'), 'one\n');
    git(folder, 'add', '.');
    git(folder, 'commit', '--quiet', '-m', 'one');
    writeFileSync(join(folder, 'kept.txt'), 'two\n');
    writeFileSync(join(folder, 'staged.txt'), 'new\n');
    git(folder, 'add', 'staged.txt');
    writeFileSync(join(folder, 'loose.txt'), 'loose\n');
    git(folder, 'status');
    const look = () => ({
      index: readFileSync(join(folder, '.git/index')).toString('hex'),
      touched: statSync(join(folder, '.git/index')).mtimeMs,
      head: readFileSync(join(folder, '.git/HEAD'), 'utf8'),
      kept: readFileSync(join(folder, 'kept.txt'), 'utf8'),
      refs: git(folder, 'for-each-ref', 'refs/heads/main', 'refs/fettle'),
    });
    const before = look();
    const log = await begun(folder);
    await put(log, eventOf('model.retired'));
    expect(await problemsIn(log)).toEqual([]);
    expect(look()).toEqual(before);
    expect(git(folder, 'status', '--porcelain')).toBe(' M kept.txt\nA  staged.txt\n?? loose.txt\n');
  });

  it('works without any commit, on a detached HEAD, in a bare repository and in a linked work tree', async () => {
    const unborn = newRepository();
    const detached = newRepository();
    git(detached, 'commit', '--quiet', '--allow-empty', '-m', 'one');
    git(detached, 'checkout', '--quiet', '--detach');
    const linked = newFolder();
    git(detached, 'worktree', 'add', '--quiet', '--detach', linked);
    const bare = newRepository('--bare');
    for (const folder of [unborn, bare, linked]) {
      const log = await begun(folder);
      expect((await put(log, eventOf('model.retired'))).size).toBe(2);
      expect(await problemsIn(log)).toEqual([]);
    }
    expect((await open(detached).read())?.head.size).toBe(2);
    expect(git(detached, 'rev-parse', '--abbrev-ref', 'HEAD').trim()).toBe('HEAD');
    expect(readFileSync(join(unborn, '.git/HEAD'), 'utf8')).toBe('ref: refs/heads/main\n');
  });

  it('works in a repository that names its objects by SHA-256', async () => {
    const folder = newRepository('--object-format=sha256');
    const log = await begun(folder);
    expect((await put(log, eventOf('model.retired'))).size).toBe(2);
    expect(await problemsIn(log)).toEqual([]);
  });

  it('keeps the bytes where git is told to change line ends', async () => {
    const folder = newRepository();
    git(folder, 'config', 'core.autocrlf', 'true');
    writeFileSync(join(folder, '.git/info/attributes'), '* text eol=crlf filter=none\n');
    const view = new Map([['README.md', 'one\r\ntwo\n']]);
    const log = open(folder);
    await log.append({ expected: null, events: [eventOf('registry.created')], view, reducer: 1 });
    expect((await log.read())?.view).toEqual(view);
    expect(await problemsIn(log)).toEqual([]);
  });

  it('runs no hook of the user', async () => {
    const folder = newRepository();
    for (const hook of ['pre-commit', 'commit-msg', 'post-commit', 'pre-push']) {
      writeFileSync(join(folder, '.git/hooks', hook), '#!/bin/sh\necho no >&2\nexit 1\n', { mode: 0o755 });
    }
    const bare = newRepository('--bare');
    git(folder, 'remote', 'add', 'origin', bare);
    expect((await put(await begun(folder, 'origin'), eventOf('model.retired'))).size).toBe(2);
  });

  it('says so where there is no repository, or a branch is in its way', async () => {
    await expect(open(newFolder()).read()).rejects.toThrowFault(notARepository);
    await expect(open('/nowhere/at/all').read()).rejects.toThrowFault(notARepository);
    const folder = newRepository();
    git(folder, 'commit', '--quiet', '--allow-empty', '-m', 'one');
    git(folder, 'branch', 'fettle');
    expect(await open(folder).read()).toBeNull();
    await expect(begun(folder)).rejects.toThrowFault(branchInTheWay);
  });

  it('names the lock that a killed process left behind', async () => {
    const folder = newRepository();
    const log = await begun(folder);
    const lock = join(folder, '.git', `${REF}.lock`);
    writeFileSync(lock, '');
    const refused = put(log, eventOf('model.retired'));
    await expect(refused).rejects.toThrowFault(branchLocked);
    await expect(refused).rejects.toThrow(`${REF}.lock`);
    rmSync(lock);
    expect((await put(log, eventOf('model.retired'))).size).toBe(2);
  });

  it('says which file and which commit are foreign, before reading or writing', async () => {
    const folder = newRepository();
    writeBranch(folder, BRANCH, new Map([['notes.txt', 'mine\n']]));
    await expect(open(folder).read()).rejects.toThrowFault(registryForeign);
    await expect(open(folder).read()).rejects.toThrow(/`notes\.txt` of commit [0-9a-f]{7,} by Mallory/);
    writeBranch(folder, BRANCH, new Map([['README.md', 'mine\n']]));
    await expect(open(folder).read()).rejects.toThrow(/no file FORMAT/);
    const ask = { expected: null, events: [eventOf('registry.created')], view: new Map(), reducer: 1 };
    await expect(open(folder).append(ask)).rejects.toThrowFault(registryForeign);
    expect(readBranch(folder, BRANCH)).toEqual(new Map([['README.md', 'mine\n']]));
  });

  it('takes no links, no executables and no merges for its own', async () => {
    const folder = newRepository();
    const log = await begun(folder);
    const tip = git(folder, 'rev-parse', BRANCH).trim();
    const commit = `commit ${REF}\ncommitter M <m@m> 1800000000 +0000\ndata 1\nx\nfrom ${tip}\n`;
    const link = `${commit}M 120000 inline state/link\ndata 4\n/etc\n`;
    gitWith({ folder, input: link }, 'fast-import', '--quiet');
    expect((await problemsIn(log)).map(({ code }) => code)).toEqual(['mode']);
    await expect(log.read()).rejects.toThrowFault(registryForeign);
    git(folder, 'update-ref', REF, tip);
    const merge = `commit refs/heads/side\ncommitter M <m@m> 1800000000 +0000\ndata 1\nx\n\n${commit}merge refs/heads/side\n`;
    gitWith({ folder, input: merge }, 'fast-import', '--quiet');
    expect((await problemsIn(log)).map(({ code }) => code)).toEqual(['history']);
  });

  it('finds bytes that are no text', async () => {
    const folder = newRepository();
    const log = await begun(folder);
    const stream = `commit ${REF}\ncommitter M <m@m> 1800000000 +0000\ndata 1\nx\nfrom ${REF}^0\nM 100644 inline README.md\ndata 2\n`;
    const input = join(newFolder(), 'stream');
    writeFileSync(input, Buffer.concat([Buffer.from(stream), Buffer.of(0xff, 0x0a, 0x0a)]));
    git(folder, '-c', `alias.load=!git fast-import --quiet < ${input}`, 'load');
    expect((await problemsIn(log)).map(({ code }) => code)).toEqual(['text']);
    await expect(log.read()).rejects.toThrowFault(registryDamaged);
  });
});

describe('git-log with a remote', () => {
  it('begins at the remote, and another clone finds it at its first read', async () => {
    const bare = newRepository('--bare');
    const here = await begun(cloneOf(bare), 'origin');
    const late = cloneOf(bare);
    git(late, 'update-ref', '-d', `refs/remotes/origin/${BRANCH}`);
    expect((await open(late, 'origin').read())?.head).toEqual((await here.read())?.head);
    expect((await open(bare).read())?.head.size).toBe(1);
  });

  it('says that the log moved when another clone wrote in between, and then sees what it wrote', async () => {
    const bare = newRepository('--bare');
    const one = await begun(cloneOf(bare), 'origin');
    const two = open(cloneOf(bare), 'origin');
    const old = (await two.read())?.head ?? null;
    const next = await put(one, eventOf('model.promoted'));
    const ask = { expected: old, events: [eventOf('model.retired')], view: new Map(), reducer: 1 };
    await expect(two.append(ask)).rejects.toThrowFault(logMoved);
    expect((await two.read())?.head).toEqual(next);
    expect((await two.append({ ...ask, expected: next })).size).toBe(3);
    expect(await problemsIn(open(bare))).toEqual([]);
  });

  it('says so too when it had heard from the remote a moment before', async () => {
    const bare = newRepository('--bare');
    await begun(cloneOf(bare), 'origin');
    const two = open(cloneOf(bare), 'origin');
    const old = await put(two, eventOf('model.promoted'));
    const next = await put(open(cloneOf(bare), 'origin'), eventOf('model.promoted'));
    const ask = { expected: old, events: [eventOf('model.retired')], view: new Map(), reducer: 1 };
    await expect(two.append(ask)).rejects.toThrowFault(logMoved);
    expect((await two.read())?.head).toEqual(next);
    expect((await two.append({ ...ask, expected: next })).size).toBe(4);
    expect(await problemsIn(open(bare))).toEqual([]);
  });

  it('does not ask a remote again that answered a moment before', async () => {
    const bare = newRepository('--bare');
    const folder = cloneOf(bare);
    const log = await begun(folder, 'origin');
    git(folder, 'remote', 'set-url', '--push', 'origin', bare);
    git(folder, 'remote', 'set-url', 'origin', join(bare, 'gone'));
    expect((await put(log, eventOf('model.retired'))).size).toBe(2);
    expect((await open(bare).read())?.head.size).toBe(2);
    await expect(put(open(folder, 'origin'), eventOf('model.retired'))).rejects.toThrowFault(
      remoteUnreachable,
    );
  });

  it('carries along what was recorded while it had no remote', async () => {
    const bare = newRepository('--bare');
    const folder = cloneOf(bare);
    await put(await begun(folder), eventOf('model.promoted'));
    expect(await open(bare).read()).toBeNull();
    await put(open(folder, 'origin'), eventOf('model.retired'));
    expect((await open(bare).read())?.head.size).toBe(3);
  });

  it('brings a recorded event to the remote when the same deed is asked for again with one', async () => {
    const bare = newRepository('--bare');
    const folder = cloneOf(bare);
    const event = eventOf('model.promoted');
    await put(await begun(folder), event);
    expect((await put(open(folder, 'origin'), event)).size).toBe(2);
    expect((await open(bare).read())?.head.size).toBe(2);
  });

  it('refuses two histories that went apart, and says what each is at', async () => {
    const bare = newRepository('--bare');
    const [one, two] = [cloneOf(bare), cloneOf(bare)];
    await begun(one, 'origin');
    await begun(two);
    await expect(put(open(two, 'origin'), eventOf('model.retired'))).rejects.toThrowFault(registryDiverged);
  });

  it('gives the sentence of a remote that refuses, and records nothing', async () => {
    const bare = newRepository('--bare');
    const folder = cloneOf(bare);
    const log = await begun(folder, 'origin');
    const before = git(folder, 'rev-parse', BRANCH);
    writeFileSync(
      join(bare, 'hooks/pre-receive'),
      '#!/bin/sh\necho "models are frozen until Monday"\nexit 1\n',
      {
        mode: 0o755,
      },
    );
    const refused = put(log, eventOf('model.retired'));
    await expect(refused).rejects.toThrowFault(remoteRefused);
    await expect(refused).rejects.toThrow('models are frozen until Monday');
    expect(git(folder, 'rev-parse', BRANCH)).toBe(before);
    expect(git(bare, 'rev-parse', BRANCH)).toBe(before);
  });

  it.skipIf(process.getuid?.() === 0)('says that it may not write there', async () => {
    const bare = newRepository('--bare');
    const log = await begun(cloneOf(bare), 'origin');
    chmodSync(join(bare, 'objects'), 0o555);
    await expect(put(log, eventOf('model.retired'))).rejects.toThrowFault(remoteRefused);
    chmodSync(join(bare, 'objects'), 0o755);
  });

  it('says that a remote cannot be reached, and reads what is known without it', async () => {
    const bare = newRepository('--bare');
    const folder = cloneOf(bare);
    const log = await begun(folder, 'origin');
    git(folder, 'remote', 'set-url', 'origin', 'https://ada:secret@localhost:1/gone.git');
    expect((await log.read())?.head.size).toBe(1);
    const failed = put(log, eventOf('model.retired'));
    await expect(failed).rejects.toThrowFault(remoteUnreachable);
    await expect(failed).rejects.toThrow(/^(?!.*secret)/);
    await expect(open(newRepository(), 'origin').read()).rejects.toThrowFault(remoteUnreachable);
  });

  it('counts an event as recorded when the push arrived but its answer was lost', async () => {
    const bare = newRepository('--bare');
    const log = await begun(cloneOf(bare), 'origin');
    // The hook runs after the branch has moved and takes the connection down with it.
    const hook = `#!/bin/sh\nkill -9 $(ps -o ppid= -p $PPID) $PPID\n`;
    writeFileSync(join(bare, 'hooks/post-update'), hook, { mode: 0o755 });
    expect((await put(log, eventOf('model.retired'))).size).toBe(2);
    expect((await open(bare).read())?.head.size).toBe(2);
    expect((await log.read())?.head.size).toBe(2);
  });

  it('keeps all of 60 events from two clones that race, each once and in one chain', async () => {
    const bare = newRepository('--bare');
    const logs = [await begun(cloneOf(bare), 'origin'), open(cloneOf(bare), 'origin')];
    const events = logs.map(() => Array.from({ length: 30 }, () => eventOf('run.finished')));
    await Promise.all(
      logs.map(async (log, index) => {
        for (const event of events[index] ?? []) await putAtLast(log, event);
      }),
    );
    const log = open(bare);
    const wanted = events.flat().map(({ idem }) => idem);
    expect((await idemsOf(log)).slice(1).toSorted()).toEqual(wanted.toSorted());
    expect(await problemsIn(log)).toEqual([]);
    git(bare, 'fsck', '--strict');
  });
});

describe('git-log in a process that is killed', () => {
  const WRITER = new URL('../fixtures/write-events.ts', import.meta.url).pathname;

  /** Starts a writer in its own process group and kills it and its git, so many milliseconds after it set out. */
  async function killedAfter(ms: number, args: readonly string[]): Promise<NodeJS.Signals | null> {
    const child = spawn(process.execPath, [WRITER, ...args], { detached: true });
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('exit', (_, signal) => resolve(signal)),
    );
    const kill = () => child.pid !== undefined && process.kill(-child.pid, 'SIGKILL');
    child.stdout.once('data', () => setTimeout(kill, ms));
    return ended;
  }

  it('leaves no half of an append, and the same events can be appended again', async () => {
    const folder = newRepository();
    const log = await begun(folder);
    const events = Array.from({ length: 40 }, () => eventOf('run.finished'));
    const list = join(newFolder(), 'events.json');
    writeFileSync(list, JSON.stringify(events));
    // From the first git to the middle of a later append, which takes some 40 ms.
    for (const ms of [5, 12, 20, 30, 40, 50, 65, 80, 100]) {
      expect(await killedAfter(ms, [folder, list])).toBe('SIGKILL');
      const lock = join(folder, '.git', `${REF}.lock`);
      if (existsSync(lock)) rmSync(lock);
      expect(await problemsIn(log)).toEqual([]);
      git(folder, 'fsck', '--strict');
    }
    for (const event of events) await putAtLast(log, event);
    expect((await idemsOf(log)).slice(1).toSorted()).toEqual(events.map(({ idem }) => idem).toSorted());
    expect(await problemsIn(log)).toEqual([]);
  });
});
