/** Artifacts in a container registry: a blob by digest, and a tagged manifest that keeps it from being collected. */
import * as z from 'zod';
import type { Digest } from '../../registry/base/digest.ts';
import { digestOf, hexOf } from '../../registry/base/digest.ts';
import { artifactWrongSize, storeRefused } from '../faults.ts';
import { faultOf, jsonOf, emptied, urlOf, type Answer, type Call } from './http.ts';
import { doorkeeper, type Login } from './oci-auth.ts';
import { patiently, PATIENT, type Patience } from './patience.ts';
import { remoteStore, type Found, type Remote } from './remote-store.ts';
import { offeredBytes, type Offered } from './source.ts';
import type { ArtifactStore } from './store.ts';

export interface OciPlace {
  /** `https://ghcr.io`; http: only on this machine. */
  readonly registry: URL;
  /** `owner/name` within the registry. */
  readonly repository: string;
  readonly login: Login | null;
  readonly now: () => string;
  readonly patience?: Patience;
  /** Bytes of one piece of an upload; what is smaller goes in one. */
  readonly pieceBytes?: number;
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
const EMPTY_TYPE = 'application/vnd.oci.empty.v1+json';
const ARTIFACT_TYPE = 'application/vnd.fettle.artifact.v1';
const MEBI = 1024 * 1024;
const PIECE_BYTES = 16 * MEBI;
/** GitHub's registry refuses a request of more than 4 MiB, with 416. */
const PIECE_BYTES_AT: Readonly<Record<string, number>> = { 'ghcr.io': 4 * MEBI };

const Descriptor = z.object({ digest: z.string(), size: z.int().min(0) });
const Manifest = z.object({ layers: z.array(Descriptor) });

interface Registry {
  readonly where: string;
  readonly base: URL;
  readonly patience: Patience;
  readonly pieceBytes: number;
  call(call: Call): Promise<Answer>;
  faultOf(answer: Answer, wanted: string): Promise<Error>;
}

export function ociStore(place: OciPlace): ArtifactStore {
  const { registry: host, repository, now, patience = PATIENT } = place;
  const pieceBytes = place.pieceBytes ?? PIECE_BYTES_AT[host.host] ?? PIECE_BYTES;
  const where = `${host.host}/${repository}`;
  const base = new URL(`/v2/${repository}/`, host);
  const registry: Registry = {
    where,
    base,
    patience,
    pieceBytes,
    call: doorkeeper({ login: place.login, repository, now }),
    faultOf: (answer, wanted) => faultOf(answer, wanted, now()),
  };
  // Every manifest has a configuration; ours is the empty one that the specification names.
  const nothing = offeredBytes('package', Buffer.from('{}'));
  let hasNothing = false;
  const remote: Remote<Digest> = {
    where,
    find: (digest) => findIn(registry, digest),
    async open({ handle }, from) {
      const headers = from === 0 ? {} : { range: `bytes=${from}-` };
      const url = new URL(`blobs/${handle}`, base);
      const answer = await registry.call({ method: 'GET', url, headers });
      if (answer.status === 200 || answer.status === 206) return answer;
      throw await registry.faultOf(answer, `give the bytes of ${handle}`);
    },
    async send({ ref, source }) {
      await sendBlob(registry, { ref, source });
      if (!hasNothing) await sendBlob(registry, nothing);
      hasNothing = true;
      await sendManifest(registry, manifestOf({ ref, source }, nothing));
    },
  };
  return remoteStore(remote, patience);
}

/** Tags may not have a colon. */
function tagOf(digest: string): string {
  return digest.replace(':', '-');
}

async function findIn(registry: Registry, digest: Digest): Promise<Found<Digest> | null> {
  const url = new URL(`manifests/${tagOf(digest)}`, registry.base);
  const answer = await registry.call({ method: 'GET', url, headers: { accept: MANIFEST_TYPE } });
  if (answer.status === 404) {
    await emptied(answer);
    return null;
  }
  if (answer.status !== 200) throw await registry.faultOf(answer, `say whether it has ${digest}`);
  const manifest = Manifest.safeParse(await jsonOf(answer));
  const layer = manifest.data?.layers.find((one) => one.digest === digest);
  if (layer !== undefined) return { sizeBytes: layer.size, handle: digest };
  const found = 'a manifest that does not name it';
  throw storeRefused({ where: registry.where, wanted: `keep ${digest} under its tag`, found });
}

interface Tagged {
  readonly tag: string;
  readonly text: string;
}

function manifestOf({ ref }: Offered, nothing: Offered): Tagged {
  const manifest = {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType: ARTIFACT_TYPE,
    config: { mediaType: EMPTY_TYPE, digest: nothing.ref.digest, size: nothing.ref.sizeBytes },
    layers: [
      {
        mediaType: `application/vnd.fettle.${ref.kind}`,
        digest: ref.digest,
        size: ref.sizeBytes,
        annotations: { 'org.opencontainers.image.title': `${ref.kind}-${hexOf(ref.digest).slice(0, 12)}` },
      },
    ],
  };
  return { tag: tagOf(ref.digest), text: JSON.stringify(manifest) };
}

async function sendManifest(registry: Registry, { tag, text }: Tagged): Promise<void> {
  const url = new URL(`manifests/${tag}`, registry.base);
  const headers = { 'content-type': MANIFEST_TYPE };
  const answer = await registry.call({ method: 'PUT', url, headers, body: text });
  if (answer.status !== 201) throw await registry.faultOf(answer, 'take a manifest');
  await emptied(answer);
  const told = answer.headers['docker-content-digest'];
  if (told === undefined || told === digestOf(text)) return;
  throw storeRefused({
    where: registry.where,
    wanted: 'keep the manifest as it was sent',
    found: String(told),
  });
}

/** Asked first, since most blobs of a run are those of the run before. */
async function sendBlob(registry: Registry, offered: Offered): Promise<void> {
  const { digest, sizeBytes } = offered.ref;
  const there = await registry.call({ method: 'HEAD', url: new URL(`blobs/${digest}`, registry.base) });
  await emptied(there);
  const length = there.headers['content-length'];
  if (there.status === 200) {
    if (length === undefined || Number(length) === sizeBytes) return;
    throw artifactWrongSize({ digest, wanted: sizeBytes, found: length, where: registry.where });
  }
  // Without a body a fault cannot say much; asking to upload will tell the same, with words.
  const upload = await beginUpload(registry);
  const pieceBytes = Math.max(registry.pieceBytes, upload.leastBytes);
  const ready =
    sizeBytes > pieceBytes ? await sendPieces(registry, offered, { upload, pieceBytes }) : upload.url;
  const url = new URL(ready);
  url.searchParams.set('digest', digest);
  const headers = { 'content-type': 'application/octet-stream' };
  const rest = sizeBytes > pieceBytes ? sizeBytes : 0;
  const body = { source: offered.source, span: { from: rest, to: sizeBytes } };
  const answer = await registry.call({ method: 'PUT', url, headers, body });
  if (answer.status !== 201) throw await registry.faultOf(answer, `take the bytes of ${digest}`);
  await emptied(answer);
}

interface Upload {
  readonly url: URL;
  /** The least that the registry takes in one piece. */
  readonly leastBytes: number;
}

async function beginUpload(registry: Registry): Promise<Upload> {
  const url = new URL('blobs/uploads/', registry.base);
  const answer = await emptiedIf(202, await registry.call({ method: 'POST', url, body: '' }));
  if (answer.status !== 202) throw await registry.faultOf(answer, 'begin an upload');
  const least = Number(answer.headers['oci-chunk-min-length'] ?? 0);
  return { url: placeOf(answer, registry), leastBytes: Number.isFinite(least) ? least : 0 };
}

/** Every piece is tried again from where the registry says that it is. Gives where the upload is to be ended. */
async function sendPieces(
  registry: Registry,
  { ref, source }: Offered,
  { upload, pieceBytes }: { readonly upload: Upload; readonly pieceBytes: number },
): Promise<URL> {
  let { url } = upload;
  let from = 0;
  await patiently(registry.patience, async ({ before, progress }) => {
    if (before !== null) ({ url, from } = await whereIs(registry, url));
    while (from < ref.sizeBytes) {
      const to = Math.min(ref.sizeBytes, from + pieceBytes);
      const headers = { 'content-type': 'application/octet-stream', 'content-range': `${from}-${to - 1}` };
      const body = { source, span: { from, to } };
      const answer = await emptiedIf(202, await registry.call({ method: 'PATCH', url, headers, body }));
      if (answer.status !== 202) throw await registry.faultOf(answer, `take bytes ${from} to ${to}`);
      url = placeOf(answer, registry);
      // What `Range` says here is stale with some registries; the digest at the end tells whether all of it arrived.
      from = to;
      progress();
    }
  });
  return url;
}

async function whereIs(registry: Registry, url: URL): Promise<{ url: URL; from: number }> {
  const answer = await emptiedIf(204, await registry.call({ method: 'GET', url }));
  // Uploads expire, and some registries forget one that was cut.
  if (answer.status === 404) return { url: (await beginUpload(registry)).url, from: 0 };
  if (answer.status !== 204) throw await registry.faultOf(answer, 'say how far the upload is');
  return { url: placeOf(answer, registry, url), from: endOf(answer) ?? 0 };
}

/** `Range: 0-99` means that 100 bytes are there; an upload without any says `0-0`, or nothing. */
function endOf({ headers }: Answer): number | null {
  const [, last] = /^(?:bytes=)?0-(\d+)$/.exec(String(headers['range'] ?? '')) ?? [];
  if (last === undefined) return null;
  return last === '0' ? 0 : Number(last) + 1;
}

/** Where to go on; it stays on the registry's own host, since what is sent there carries the credentials. */
function placeOf({ headers, url: asked }: Answer, { where }: Registry, same: URL | null = null): URL {
  const { location } = headers;
  if (location === undefined && same !== null) return same;
  const url = urlOf(location ?? '', asked);
  if (url.origin === asked.origin) return url;
  throw storeRefused({ where, wanted: 'take uploads itself', found: `that it sends them to ${url.origin}` });
}

async function emptiedIf(status: number, answer: Answer): Promise<Answer> {
  return answer.status === status ? emptied(answer) : answer;
}
