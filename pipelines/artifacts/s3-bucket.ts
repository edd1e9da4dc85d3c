/** A bucket that speaks S3: where its objects are, signed calls for them, and the text of one. */
import { createHash } from 'node:crypto';
import type { FettleError } from '../../registry/base/fault.ts';
import { storeRefused } from '../faults.ts';
import { ask, emptied, faultOf, textOf, type Answer, type Call } from './http.ts';
import { PATIENT, patiently, type Patience } from './patience.ts';
import { signed, type S3Key } from './s3-sign.ts';

export interface Bucket {
  /** `https://s3.eu-central-1.amazonaws.com`; http: only on this machine. */
  readonly endpoint: URL;
  readonly region: string;
  readonly bucket: string;
  /** Where the bucket's name stands: in the path, or before the host. */
  readonly style: 'path' | 'host';
  /** Null reads what is public. */
  readonly key: S3Key | null;
  readonly now: () => string;
}

export interface Signing extends Pick<Call, 'method' | 'url' | 'headers' | 'body'> {
  readonly bodyHex?: string;
}

const EMPTY_HEX = createHash('sha256').digest('hex');

/** Where the keys of its objects begin. */
export function bucketTop({ endpoint, bucket, style }: Bucket): URL {
  const top = new URL(endpoint);
  if (style === 'host') top.hostname = `${bucket}.${top.hostname}`;
  top.pathname = style === 'host' ? '/' : `/${bucket}/`;
  return top;
}

/** @throws storeUnreachable, storeAddressRefused */
export async function callBucket(
  { key, region, now }: Bucket,
  { bodyHex = EMPTY_HEX, ...asked }: Signing,
): Promise<Answer> {
  const { method, url, headers = {} } = asked;
  if (key === null) return ask(asked);
  const all = signed(key, { method, url, headers, bodyHex, region, at: now() });
  return ask({ ...asked, headers: {}, secretHeaders: all });
}

/** What a circuit's shots leave takes some megabytes at most. */
const OBJECT_BYTES_MAX = 256 * 1024 * 1024;

/**
 * An object's text, read whole.
 *
 * @returns null where there is no such object
 * @throws  storeUnreachable, storeRefused, storeAddressRefused
 */
export async function objectText(
  bucket: Bucket,
  { key, patience = PATIENT }: { readonly key: string; readonly patience?: Patience | undefined },
): Promise<string | null> {
  const url = objectUrl(bucket, key);
  return patiently(patience, async () => {
    const answer = await callBucket(bucket, { method: 'GET', url });
    if (answer.status === 200) return textOf(answer, OBJECT_BYTES_MAX);
    if (answer.status === 404) return emptied(answer).then(() => null);
    throw await refusedBy(bucket, answer, `give ${key}`);
  });
}

/** The fault of an answer that is not what was asked for; a bucket of another region says so, and where it is. */
export async function refusedBy(
  { endpoint, bucket, region, now }: Bucket,
  answer: Answer,
  wanted: string,
): Promise<FettleError> {
  const own = answer.headers['x-amz-bucket-region'];
  if (typeof own !== 'string' || own === region || answer.status === 403) {
    return faultOf(answer, wanted, now());
  }
  await emptied(answer);
  const found = `that the bucket is in the region ${own}, not ${region}`;
  return storeRefused({ where: `s3://${bucket} at ${endpoint.host}`, wanted, found });
}

/** A key that somebody else names must not lead out of the bucket: dots between slashes would. */
function objectUrl(bucket: Bucket, key: string): URL {
  const top = bucketTop(bucket);
  const url = new URL(top);
  url.pathname += key.split('/').map(encodeURIComponent).join('/');
  if (url.href.startsWith(top.href)) return url;
  throw storeRefused({ where: bucket.bucket, wanted: 'name an object', found: `\`${key.slice(0, 100)}\`` });
}
