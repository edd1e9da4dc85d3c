/** Checks signatures of Amazon's services as the services do (Signature Version 4), from what came over the wire alone. */
import { createHash, createHmac } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

export interface Signed {
  readonly method: string;
  /** Path and query as they came. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

export interface Keyring {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** Who asked where; or the service's words for what is wrong. */
export type Signature =
  | { readonly region: string; readonly service: string }
  | { readonly wrong: 'MissingAuthenticationToken' | 'UnrecognizedClient' | 'InvalidSignature' };

const hex = (data: string | Buffer): string => createHash('sha256').update(data).digest('hex');
const mac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/**
 * @source AWS General Reference, "Create a signed AWS API request": every service but S3 encodes the path once more
 */
export function signatureOf(asked: Signed, key: Keyring): Signature {
  const { authorization = '' } = asked.headers;
  const told =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/.exec(
      authorization,
    );
  if (told === null) return { wrong: 'MissingAuthenticationToken' };
  const [, id = '', day = '', region = '', service = '', names = '', signature = ''] = told;
  if (id !== key.accessKeyId) return { wrong: 'UnrecognizedClient' };
  const time = String(asked.headers['x-amz-date'] ?? '');
  const [path = '', query = ''] = asked.target.split('?');
  const sent = hex(asked.body);
  const declared = asked.headers['x-amz-content-sha256'];
  const canonical = [
    asked.method,
    service === 's3' ? path : path.split('/').map(encodeURIComponent).join('/'),
    query.split('&').sort().join('&'),
    ...names.split(';').map((name) => `${name}:${String(asked.headers[name] ?? '').trim()}`),
    '',
    names,
    sent,
  ].join('\n');
  const scope = [day, region, service, 'aws4_request'];
  const secret = scope.reduce<string | Buffer>((so, part) => mac(so, part), `AWS4${key.secretAccessKey}`);
  const text = ['AWS4-HMAC-SHA256', time, scope.join('/'), hex(canonical)].join('\n');
  const covers = ['host', 'x-amz-date'].every((name) => names.split(';').includes(name));
  const wanted = mac(secret, text).toString('hex');
  const right = wanted === signature && covers && time.startsWith(day) && (declared ?? sent) === sent;
  return right ? { region, service } : { wrong: 'InvalidSignature' };
}
