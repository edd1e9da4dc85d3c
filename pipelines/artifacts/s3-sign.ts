/** Signs requests to S3 (Signature Version 4); the signature stands for the secret, which never travels. */
import { createHash, createHmac } from 'node:crypto';

export interface S3Key {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken: string | null;
}

export interface ToSign {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** SHA-256 of the body, in hex. */
  readonly bodyHex: string;
  readonly region: string;
  /** ISO 8601. */
  readonly at: string;
}

/**
 * Every header to send: those given, those that S3 wants, and the signature over all of them and `host`.
 *
 * @source Amazon S3 API Reference, "Signature calculations for the authorization header: transferring payload in a
 *   single chunk"
 */
export function signed(key: S3Key, ask: ToSign): Readonly<Record<string, string>> {
  const time = ask.at.replaceAll(/[:-]|\.\d+/g, '');
  const day = time.slice(0, 8);
  const headers: Record<string, string> = {
    ...ask.headers,
    'x-amz-content-sha256': ask.bodyHex,
    'x-amz-date': time,
    ...(key.sessionToken === null ? {} : { 'x-amz-security-token': key.sessionToken }),
  };
  const covered = Object.entries({ ...headers, host: ask.url.host }).sort(([a], [b]) => (a < b ? -1 : 1));
  const names = covered.map(([name]) => name).join(';');
  const canonical = [
    ask.method,
    pathOf(ask.url),
    queryOf(ask.url),
    ...covered.map(([name, value]) => `${name}:${value.trim().replaceAll(/ +/g, ' ')}`),
    '',
    names,
    ask.bodyHex,
  ].join('\n');
  const scope = `${day}/${ask.region}/s3/aws4_request`;
  const hashed = createHash('sha256').update(canonical).digest('hex');
  const text = `AWS4-HMAC-SHA256\n${time}\n${scope}\n${hashed}`;
  const signing = [day, ask.region, 's3', 'aws4_request'].reduce<string | Buffer>(
    (secret, part) => createHmac('sha256', secret).update(part).digest(),
    `AWS4${key.secretAccessKey}`,
  );
  const signature = createHmac('sha256', signing).update(text).digest('hex');
  const credential = `Credential=${key.accessKeyId}/${scope}`;
  return {
    ...headers,
    authorization: `AWS4-HMAC-SHA256 ${credential},SignedHeaders=${names},Signature=${signature}`,
  };
}

/** Encoded once, each part between slashes by itself: S3 alone among the services does not encode twice. */
function pathOf({ pathname }: URL): string {
  return pathname
    .split('/')
    .map((part) => encoded(decodeURIComponent(part)))
    .join('/');
}

function queryOf({ searchParams }: URL): string {
  return [...searchParams]
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort()
    .join('&');
}

/** RFC 3986: everything but letters, digits and `-._~`. */
function encoded(text: string): string {
  return encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
