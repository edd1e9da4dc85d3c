/** What a clone remembers of a registry: from its first event on, and wherever it is read from. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { readmeOf } from '../../registry/report/readme.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { git, readBranch, writeBranch } from '../fixtures/git.ts';
import { registryOn } from '../fixtures/registry.ts';
import { temporaryFolder, temporaryRepository } from '../temporary.ts';
import { fettle } from './fettle.ts';

const BRANCH = 'fettle/registry';
const REF = `refs/heads/${BRANCH}`;

interface Answer {
  readonly verdict: string;
  readonly pinnedBefore: number | null;
  readonly problems: readonly { readonly code: string }[];
}

function verified(folder: string): Answer {
  return JSON.parse(fettle(folder, ['verify', '--json']).stdout).data;
}

function codesOf(folder: string): readonly string[] {
  return verified(folder).problems.map(({ code }) => code);
}

function addOrigin(folder: string): string {
  const origin = temporaryFolder();
  git(origin, 'init', '--quiet', '--bare', '.');
  git(folder, 'remote', 'add', 'origin', origin);
  return origin;
}

describe('whoever begins a registry', () => {
  let folder = '';
  beforeEach(() => {
    folder = temporaryRepository();
    expect(fettle(folder, ['init']).code).toBe(0);
  });

  it('knows it at once, and needs nobody else to verify it', () => {
    expect(verified(folder)).toMatchObject({ verdict: 'ok', pinnedBefore: 1 });
  });

  // Whole in itself, and of the same name: only who remembers the first line's hash can tell.
  it('is not shown another beginning under the same name', async () => {
    const origin = /"origin":"([^"]+)"/.exec(readBranch(folder, BRANCH).get('head.json') ?? '')?.[1] ?? '';
    const files = new Map<string, string>();
    const forger = registryOn(memoryLog(files), {
      origin,
      tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
    });
    await forger.execute(() => []);
    writeBranch(folder, BRANCH, files);
    expect(codesOf(folder)).toEqual(['fork']);
  });

  it('is not made to begin another where its own was deleted', () => {
    git(folder, 'update-ref', '-d', REF);
    const { code, stdout } = fettle(folder, ['init', '--json']);
    expect([code, JSON.parse(stdout).error?.code]).toEqual([1, 'registry/damaged']);
  });
});

describe('a clone that gets a remote', () => {
  let folder = '';
  beforeEach(() => {
    folder = temporaryRepository();
    expect(fettle(folder, ['init']).code).toBe(0);
    expect(fettle(folder, ['stop', '--reason', 'first']).code).toBe(0);
    expect(verified(folder)).toMatchObject({ verdict: 'ok' });
  });

  it('remembers what it verified before, and keeps it for the new place', () => {
    addOrigin(folder);
    expect(verified(folder)).toMatchObject({ verdict: 'ok', pinnedBefore: 2 });
    expect(fettle(folder, ['resume', '--reason', 'second']).code).toBe(0);
    expect(verified(folder)).toMatchObject({ verdict: 'ok' });
    const pins = readdirSync(path.join(folder, '.git/fettle')).filter((name) => name.startsWith('pin-'));
    expect(pins).toHaveLength(2);
  });

  it('finds that the log was cut short meanwhile', () => {
    addOrigin(folder);
    git(folder, 'update-ref', REF, `${BRANCH}~1`);
    expect(codesOf(folder)).toEqual(['rollback']);
  });

  // Without signatures anybody who may push to a remote can lengthen what lies there.
  it('does not let one remote that went on decide what another must show', () => {
    const remotes = ['longer', 'third'].map((name) => {
      const bare = temporaryFolder();
      git(bare, 'init', '--quiet', '--bare', '.');
      git(folder, 'remote', 'add', name, bare);
      git(folder, 'push', '--quiet', name, BRANCH);
      return bare;
    });
    const stranger = temporaryRepository();
    git(stranger, 'remote', 'add', 'origin', remotes[0]!);
    expect(fettle(stranger, ['resume', '--reason', 'mine']).code).toBe(0);
    mkdirSync(path.join(folder, '.github'), { recursive: true });
    const at = (remote: string): Answer => {
      writeFileSync(path.join(folder, '.github/fettle.yml'), `registry: { remote: ${remote} }\n`);
      git(folder, 'fetch', '--quiet', remote);
      return verified(folder);
    };
    expect(at('longer')).toMatchObject({ verdict: 'ok', pinnedBefore: 2 });
    expect(at('longer')).toMatchObject({ verdict: 'ok', pinnedBefore: 3 });
    expect(at('third')).toMatchObject({ verdict: 'ok', pinnedBefore: 2 });
  });

  it('takes nothing over for another registry', () => {
    const other = temporaryRepository();
    const origin = addOrigin(other);
    expect(fettle(other, ['init']).code).toBe(0);
    git(folder, 'update-ref', '-d', REF);
    git(folder, 'remote', 'add', 'origin', origin);
    expect(verified(folder)).toMatchObject({ verdict: 'UNPINNED', pinnedBefore: null });
  });
});
