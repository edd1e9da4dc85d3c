/** Verification from the pin on, of commits made by hand: what git's own names and views could hide from it. */
import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Pin } from '../../registry/audit/pin.ts';
import { verifyLog, type VerifyAsk } from '../../registry/audit/verify.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { REF } from '../../registry/store/git-tip.ts';
import { git, gitWith, newRepository } from '../fixtures/git.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';

const NOW = '2026-11-22T00:00:00.000Z';
const log = (folder: string) =>
  gitLog({ folder, remote: null, author: { name: 'Ada', email: 'a@example.org' } });

async function verified(folder: string, pin: Pin | null, changes: Partial<VerifyAsk> = {}) {
  const ask = { extent: 'since-pin', witnessed: [], now: NOW, readme: readmeOf } as const;
  const found = await verifyLog({ log: log(folder), pin, ...ask, ...changes });
  if (found === null) throw new Error('nothing to verify');
  return found;
}

async function codesOf(
  folder: string,
  pin: Pin,
  changes: Partial<VerifyAsk> = {},
): Promise<readonly string[]> {
  const { verdict, problems } = await verified(folder, pin, changes);
  return verdict === 'DAMAGED' ? problems.map(({ code }) => code) : [verdict];
}

/** A commit of Mallory's on top, by lines of `git fast-import`; a name may be quoted as git quotes it. */
function commitOn(folder: string, ...lines: readonly string[]): void {
  const who = 'committer Mallory <mallory@example.org> 1800000000 +0000\ndata 0\n';
  const input = `commit ${REF}\n${who}from ${REF}^0\n${lines.join('\n')}\n`;
  gitWith({ folder, input }, 'fast-import', '--quiet', '--force');
}

describe('a branch that was verified', () => {
  let folder = '';
  let pin: Pin | null = null;
  let good = '';
  const since = (): Pin => {
    if (pin === null) throw new Error('no pin');
    git(folder, 'update-ref', REF, good);
    return pin;
  };
  beforeAll(async () => {
    folder = newRepository();
    const registry = registryOn(log(folder), {
      tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
    });
    await register(registry, candidate('first', 'pass'));
    ({ pin } = await verified(folder, null));
    good = git(folder, 'rev-parse', REF).trim();
  });

  it.each([
    ['no UTF-8', '"att/\\377.json"'],
    ['two lines', '"state/zz\\nFORMAT"'],
    ['two lines, the second an answer', '"state/zz\\nHEAD:README.md"'],
  ])('shows a file with a name of %s', async (_, name) => {
    const before = since();
    commitOn(folder, `M 100644 inline ${name}`, 'data 1\nx');
    expect(await codesOf(folder, before)).not.toEqual(['ok']);
    expect(await codesOf(folder, before, { extent: 'all' })).not.toEqual(['ok']);
  });

  it.each([
    ['a workflow', 'unexpected-file', ['M 100644 inline .github/workflows/x.yml', 'data 1', 'x']],
    ['a file of nobody', 'unexpected-file', ['M 100644 inline notes.txt', 'data 1', 'x']],
    ['an executable', 'mode', ['M 100755 inline state/run', 'data 1', 'x']],
    ['a symlink', 'mode', ['M 120000 inline state/link', 'data 4', '/etc']],
    ['a submodule', 'mode', [`M 160000 ${'c0ffee00'.repeat(5)} state/module`]],
  ])('shows %s as %s', async (_, code, lines) => {
    const before = since();
    commitOn(folder, ...lines);
    expect(await codesOf(folder, before)).toContain(code);
    expect(await codesOf(folder, before, { extent: 'all' })).toContain(code);
  });

  // What a collision of SHA-1 would give: other bytes under the name that git has for the right ones.
  it('shows other bytes under the same git name', async () => {
    const before = since();
    const name = git(folder, 'rev-parse', `${REF}:log/000/000/000.jsonl`).trim();
    const text = git(folder, 'cat-file', 'blob', name);
    const file = path.join(folder, '.git/objects', name.slice(0, 2), name.slice(2));
    const right = readFileSync(file);
    const other = Buffer.from(text.replace('"answer":"pass"', '"answer":"fail"'));
    expect(other.toString()).not.toBe(text);
    rmSync(file);
    writeFileSync(file, deflateSync(Buffer.concat([Buffer.from(`blob ${other.length}\0`), other])));
    expect(git(folder, 'rev-parse', `${REF}:log/000/000/000.jsonl`).trim()).toBe(name);
    const found = await codesOf(folder, before, { extent: 'all' }).catch((error: unknown) => [String(error)]);
    expect(found).not.toEqual(['ok']);
    rmSync(file);
    writeFileSync(file, right);
  });

  // Zeros: what is hundreds of megabytes to a reader is a few hundred kilobytes to push.
  it('shows a file that is too large to be read', async () => {
    const before = since();
    const zeros = Buffer.alloc(540_000_000);
    const make = ['-c', 'core.compression=1', 'hash-object', '-w', '--stdin'];
    const blob = execFileSync('git', make, { cwd: folder, input: zeros }).toString().trim();
    commitOn(folder, `M 100644 ${blob} att/00/zeros.json`, `M 100644 ${blob} checkpoint`);
    expect(await codesOf(folder, before)).toContain('size');
    expect(await codesOf(folder, before, { extent: 'all' })).toContain('size');
  });

  it('shows a tree that names a file twice', async () => {
    const before = since();
    const other = gitWith({ folder, input: 'other\n' }, 'hash-object', '-w', '--stdin').trim();
    const entries = git(folder, 'ls-tree', REF).matchAll(/^0?(\d+) \w+ (\w+)\t(.*)$/gm);
    // Some readers take the first of a name and others the last.
    const raw = [...entries].flatMap(([, mode = '', oid = '', name = '']) =>
      (name === 'FORMAT' ? [other, oid] : [oid]).flatMap((one) => [
        Buffer.from(`${mode} ${name}\0`),
        Buffer.from(one, 'hex'),
      ]),
    );
    const make = ['hash-object', '-t', 'tree', '--literally', '-w', '--stdin'];
    const made = execFileSync('git', make, { cwd: folder, input: Buffer.concat(raw) })
      .toString()
      .trim();
    const commit = gitWith({ folder, input: 'x\n' }, 'commit-tree', made, '-p', good).trim();
    git(folder, 'update-ref', REF, commit);
    expect(await codesOf(folder, before, { extent: 'all' })).toContain('twice');
    expect(await codesOf(folder, before)).toContain('twice');
  });

  it('is what is pushed, not what a replace ref of this clone shows', async () => {
    const before = since();
    commitOn(folder, 'M 100644 inline head.json', 'data 1\nx');
    const forged = git(folder, 'rev-parse', REF).trim();
    git(folder, 'replace', forged, good);
    expect(await codesOf(folder, before)).not.toEqual(['ok']);
    git(folder, 'replace', '--delete', forged);
  });

  it('shows a witness’s other memory of what was before the pin', async () => {
    const before = since();
    const [size, root] = [before.size - 2, 'ab'.repeat(32)];
    const witnessed = [{ origin: before.origin, size, root }];
    expect(await codesOf(folder, before, { witnessed })).toEqual(['fork']);
  });
});
