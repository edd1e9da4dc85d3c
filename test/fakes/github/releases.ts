/** A GitHub that keeps releases and their assets, and speaks of them as its REST API documents. */
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface FakeAsset {
  readonly id: number;
  readonly name: string;
  state: 'uploaded' | 'starter';
  bytes: Buffer;
}

export interface FakeRelease {
  readonly id: number;
  readonly tag_name: string;
  draft: boolean;
  readonly make_latest: unknown;
  readonly assets: FakeAsset[];
}

export interface FakeGitHub {
  readonly url: URL;
  /** The only token that may write, or see drafts. */
  readonly token: string;
  readonly releases: FakeRelease[];
  /** What went wrong on the client's side, such as a token sent to where the bytes lie. */
  readonly complaints: string[];
  close(): Promise<void>;
}

export const REPOSITORY = 'ada/engine';

export interface Exchange {
  readonly asked: IncomingMessage;
  readonly answer: ServerResponse;
  readonly url: URL;
  readonly body: Buffer;
  /** Null where the body was cut. */
  readonly whole: boolean;
}

/** @param token  with it everything may be done; without it only what is public may be read */
export async function fakeGitHub(token = 'ghs_test'): Promise<FakeGitHub> {
  const github = { token, ...noReleases(REPOSITORY, bearerOf(token)) };
  const server = createServer((asked, answer) => {
    void exchangeOf(asked, answer).then((exchange) => answerReleases(github, exchange));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    ...github,
    url: new URL(`http://127.0.0.1:${port}`),
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function bearerOf(token: string): Releases['mayOf'] {
  return (said) => (said === undefined ? 'read' : said === `Bearer ${token}` ? 'write' : 'nothing');
}

/** What a repository has of releases, before its first. */
export function noReleases(repository: string, mayOf: Releases['mayOf']): Releases {
  let last = 0;
  return { repository, mayOf, releases: [], complaints: [], next: () => ++last };
}

export async function exchangeOf(asked: IncomingMessage, answer: ServerResponse): Promise<Exchange> {
  const pieces: Buffer[] = [];
  let whole = true;
  try {
    for await (const piece of asked) pieces.push(piece as Buffer);
  } catch {
    whole = false;
  }
  const url = new URL(asked.url ?? '', `http://${asked.headers.host}`);
  return { asked, answer, url, body: Buffer.concat(pieces), whole };
}

export interface Releases {
  readonly repository: string;
  /** By the `authorization` of a request; drafts are for those who may write. */
  readonly mayOf: (said: string | undefined) => 'write' | 'read' | 'nothing';
  readonly releases: FakeRelease[];
  readonly complaints: string[];
  next(): number;
}

export function answerReleases(github: Releases, exchange: Exchange): void {
  const { asked, url } = exchange;
  const { pathname } = url;
  if (pathname.startsWith('/storage/')) return giveBytes(github, exchange);
  const may = github.mayOf(asked.headers.authorization);
  if (may === 'nothing') return json(exchange, 401, { message: 'Bad credentials' });
  const known = may === 'write';
  if (asked.method !== 'GET' && !known) return json(exchange, 401, { message: 'Requires authentication' });

  const path = pathname.replace(/^.*\/repos\/[^/]+\/[^/]+\//, '');
  const [, id, list] = /^releases\/(\d+)(\/assets)?$/.exec(path) ?? [];
  const [, tag] = /^releases\/tags\/(.+)$/.exec(path) ?? [];
  const [, asset] = /^releases\/assets\/(\d+)$/.exec(path) ?? [];
  const release = github.releases.find((one) =>
    id === undefined ? one.tag_name === tag && !one.draft : one.id === Number(id),
  );
  if (path === 'releases') {
    return asked.method === 'POST' ? create(github, exchange) : listReleases(github, exchange, known);
  }
  if (asset !== undefined) return oneAsset(github, exchange, Number(asset));
  if (release === undefined || (release.draft && !known)) {
    return json(exchange, 404, { message: 'Not Found' });
  }
  if (list !== undefined) {
    return asked.method === 'POST' ? upload(github, exchange, release) : listAssets(exchange, release);
  }
  if (asked.method === 'PATCH') return publish(github, exchange, release);
  if (asked.method === 'DELETE') {
    github.releases.splice(github.releases.indexOf(release), 1);
    return void exchange.answer.writeHead(204).end();
  }
  return json(exchange, 200, told(github, release, exchange));
}

function create(github: Releases, exchange: Exchange): void {
  const { tag_name, draft, make_latest } = JSON.parse(exchange.body.toString()) as FakeRelease;
  const release = { id: github.next(), tag_name, draft, make_latest, assets: [] };
  github.releases.unshift(release);
  json(exchange, 201, told(github, release, exchange));
}

function listReleases(github: Releases, exchange: Exchange, known: boolean): void {
  const seen = github.releases.filter(({ draft }) => known || !draft);
  json(
    exchange,
    200,
    pageOf(seen, exchange).map((release) => told(github, release, exchange)),
  );
}

function listAssets(exchange: Exchange, { assets }: FakeRelease): void {
  json(exchange, 200, pageOf(assets, exchange).map(toldAsset));
}

function pageOf<T>(all: readonly T[], { url }: Exchange): readonly T[] {
  const [size, page] = [
    Number(url.searchParams.get('per_page') ?? 30),
    Number(url.searchParams.get('page') ?? 1),
  ];
  return all.slice((page - 1) * size, page * size);
}

function upload(github: Releases, exchange: Exchange, release: FakeRelease): void {
  const { url, body, whole } = exchange;
  const name = url.searchParams.get('name') ?? '';
  if (!release.draft) {
    return json(exchange, 422, { message: 'Cannot upload assets to an immutable release.' });
  }
  if (body.length === 0 && whole) return json(exchange, 400, { message: 'Bad Content-Length: ' });
  if (release.assets.some((asset) => asset.name === name)) {
    return json(exchange, 422, {
      message: 'Validation Failed',
      errors: [{ resource: 'ReleaseAsset', code: 'already_exists', field: 'name' }],
    });
  }
  // As documented: an upload that broke leaves an asset in the state `starter`, to be deleted.
  const asset: FakeAsset = {
    id: github.next(),
    name,
    state: whole ? 'uploaded' : 'starter',
    bytes: whole ? body : Buffer.alloc(0),
  };
  release.assets.push(asset);
  if (whole) json(exchange, 201, toldAsset(asset));
}

function publish(github: Releases, exchange: Exchange, release: FakeRelease): void {
  const taken = github.releases.some(
    (one) => one !== release && !one.draft && one.tag_name === release.tag_name,
  );
  if (taken) {
    return json(exchange, 422, {
      message: 'Validation Failed',
      errors: [{ resource: 'Release', code: 'already_exists', field: 'tag_name' }],
    });
  }
  release.draft = false;
  json(exchange, 200, told(github, release, exchange));
}

function oneAsset(github: Releases, exchange: Exchange, id: number): void {
  const release = github.releases.find(({ assets }) => assets.some((asset) => asset.id === id));
  const asset = release?.assets.find((one) => one.id === id);
  if (release === undefined || asset === undefined) return json(exchange, 404, { message: 'Not Found' });
  if (exchange.asked.method === 'DELETE') {
    release.assets.splice(release.assets.indexOf(asset), 1);
    return void exchange.answer.writeHead(204).end();
  }
  if (exchange.asked.headers.accept !== 'application/octet-stream') {
    return json(exchange, 200, toldAsset(asset));
  }
  // The bytes lie on another host, here the same machine by its other name.
  const location = `http://localhost:${exchange.url.port}/storage/${github.repository}/${id}?signature=secret`;
  exchange.answer.writeHead(302, { location }).end();
}

function giveBytes(github: Releases, { asked, answer, url }: Exchange): void {
  if (asked.headers.authorization !== undefined) github.complaints.push('a token was sent to the storage');
  const id = Number(url.pathname.split('/').at(-1));
  const bytes =
    github.releases.flatMap(({ assets }) => assets).find((asset) => asset.id === id)?.bytes ??
    Buffer.alloc(0);
  const [, from] = /^bytes=(\d+)-$/.exec(asked.headers.range ?? '') ?? [];
  const piece = bytes.subarray(Number(from ?? 0));
  const range = { 'content-range': `bytes ${from}-${bytes.length - 1}/${bytes.length}` };
  answer.writeHead(from === undefined ? 200 : 206, {
    'content-length': piece.length,
    ...(from === undefined ? {} : range),
  });
  answer.end(piece);
}

function told({ repository }: Releases, release: FakeRelease, { url }: Exchange): object {
  const { id, tag_name, draft, assets } = release;
  const upload_url = `${url.origin}/uploads/repos/${repository}/releases/${id}/assets{?name,label}`;
  return { id, tag_name, draft, upload_url, assets: assets.slice(0, 30).map(toldAsset) };
}

function toldAsset({ id, name, state, bytes }: FakeAsset): object {
  const digest = state === 'uploaded' ? `sha256:${createHash('sha256').update(bytes).digest('hex')}` : null;
  return { id, name, state, size: bytes.length, digest, content_type: 'application/octet-stream' };
}

function json({ answer }: Exchange, status: number, value: unknown): void {
  answer.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}
