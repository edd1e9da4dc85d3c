import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderStore } from '../../pipelines/artifacts/folder-store.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import { folderMemo } from '../../pipelines/artifacts/step-memo.ts';
import { artifactDamaged, artifactIsPointer, artifactNotWritten } from '../../pipelines/faults.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { describeStore } from '../conformance/store.ts';
import { temporaryFolder } from '../temporary.ts';

describeStore('memory-store', async () => memoryStore());
describeStore('folder-store', async () => folderStore(temporaryFolder()));

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
}

describe('folder-store', () => {
  it('notices bytes that changed on the disk', async () => {
    const folder = temporaryFolder();
    const store = folderStore(folder);
    const { digest } = await store.put('onnx', Buffer.from('good'));
    writeFileSync(filesBelow(folder)[0] ?? '', 'evil');
    await expect(store.get(digest)).rejects.toThrowFault(artifactDamaged);
  });

  it('says when a Git LFS pointer lies there instead of the file', async () => {
    const folder = temporaryFolder();
    const store = folderStore(folder);
    const { digest } = await store.put('onnx', Buffer.from('good'));
    writeFileSync(
      filesBelow(folder)[0] ?? '',
      'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n',
    );
    await expect(store.get(digest)).rejects.toThrowFault(artifactIsPointer);
  });

  it('cannot put where a file stands in the way, and says so', async () => {
    const folder = path.join(temporaryFolder(), 'file');
    writeFileSync(folder, '');
    await expect(folderStore(folder).put('onnx', Buffer.from('x'))).rejects.toThrowFault(artifactNotWritten);
  });

  // A file system of 64 KiB that is really full, rather than a writer that pretends to be.
  it('leaves nothing half-written on a full disk, and goes on once there is room', async ({ skip }) => {
    const folder = temporaryFolder();
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      return skip('mounting a small tmpfs needs root on Linux');
    }
    try {
      const store = folderStore(folder);
      const kept = await store.put('batch', Buffer.from('small'));
      const big = Buffer.alloc(256 * 1024, 1);
      await expect(store.put('onnx', big)).rejects.toThrowFault(artifactNotWritten);
      await expect(store.put('onnx', big)).rejects.toThrow('ENOSPC');
      expect(filesBelow(folder)).toHaveLength(1);
      expect(Buffer.from(await store.get(kept.digest)).toString()).toBe('small');
      execFileSync('mount', ['-o', 'remount,size=1m', folder], { stdio: 'ignore' });
      expect((await store.put('onnx', big)).sizeBytes).toBe(big.length);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

describe('folder-memo', () => {
  const step = digestOf('step');

  it('remembers what a step gave', async () => {
    const memo = folderMemo(temporaryFolder());
    expect(await memo.get(step)).toBeNull();
    const outputs = { model: { kind: 'onnx' as const, digest: digestOf('m'), sizeBytes: 1 } };
    await memo.put(step, { outputs, tookMs: 12 });
    expect(await memo.get(step)).toEqual({ outputs, tookMs: 12 });
  });

  it('takes an unreadable memo for none, since it is only a shortcut', async () => {
    const folder = temporaryFolder();
    const memo = folderMemo(folder);
    await memo.put(step, { outputs: {}, tookMs: 0 });
    const file = filesBelow(folder)[0] ?? '';
    writeFileSync(file, readFileSync(file).subarray(0, 5));
    expect(await memo.get(step)).toBeNull();
  });
});
