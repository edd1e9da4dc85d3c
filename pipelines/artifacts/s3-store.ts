/** Artifacts in a bucket that speaks S3, below a prefix and laid out as in a folder, so that both can be copied. */
import { createHash } from 'node:crypto';
import { hexOf, type Digest } from '../../registry/base/digest.ts';
import { artifactWrongSize, storeRefused } from '../faults.ts';
import { placeOf } from './folder-store.ts';
import { emptied, textOf, type Answer } from './http.ts';
import { PATIENT, patiently, type Patience } from './patience.ts';
import { remoteStore, type Remote } from './remote-store.ts';
import { bucketTop, callBucket, refusedBy, type Bucket as Named, type Signing } from './s3-bucket.ts';
import { bytesIn, type Offered } from './source.ts';
import type { ArtifactStore } from './store.ts';

export interface S3Place extends Named {
  /** Without slashes around it; empty for the bucket's top. */
  readonly prefix: string;
  readonly patience?: Patience;
  /** What is larger goes in parts of this size. */
  readonly partBytes?: number;
}

/** S3 takes at most 10 000 parts of at least 5 MiB, and at most 5 GiB at once. */
const PART_BYTES = 16 * 1024 * 1024;
const PARTS_MAX = 9000;

interface Bucket {
  readonly place: S3Place;
  readonly where: string;
  readonly patience: Patience;
  urlOf(digest: Digest): URL;
}

export function s3Store(place: S3Place): ArtifactStore {
  const { bucket: name, prefix, patience = PATIENT } = place;
  const top = bucketTop(place);
  const where = `s3://${name}${prefix === '' ? '' : `/${prefix}`} at ${place.endpoint.host}`;
  const urlOf = (digest: Digest): URL =>
    new URL(`${prefix === '' ? '' : `${prefix}/`}${placeOf(digest)}`, top);
  const bucket: Bucket = { place, where, patience, urlOf };
  const remote: Remote<Digest> = {
    where,
    async find(digest) {
      const answer = await callBucket(bucket.place, { method: 'HEAD', url: urlOf(digest) });
      await emptied(answer);
      if (answer.status === 404) return null;
      if (answer.status !== 200) throw await refusedBy(bucket.place, answer, `say whether it has ${digest}`);
      return { sizeBytes: Number(answer.headers['content-length'] ?? Number.NaN), handle: digest };
    },
    async open({ handle }, from) {
      const headers = from === 0 ? {} : { range: `bytes=${from}-` };
      const answer = await callBucket(bucket.place, { method: 'GET', url: urlOf(handle), headers });
      if (answer.status === 200 || answer.status === 206) return answer;
      throw await refusedBy(bucket.place, answer, `give the bytes of ${handle}`);
    },
    async send(offered, { before }) {
      // The answer to an upload may have been lost, or joined parts have taken longer than anybody waited.
      const there = before === null ? null : await remote.find(offered.ref.digest);
      if (there?.sizeBytes === offered.ref.sizeBytes) return;
      const parted = offered.ref.sizeBytes > (place.partBytes ?? PART_BYTES);
      await (parted ? sendParts(bucket, offered) : sendWhole(bucket, offered));
      await checkThere(bucket, offered, await remote.find(offered.ref.digest));
    },
  };
  return remoteStore(remote, patience);
}

/** Asks and insists on 200; reads what was said. */
async function done(
  bucket: Bucket,
  signing: Signing,
  wanted: string,
): Promise<{ answer: Answer; text: string }> {
  const answer = await callBucket(bucket.place, signing);
  if (answer.status !== 200) throw await refusedBy(bucket.place, answer, wanted);
  return { answer, text: await textOf(answer) };
}

/** The server hashes what arrives, and refuses what is not this. */
async function sendWhole(bucket: Bucket, { ref, source }: Offered): Promise<void> {
  const bodyHex = hexOf(ref.digest);
  const headers = {
    'content-type': 'application/octet-stream',
    'x-amz-checksum-sha256': Buffer.from(bodyHex, 'hex').toString('base64'),
  };
  const body = { source, span: { from: 0, to: ref.sizeBytes } };
  const url = bucket.urlOf(ref.digest);
  await done(bucket, { method: 'PUT', url, headers, body, bodyHex }, `take the bytes of ${ref.digest}`);
}

interface Part {
  readonly number: number;
  readonly tag: string;
  readonly sha256: string;
}

/** Parts of a failed upload are given up, since their room is paid for. */
async function sendParts(bucket: Bucket, offered: Offered): Promise<void> {
  const url = bucket.urlOf(offered.ref.digest);
  const uploadId = await beginParts(bucket, url);
  const upload = new URL(url);
  upload.searchParams.set('uploadId', uploadId);
  try {
    const parts = await sendEach(bucket, offered, upload);
    await endParts(bucket, upload, parts);
  } catch (error) {
    await callBucket(bucket.place, { method: 'DELETE', url: upload }).then(emptied, () => undefined);
    throw error;
  }
}

async function beginParts(bucket: Bucket, place: URL): Promise<string> {
  const url = new URL(place);
  url.searchParams.set('uploads', '');
  const headers = { 'content-type': 'application/octet-stream', 'x-amz-checksum-algorithm': 'SHA256' };
  const { text } = await done(bucket, { method: 'POST', url, headers, body: '' }, 'begin an upload in parts');
  const uploadId = fieldOf(text, 'UploadId');
  if (uploadId !== null) return uploadId;
  throw storeRefused({ where: bucket.where, wanted: 'name the upload', found: text.slice(0, 100) });
}

async function sendEach(bucket: Bucket, { ref, source }: Offered, upload: URL): Promise<readonly Part[]> {
  const partBytes = Math.max(bucket.place.partBytes ?? PART_BYTES, Math.ceil(ref.sizeBytes / PARTS_MAX));
  const parts: Part[] = [];
  for (let from = 0; from < ref.sizeBytes; from += partBytes) {
    const to = Math.min(ref.sizeBytes, from + partBytes);
    const bytes = await bytesIn(source, { from, to });
    const number = parts.length + 1;
    parts.push(await patiently(bucket.patience, () => sendPart(bucket, upload, { number, bytes })));
  }
  return parts;
}

async function sendPart(
  bucket: Bucket,
  upload: URL,
  { number, bytes }: { readonly number: number; readonly bytes: Uint8Array },
): Promise<Part> {
  const url = new URL(upload);
  url.searchParams.set('partNumber', String(number));
  const hash = createHash('sha256').update(bytes).digest();
  const sha256 = hash.toString('base64');
  const headers = { 'x-amz-checksum-sha256': sha256 };
  const signing: Signing = { method: 'PUT', url, headers, body: bytes, bodyHex: hash.toString('hex') };
  const { answer } = await done(bucket, signing, `take part ${number}`);
  return { number, tag: answer.headers.etag ?? '', sha256 };
}

async function endParts(bucket: Bucket, url: URL, parts: readonly Part[]): Promise<void> {
  const listed = parts.map(
    ({ number, tag, sha256 }) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${escaped(tag)}</ETag>` +
      `<ChecksumSHA256>${sha256}</ChecksumSHA256></Part>`,
  );
  const xmlns = 'http://s3.amazonaws.com/doc/2006-03-01/';
  const body = `<CompleteMultipartUpload xmlns="${xmlns}">${listed.join('')}</CompleteMultipartUpload>`;
  const bodyHex = createHash('sha256').update(body).digest('hex');
  const headers = { 'content-type': 'application/xml' };
  const { text } = await done(bucket, { method: 'POST', url, headers, body, bodyHex }, 'join the parts');
  // Joining can take longer than an answer may: then 200 is sent first, and the error follows in the body.
  const code = /<Error[\s>]/.test(text) ? (fieldOf(text, 'Code') ?? 'an error') : null;
  if (code !== null) throw storeRefused({ where: bucket.where, wanted: 'join the parts', found: code });
}

async function checkThere(
  { where }: Bucket,
  { ref }: Offered,
  found: { readonly sizeBytes: number } | null,
): Promise<void> {
  if (found?.sizeBytes === ref.sizeBytes) return;
  const told = found === null ? 'nothing' : `${found.sizeBytes}`;
  throw artifactWrongSize({ digest: ref.digest, wanted: ref.sizeBytes, found: told, where });
}

function fieldOf(xml: string, name: string): string | null {
  return new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1] ?? null;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
