import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { LARGE, sizeAlarms, type Measured } from '../../registry/audit/size-alarms.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { registrySize } from '../../registry/store/git-size.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';
import { git, temporaryRepository } from '../temporary.ts';

const AT_MOST: Measured = {
  events: LARGE.events,
  branchBytes: LARGE.branchBytes,
  largest: { path: 'state/00/x.json', bytes: LARGE.stateBytes },
  looseObjects: LARGE.looseObjects,
  began: 0,
};

describe('the alarms about size', () => {
  it('are silent up to the limits, and where git cannot say', () => {
    expect(sizeAlarms(AT_MOST)).toEqual([]);
    expect(sizeAlarms({ ...AT_MOST, branchBytes: null, largest: null })).toEqual([]);
  });

  it.each([
    [{ events: LARGE.events + 1 }, /^500,001 events in the branch's tree: .*`fettle compact`/],
    [{ branchBytes: 1_500_000_000 }, /^1,500 MB .*`git repack -ad --window=20`/],
    [{ largest: { path: 'state/00/x.json', bytes: 1_234_567 } }, /^1,235 kB in state\/00\/x\.json/],
    [{ looseObjects: LARGE.looseObjects + 1 }, /^20,001 loose objects .*`git repack -ad --window=20`/],
  ])('say what to do beyond: %o', (change, says) => {
    const alarms = sizeAlarms({ ...AT_MOST, ...change });
    expect(alarms).toHaveLength(1);
    expect(alarms[0]).toMatch(says);
  });
});

describe('the size of a registry', () => {
  it('is what git says of the branch, packed or not, and nothing where there is none', async () => {
    const folder = temporaryRepository();
    const ask = { folder, remote: null };
    expect(await registrySize(ask)).toBeNull();
    const log = gitLog({ ...ask, author: { name: 'Ada', email: 'ada@example.com' } });
    await register(registryOn(log), candidate('one', 'pass'));

    const loose = await registrySize(ask);
    expect(loose?.looseObjects).toBe(Number(git(folder, 'count-objects').split(' ')[0]));
    const [path] = git(folder, 'ls-tree', '-r', '--name-only', 'fettle/registry', '--', 'state').split('\n');
    const text = execFileSync('git', ['cat-file', 'blob', `fettle/registry:${path}`], { cwd: folder });
    expect(loose?.largest).toEqual({ path, bytes: text.length });

    git(folder, 'repack', '-adq', '--window=20');
    const packed = await registrySize(ask);
    expect(packed?.looseObjects).toBe(0);
    expect(packed?.branchBytes).toBeGreaterThan(0);
    expect(packed?.branchBytes).toBeLessThan(loose?.branchBytes ?? 0);
  });
});
