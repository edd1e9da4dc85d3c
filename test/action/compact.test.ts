/** `fettle compact` as people meet it: what it says, what it refuses, and that every other verb goes on as before. */
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { nothingToCompact, registryDamaged, registryMissing } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { git, readBranch, writeBranch } from '../fixtures/git.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';
import { temporaryFolder, temporaryRepository } from '../temporary.ts';
import { fettle } from './fettle.ts';

const BRANCH = 'fettle/registry';
const SCRIPT = path.resolve(import.meta.dirname, '../interop/verify.py');
const noPython = spawnSync('python3', ['--version']).status === 0 ? null : 'python3 is not there';

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

async function fill(folder: string, versions: number, word: string): Promise<void> {
  const log = gitLog({ folder, remote: null, author: { name: 'Ada', email: 'ada@example.org' } });
  const registry = registryOn(log, {
    visit: word,
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  });
  for (let index = 0; index < versions; index++) {
    await register(registry, candidate(`${word} ${index}`, 'pass'));
  }
}

function bytesIn(folder: string): number {
  const lines = git(folder, 'ls-tree', '-r', '-l', BRANCH).split('\n').filter(Boolean);
  return lines.reduce((sum, line) => sum + Number(line.split(/\s+/)[3]), 0);
}

describe('fettle compact', () => {
  const folder = temporaryRepository();
  beforeAll(() => fill(folder, 30, 'first'), 60_000);

  it('says what would leave, and writes nothing when it is only asked', () => {
    const before = git(folder, 'rev-parse', BRANCH);
    const { code, data } = asked(folder, 'compact', '--dry-run');
    expect([code, data]).toMatchObject([0, { dryRun: true, epoch: 2, events: 181, left: { files: 2 } }]);
    expect(data['treeBefore']).toMatchObject({ bytes: bytesIn(folder) });
    expect(git(folder, 'rev-parse', BRANCH)).toBe(before);
    expect(fettle(folder, ['compact', '--dry-run']).stdout).toContain('Would begin epoch 2 after 181 events');
  });

  it('begins an epoch, and everything can still be asked for', async () => {
    expect(asked(folder, 'verify').code).toBe(3);
    const shown = fettle(folder, ['show', 'digits@1.3.0', '--at', '40']).stdout;
    const { code, stdout } = fettle(folder, ['compact']);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining('Began epoch 2 after 181 events: 2 files of'),
    ]);
    expect(git(folder, 'ls-tree', '-r', '--name-only', BRANCH, '--', 'log').trim()).toBe(
      'log/000/000/002.jsonl',
    );
    expect(asked(folder, 'verify')).toMatchObject({
      code: 0,
      data: { verdict: 'ok', events: 182, read: 1, epoch: null },
    });
    expect(asked(folder, 'verify', '--all')).toMatchObject({ data: { verdict: 'ok', read: 182 } });
    expect(fettle(folder, ['show', 'digits@1.3.0', '--at', '40']).stdout).toBe(shown);
    const { data } = asked(folder, 'log', '--limit', '500');
    expect(data['events']).toHaveLength(182);
    expect(fettle(folder, ['log']).stdout).toContain('epoch 2 begun: 181 events before it left the tree');
    for (const words of [
      ['blame', 'digits'],
      ['lineage', 'digits@1.1.0'],
      ['history'],
      ['export', '--jsonl', '--to', 'all.jsonl'],
    ]) {
      expect(fettle(folder, words)).toMatchObject({ code: 0 });
    }
    expect(readFileSync(path.join(folder, 'all.jsonl'), 'utf8').trim().split('\n')).toHaveLength(182);
    expect(asked(folder, 'doctor')).toMatchObject({ code: 0 });
  }, 60_000);

  it('refuses to begin another at once, and to begin one over what is damaged', () => {
    const { code, fault } = asked(folder, 'compact');
    expect([code, fault]).toEqual([1, nothingToCompact.code]);
    expect(asked(temporaryRepository(), 'compact').fault).toBe(registryMissing.code);
    const damaged = temporaryFolder();
    git(damaged, 'clone', '--quiet', '--bare', folder, '.');
    const files = readBranch(damaged, BRANCH);
    writeBranch(damaged, BRANCH, new Map([...files, ['epoch/index/cc.json', '{}\n']]));
    expect(asked(damaged, 'compact').fault).toBe(registryDamaged.code);
  }, 60_000);

  it('leaves proofs of old and of new positions good to a reader of its own', (context) => {
    if (noPython !== null) return context.skip(noPython);
    const end = git(folder, 'log', '--format=%P', '-1', BRANCH, '--', 'epoch/head.json').trim();
    const trusted = (name: string, commit: string): string => {
      writeFileSync(path.join(folder, name), git(folder, 'show', `${commit}:checkpoint`));
      return path.join(folder, name);
    };
    const [now, earlier] = [trusted('now', BRANCH), trusted('earlier', end)];
    for (const seq of [0, 3, 180, 181]) {
      const proof = path.join(folder, 'proof.json');
      expect(fettle(folder, ['prove', `${seq}`, '--since', '181', '--out', proof]).code).toBe(0);
      const { status, stdout } = spawnSync('python3', [SCRIPT, proof, now, earlier], { encoding: 'utf8' });
      expect([status, stdout]).toEqual([
        0,
        expect.stringMatching(`^ok: event ${seq} .* which grew from 181\n`),
      ]);
    }
  }, 60_000);

  it('leaves a clone without history able to verify what it has, and to say what it has not', () => {
    const cut = temporaryFolder();
    git(cut, 'clone', '--quiet', '--depth=1', '--branch', BRANCH, `file://${folder}`, '.');
    expect(asked(cut, 'verify', '--all')).toMatchObject({
      code: 3,
      data: { verdict: 'UNPINNED', epoch: 181, read: 1 },
    });
    expect(fettle(cut, ['verify', '--all']).stdout).toContain('git fetch --unshallow origin fettle/registry');
    expect(fettle(cut, ['status']).stdout).toContain('digits');
    expect(asked(cut, 'blame', 'digits').fault).toBe('registry/history-missing');
  }, 60_000);
});
