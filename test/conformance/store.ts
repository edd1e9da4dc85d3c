/** What every artifact store promises. */
import { describe, expect, it } from 'vitest';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { artifactMissing } from '../../pipelines/faults.ts';
import { Digest } from '../../registry/base/digest.ts';

export function describeStore(name: string, open: () => Promise<ArtifactStore>): void {
  describe(`${name}, as any artifact store`, () => {
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
  });
}
