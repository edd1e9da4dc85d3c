/** A second repository that remembers how far a registry had come, as whoever runs the commands meets it. */
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { witnessUnreadable } from '../../action/faults.ts';
import { witnessMisshapen, witnessRefused, witnessUnreachable } from '../../registry/faults.ts';
import { git, temporaryFolder, temporaryRepository } from '../temporary.ts';
import { fettle } from './fettle.ts';

const REGISTRY = 'fettle/registry';

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

function decided(folder: string, reason: string): void {
  expect(asked(folder, 'stop', '--reason', reason).code).toBe(0);
  expect(asked(folder, 'resume', '--reason', reason).code).toBe(0);
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

describe('a witness', () => {
  let folder = '';
  let there = '';
  beforeEach(() => {
    folder = temporaryRepository();
    there = temporaryFolder();
    git(there, 'init', '--quiet', '--bare', '--initial-branch=main');
    expect(asked(folder, 'init').code).toBe(0);
    decided(folder, 'a drill');
  });

  it('remembers the newest checkpoint, and nothing of the repository', () => {
    const before = git(there, 'rev-list', '--all');
    expect(asked(folder, 'witness', there, '--dry-run').data).toMatchObject({ answer: 'kept' });
    expect(git(there, 'rev-list', '--all')).toBe(before);
    expect(asked(folder, 'witness', there)).toMatchObject({
      code: 0,
      data: { answer: 'kept', before: null },
    });
    expect(asked(folder, 'witness', there)).toMatchObject({ code: 0, data: { answer: 'known' } });
    decided(folder, 'another');
    const first = Number(asked(folder, 'witness', there).data['before']);
    expect(first).toBeGreaterThan(0);
    const file = git(there, 'ls-tree', '-r', '--name-only', 'fettle/witness');
    expect(file).toMatch(/^checkpoints\/[0-9a-f]{64}\.txt$/);
    expect(git(there, 'show', `fettle/witness:${file}`)).toBe(git(folder, 'show', `${REGISTRY}:checkpoint`));
    expect(git(folder, 'rev-parse', '--is-shallow-repository')).toBe('false');
  });

  it('that agrees makes a fresh clone sure', () => {
    asked(folder, 'witness', there);
    decided(folder, 'after it was shown');
    expect(asked(cloned(folder), 'verify').data).toMatchObject({ verdict: 'UNPINNED' });
    expect(asked(cloned(folder), 'verify', '--witness', there)).toMatchObject({
      code: 0,
      data: { verdict: 'ok' },
    });
    const clone = cloned(folder);
    settingsWith(clone, there);
    expect(asked(clone, 'verify').data).toMatchObject({ verdict: 'ok', witnesses: { asked: 1, silent: [] } });
  });

  it('finds a log that was cut short, and keeps both sides', () => {
    const early = git(folder, 'rev-parse', REGISTRY);
    decided(folder, 'to be cut off');
    asked(folder, 'witness', there);
    git(folder, 'branch', '--force', REGISTRY, early);
    const clone = cloned(folder);
    expect(codesIn(asked(clone, 'verify', '--witness', there))).toEqual(['rollback']);
    expect(asked(clone, 'witness', there)).toMatchObject({ code: 5, data: { answer: 'conflict' } });
    const files = git(there, 'ls-tree', '-r', '--name-only', 'fettle/witness').split('\n');
    expect(files.filter((file) => file.startsWith('conflicts/'))).toHaveLength(2);
    settingsWith(clone, there);
    expect(fettle(clone, ['doctor']).stdout).toMatch(/wrong rollback/);
  });

  it('finds a log that took another way, and goes on vouching for the one it knew', () => {
    const early = git(folder, 'rev-parse', REGISTRY);
    decided(folder, 'one way');
    asked(folder, 'witness', there);
    const kept = git(there, 'rev-parse', 'fettle/witness:checkpoints');
    const other = cloned(folder);
    git(other, 'update-ref', `refs/remotes/origin/${REGISTRY}`, early);
    git(other, 'remote', 'remove', 'origin');
    git(other, 'branch', '--force', REGISTRY, early);
    decided(other, 'another way');
    const shown = asked(other, 'witness', there);
    expect(codesIn(shown)).toContain('fork');
    expect(git(there, 'rev-parse', 'fettle/witness:checkpoints')).toBe(kept);
    expect(asked(folder, 'witness', there).data).toMatchObject({ answer: 'known' });
  });

  it('that is ahead of a clone makes it fetch, and is no alarm', () => {
    const clone = cloned(folder);
    expect(asked(clone, 'verify').code).toBe(3);
    decided(folder, 'elsewhere');
    asked(folder, 'witness', there);
    expect(asked(clone, 'verify', '--witness', there)).toMatchObject({ code: 0, data: { verdict: 'ok' } });
  });

  it('keeps many registries apart', () => {
    const second = temporaryRepository();
    asked(second, 'init');
    asked(second, 'witness', there);
    const unknown = asked(folder, 'verify', '--witness', there);
    expect(unknown.data).toMatchObject({
      witnesses: { asked: 0, silent: [expect.stringContaining('knows nothing')] },
    });
    asked(folder, 'witness', there);
    expect(git(there, 'ls-tree', '-r', '--name-only', 'fettle/witness').split('\n')).toHaveLength(2);
    expect(asked(second, 'witness', there).data).toMatchObject({ answer: 'known' });
  });

  it('that cannot be asked is told of, and ends only whoever is strict or named it', () => {
    const gone = `file://${path.join(temporaryFolder(), 'gone')}`;
    settingsWith(folder, gone);
    expect(asked(folder, 'verify').data).toMatchObject({
      verdict: 'ok',
      witnesses: { silent: [expect.any(String)] },
    });
    expect(fettle(folder, ['doctor']).stdout).toMatch(/note +witness/);
    expect(asked(folder, 'verify', '--strict').fault).toBe(witnessUnreachable.code);
    expect(asked(folder, 'verify', '--witness', gone).fault).toBe(witnessUnreachable.code);
    expect(asked(folder, 'witness', gone).fault).toBe(witnessUnreachable.code);
    expect(asked(folder, 'witness', 'no-such-folder').fault).toBe(witnessUnreadable.code);
  });

  it('that takes nothing is told of', () => {
    const hook = path.join(there, 'hooks/pre-receive');
    mkdirSync(path.dirname(hook), { recursive: true });
    writeFileSync(hook, '#!/bin/sh\nexit 1\n');
    chmodSync(hook, 0o755);
    expect(asked(folder, 'witness', there).fault).toBe(witnessRefused.code);
  });

  it('whose file was swapped for another’s is not believed', () => {
    asked(folder, 'witness', there);
    const work = cloned(there);
    git(work, 'checkout', '--quiet', 'fettle/witness');
    const [file = ''] = git(work, 'ls-files').split('\n');
    cpSync(path.join(work, file), path.join(work, `checkpoints/${'0'.repeat(64)}.txt`));
    git(work, 'add', '.');
    git(work, 'commit', '--quiet', '--message', 'swapped');
    git(work, 'push', '--quiet', 'origin', 'fettle/witness');
    expect(asked(folder, 'verify', '--witness', there).fault).toBe(witnessMisshapen.code);
  });
});
