/** What every artifact store promises. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import {
  artifactForged,
  artifactIsPointer,
  artifactMissing,
  artifactWrongSize,
  storeUnreachable,
} from '../../pipelines/faults.ts';
import { Digest } from '../../registry/base/digest.ts';
import type { Break, BreakingProxy } from '../fakes/breaking-proxy.ts';
import { temporaryFolder } from '../temporary.ts';

const LFS_POINTER = [
  'version https://git-lfs.github.com/spec/v1',
  'oid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393',
  'size 12345',
  '',
].join('\n');

/** Bytes without any pattern, the same for the same seed. */
export function noise(sizeBytes: number, seed = 'noise'): Buffer {
  const pieces: Buffer[] = [];
  for (let index = 0; pieces.length * 64 < sizeBytes; index++) {
    pieces.push(createHash('sha512').update(`${seed} ${index}`).digest());
  }
  return Buffer.concat(pieces).subarray(0, sizeBytes);
}

/** @param skip  why there is nothing to test here; null when there is */
export function describeStore(
  name: string,
  open: () => Promise<ArtifactStore>,
  skip: string | null = null,
): void {
  describe(`${name}, as any artifact store`, () => {
    it.skipIf(skip !== null)(`is here to be tested${skip === null ? '' : `: ${skip}`}`, async () => {
      expect((await open()).where).not.toBe('');
    });
    if (skip !== null) return;

    it('gives back the bytes that were put, under their SHA-256', async () => {
      const store = await open();
      const ref = await store.put('onnx', Buffer.from('abc'));
      // Oracle: FIPS 180-4's own example.
      expect(ref).toEqual({
        kind: 'onnx',
        digest: 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
        sizeBytes: 3,
      });
      expect(Buffer.from(await store.get(ref.digest)).toString()).toBe('abc');
      expect(await store.has(ref.digest)).toBe(true);
    });

    it('takes the same bytes twice, and no bytes at all', async () => {
      const store = await open();
      await store.put('batch', Buffer.from('x'));
      const again = await store.put('batch', Buffer.from('x'));
      expect(again.sizeBytes).toBe(1);
      const nothing = await store.put('batch', new Uint8Array());
      expect(await store.get(nothing.digest)).toHaveLength(0);
    });

    it('keeps what was put when the caller changes his bytes', async () => {
      const store = await open();
      const bytes = Buffer.from('before');
      const { digest } = await store.put('batch', bytes);
      bytes.fill(0);
      expect(Buffer.from(await store.get(digest)).toString()).toBe('before');
    });

    it('says which bytes are missing and where it looked', async () => {
      const store = await open();
      const digest = Digest.parse(`sha256:${'0'.repeat(64)}`);
      expect(await store.has(digest)).toBe(false);
      await expect(store.get(digest)).rejects.toThrowFault(artifactMissing);
    });

    it('takes a file and gives one, without a byte of it changed', async () => {
      const store = await open();
      const folder = temporaryFolder();
      const bytes = noise(300_000, 'file');
      writeFileSync(path.join(folder, 'in'), bytes);
      const ref = await store.putFile('onnx', path.join(folder, 'in'));
      expect(ref).toEqual(await store.put('onnx', bytes));
      expect(ref.sizeBytes).toBe(300_000);
      await store.getFile(ref.digest, path.join(folder, 'out'));
      expect(readFileSync(path.join(folder, 'out')).equals(bytes)).toBe(true);
    });

    it('takes and gives an empty file', async () => {
      const store = await open();
      const folder = temporaryFolder();
      writeFileSync(path.join(folder, 'in'), '');
      const { digest } = await store.putFile('batch', path.join(folder, 'in'));
      await store.getFile(digest, path.join(folder, 'out'));
      expect(readFileSync(path.join(folder, 'out'))).toHaveLength(0);
    });

    it('leaves no file when there is nothing to fill it with', async () => {
      const store = await open();
      const file = path.join(temporaryFolder(), 'out');
      const digest = Digest.parse(`sha256:${'1'.repeat(64)}`);
      await expect(store.getFile(digest, file)).rejects.toThrowFault(artifactMissing);
      expect(existsSync(file)).toBe(false);
    });

    it('refuses a Git LFS pointer in place of the file that it stands for', async () => {
      const store = await open();
      const file = path.join(temporaryFolder(), 'model.onnx');
      writeFileSync(file, LFS_POINTER);
      await expect(store.put('onnx', Buffer.from(LFS_POINTER))).rejects.toThrowFault(artifactIsPointer);
      await expect(store.putFile('onnx', file)).rejects.toThrowFault(artifactIsPointer);
    });
  });
}

export interface SharedPlace {
  readonly store: ArtifactStore;
  /** Between the store and its server. */
  readonly proxy: BreakingProxy;
  /** Bytes travel by this path; lists and manifests by others. */
  readonly isDownload?: (exchange: { readonly method: string; readonly path: string }) => boolean;
}

/** What a store in another place promises on top of that, whatever happens on the way. */
export function describeSharedStore(name: string, open: () => Promise<SharedPlace>): void {
  const bytes = noise(200_000, name);

  describe(`${name}, as any store in another place`, () => {
    const put = async () => {
      const place = await open();
      const { digest } = await place.store.put('onnx', bytes);
      place.proxy.seen.length = 0;
      return { ...place, digest };
    };

    it('goes on where a download was cut, rather than from the start', async () => {
      const { store, proxy, digest, isDownload } = await put();
      proxy.breakNext({ kind: 'cut', afterBytes: 70_000 }, isDownload);
      proxy.breakNext({ kind: 'cut', afterBytes: 50_000 }, isDownload);
      expect(Buffer.from(await store.get(digest)).equals(bytes)).toBe(true);
      const ranges = proxy.seen
        .filter(isDownload ?? (() => true))
        .flatMap(({ headers }) => headers.range ?? []);
      expect(ranges).toEqual(['bytes=70000-', 'bytes=120000-']);
    });

    it('goes on in a file too', async () => {
      const { store, proxy, digest, isDownload } = await put();
      proxy.breakNext({ kind: 'cut', afterBytes: 70_000 }, isDownload);
      const file = path.join(temporaryFolder(), 'out');
      await store.getFile(digest, file);
      expect(readFileSync(file).equals(bytes)).toBe(true);
    });

    it('refuses bytes that are not those of the digest, and leaves no file of them', async () => {
      const { store, proxy, digest, isDownload } = await put();
      proxy.breakNext({ kind: 'tamper' }, isDownload);
      await expect(store.get(digest)).rejects.toThrowFault(artifactForged);
      proxy.breakNext({ kind: 'tamper' }, isDownload);
      const file = path.join(temporaryFolder(), 'out');
      await expect(store.getFile(digest, file)).rejects.toThrowFault(artifactForged);
      expect(existsSync(file)).toBe(false);
    });

    it.each([-1, 1, 5000])('refuses a size that is wrong by %i bytes', async (byBytes) => {
      const { store, proxy, digest, isDownload } = await put();
      proxy.breakNext({ kind: 'resize', byBytes }, isDownload);
      await expect(store.get(digest)).rejects.toThrowFault(artifactWrongSize);
    });

    it('tries again what a busy server could not do, and waits as long as it asks', async () => {
      const { store, proxy, digest, isDownload } = await put();
      proxy.breakNext({ kind: 'answer', status: 503, headers: { 'retry-after': '7' } }, isDownload);
      proxy.breakNext({ kind: 'answer', status: 502 }, isDownload);
      expect(Buffer.from(await store.get(digest)).equals(bytes)).toBe(true);
    });

    it('sends nothing twice: bytes that lie there are not uploaded again', async () => {
      const { store, proxy } = await put();
      await store.put('onnx', bytes);
      expect(proxy.seen.filter(({ method }) => method !== 'GET' && method !== 'HEAD')).toEqual([]);
    });

    it('ends whole when the answer to any request of an upload is lost', async () => {
      const { store, proxy } = await open();
      for (let lost = 0; lost < 6; lost++) {
        const other = noise(5000, `${name} lost ${lost}`);
        let index = 0;
        proxy.breakNext({ kind: 'lose-answer' }, () => index++ === lost);
        const { digest } = await store.put('onnx', other);
        expect(Buffer.from(await store.get(digest)).equals(other)).toBe(true);
      }
    });

    it('keeps its promise whatever breaks, as long as something works in between', async () => {
      const breaks: readonly Break[] = [
        { kind: 'cut', afterBytes: 20_000 },
        { kind: 'lose-answer' },
        { kind: 'answer', status: 502 },
        { kind: 'answer', status: 429, headers: { 'retry-after': '1' } },
        { kind: 'cut-upload', afterBytes: 30_000 },
      ];
      const { store, proxy } = await open();
      let round = 0;
      const history = fc.array(fc.tuple(fc.constantFrom(...breaks), fc.integer({ min: 0, max: 12 })), {
        maxLength: 3,
      });
      await fc.assert(
        fc.asyncProperty(history, async (planned) => {
          const fresh = noise(60_000, `${name} ${round++}`);
          for (const [how, place] of planned) {
            let index = 0;
            proxy.breakNext(
              how,
              ({ method }) =>
                (how.kind !== 'cut-upload' || method === 'PUT' || method === 'POST') && index++ === place,
            );
          }
          const { digest } = await store.put('onnx', fresh);
          expect(Buffer.from(await store.get(digest)).equals(fresh)).toBe(true);
          proxy.mend();
        }),
        { numRuns: 60 },
      );
    });

    it('says that nobody answers when nobody does', async () => {
      const { store, proxy, digest } = await put();
      await proxy.close();
      await expect(store.get(digest)).rejects.toThrowFault(storeUnreachable);
      await expect(store.put('onnx', noise(10, 'offline'))).rejects.toThrowFault(storeUnreachable);
    });
  });
}
