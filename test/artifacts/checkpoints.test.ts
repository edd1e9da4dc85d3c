import { readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Checkpoints,
  folderCheckpoints,
  memoryCheckpoints,
} from '../../pipelines/artifacts/checkpoints.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { temporaryFolder } from '../temporary.ts';

const KEY = digestOf('key');
const BYTES = Buffer.from('what was left');

function one(folder: string): string {
  return path.join(folder, readdirSync(folder)[0] ?? '');
}

describe.each<readonly [string, () => Checkpoints]>([
  ['memory', memoryCheckpoints],
  ['folder', () => folderCheckpoints(path.join(temporaryFolder(), 'below'))],
])('checkpoints in a %s', (_, open) => {
  it('are found under their keys, the last that was put, until they are cleared', async () => {
    const checkpoints = open();
    await checkpoints.clear();
    expect(await checkpoints.get(KEY)).toBeNull();
    await checkpoints.put(KEY, Buffer.from('before'));
    await checkpoints.put(KEY, BYTES);
    expect(Buffer.from((await checkpoints.get(KEY)) ?? '').toString()).toBe('what was left');
    expect(await checkpoints.get(digestOf('other'))).toBeNull();
    await checkpoints.clear();
    expect(await checkpoints.get(KEY)).toBeNull();
  });
});

describe('folder-checkpoints', () => {
  it('hold what was cut off or changed for nothing', async () => {
    const folder = temporaryFolder();
    const checkpoints = folderCheckpoints(folder);
    await checkpoints.put(KEY, BYTES);
    const whole = readFileSync(one(folder));
    truncateSync(one(folder), whole.length - 1);
    expect(await checkpoints.get(KEY)).toBeNull();
    writeFileSync(
      one(folder),
      whole.map((byte, at) => (at === whole.length - 1 ? byte ^ 1 : byte)),
    );
    expect(await checkpoints.get(KEY)).toBeNull();
    writeFileSync(one(folder), '');
    expect(await checkpoints.get(KEY)).toBeNull();
    writeFileSync(one(folder), whole);
    expect(await checkpoints.get(KEY)).not.toBeNull();
  });

  it('keep the newest eight', async () => {
    const folder = temporaryFolder();
    const checkpoints = folderCheckpoints(folder);
    for (let turn = 0; turn < 9; turn++) {
      for (const name of readdirSync(folder)) utimesSync(path.join(folder, name), turn, 1000 + turn);
      await checkpoints.put(digestOf(`key ${turn}`), BYTES);
    }
    expect(readdirSync(folder)).toHaveLength(8);
    expect(await checkpoints.get(digestOf('key 8'))).not.toBeNull();
  });
});
