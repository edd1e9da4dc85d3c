/** Artifacts as assets of a repository's own GitHub releases, one release a digest, published once it is whole. */
import * as z from 'zod';
import { digestOf, hexOf, shortOf, type Digest } from '../../registry/base/digest.ts';
import { artifactForged, artifactWrongSize, storeRefused, storeUnreachable } from '../faults.ts';
import { ask, emptied, faultOf, jsonOf, urlOf, type Answer, type Call } from './http.ts';
import { PATIENT, type Attempt, type Patience } from './patience.ts';
import { remoteStore, type Found, type Remote } from './remote-store.ts';
import type { Offered } from './source.ts';
import type { ArtifactStore } from './store.ts';

export interface ReleasePlace {
  /** `https://api.github.com`; http: only on this machine. */
  readonly api: URL;
  /** `owner/name`. */
  readonly repository: string;
  /** Null reads what is public. */
  readonly token: string | null;
  readonly now: () => string;
  readonly patience?: Patience;
}

/** GitHub: "Each file included in a release must be under 2 GiB." */
const MOST_BYTES = 2 ** 31 - 1;
const PAGE = 100;
/** GitHub takes no empty asset, and nobody needs one: there is only one artifact of no bytes. */
const NOTHING = digestOf('');

const Asset = z.object({
  id: z.int(),
  name: z.string(),
  size: z.int().min(0),
  state: z.string(),
  digest: z.string().nullish(),
});
type Asset = z.infer<typeof Asset>;

const Release = z.object({
  id: z.int(),
  tag_name: z.string(),
  draft: z.boolean(),
  upload_url: z.string(),
  assets: z.array(Asset).default([]),
});
type Release = z.infer<typeof Release>;

/** How GitHub says that something of this name is there already. */
const Rejected = z.object({ errors: z.array(z.object({ code: z.string().optional() })).default([]) });

interface Releases {
  readonly where: string;
  readonly place: ReleasePlace;
  call(call: Omit<Call, 'url'> & { readonly url: URL | string }): Promise<Answer>;
  faultOf(answer: Answer, wanted: string): Promise<Error>;
}

export function releaseStore(place: ReleasePlace): ArtifactStore {
  const { api, repository, token, now, patience = PATIENT } = place;
  const where = `the releases of ${repository}`;
  const top = new URL(`${api.pathname.replace(/\/$/, '')}/repos/${repository}/`, api);
  const secretHeaders = token === null ? {} : { authorization: `Bearer ${token}` };
  const releases: Releases = {
    where,
    place,
    call: ({ url, headers, ...call }) =>
      ask({
        ...call,
        url: new URL(url, top),
        headers: {
          accept: 'application/vnd.github+json',
          'x-github-api-version': '2022-11-28',
          ...headers,
        },
        secretHeaders,
      }),
    faultOf: (answer, wanted) => faultOf(answer, wanted, now()),
  };
  const remote: Remote<number> = {
    where,
    mostBytes: MOST_BYTES,
    find: (digest) => findIn(releases, digest),
    async open({ handle }, from) {
      const range = from === 0 ? {} : { range: `bytes=${from}-` };
      const headers = { accept: 'application/octet-stream', ...range };
      const answer = await releases.call({ method: 'GET', url: `releases/assets/${handle}`, headers });
      if (answer.status === 200 || answer.status === 206) return answer;
      throw await releases.faultOf(answer, 'give the bytes of an asset');
    },
    send: (offered, attempt) => sendTo(releases, offered, attempt),
  };
  return remoteStore(remote, patience);
}

function tagOf(digest: Digest): string {
  return `fettle-sha256-${hexOf(digest)}`;
}

function nameOf(digest: Digest): string {
  return `sha256-${hexOf(digest)}`;
}

async function findIn(releases: Releases, digest: Digest): Promise<Found<number> | null> {
  if (digest === NOTHING) return { sizeBytes: 0, handle: 0 };
  const answer = await releases.call({ method: 'GET', url: `releases/tags/${tagOf(digest)}` });
  if (answer.status === 404) {
    await emptied(answer);
    return null;
  }
  if (answer.status !== 200) throw await releases.faultOf(answer, `say whether it has ${digest}`);
  const release = await releaseIn(releases, answer);
  const asset = await assetOf(releases, release, digest);
  if (asset?.state === 'uploaded') return { sizeBytes: asset.size, handle: asset.id };
  const found = asset === null ? 'none' : `one that is only \`${asset.state}\``;
  throw storeRefused({ where: releases.where, wanted: `have the asset of ${release.tag_name}`, found });
}

async function releaseIn({ where }: Releases, answer: Answer): Promise<Release> {
  return parsed(Release, await jsonOf(answer), where);
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, where: string): T {
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  const [issue] = found.error.issues;
  const told = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
  throw storeRefused({ where, wanted: 'answer as GitHub documents it', found: told });
}

/** A release lists its first assets itself. @throws artifactForged when GitHub's own digest is another */
async function assetOf(releases: Releases, release: Release, digest: Digest): Promise<Asset | null> {
  const name = nameOf(digest);
  const isIt = (asset: Asset): boolean => asset.name === name;
  const url = `releases/${release.id}/assets`;
  const asset = release.assets.find(isIt) ?? (await firstOf(releases, { url, schema: Asset, isIt }));
  if (asset?.digest == null || asset.digest === digest) return asset;
  throw artifactForged({ digest, found: asset.digest, where: releases.where });
}

interface Listing<T> {
  readonly url: string;
  readonly schema: z.ZodType<T>;
  readonly isIt: (one: T) => boolean;
}

/** Reads pages until one has it; a page that is not full is the last. */
async function firstOf<T>(releases: Releases, { url, schema, isIt }: Listing<T>): Promise<T | null> {
  for (let page = 1; ; page++) {
    const answer = await releases.call({ method: 'GET', url: `${url}?per_page=${PAGE}&page=${page}` });
    if (answer.status !== 200) throw await releases.faultOf(answer, `list ${url}`);
    const listed = parsed(z.array(schema), await jsonOf(answer), releases.where);
    const found = listed.find(isIt);
    if (found !== undefined) return found;
    if (listed.length < PAGE) return null;
  }
}

/** After a fault nothing is known of what was done before it, so everything is read again. */
async function sendTo(releases: Releases, offered: Offered, { before }: Attempt): Promise<void> {
  const { digest } = offered.ref;
  if (before !== null && (await findIn(releases, digest)) !== null) return;
  const draft = (before === null ? null : await draftOf(releases, digest)) ?? (await begin(releases, digest));
  const there = before === null ? null : await assetOf(releases, draft, digest);
  if (there !== null && !isWhole(there, offered)) await remove(releases, `releases/assets/${there.id}`);
  if (there === null || !isWhole(there, offered)) await upload(releases, draft, offered);
  await publish(releases, draft, digest);
}

/** A draft of this tag that an attempt before left; only the list has drafts. */
function draftOf(releases: Releases, digest: Digest): Promise<Release | null> {
  const isIt = ({ draft, tag_name }: Release): boolean => draft && tag_name === tagOf(digest);
  return firstOf(releases, { url: 'releases', schema: Release, isIt });
}

async function begin(releases: Releases, digest: Digest): Promise<Release> {
  const body = JSON.stringify({
    tag_name: tagOf(digest),
    name: `artifact ${shortOf(digest)}`,
    body: `Kept by Fettle for the registry on \`fettle/registry\`: ${digest}`,
    draft: true,
    prerelease: true,
    make_latest: 'false',
  });
  const headers = { 'content-type': 'application/json' };
  const answer = await releases.call({ method: 'POST', url: 'releases', headers, body });
  if (answer.status !== 201) throw await releases.faultOf(answer, 'begin a release');
  return releaseIn(releases, answer);
}

async function upload(releases: Releases, draft: Release, offered: Offered): Promise<void> {
  const { ref, source } = offered;
  const url = uploadUrlOf(releases, draft);
  url.searchParams.set('name', nameOf(ref.digest));
  const headers = { 'content-type': 'application/octet-stream' };
  const body = { source, span: { from: 0, to: ref.sizeBytes } };
  const answer = await releases.call({ method: 'POST', url, headers, body });
  if (answer.status === 422) return afterRejection(releases, draft, { answer, offered });
  if (answer.status !== 201) throw await releases.faultOf(answer, `take the bytes of ${ref.digest}`);
  const asset = parsed(Asset, await jsonOf(answer), releases.where);
  if (isWhole(asset, offered)) return;
  throw artifactWrongSize({ ...ref, wanted: ref.sizeBytes, found: `${asset.size}`, where: releases.where });
}

interface Rejection {
  readonly answer: Answer;
  readonly offered: Offered;
}

/** An asset of this name is there: of an upload whose answer was lost, or the beginning of one that was cut. */
async function afterRejection(
  releases: Releases,
  draft: Release,
  { answer, offered }: Rejection,
): Promise<void> {
  const { where } = releases;
  if (!saysTaken(await jsonOf(answer))) {
    throw storeRefused({ where, wanted: 'take an asset', found: `HTTP ${answer.status}` });
  }
  const there = await assetOf(releases, { ...draft, assets: [] }, offered.ref.digest);
  if (there !== null && isWhole(there, offered)) return;
  if (there !== null) await remove(releases, `releases/assets/${there.id}`);
  throw storeUnreachable({ where, said: 'an asset that was begun and not ended', waitMs: null });
}

function saysTaken(value: unknown): boolean {
  return Rejected.safeParse(value).data?.errors.some(({ code }) => code === 'already_exists') ?? false;
}

function isWhole({ state, size, digest }: Asset, { ref }: Offered): boolean {
  return state === 'uploaded' && size === ref.sizeBytes && (digest == null || digest === ref.digest);
}

/** GitHub says where uploads go; the token follows only to the API's own host or to its sibling for uploads. */
function uploadUrlOf({ place, where }: Releases, { upload_url: told }: Release): URL {
  const url = urlOf(told.replace(/\{.*$/, ''), place.api);
  const sibling = place.api.host.replace(/^api\./, 'uploads.');
  if (url.protocol === place.api.protocol && (url.host === place.api.host || url.host === sibling)) {
    return url;
  }
  throw storeRefused({ where, wanted: `take uploads at ${sibling}`, found: url.host });
}

/** Another machine may have published the same bytes in the meantime; then ours are not needed. */
async function publish(releases: Releases, draft: Release, digest: Digest): Promise<void> {
  const url = `releases/${draft.id}`;
  const headers = { 'content-type': 'application/json' };
  const body = JSON.stringify({ draft: false, prerelease: true, make_latest: 'false' });
  const answer = await releases.call({ method: 'PATCH', url, headers, body });
  if (answer.status === 200) return void (await emptied(answer));
  if (answer.status !== 422 || !saysTaken(await jsonOf(answer))) {
    throw await releases.faultOf(answer, 'publish a release');
  }
  if ((await findIn(releases, digest)) !== null) return remove(releases, url);
  throw storeRefused({
    where: releases.where,
    wanted: `publish ${tagOf(digest)}`,
    found: 'that its tag is taken',
  });
}

async function remove(releases: Releases, url: string): Promise<void> {
  const answer = await releases.call({ method: 'DELETE', url });
  if (answer.status !== 204 && answer.status !== 404) throw await releases.faultOf(answer, `delete ${url}`);
  await emptied(answer);
}
