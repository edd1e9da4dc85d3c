import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkAddress, checkedLookup, checkRedirect } from '../../pipelines/artifacts/address.ts';
import { ask, emptied, faultOf, jsonOf, textOf } from '../../pipelines/artifacts/http.ts';
import { storeAddressRefused, storeRefused, storeUnreachable } from '../../pipelines/faults.ts';

async function serving(listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return new URL(`http://127.0.0.1:${port}/`);
}

describe('an address', () => {
  it.each([
    'https://ghcr.io/',
    'https://s3.eu-central-1.amazonaws.com/',
    'https://10.1.2.3/',
    'http://127.0.0.1:5000/',
    'http://localhost:5000/',
    'http://models.localhost:5000/',
    'http://[::1]:5000/',
  ])('may be %s', (url) => {
    expect(() => checkAddress(new URL(url))).not.toThrow();
  });

  it.each([
    ['http to another machine', 'http://ghcr.io/'],
    ['http to another machine of this network', 'http://192.168.1.2/'],
    ['a name that only looks like this machine', 'http://localhost.evil.example/'],
    ['another protocol', 'ftp://ghcr.io/'],
    ['a file', 'file:///etc/passwd'],
    ['a password', 'https://ada:lovelace@ghcr.io/'],
    ['the metadata service', 'https://169.254.169.254/latest/meta-data/'],
    ['the metadata service over http', 'http://169.254.169.254/'],
    ['the metadata service as one number', 'https://2852039166/'],
    ['the metadata service in octal', 'https://0251.0376.0251.0376/'],
    ['the metadata service in IPv6', 'https://[::ffff:169.254.169.254]/'],
    ['the metadata service behind a translator', 'https://[64:ff9b::a9fe:a9fe]/'],
    ['the metadata service of containers', 'https://169.254.170.2/'],
    ['the metadata service of another cloud', 'https://100.100.100.200/'],
    ['the metadata service in IPv6 of its own', 'https://[fd00:ec2::254]/'],
    ['the metadata service by name', 'https://metadata.google.internal/'],
    ['the metadata service by name with a full stop', 'https://metadata.google.internal./'],
    ['any address', 'http://0.0.0.0/'],
  ])('may not be %s', (_, url) => {
    expect(() => checkAddress(new URL(url))).toThrowFault(storeAddressRefused);
  });

  it('is looked at once more by what its name stands for', async () => {
    const looked = (name: string) =>
      new Promise((resolve) => checkedLookup(name, { all: true }, (error, found) => resolve(error ?? found)));
    expect(await looked('169.254.169.254')).toMatchObject({ code: storeAddressRefused.code });
    expect(await looked('127.0.0.1')).toEqual([{ address: '127.0.0.1', family: 4 }]);
    expect(await looked('models.localhost')).toContainEqual({ address: '127.0.0.1', family: 4 });
  });

  it('may not lead from out there to this machine', () => {
    const out = new URL('https://ghcr.io/');
    expect(() => checkRedirect(out, new URL('https://127.0.0.1/'))).toThrowFault(storeAddressRefused);
    expect(() => checkRedirect(out, new URL('http://example.com/'))).toThrowFault(storeAddressRefused);
    expect(() => checkRedirect(out, new URL('https://cdn.example/'))).not.toThrow();
  });
});

describe('a request', () => {
  it('follows a redirect to another host without what is secret, and does not show it on the way back', async () => {
    const seen: (string | undefined)[] = [];
    const note = ({ headers }: IncomingMessage): void => void seen.push(headers.authorization);
    const url = await serving((asked, answer) => {
      note(asked);
      const here = `http://127.0.0.1:${asked.socket.localPort}`;
      const there = `http://localhost:${asked.socket.localPort}`;
      const next = { '/': `${here}/same`, '/same': `${there}/other`, '/other': `${here}/end` }[
        asked.url ?? ''
      ];
      if (next === undefined) answer.end('done');
      else answer.writeHead(302, { location: next }).end();
    });
    const answer = await ask({ method: 'GET', url, secretHeaders: { authorization: 'Bearer secret' } });
    expect(await textOf(answer)).toBe('done');
    expect(seen).toEqual(['Bearer secret', 'Bearer secret', undefined, undefined]);
  });

  it('does not follow a redirect of what it sends', async () => {
    const url = await serving((_, answer) => void answer.writeHead(307, { location: '/elsewhere' }).end());
    const answer = await emptied(await ask({ method: 'PUT', url, body: 'x' }));
    expect(answer.status).toBe(307);
  });

  it('does not go to a metadata service that a redirect names', async () => {
    const location = 'http://169.254.169.254/latest/meta-data/';
    const url = await serving((_, answer) => void answer.writeHead(302, { location }).end());
    await expect(ask({ method: 'GET', url })).rejects.toThrowFault(storeAddressRefused);
  });

  it('does not go round in circles', async () => {
    const url = await serving((_, answer) => void answer.writeHead(302, { location: '/' }).end());
    await expect(ask({ method: 'GET', url })).rejects.toThrowFault(storeRefused);
  });

  it('reads no endless answer into memory', async () => {
    const url = await serving((_, answer) => {
      const more = (): void => {
        while (!answer.destroyed && answer.write(Buffer.alloc(65_536)));
      };
      answer.on('drain', more);
      more();
    });
    const answer = await ask({ method: 'GET', url });
    await expect(textOf(answer)).rejects.toThrowFault(storeRefused);
  });

  it('says when an answer is no JSON, as that of a proxy that wants a login', async () => {
    const url = await serving((_, answer) => void answer.end('<html>Please log in</html>'));
    await expect(ask({ method: 'GET', url }).then(jsonOf)).rejects.toThrowFault(storeRefused);
  });

  it.each([
    { status: 500, headers: {}, fault: storeUnreachable },
    { status: 429, headers: {}, fault: storeUnreachable },
    { status: 403, headers: { 'retry-after': '1' }, fault: storeUnreachable },
    { status: 403, headers: {}, fault: storeRefused },
    { status: 401, headers: {}, fault: storeRefused },
    { status: 409, headers: {}, fault: storeRefused },
  ])('knows what may pass by itself: $status $headers', async ({ status, headers, fault }) => {
    const url = await serving((_, answer) => void answer.writeHead(status, headers).end('why'));
    const answer = await ask({ method: 'GET', url });
    const found = await faultOf(answer, 'answer', '2025-06-01T00:00:00.000Z');
    expect(found).toMatchObject({ code: fault.code });
    expect(found.message).toContain(`HTTP ${status} why`);
  });

  it('reads a time to come back at as well as a number of seconds', async () => {
    const after = 'Sun, 01 Jun 2025 00:00:42 GMT';
    const url = await serving((_, answer) => void answer.writeHead(503, { 'retry-after': after }).end());
    const found = await faultOf(await ask({ method: 'GET', url }), 'answer', '2025-06-01T00:00:00.000Z');
    expect(found.detail).toMatchObject({ waitMs: 42_000 });
  });
});
