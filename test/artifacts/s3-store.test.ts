import { mkdirSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Patience } from '../../pipelines/artifacts/patience.ts';
import { signed } from '../../pipelines/artifacts/s3-sign.ts';
import { s3Store, type S3Place } from '../../pipelines/artifacts/s3-store.ts';
import { artifactIsPointer, artifactWrongSize, storeRefused } from '../../pipelines/faults.ts';
import { hexOf } from '../../registry/base/digest.ts';
import { describeSharedStore, describeStore, noise } from '../conformance/store.ts';
import { breakingProxy, type BreakingProxy } from '../fakes/breaking-proxy.ts';
import { freePort, programNamed, startServer, type RealServer } from '../fakes/real-server.ts';
import { temporaryFolder } from '../temporary.ts';

const PROGRAM = programNamed('versitygw', /Version/);
const SKIP =
  PROGRAM === null
    ? 'no S3 server; `go install github.com/versity/versitygw/cmd/versitygw@v1.8.0` gives one'
    : null;
const PATIENCE: Patience = { attempts: 4, waitMsMax: 60_000, wait: async () => undefined };
const KEY = { accessKeyId: 'ada', secretAccessKey: 'lovelace', sessionToken: null };
const MEBI = 1024 * 1024;

let server: RealServer;

beforeAll(async () => {
  if (PROGRAM !== null) server = await startGateway(PROGRAM);
});
afterAll(async () => server?.stop());

async function startGateway(program: string): Promise<RealServer> {
  const port = await freePort();
  const folder = temporaryFolder();
  mkdirSync(`${folder}/data/models`, { recursive: true });
  mkdirSync(`${folder}/sidecar`);
  const words = ['--port', `127.0.0.1:${port}`, '--access', 'ada', '--secret', 'lovelace', '--quiet'];
  words.push('--region', 'eu-central-1', '--virtual-domain', `localhost:${port}`);
  return startServer({
    program,
    words: [...words, 'posix', '--sidecar', `${folder}/sidecar`, `${folder}/data`],
    port,
  });
}

async function proxied(): Promise<BreakingProxy> {
  const proxy = await breakingProxy(server.url);
  onTestFinished(() => proxy.close());
  return proxy;
}

function storeAt(endpoint: URL, more: Partial<S3Place> = {}) {
  return s3Store({
    endpoint,
    region: 'eu-central-1',
    bucket: 'models',
    prefix: 'team/fettle',
    style: 'path',
    key: KEY,
    now: () => new Date().toISOString(),
    patience: PATIENCE,
    ...more,
  });
}

describeStore('s3-store', async () => storeAt(server.url), SKIP);

describe.skipIf(SKIP !== null)('s3-store', () => {
  describeSharedStore('s3-store', async () => {
    const proxy = await proxied();
    return { store: storeAt(proxy.url), proxy };
  });

  it('sends the checksum that the server is to hold the bytes against', async () => {
    const proxy = await proxied();
    const { digest } = await storeAt(proxy.url).put('onnx', noise(10, 'checksum'));
    const put = proxy.seen.find(({ method }) => method === 'PUT');
    expect(put?.headers['x-amz-checksum-sha256']).toBe(Buffer.from(hexOf(digest), 'hex').toString('base64'));
    expect(put?.path).toBe(
      `/models/team/fettle/sha256/${hexOf(digest).slice(0, 2)}/${hexOf(digest).slice(2)}`,
    );
  });

  it('finds in a bucket named by the host what was put by path', async () => {
    const { digest } = await storeAt(server.url).put('onnx', Buffer.from('by host'));
    const local = new URL(`http://localhost:${server.url.port}`);
    const byHost = storeAt(local, { style: 'host' });
    expect(Buffer.from(await byHost.get(digest)).toString()).toBe('by host');
  });

  it('sends what is large in parts, each tried again by itself', async () => {
    const proxy = await proxied();
    const store = storeAt(proxy.url, { partBytes: 5 * MEBI });
    const bytes = noise(12 * MEBI, 'parts');
    proxy.breakNext(
      { kind: 'cut-upload', afterBytes: 1 * MEBI },
      ({ path, method }) => method === 'PUT' && path.includes('partNumber=2'),
    );
    const { digest } = await store.put('onnx', bytes);
    expect(Buffer.from(await store.get(digest)).equals(bytes)).toBe(true);
    const parts = proxy.seen.flatMap(({ path }) => /partNumber=(\d)/.exec(path)?.[1] ?? []);
    expect(parts).toEqual(['1', '2', '2', '3']);
  });

  it('ends whole when the answer to any request of an upload in parts is lost', async () => {
    const proxy = await proxied();
    const store = storeAt(proxy.url, { partBytes: 5 * MEBI });
    for (let lost = 0; lost < 6; lost++) {
      const bytes = noise(6 * MEBI, `lost part ${lost}`);
      let index = 0;
      proxy.breakNext({ kind: 'lose-answer' }, () => index++ === lost);
      const { digest } = await store.put('onnx', bytes);
      expect(Buffer.from(await store.get(digest)).equals(bytes)).toBe(true);
    }
  });

  it('says what the server says of a wrong key or an unknown bucket', async () => {
    const wrong = storeAt(server.url, { key: { ...KEY, secretAccessKey: 'byron' } });
    await expect(wrong.put('onnx', Buffer.from('x'))).rejects.toThrowFault(storeRefused);
    const nowhere = storeAt(server.url, { bucket: 'nowhere' });
    await expect(nowhere.put('onnx', Buffer.from('x'))).rejects.toThrowFault(storeRefused);
    const anybody = storeAt(server.url, { key: null });
    await expect(
      anybody.has((await storeAt(server.url).put('onnx', Buffer.from('x'))).digest),
    ).rejects.toThrowFault(storeRefused);
  });

  /** Somebody with another program puts other bytes where an artifact lies. */
  async function putByHand(digest: Parameters<typeof hexOf>[0], body: string): Promise<void> {
    const hex = hexOf(digest);
    const url = new URL(`/models/team/fettle/sha256/${hex.slice(0, 2)}/${hex.slice(2)}`, server.url);
    const at = new Date().toISOString();
    const ask = { method: 'PUT', url, headers: {}, bodyHex: 'UNSIGNED-PAYLOAD', region: 'eu-central-1', at };
    expect((await fetch(url, { method: 'PUT', headers: signed(KEY, ask), body })).status).toBe(200);
  }

  it('does not take another size under the same name for what it was to put', async () => {
    const store = storeAt(server.url);
    const { digest } = await store.put('onnx', noise(2000, 'size'));
    await putByHand(digest, 'shorter');
    await expect(store.put('onnx', noise(2000, 'size'))).rejects.toThrowFault(artifactWrongSize);
  });

  it('knows a Git LFS pointer that somebody put in place of the file', async () => {
    const store = storeAt(server.url);
    const { digest } = await store.put('onnx', noise(2000, 'pointer'));
    await putByHand(digest, 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n');
    await expect(store.get(digest)).rejects.toThrowFault(artifactIsPointer);
  });
});

describe('a signature of version 4', () => {
  const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const key = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    sessionToken: null,
  };
  const top = 'https://examplebucket.s3.amazonaws.com';

  // Oracle: the four examples of the Amazon S3 API Reference, "Signature calculations for the authorization header".
  it.each([
    {
      name: 'GET object',
      method: 'GET',
      url: `${top}/test.txt`,
      headers: { range: 'bytes=0-9' },
      bodyHex: EMPTY,
      signature: 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    },
    {
      name: 'PUT object',
      method: 'PUT',
      url: `${top}/test$file.text`,
      headers: { date: 'Fri, 24 May 2013 00:00:00 GMT', 'x-amz-storage-class': 'REDUCED_REDUNDANCY' },
      bodyHex: '44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072',
      signature: '98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd',
    },
    {
      name: 'GET bucket lifecycle',
      method: 'GET',
      url: `${top}/?lifecycle`,
      headers: {},
      bodyHex: EMPTY,
      signature: 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543',
    },
    {
      name: 'list objects',
      method: 'GET',
      url: `${top}/?max-keys=2&prefix=J`,
      headers: {},
      bodyHex: EMPTY,
      signature: '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7',
    },
  ])('is that of the reference: $name', ({ method, url, headers, bodyHex, signature }) => {
    const all = signed(key, {
      method,
      url: new URL(url),
      headers,
      bodyHex,
      region: 'us-east-1',
      at: '2013-05-24T00:00:00.000Z',
    });
    expect(all['authorization']).toMatch(new RegExp(`Signature=${signature}$`));
  });
});
