import { describe, expect, it, onTestFinished } from 'vitest';
import type { Patience } from '../../pipelines/artifacts/patience.ts';
import { releaseStore, type ReleasePlace } from '../../pipelines/artifacts/release-store.ts';
import { remoteStore } from '../../pipelines/artifacts/remote-store.ts';
import { artifactForged, artifactTooLarge, storeRefused, storeUnreachable } from '../../pipelines/faults.ts';
import { digestOf, hexOf } from '../../registry/base/digest.ts';
import { describeSharedStore, describeStore, noise } from '../conformance/store.ts';
import { breakingProxy } from '../fakes/breaking-proxy.ts';
import { fakeGitHub, REPOSITORY } from '../fakes/github/releases.ts';

const waits: number[] = [];
const PATIENCE: Patience = { attempts: 4, waitMsMax: 60_000, wait: async (ms) => void waits.push(ms) };

async function opened(more: Partial<ReleasePlace> = {}) {
  const github = await fakeGitHub();
  onTestFinished(() => github.close());
  const proxy = await breakingProxy(github.url);
  onTestFinished(() => proxy.close());
  const place = {
    api: proxy.url,
    repository: REPOSITORY,
    token: github.token,
    now: () => '2025-06-01T00:00:00.000Z',
    patience: PATIENCE,
    ...more,
  };
  return { github, proxy, place, store: releaseStore(place) };
}

describeStore('release-store', async () => (await opened()).store);
describeSharedStore('release-store', async () => ({
  ...(await opened()),
  isDownload: ({ path }) => path.startsWith('/storage/'),
}));

describe('release-store', () => {
  it('publishes one release a digest, never as the latest, with the digest as the name of its asset', async () => {
    const { store, github } = await opened();
    const { digest } = await store.put('onnx', Buffer.from('model'));
    expect(github.releases).toMatchObject([
      {
        tag_name: `fettle-sha256-${hexOf(digest)}`,
        draft: false,
        make_latest: 'false',
        assets: [{ name: `sha256-${hexOf(digest)}`, state: 'uploaded' }],
      },
    ]);
  });

  it('sends its token to GitHub alone, not to where a download is redirected', async () => {
    const { store, proxy, github } = await opened();
    const { digest } = await store.put('onnx', Buffer.from('model'));
    await store.get(digest);
    const asked = proxy.seen.filter(({ path }) => path.startsWith('/storage/'));
    expect(asked.map(({ headers }) => headers.authorization)).toEqual([undefined]);
    expect(github.complaints).toEqual([]);
  });

  it('deletes the beginning of an asset that a cut upload left, and uploads it whole', async () => {
    const { store, proxy, github } = await opened();
    proxy.breakNext({ kind: 'cut-upload', afterBytes: 50_000 }, ({ path }) => path.startsWith('/uploads/'));
    const bytes = noise(200_000, 'cut upload');
    const { digest } = await store.put('onnx', bytes);
    expect(Buffer.from(await store.get(digest)).equals(bytes)).toBe(true);
    expect(github.releases).toHaveLength(1);
    expect(github.releases[0]?.assets).toHaveLength(1);
  });

  it('takes up the draft whose making it never heard of, among hundreds of releases', async () => {
    const { store, proxy, github } = await opened();
    for (let id = 1000; id < 1250; id++) {
      github.releases.push({ id, tag_name: `v${id}`, draft: false, make_latest: 'true', assets: [] });
    }
    proxy.breakNext({ kind: 'lose-answer' }, ({ method }) => method === 'POST');
    await store.put('onnx', Buffer.from('model'));
    expect(github.releases.filter(({ tag_name }) => tag_name.startsWith('fettle-'))).toHaveLength(1);
    expect(github.releases.every(({ draft }) => !draft)).toBe(true);
  });

  it('finds its asset on a later page of a release that people added assets to', async () => {
    const { store, github } = await opened();
    const { digest } = await store.put('onnx', Buffer.from('model'));
    for (let id = 2000; id < 2150; id++) {
      github.releases[0]?.assets.unshift({
        id,
        name: `other-${id}`,
        state: 'uploaded',
        bytes: Buffer.alloc(1),
      });
    }
    expect(Buffer.from(await store.get(digest)).toString()).toBe('model');
  });

  it('lets two machines put the same bytes at once, and leaves one release and no draft', async () => {
    const { store, place, github } = await opened();
    const other = releaseStore(place);
    await Promise.all([store.put('onnx', Buffer.from('both')), other.put('onnx', Buffer.from('both'))]);
    expect(github.releases.map(({ draft }) => draft)).toEqual([false]);
  });

  it.each([
    { name: 'a 403 that says when to come back', status: 403, headers: { 'retry-after': '9' }, waited: 9000 },
    {
      name: 'a limit that is lifted at a time',
      status: 403,
      headers: {
        'x-ratelimit-remaining': '0',
        'x-ratelimit-reset': String(Date.UTC(2025, 5, 1) / 1000 + 30),
      },
      waited: 30_000,
    },
  ])('waits for $name', async ({ status, headers, waited }) => {
    const { store, proxy } = await opened();
    proxy.breakNext({ kind: 'answer', status, headers }, () => true);
    waits.length = 0;
    await store.put('onnx', Buffer.from('model'));
    expect(waits).toEqual([waited]);
  });

  it('gives up at once when it is to wait for longer than anybody would', async () => {
    const { store, proxy } = await opened();
    proxy.breakNext({ kind: 'answer', status: 429, headers: { 'retry-after': '3600' } }, () => true);
    waits.length = 0;
    await expect(store.put('onnx', Buffer.from('model'))).rejects.toThrowFault(storeUnreachable);
    expect(waits).toEqual([]);
  });

  it('tries again after a 502 at every step of a put', async () => {
    const { store, proxy } = await opened();
    for (let step = 0; step < 4; step++) {
      let index = 0;
      proxy.breakNext({ kind: 'answer', status: 502 }, () => index++ === step);
      const bytes = noise(3000, `502 ${step}`);
      const { digest } = await store.put('onnx', bytes);
      expect(Buffer.from(await store.get(digest)).equals(bytes)).toBe(true);
    }
  });

  it('does not read what GitHub itself says to be other bytes', async () => {
    const { store, github } = await opened();
    const { digest } = await store.put('onnx', Buffer.from('model'));
    const asset = github.releases[0]?.assets[0];
    if (asset !== undefined) asset.bytes = Buffer.from('forged');
    await expect(store.get(digest)).rejects.toThrowFault(artifactForged);
  });

  it('says what GitHub says of a wrong token, and shows the token to nobody', async () => {
    const { place } = await opened();
    const wrong = releaseStore({ ...place, token: 'ghp_wrong_and_secret' });
    const put = wrong.put('onnx', Buffer.from('model'));
    await expect(put).rejects.toThrowFault(storeRefused);
    await expect(put).rejects.toThrow('Bad credentials');
    await expect(put).rejects.not.toThrow('ghp_wrong');
  });

  it('reads without any token what is public', async () => {
    const { store, place } = await opened();
    const { digest } = await store.put('onnx', Buffer.from('model'));
    const anybody = releaseStore({ ...place, token: null });
    expect(Buffer.from(await anybody.get(digest)).toString()).toBe('model');
    expect(await anybody.has(digestOf('other'))).toBe(false);
  });
});

describe('a store with a greatest size', () => {
  it('refuses what is larger before it asks anybody', async () => {
    const never = async (): Promise<never> => {
      throw new Error('asked');
    };
    const small = remoteStore(
      { where: 'here', mostBytes: 3, find: never, open: never, send: never },
      PATIENCE,
    );
    await expect(small.put('onnx', Buffer.from('four'))).rejects.toThrowFault(artifactTooLarge);
  });
});
