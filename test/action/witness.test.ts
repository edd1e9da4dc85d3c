/** A second repository that remembers how far a registry had come, as whoever runs the commands meets it. */
import { chmodSync, cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { inputOf, splitCommandLine } from '../../action/arguments.ts';
import { exitOfError } from '../../action/exit.ts';
import { witnessIsSelf, witnessUnreadable } from '../../action/faults.ts';
import { SILENT } from '../../action/progress.ts';
import { verbNamed } from '../../action/verbs/index.ts';
import type { VerbContext } from '../../action/verbs/verb.ts';
import { credentialsOf } from '../../pipelines/artifacts/credentials.ts';
import { FettleError } from '../../registry/base/fault.ts';
import {
  remoteUnreachable,
  witnessBusy,
  witnessMisshapen,
  witnessRefused,
  witnessUnreachable,
} from '../../registry/faults.ts';
import { decideRunStart } from '../../registry/decide/record-run.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { SEAL_EVERY } from '../../registry/schema/seal.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { DIGITS, registryOn, runId } from '../fixtures/registry.ts';
import { git, temporaryFolder, temporaryRepository } from '../temporary.ts';

const REGISTRY = 'fettle/registry';

interface Answer {
  readonly code: number;
  readonly data: Record<string, unknown>;
  readonly fault: string | null;
}

/** What the door would be told, without a process for each question. */
async function asked(folder: string, ...words: readonly string[]): Promise<Answer> {
  const line = splitCommandLine(words);
  const context: VerbContext = {
    folder,
    now: () => new Date().toISOString(),
    progress: SILENT,
    dryRun: line.common.dryRun,
    actor: null,
    source: { door: 'cli' },
    secrets: { keys: null, stores: credentialsOf({}) },
  };
  try {
    const verb = await verbNamed(words[0] ?? '').load();
    const { data, exit = 0 } = await verb.run(context, inputOf(verb, line));
    return { code: exit, data: JSON.parse(JSON.stringify(data)), fault: null };
  } catch (error) {
    if (!(error instanceof FettleError)) throw error;
    return { code: exitOfError(error), data: {}, fault: error.code };
  }
}

async function decided(folder: string, reason: string): Promise<void> {
  expect((await asked(folder, 'stop', '--reason', reason)).code).toBe(0);
  expect((await asked(folder, 'resume', '--reason', reason)).code).toBe(0);
}

async function foundBy(folder: string): Promise<string> {
  const { data } = await asked(folder, 'doctor');
  const { findings } = data as { findings: readonly { check: string; answer: string; says: string }[] };
  return findings.map(({ check, answer, says }) => `${answer} ${check} ${says}`).join('\n');
}

function copied(folder: string): string {
  const copy = path.join(temporaryFolder(), 'copy');
  cpSync(folder, copy, { recursive: true });
  return copy;
}

function cloned(folder: string): string {
  const clone = path.join(temporaryFolder(), 'clone');
  git(folder, 'clone', '--quiet', folder, clone);
  return clone;
}

function codesIn({ data }: Answer): readonly string[] {
  return (data as { problems: readonly { code: string }[] }).problems.map(({ code }) => code);
}

function settingsWith(folder: string, witness: string): void {
  mkdirSync(path.join(folder, '.github'), { recursive: true });
  writeFileSync(path.join(folder, '.github/fettle.yml'), `registry:\n  witnesses: ["${witness}"]\n`);
}

/** Runs whenever something is pushed there. */
function hooked(there: string, ...lines: readonly string[]): void {
  const hook = path.join(there, 'hooks/pre-receive');
  mkdirSync(path.dirname(hook), { recursive: true });
  writeFileSync(hook, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(hook, 0o755);
}

/** A commit on top of the registry's that no Fettle made. */
function edited(clone: string): string {
  const tip = git(clone, 'rev-parse', `refs/remotes/origin/${REGISTRY}`);
  const work = path.join(temporaryFolder(), 'work');
  git(clone, 'worktree', 'add', '--quiet', '--detach', work, tip);
  mkdirSync(path.join(work, 'log/extra'));
  writeFileSync(path.join(work, 'log/extra/file.txt'), 'x');
  git(work, 'add', '.');
  git(work, '-c', 'user.name=x', '-c', 'user.email=x', 'commit', '--quiet', '--message', 'edited');
  return git(work, 'rev-parse', 'HEAD');
}

describe('a witness', () => {
  let [folder, there] = ['', ''];
  const [first, empty] = [temporaryRepository(), temporaryFolder()];
  beforeAll(async () => {
    git(empty, 'init', '--quiet', '--bare', '--initial-branch=main');
    expect((await asked(first, 'init')).code).toBe(0);
    await decided(first, 'a drill');
  });
  beforeEach(() => {
    [folder, there] = [copied(first), copied(empty)];
  });

  it('remembers the newest checkpoint, and nothing of the repository', async () => {
    const before = git(there, 'rev-list', '--all');
    expect((await asked(folder, 'witness', there, '--dry-run')).data).toMatchObject({ answer: 'kept' });
    expect(git(there, 'rev-list', '--all')).toBe(before);
    expect(await asked(folder, 'witness', there)).toMatchObject({
      code: 0,
      data: { answer: 'kept', before: null },
    });
    expect(await asked(folder, 'witness', there)).toMatchObject({ code: 0, data: { answer: 'known' } });
    await decided(folder, 'another');
    const known = Number((await asked(folder, 'witness', there)).data['before']);
    expect(known).toBeGreaterThan(0);
    const file = git(there, 'ls-tree', '-r', '--name-only', 'fettle/witness');
    expect(file).toMatch(/^checkpoints\/[0-9a-f]{64}\.txt$/);
    expect(git(there, 'show', `fettle/witness:${file}`)).toBe(git(folder, 'show', `${REGISTRY}:checkpoint`));
    expect(git(folder, 'rev-parse', '--is-shallow-repository')).toBe('false');
  });

  it('that agrees makes a fresh clone sure', async () => {
    await asked(folder, 'witness', there);
    await decided(folder, 'after it was shown');
    expect((await asked(cloned(folder), 'verify')).data).toMatchObject({ verdict: 'UNPINNED' });
    expect(await asked(cloned(folder), 'verify', '--witness', there)).toMatchObject({
      code: 0,
      data: { verdict: 'ok' },
    });
    const clone = cloned(folder);
    settingsWith(clone, there);
    expect((await asked(clone, 'verify')).data).toMatchObject({
      verdict: 'ok',
      witnesses: { asked: 1, silent: [] },
    });
  });

  it('finds a log that was cut short, and keeps both sides', async () => {
    const early = git(folder, 'rev-parse', REGISTRY);
    await decided(folder, 'to be cut off');
    await asked(folder, 'witness', there);
    git(folder, 'branch', '--force', REGISTRY, early);
    const clone = cloned(folder);
    expect(codesIn(await asked(clone, 'verify', '--witness', there))).toEqual(['rollback']);
    expect(await asked(clone, 'witness', there)).toMatchObject({ code: 5, data: { answer: 'conflict' } });
    const files = git(there, 'ls-tree', '-r', '--name-only', 'fettle/witness').split('\n');
    expect(files.filter((file) => file.startsWith('conflicts/'))).toHaveLength(2);
    settingsWith(clone, there);
    expect(await foundBy(clone)).toMatch(/wrong rollback/);
  });

  it('finds a log that took another way, and goes on vouching for the one it knew', async () => {
    const early = git(folder, 'rev-parse', REGISTRY);
    await decided(folder, 'one way');
    await asked(folder, 'witness', there);
    const kept = git(there, 'rev-parse', 'fettle/witness:checkpoints');
    const other = cloned(folder);
    git(other, 'update-ref', `refs/remotes/origin/${REGISTRY}`, early);
    git(other, 'remote', 'remove', 'origin');
    git(other, 'branch', '--force', REGISTRY, early);
    await decided(other, 'another way');
    const shown = await asked(other, 'witness', there);
    expect(codesIn(shown)).toContain('fork');
    expect(git(there, 'rev-parse', 'fettle/witness:checkpoints')).toBe(kept);
    expect((await asked(folder, 'witness', there)).data).toMatchObject({ answer: 'known' });
  });

  it('lets a fresh clone begin at the last seal', async () => {
    const log = gitLog({ folder, remote: null, author: { name: 'Ada', email: 'ada@example.com' } });
    const registry = registryOn(log, {
      tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
    });
    const start = { model: DIGITS, recipe: 'digits', asked: {}, inputs: [], steps: [] };
    await registry.execute((state) =>
      Array.from({ length: SEAL_EVERY }, (_, index) => ({ ...start, run: runId(`start ${index}`) })).flatMap(
        (one) => decideRunStart(state, one),
      ),
    );
    await decided(folder, 'after the seal');
    await asked(folder, 'witness', there);
    await decided(folder, 'after the witness');
    const events = 3 + SEAL_EVERY + 1 + 4;
    const clone = cloned(folder);
    expect(await asked(clone, 'verify', '--witness', there)).toMatchObject({
      code: 0,
      data: { verdict: 'ok', events, read: 4, sealed: events - 4, problems: [] },
    });
    expect((await asked(clone, 'verify', '--all', '--seals', '--witness', there)).data).toMatchObject({
      verdict: 'ok',
      read: events,
      sealed: null,
    });
  });

  it('that is ahead of a clone makes it fetch, and is no alarm', async () => {
    const clone = cloned(folder);
    expect((await asked(clone, 'verify')).code).toBe(3);
    await decided(folder, 'elsewhere');
    await asked(folder, 'witness', there);
    expect(await asked(clone, 'verify', '--witness', there)).toMatchObject({
      code: 0,
      data: { verdict: 'ok' },
    });
  });

  it('that is ahead of a clone whose remote is gone cannot be compared with, and nothing else goes untold', async () => {
    const clone = cloned(folder);
    expect((await asked(clone, 'verify')).code).toBe(3);
    await decided(folder, 'elsewhere');
    await asked(folder, 'witness', there);
    settingsWith(clone, there);
    renameSync(folder, `${folder}-gone`);
    expect((await asked(clone, 'verify')).fault).toBe(remoteUnreachable.code);
    const told = await foundBy(clone);
    expect(told).toMatch(/note witness .* remembers 5 events, of which 3 are here/);
    expect(told).not.toMatch(/rollback/);
    git(clone, 'update-ref', `refs/remotes/origin/${REGISTRY}`, edited(clone));
    expect(await foundBy(clone)).toMatch(/wrong unexpected-file/);
  });

  it('is another repository than the registry’s own', async () => {
    const clone = cloned(folder);
    git(clone, 'remote', 'add', 'itself', `file://${clone}`);
    for (const where of ['.', 'itself', 'origin', folder, `file://${folder}/.git`]) {
      expect(await asked(clone, 'witness', where)).toMatchObject({ code: 1, fault: witnessIsSelf.code });
    }
    git(clone, 'remote', 'set-url', 'origin', 'git@Example.com:ada/models.git');
    for (const where of ['https://bot@example.com/ada/models', 'ssh://git@example.com/ada/models.git/']) {
      expect((await asked(clone, 'witness', where)).fault).toBe(witnessIsSelf.code);
    }
  });

  it('that changes whenever it is shown something is not asked for ever', async () => {
    hooked(
      there,
      'unset GIT_QUARANTINE_PATH GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES',
      'echo round >> rounds',
      'tree=$(git hash-object -w -t tree /dev/null)',
      'commit=$(wc -l < rounds | git -c user.name=x -c user.email=x commit-tree "$tree")',
      'git update-ref refs/heads/fettle/witness "$commit"',
    );
    expect((await asked(folder, 'witness', there)).fault).toBe(witnessBusy.code);
    expect(readFileSync(path.join(there, 'rounds'), 'utf8')).toBe('round\n'.repeat(10));
  });

  it('keeps many registries apart', async () => {
    const second = temporaryRepository();
    await asked(second, 'init');
    await asked(second, 'witness', there);
    const unknown = await asked(folder, 'verify', '--witness', there);
    expect(unknown.data).toMatchObject({
      witnesses: { asked: 0, silent: [expect.stringContaining('knows nothing')] },
    });
    await asked(folder, 'witness', there);
    expect(git(there, 'ls-tree', '-r', '--name-only', 'fettle/witness').split('\n')).toHaveLength(2);
    expect((await asked(second, 'witness', there)).data).toMatchObject({ answer: 'known' });
  });

  it('that cannot be asked is told of, and ends only whoever is strict or named it', async () => {
    const gone = `file://${path.join(temporaryFolder(), 'gone')}`;
    settingsWith(folder, gone);
    expect((await asked(folder, 'verify')).data).toMatchObject({
      verdict: 'ok',
      witnesses: { silent: [expect.any(String)] },
    });
    expect(await foundBy(folder)).toMatch(/note witness/);
    expect((await asked(folder, 'verify', '--strict')).fault).toBe(witnessUnreachable.code);
    expect((await asked(folder, 'verify', '--witness', gone)).fault).toBe(witnessUnreachable.code);
    expect((await asked(folder, 'witness', gone)).fault).toBe(witnessUnreachable.code);
    expect((await asked(folder, 'witness', 'no-such-folder')).fault).toBe(witnessUnreadable.code);
  });

  it('that takes nothing is told of', async () => {
    hooked(there, 'exit 1');
    expect((await asked(folder, 'witness', there)).fault).toBe(witnessRefused.code);
  });

  it('whose file was swapped for another’s is not believed', async () => {
    await asked(folder, 'witness', there);
    const work = cloned(there);
    git(work, 'checkout', '--quiet', 'fettle/witness');
    const [file = ''] = git(work, 'ls-files').split('\n');
    cpSync(path.join(work, file), path.join(work, `checkpoints/${'0'.repeat(64)}.txt`));
    git(work, 'add', '.');
    git(work, 'commit', '--quiet', '--message', 'swapped');
    git(work, 'push', '--quiet', 'origin', 'fettle/witness');
    expect((await asked(folder, 'verify', '--witness', there)).fault).toBe(witnessMisshapen.code);
  });
});
