/** Keys, policies, approvals and the ways round a closed log, as people meet them on the command line. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { eventsLeft, fileUnreadable, witnessUnreadable } from '../../action/faults.ts';
import {
  approvalsMissing,
  approverUnknown,
  attestationRefused,
  keyUnreadable,
  registryStopped,
} from '../../registry/faults.ts';
import { runAction } from '../acceptance/run-action.ts';
import { git, temporaryFolder, temporaryRepository } from '../temporary.ts';
import { cloudsCsv, fettle } from './fettle.ts';

const TOP = path.resolve(import.meta.dirname, '../..');
const RUN = ['run', 'train-and-promote', '--model', 'clouds', '--from'];

interface Answer {
  readonly code: number | null;
  readonly data: Record<string, unknown>;
  readonly fault: string | null;
}

function asked(folder: string, ...words: readonly string[]): Answer {
  const { code, stdout } = fettle(folder, [...words, '--json']);
  const { data = {}, error } = JSON.parse(stdout);
  return { code, data, fault: error?.code ?? null };
}

function begun(): string {
  const folder = temporaryRepository();
  writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(400));
  writeFileSync(path.join(folder, 'second.csv'), cloudsCsv(400, 5000));
  expect(fettle(folder, [...RUN, 'first.csv']).code).toBe(0);
  return folder;
}

interface Draft {
  policy: { approvals: unknown; inert: unknown };
}

/** Takes the next policy, with what the change makes of it. */
function changePolicy(folder: string, change: (draft: Draft['policy']) => void): void {
  const file = path.join(folder, 'next.json');
  expect(asked(folder, 'policy', 'edit', 'next.json').code).toBe(0);
  const draft: Draft = JSON.parse(readFileSync(file, 'utf8'));
  change(draft.policy);
  writeFileSync(file, JSON.stringify(draft));
  expect(asked(folder, 'policy', 'sign', 'next.json').code).toBe(0);
  expect(asked(folder, 'policy', 'apply', 'next.json').code).toBe(0);
}

describe('a registry under a policy', () => {
  let folder = '';
  beforeAll(() => {
    folder = begun();
    expect(asked(folder, 'policy', 'init', '--owner', '583231:octocat')).toMatchObject({ code: 0 });
  });

  it('seals every checkpoint, and verifies with it', () => {
    expect(git(folder, 'show', 'fettle/registry:checkpoint')).toMatch(/\n\n\u2014 local\/\w+ \S+\n?$/);
    expect(asked(folder, 'verify')).toMatchObject({ code: 0, data: { verdict: 'ok', signed: true } });
    expect(asked(folder, 'verify').data).toMatchObject({ read: 0 });
  });

  it('keeps its keys out of every commit and every message', () => {
    expect(fettle(folder, ['key', 'list']).stdout).not.toContain('PRIVATE');
    const all = git(folder, 'ls-tree', '-r', '--name-only', 'fettle/registry').split('\n');
    const texts = all.filter(Boolean).map((file) => git(folder, 'show', `fettle/registry:${file}`));
    expect(texts.filter((text) => text.includes('PRIVATE'))).toEqual([]);
  });

  it('wants the approvals that it asks for, of people who can be counted', () => {
    changePolicy(folder, (policy) => (policy.approvals = { production: { count: 1, from: null } }));
    expect(asked(folder, ...RUN, 'second.csv').data).toMatchObject({ candidates: [{ version: '1.1.0' }] });
    expect(asked(folder, 'promote', 'clouds@1.1.0').fault).toBe(approvalsMissing.code);
    expect(asked(folder, 'approve', 'clouds@1.1.0').fault).toBe(approverUnknown.code);
    // It was made at a desk: one of those who approve may be who made it, so one more is wanted.
    runAction(folder, { verb: 'approve', arguments: 'clouds@1.1.0' });
    expect(asked(folder, 'promote', 'clouds@1.1.0').fault).toBe(approvalsMissing.code);
    const hubot = { GITHUB_ACTOR: 'hubot', GITHUB_ACTOR_ID: '480938' };
    const approved = runAction(folder, { verb: 'approve', arguments: 'clouds@1.1.0' }, undefined, hubot);
    expect(JSON.parse(approved.outputs['result'] ?? '')).toMatchObject({
      given: ['octocat', 'hubot'],
      open: 0,
    });
    expect(asked(folder, 'promote', 'clouds@1.1.0')).toMatchObject({ code: 0, data: { changed: true } });
  });

  it('lets no inert module act, and records that it was tried', () => {
    changePolicy(folder, (policy) => (policy.inert = { 'paper-trading': { people: 2 } }));
    expect(asked(folder, 'attest', 'paper-trading', '--licence', 'MIT').code).toBe(0);
    const handed = asked(folder, 'activate', 'paper-trading', '--with', 'fettle-attestation.json');
    expect(handed.fault).toBe(attestationRefused.code);
    expect(asked(folder, 'activate', 'paper-trading')).toMatchObject({ code: 3, data: { allowed: false } });
    expect(fettle(folder, ['log', '--limit', '1']).stdout).toMatch(/paper-trading kept inert/);
  });

  it('promotes nothing while everything is stopped', () => {
    expect(asked(folder, 'stop', '--reason', 'a drill').code).toBe(0);
    expect(fettle(folder, ['status']).stdout).toContain('Everything is stopped by Ada Lovelace: a drill');
    runAction(folder, { verb: 'approve', arguments: 'clouds@1.0.0' });
    expect(asked(folder, 'promote', 'clouds@1.0.0').fault).toBe(registryStopped.code);
    expect(asked(folder, 'rollback', 'clouds').code).toBe(0);
    expect(asked(folder, 'resume', '--reason', 'it is over').code).toBe(0);
  });

  it('takes events from a writer without the key once somebody with the key folds them', () => {
    const [keys, away] = [path.join(folder, '.git/fettle/keys'), path.join(folder, '.git/fettle/away')];
    renameSync(keys, away);
    expect(asked(folder, 'stop', '--reason', 'no key').fault).toBe(eventsLeft.code);
    expect(asked(folder, 'fold', '--dry-run').data).toMatchObject({
      waiting: [expect.stringContaining('/inbox/')],
    });
    renameSync(away, keys);
    expect(asked(folder, 'fold')).toMatchObject({ code: 0, data: { folded: 1, refused: 0 } });
    expect(asked(folder, 'resume', '--reason', 'folded')).toMatchObject({ data: { changed: true } });
    expect(asked(folder, 'verify', '--all')).toMatchObject({ code: 0, data: { verdict: 'ok' } });
  });

  it('proves an event to somebody who has no Fettle', ({ skip }) => {
    if (spawnSync('python3', ['--version']).status !== 0) skip('python3 is not installed');
    expect(asked(folder, 'prove', 'clouds@1.0.0', '--since', '3', '--out', 'proof.json').code).toBe(0);
    const script = path.join(TOP, 'test/interop/verify.py');
    const check = (): string =>
      execFileSync('python3', [script, 'proof.json'], { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
    expect(check()).toMatch(/^ok: event 2 \(model\.registered\)/);
    const file = path.join(folder, 'proof.json');
    const text = readFileSync(file, 'utf8');
    for (const [from, to] of [
      ['1.0.0', '1.0.1'],
      ['"seq": 2', '"seq": 3'],
      ['"path": [', '"path": ["00",'],
    ] as const) {
      writeFileSync(file, text.replace(from, to));
      expect(check).toThrow();
    }
  });

  it('says what is wrong with a file or a key that it is handed', () => {
    writeFileSync(path.join(folder, 'bad.json'), '{}');
    expect(asked(folder, 'policy', 'apply', 'bad.json').fault).toBe(fileUnreadable.code);
    expect(asked(folder, 'verify', '--witness', 'bad.json').fault).toBe(witnessUnreadable.code);
    const given = fettle(folder, ['key', 'list', '--json'], { FETTLE_KEYS: 'secret stuff' });
    expect(JSON.parse(given.stdout)).toMatchObject({ error: { code: keyUnreadable.code } });
    expect(given.stdout + given.stderr).not.toContain('secret stuff');
  });
});

describe('verification in another clone', () => {
  it('says UNPINNED until it has something to compare with', () => {
    const folder = begun();
    const clone = temporaryFolder();
    git(clone, 'clone', '--quiet', folder, '.');
    expect(asked(clone, 'verify')).toMatchObject({ code: 3, data: { verdict: 'UNPINNED' } });
    expect(asked(clone, 'verify')).toMatchObject({ code: 0, data: { verdict: 'ok' } });
    const other = temporaryFolder();
    git(other, 'clone', '--quiet', folder, '.');
    writeFileSync(
      path.join(other, 'theirs.txt'),
      `${git(folder, 'show', 'fettle/registry:checkpoint').trim()}
`,
    );
    expect(asked(other, 'verify', '--witness', 'theirs.txt')).toMatchObject({
      code: 0,
      data: { verdict: 'ok' },
    });
  });
});

describe('doctor --repair', () => {
  it('puts derived files right from the log, and removes a lock that was left behind', () => {
    const folder = begun();
    const work = temporaryFolder();
    git(work, 'clone', '--quiet', '--branch', 'fettle/registry', folder, '.');
    rmSync(path.join(work, 'index'), { recursive: true });
    writeFileSync(path.join(work, 'notes.txt'), 'mine\n');
    git(work, 'add', '--all');
    git(
      work,
      '-c',
      'user.name=M',
      '-c',
      'user.email=m@example.org',
      'commit',
      '--quiet',
      '--message',
      'tidy',
    );
    git(work, 'push', '--quiet', 'origin', 'fettle/registry');
    const lock = path.join(folder, '.git/packed-refs.lock');
    writeFileSync(lock, '');
    utimesSync(lock, 1, 1);
    expect(asked(folder, 'verify').code).toBe(5);
    expect(asked(folder, 'doctor').code).toBe(1);
    expect(asked(folder, 'doctor', '--repair', '--dry-run').code).toBe(1);
    const mended = asked(folder, 'doctor', '--repair');
    expect(mended).toMatchObject({ code: 0 });
    expect(JSON.stringify(mended.data)).toMatch(/notes\.txt/);
    expect(asked(folder, 'verify')).toMatchObject({ code: 0, data: { verdict: 'ok' } });
    expect(fettle(folder, ['status']).stdout).toMatch(/clouds/);
  });
});

describe('a remote that cannot be reached', () => {
  it('has the events kept here until they are sent on', () => {
    const origin = temporaryFolder();
    git(origin, 'init', '--quiet', '--bare', '.');
    const folder = temporaryRepository();
    git(folder, 'remote', 'add', 'origin', origin);
    writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(400));
    expect(fettle(folder, [...RUN, 'first.csv']).code).toBe(0);
    renameSync(origin, `${origin}-away`);
    expect(asked(folder, 'stop', '--reason', 'alone')).toMatchObject({ fault: eventsLeft.code });
    expect(asked(folder, 'drain', '--dry-run').data).toMatchObject({
      waiting: [expect.stringContaining('spool')],
    });
    renameSync(`${origin}-away`, origin);
    expect(asked(folder, 'drain')).toMatchObject({
      code: 0,
      data: { sent: [expect.stringContaining('/inbox/')] },
    });
    expect(asked(folder, 'fold')).toMatchObject({ code: 0, data: { folded: 1 } });
    expect(asked(folder, 'stop', '--reason', 'again')).toMatchObject({ data: { changed: false } });
  });
});
