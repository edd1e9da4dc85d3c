import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderStore, placeOf } from '../../pipelines/artifacts/folder-store.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import { sharedStore } from '../../pipelines/artifacts/shared-store.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { artifactMissing, storeRefused, storeUnreachable } from '../../pipelines/faults.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { describeStore } from '../conformance/store.ts';
import { temporaryFolder } from '../temporary.ts';

function layered(shared: ArtifactStore = memoryStore(), folder = temporaryFolder()) {
  const cache = folderStore(folder);
  return { cache, shared, folder, store: sharedStore({ cache, shared, keeps: 'fetched' }) };
}

/** A store that nobody answers for, and how often it was asked. */
function unreachableStore(): ArtifactStore & { readonly asked: () => number } {
  let count = 0;
  const fail = async (): Promise<never> => {
    count += 1;
    throw storeUnreachable({ where: 'far away', said: 'no network', waitMs: null });
  };
  return {
    where: 'far away',
    asked: () => count,
    put: fail,
    get: fail,
    has: fail,
    putFile: fail,
    getFile: fail,
  };
}

describeStore('shared-store', async () => layered().store);
describeStore('shared-store that keeps nothing of what it fetches', async () =>
  sharedStore({ cache: folderStore(temporaryFolder()), shared: memoryStore(), keeps: 'nothing' }),
);

describe('shared-store', () => {
  it('gives one machine what another put, and keeps it for when there is no network', async () => {
    const shared = memoryStore();
    const { digest } = await layered(shared).store.put('onnx', Buffer.from('model'));
    const other = layered(shared);
    expect(await other.cache.has(digest)).toBe(false);
    expect(Buffer.from(await other.store.get(digest)).toString()).toBe('model');
    const offline = layered(unreachableStore(), other.folder);
    expect(Buffer.from(await offline.store.get(digest)).toString()).toBe('model');
    expect(readdirSync(path.join(other.folder, path.dirname(placeOf(digest))))).toHaveLength(1);
  });

  it('says that the shared store is unreachable when only it could have the bytes', async () => {
    const { store } = layered(unreachableStore());
    await expect(store.get(digestOf('x'))).rejects.toThrowFault(storeUnreachable);
    await expect(store.has(digestOf('x'))).rejects.toThrowFault(storeUnreachable);
  });

  it('keeps here what it could not share, and does not call it put', async () => {
    const { store, cache } = layered(unreachableStore());
    await expect(store.put('onnx', Buffer.from('model'))).rejects.toThrowFault(storeUnreachable);
    expect(await cache.has(digestOf('model'))).toBe(true);
  });

  it('has only what other machines can have too, so that a step of before sharing is done again', async () => {
    const { store, cache } = layered();
    const { digest } = await cache.put('onnx', Buffer.from('of before'));
    expect(await store.has(digest)).toBe(false);
    expect(Buffer.from(await store.get(digest)).toString()).toBe('of before');
  });

  it('takes the word of the folder without a network, and asks for one only once', async () => {
    const shared = unreachableStore();
    const { store, cache } = layered(shared);
    const { digest } = await cache.put('onnx', Buffer.from('model'));
    expect([await store.has(digest), await store.has(digest), await store.has(digest)]).toEqual([
      true,
      true,
      true,
    ]);
    expect(shared.asked()).toBe(1);
  });

  it('mends what was damaged here from what is there', async () => {
    const { store, folder } = layered();
    const { digest } = await store.put('onnx', Buffer.from('model'));
    writeFileSync(path.join(folder, placeOf(digest)), 'damaged');
    expect(Buffer.from(await store.get(digest)).toString()).toBe('model');
    expect(Buffer.from(await folderStore(folder).get(digest)).toString()).toBe('model');
  });

  it('names both places when neither has it, and leaves nothing half-fetched', async () => {
    const { store, folder } = layered();
    const get = store.get(digestOf('x'));
    await expect(get).rejects.toThrowFault(artifactMissing);
    await expect(get).rejects.toThrow(`${folder} and memory`);
    const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    expect(files).toEqual([]);
  });

  it('keeps nothing in a rehearsal', async () => {
    const shared = memoryStore();
    const { digest } = await shared.put('onnx', Buffer.from('model'));
    const cache = folderStore(temporaryFolder());
    const store = sharedStore({ cache, shared, keeps: 'nothing' });
    expect(Buffer.from(await store.get(digest)).toString()).toBe('model');
    expect(await cache.has(digest)).toBe(false);
  });

  it('does not take a refusal for a missing network', async () => {
    const refusing: ArtifactStore = {
      ...memoryStore(),
      has: async () => {
        throw storeRefused({ where: 'there', wanted: 'answer', found: 'HTTP 401' });
      },
    };
    const { store, cache } = layered(refusing);
    const { digest } = await cache.put('onnx', Buffer.from('model'));
    await expect(store.has(digest)).rejects.toThrowFault(storeRefused);
  });
});
