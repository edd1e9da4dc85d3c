import { mkdirSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderStore, placeOf } from '../../pipelines/artifacts/folder-store.ts';
import { storeNotChosen } from '../../pipelines/faults.ts';
import { temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS, everythingIn, fettle } from './fettle.ts';

const LONG_AGO = new Date('2020-01-01T00:00:00Z');

function artifactsIn(folder: string): readonly string[] {
  const top = path.join(folder, '.fettle/artifacts');
  return readdirSync(top, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
}

function age(folder: string): void {
  for (const file of artifactsIn(folder)) utimesSync(file, LONG_AGO, LONG_AGO);
}

interface Collected {
  readonly removed: readonly { readonly digest: string; readonly sizeBytes: number }[];
  readonly removedBytes: number;
  readonly spared: readonly unknown[];
  readonly keptCount: number;
}

function collect(folder: string, ...words: string[]): Collected {
  const { stdout } = fettle(folder, ['gc', ...words, '--json']);
  return (JSON.parse(stdout) as { data: Collected }).data;
}

// One repository with three versions, one of them taken back, from which everything can still be done afterwards.
describe('fettle gc', () => {
  const folder = temporaryRepository();
  mkdirSync(path.join(folder, '.github'));
  writeFileSync(path.join(folder, '.github/fettle.yml'), CLOUDS_SETTINGS);
  for (const [index, from] of [0, 1000, 2000].entries()) {
    writeFileSync(path.join(folder, `${index}.csv`), cloudsCsv(200, from));
    expect(fettle(folder, ['run', 'clouds', '--from', `${index}.csv`]).code).toBe(0);
  }
  const local = folderStore(path.join(folder, '.fettle/artifacts'));
  const stray = Buffer.from('of a run that nobody remembers');

  it('finds nothing to remove of what runs have made', () => {
    age(folder);
    const before = artifactsIn(folder);
    expect(collect(folder)).toMatchObject({ removed: [], removedBytes: 0, keptCount: before.length });
    expect(artifactsIn(folder)).toEqual(before);
  });

  it('only tells with --dry-run, and then removes just that, and says how many bytes', async () => {
    const { digest } = await local.put('batch', stray);
    age(folder);
    const before = everythingIn(folder);
    const told = collect(folder, '--dry-run');
    expect(told).toMatchObject({
      removed: [{ digest, sizeBytes: stray.length }],
      removedBytes: stray.length,
    });
    expect(everythingIn(folder)).toEqual(before);
    expect(fettle(folder, ['gc']).stdout).toContain(`Removed 1 artifact of 30 B.`);
    expect(await local.has(digest)).toBe(false);
    expect(collect(folder).removed).toEqual([]);
  });

  it('spares what is young, since a run may be about to name it', async () => {
    const { digest } = await local.put('batch', stray);
    expect(collect(folder)).toMatchObject({ removed: [], spared: [{ digest }] });
    expect(collect(folder, '--spare-hours', '0').removed).toMatchObject([{ digest }]);
    expect(await local.has(digest)).toBe(false);
  });

  it('leaves everything that is needed to verify, to go back and to train on', () => {
    expect(fettle(folder, ['verify', '--artifacts']).code).toBe(0);
    expect(fettle(folder, ['compare', 'clouds@1.0.0', 'clouds@1.2.0']).code).toBe(0);
    expect(fettle(folder, ['rollback', 'clouds', '--reason', 'a test']).code).toBe(0);
    // Steps are forgotten, so that every batch of every dataset has to be read again.
    rmSync(path.join(folder, '.fettle/steps'), { recursive: true });
    writeFileSync(path.join(folder, '3.csv'), cloudsCsv(200, 3000));
    expect(fettle(folder, ['run', 'clouds', '--from', '3.csv']).stderr).not.toContain('artifact');
    expect(fettle(folder, ['verify', '--artifacts']).code).toBe(0);
  });

  it('keeps the batches of a dataset though only the dataset names them', async () => {
    age(folder);
    const kept = collect(folder).keptCount;
    expect(kept).toBe(artifactsIn(folder).length);
    const batches = (await local.list()).filter(({ sizeBytes }) => sizeBytes > 0);
    expect(batches).toHaveLength(kept);
  });

  it('does not guess which batches a damaged dataset names', async () => {
    const datasets = [];
    for (const { digest } of await local.list()) {
      const text = Buffer.from(await local.get(digest)).toString('utf8');
      if (text.startsWith('{"format":"fettle-dataset/1"')) datasets.push(digest);
    }
    const [first] = datasets;
    if (first === undefined) throw new Error('no dataset');
    writeFileSync(path.join(folder, '.fettle/artifacts', placeOf(first)), 'damaged');
    const { code, stderr } = fettle(folder, ['gc']);
    expect(stderr).toContain(first);
    expect(code).not.toBe(0);
  });
});

describe('fettle share', () => {
  it('says when the settings choose no store to share', () => {
    const folder = temporaryRepository();
    expect(fettle(folder, ['init']).code).toBe(0);
    const { stdout, code } = fettle(folder, ['share', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ ok: false, error: { code: storeNotChosen.code } });
    expect(code).toBe(1);
  });
});
