/** Verification of a branch from where it last ended: what git says has changed, and what it cannot hide. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Pin } from '../../registry/audit/pin.ts';
import { verifyLog, type Verified } from '../../registry/audit/verify.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { BRANCH } from '../../registry/store/git-tip.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { git, gitWith, newRepository, readBranch, writeBranch } from '../fixtures/git.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';

const NOW = '2026-11-22T00:00:00.000Z';

function open(folder: string): EventLog {
  return gitLog({ folder, remote: null, author: { name: 'Ada', email: 'ada@example.org' } });
}

async function fill(folder: string, versions: number, word: string): Promise<void> {
  const registry = registryOn(open(folder), {
    visit: word,
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  });
  for (let index = 0; index < versions; index++) {
    await register(registry, candidate(`${word} ${index}`, 'pass'));
  }
}

async function verified(
  folder: string,
  pin: Pin | null,
  extent: 'since-pin' | 'all' = 'since-pin',
): Promise<Verified> {
  const found = await verifyLog({
    log: open(folder),
    pin,
    extent,
    witnessed: [],
    now: NOW,
    readme: readmeOf,
  });
  if (found === null) throw new Error('nothing to verify');
  return found;
}

async function codesOf(folder: string, pin: Pin | null): Promise<readonly string[]> {
  const { verdict, problems } = await verified(folder, pin);
  return verdict === 'DAMAGED' ? [...new Set(problems.map(({ code }) => code))].sort() : [verdict];
}

describe('a branch that was verified', () => {
  let folder = '';
  let pin: Pin | null = null;
  beforeEach(async () => {
    folder = newRepository();
    await fill(folder, 12, 'first');
    ({ pin } = await verified(folder, null));
  });

  it('is read from there on', async () => {
    expect(await verified(folder, pin)).toMatchObject({ verdict: 'ok', read: 0, size: 73 });
    await fill(folder, 3, 'second');
    const next = await verified(folder, pin);
    expect(next).toMatchObject({ verdict: 'ok', read: 18, size: 91 });
    expect(await verified(folder, next.pin, 'all')).toMatchObject({ verdict: 'ok', read: 91 });
  });

  // A new commit on top is what a push allows; git itself sees nothing wrong with any of these.
  it.each<[string, readonly string[], (files: Map<string, string>) => void]>([
    [
      'an edited old segment',
      ['unexpected-file'],
      (files) => edit(files, 'log/000/000/000.jsonl', 'digits', 'digitz'),
    ],
    [
      'an edited line of the open segment',
      ['chain'],
      (files) => edit(files, 'log/000/000/001.jsonl', '"pass"', '"fail"'),
    ],
    ['a removed segment', ['gone'], (files) => files.delete('log/000/000/000.jsonl')],
    ['an edited state', ['derived-differs'], (files) => edit(files, /^state\//, '"1.0', '"1.9')],
    ['an edited key', ['unexpected-file'], (files) => edit(files, /^idem\//, / \d+\n/, ' 7\n')],
    ['a file of nobody', ['unexpected-file'], (files) => files.set('att/notes.txt', 'mine')],
  ])('shows %s', async (_, codes, change) => {
    const files = readBranch(folder, BRANCH);
    change(files);
    writeBranch(folder, BRANCH, files);
    expect(await codesOf(folder, pin)).toEqual(codes);
    expect((await verified(folder, pin, 'all')).verdict).toBe('DAMAGED');
  });

  it('shows that it was put back to an older commit, or written anew', async () => {
    git(folder, 'branch', '--force', BRANCH, `${BRANCH}~4`);
    expect(await codesOf(folder, pin)).toEqual(['rollback']);
    git(folder, 'update-ref', '-d', `refs/heads/${BRANCH}`);
    await fill(folder, 12, 'forged');
    expect(await codesOf(folder, pin)).toEqual(['fork']);
  });

  it('is the same registry after git rewrote its commits and nothing else', async () => {
    const tree = git(folder, 'rev-parse', `${BRANCH}^{tree}`).trim();
    const commit = gitWith({ folder, input: 'all of it\n' }, 'commit-tree', tree).trim();
    git(folder, 'update-ref', `refs/heads/${BRANCH}`, commit);
    expect(await verified(folder, pin)).toMatchObject({ verdict: 'ok', read: 73 });
  });

  it('shows a merge', async () => {
    const tree = git(folder, 'rev-parse', `${BRANCH}^{tree}`).trim();
    const parents = ['-p', BRANCH, '-p', `${BRANCH}~1`];
    const commit = gitWith({ folder, input: 'merge\n' }, 'commit-tree', tree, ...parents).trim();
    git(folder, 'update-ref', `refs/heads/${BRANCH}`, commit);
    expect(await codesOf(folder, pin)).toEqual(['history']);
  });
});

function edit(files: Map<string, string>, which: string | RegExp, from: string | RegExp, to = ''): void {
  const path = [...files.keys()].find((name) =>
    typeof which === 'string' ? name === which : which.test(name),
  );
  const text = files.get(path ?? '') ?? '';
  const changed = text.replace(from, to);
  if (path === undefined || changed === text) throw new Error(`nothing to edit in ${String(which)}`);
  files.set(path, changed);
}
