import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { challengeOf } from '../../pipelines/artifacts/oci-auth.ts';
import { ociStore, type OciPlace } from '../../pipelines/artifacts/oci-store.ts';
import type { Patience } from '../../pipelines/artifacts/patience.ts';
import { storeAddressRefused, storeRefused } from '../../pipelines/faults.ts';
import { digestOf, hexOf } from '../../registry/base/digest.ts';
import { describeSharedStore, describeStore, noise } from '../conformance/store.ts';
import { breakingProxy, type BreakingProxy } from '../fakes/breaking-proxy.ts';
import { freePort, programNamed, startServer, type RealServer } from '../fakes/real-server.ts';
import { temporaryFolder } from '../temporary.ts';

const PROGRAM = programNamed('registry', /distribution\/distribution/);
const SKIP =
  PROGRAM === null
    ? 'no registry; `go install github.com/distribution/distribution/v3/cmd/registry@v3.0.0` gives one'
    : null;

/** Waits for nothing, and notes how long it would have. */
const waits: number[] = [];
const PATIENCE: Patience = { attempts: 4, waitMsMax: 60_000, wait: async (ms) => void waits.push(ms) };

let server: RealServer;

beforeAll(async () => {
  if (PROGRAM !== null) server = await startRegistry(PROGRAM);
});
afterAll(async () => server?.stop());

async function startRegistry(program: string, environment = {}): Promise<RealServer> {
  const port = await freePort();
  const folder = temporaryFolder();
  const settings = {
    REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: folder,
    REGISTRY_HTTP_ADDR: `127.0.0.1:${port}`,
    REGISTRY_STORAGE_DELETE_ENABLED: 'true',
    OTEL_TRACES_EXPORTER: 'none',
    ...environment,
  };
  const config = `${folder}/config.yml`;
  writeFileSync(config, 'version: 0.1\nstorage:\n  filesystem: {}\nhttp: {}\n');
  return startServer({ program, words: ['serve', config], port, environment: settings });
}

async function proxied(target: URL): Promise<BreakingProxy> {
  const proxy = await breakingProxy(target);
  onTestFinished(() => proxy.close());
  return proxy;
}

function storeAt(registry: URL, more: Partial<OciPlace> = {}) {
  return ociStore({
    registry,
    repository: 'ada/models',
    login: null,
    now: () => '2025-06-01T00:00:00.000Z',
    patience: PATIENCE,
    ...more,
  });
}

describeStore('oci-store', async () => storeAt(server.url), SKIP);

describe.skipIf(SKIP !== null)('oci-store', () => {
  describeSharedStore('oci-store', async () => {
    const proxy = await proxied(server.url);
    return {
      store: storeAt(proxy.url),
      proxy,
      isDownload: ({ method, path }) => method === 'GET' && path.includes('/blobs/sha256:'),
    };
  });

  it('waits as long as the registry asks', async () => {
    const proxy = await proxied(server.url);
    proxy.breakNext({ kind: 'answer', status: 429, headers: { 'retry-after': '7' } });
    waits.length = 0;
    await storeAt(proxy.url).has(digestOf('whatever'));
    expect(waits).toEqual([7000]);
  });

  it('keeps every blob under a tagged manifest, which is what registries collect garbage by', async () => {
    const { digest } = await storeAt(server.url).put('onnx', Buffer.from('kept'));
    const url = new URL(`/v2/ada/models/manifests/sha256-${hexOf(digest)}`, server.url);
    const answer = await fetch(url, { headers: { accept: 'application/vnd.oci.image.manifest.v1+json' } });
    const text = await answer.text();
    expect(answer.headers.get('docker-content-digest')).toBe(
      `sha256:${createHash('sha256').update(text).digest('hex')}`,
    );
    expect(JSON.parse(text)).toMatchObject({
      schemaVersion: 2,
      artifactType: 'application/vnd.fettle.artifact.v1',
      layers: [{ mediaType: 'application/vnd.fettle.onnx', digest, size: 4 }],
    });
  });

  it('survives the registry’s own garbage collection, which takes what no manifest names', async ({
    skip,
  }) => {
    if (PROGRAM === null) return skip(SKIP ?? '');
    const folder = temporaryFolder();
    const collected = await startRegistry(PROGRAM, { REGISTRY_STORAGE_FILESYSTEM_ROOTDIRECTORY: folder });
    onTestFinished(() => collected.stop());
    const store = storeAt(collected.url);
    const { digest } = await store.put('onnx', Buffer.from('kept'));
    const stray = Buffer.from('stray');
    const begun = await fetch(new URL('/v2/ada/models/blobs/uploads/', collected.url), { method: 'POST' });
    const upload = `${begun.headers.get('location')}&digest=${digestOf(stray)}`;
    expect((await fetch(upload, { method: 'PUT', body: stray })).status).toBe(201);

    const config = `${folder}/collect.yml`;
    writeFileSync(config, `version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: ${folder}\n`);
    const environment = { PATH: process.env['PATH'] ?? '', OTEL_TRACES_EXPORTER: 'none' };
    execFileSync(PROGRAM, ['garbage-collect', '--delete-untagged', config], {
      env: environment,
      stdio: 'ignore',
    });
    const blobs = `${folder}/docker/registry/v2/blobs/sha256`;
    const isThere = (one: string): boolean => existsSync(`${blobs}/${one.slice(7, 9)}/${one.slice(7)}/data`);
    expect([isThere(digest), isThere(digestOf(stray))]).toEqual([true, false]);
    expect(Buffer.from(await store.get(digest)).toString()).toBe('kept');
  });

  it('sends what is large in pieces, and goes on with the piece that was cut', async () => {
    const proxy = await proxied(server.url);
    const bytes = noise(5_000_000, 'pieces');
    const isPatch = ({ method }: { method: string }): boolean => method === 'PATCH';
    let index = 0;
    proxy.breakNext({ kind: 'cut-upload', afterBytes: 500_000 }, (one) => isPatch(one) && index++ === 2);
    const store = storeAt(proxy.url, { pieceBytes: 1_000_000 });
    const { digest } = await store.put('onnx', bytes);
    expect(Buffer.from(await store.get(digest)).equals(bytes)).toBe(true);
    const ranges = proxy.seen.filter(isPatch).map(({ headers }) => headers['content-range']);
    expect(ranges.slice(0, 3)).toEqual(['0-999999', '1000000-1999999', '2000000-2999999']);
    expect(ranges.length).toBeGreaterThan(5);
    expect(Number(ranges[3]?.split('-')[0])).toBeGreaterThanOrEqual(2_000_000);
  });

  it('ends whole when the answer to any piece is lost', async () => {
    const proxy = await proxied(server.url);
    for (let lost = 0; lost < 4; lost++) {
      const bytes = noise(2_500_000, `lost piece ${lost}`);
      let index = 0;
      proxy.breakNext({ kind: 'lose-answer' }, ({ method }) => method === 'PATCH' && index++ === lost);
      const store = storeAt(proxy.url, { pieceBytes: 1_000_000 });
      const { digest } = await store.put('onnx', bytes);
      expect(Buffer.from(await store.get(digest)).equals(bytes)).toBe(true);
    }
  });

  it('goes in by name and password where the registry wants them, and says when it may not', async ({
    skip,
  }) => {
    if (PROGRAM === null) return skip(SKIP ?? '');
    const folder = temporaryFolder();
    // `lovelace`, hashed by the Python package bcrypt 5.0.0 with 4 rounds.
    writeFileSync(`${folder}/htpasswd`, 'ada:$2b$04$jBR5wY.wTtaNnpfOsaLdf.h42vsEW6Vx3r97AO1/mAjgGWhgZVvaG\n');
    const locked = await startRegistry(PROGRAM, {
      REGISTRY_AUTH: 'htpasswd',
      REGISTRY_AUTH_HTPASSWD_REALM: 'fettle',
      REGISTRY_AUTH_HTPASSWD_PATH: `${folder}/htpasswd`,
    });
    onTestFinished(() => locked.stop());
    const login = { user: 'ada', password: 'lovelace' };
    const store = storeAt(locked.url, { login });
    const { digest } = await store.put('onnx', Buffer.from('locked'));
    expect(Buffer.from(await store.get(digest)).toString()).toBe('locked');
    await expect(storeAt(locked.url).get(digest)).rejects.toThrowFault(storeRefused);
    const wrong = storeAt(locked.url, { login: { ...login, password: 'byron' } });
    await expect(wrong.get(digest)).rejects.toThrowFault(storeRefused);
  });

  it('fetches a token where the registry says, and asks for no more than this repository', async ({
    skip,
  }) => {
    if (PROGRAM === null) return skip(SKIP ?? '');
    const giver = await tokenGiver();
    onTestFinished(() => giver.close());
    const locked = await startRegistry(PROGRAM, {
      REGISTRY_AUTH: 'token',
      REGISTRY_AUTH_TOKEN_REALM: `${giver.url.origin}/token`,
      REGISTRY_AUTH_TOKEN_SERVICE: 'the registry',
      REGISTRY_AUTH_TOKEN_ISSUER: 'test',
      REGISTRY_AUTH_TOKEN_JWKS: giver.jwks,
    });
    onTestFinished(() => locked.stop());
    const store = storeAt(locked.url, { login: { user: 'ada', password: 'lovelace' }, pieceBytes: 100_000 });
    const bytes = noise(250_000, 'token');
    const { digest } = await store.put('onnx', bytes);
    expect(Buffer.from(await store.get(digest)).equals(bytes)).toBe(true);
    expect(giver.asked.map(({ searchParams }) => Object.fromEntries(searchParams))).toEqual([
      { service: 'the registry', scope: 'repository:ada/models:pull,push' },
    ]);
    // Whoever has no password may read what is public, and is told that he may not write.
    const anybody = storeAt(locked.url);
    expect(Buffer.from(await anybody.get(digest)).equals(bytes)).toBe(true);
    await expect(anybody.put('onnx', Buffer.from('other'))).rejects.toThrowFault(storeRefused);
  });
});

/** Gives tokens as the distribution specification has it, signed with a key that the registry is told of. */
async function tokenGiver() {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = `${temporaryFolder()}/jwks.json`;
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
  writeFileSync(jwks, JSON.stringify({ keys: [key] }));
  const asked: URL[] = [];
  const server = createServer((request, answer) => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1');
    const mayPush = request.headers.authorization === `Basic ${btoa('ada:lovelace')}`;
    if (mayPush) asked.push(url);
    const [type, name, actions] = (url.searchParams.get('scope') ?? '').split(':');
    const now = Math.floor(Date.now() / 1000);
    const claims = {
      iss: 'test',
      sub: '',
      aud: url.searchParams.get('service'),
      exp: now + 300,
      nbf: now - 10,
      iat: now,
      jti: randomUUID(),
      access: [{ type, name, actions: mayPush ? actions?.split(',') : ['pull'] }],
    };
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ typ: 'JWT', alg: 'ES256', kid: 'one' })}.${part(claims)}`;
    const signature = sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' });
    answer.end(JSON.stringify({ token: `${text}.${signature.toString('base64url')}` }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { url: new URL(`http://127.0.0.1:${port}`), jwks, asked, close: () => void server.close() };
}

describe('a challenge of a registry', () => {
  // Oracle: the example of the distribution specification's page on token authentication.
  it('is read with its quoted parameters', () => {
    const header =
      'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:samalba/my-app:pull,push"';
    expect(challengeOf(header)).toEqual({
      scheme: 'bearer',
      parameters: {
        realm: 'https://auth.docker.io/token',
        service: 'registry.docker.io',
        scope: 'repository:samalba/my-app:pull,push',
      },
    });
  });

  it.each([
    ['another family of names', 'Bearer realm="https://evil.example/token"'],
    ['no https', 'Bearer realm="http://10.0.0.1/token"'],
  ])('gets no password sent to %s', async (_, challenge) => {
    const server = createServer((__, answer) => {
      answer.writeHead(401, { 'www-authenticate': challenge }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const store = storeAt(new URL(`http://127.0.0.1:${port}`), { login: { user: 'a', password: 'b' } });
    await expect(store.has(digestOf('x'))).rejects.toThrowFault(storeAddressRefused);
  });

  it('says when it leads to somebody who gives no token', async () => {
    const server = createServer((request, answer) => {
      const here = `http://127.0.0.1:${request.socket.localPort}`;
      if (request.url?.startsWith('/token') === true) return answer.end('{"token":7}');
      return answer.writeHead(401, { 'www-authenticate': `Bearer realm="${here}/token"` }).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    const store = storeAt(new URL(`http://127.0.0.1:${port}`));
    await expect(store.has(digestOf('x'))).rejects.toThrowFault(storeRefused);
  });
});
