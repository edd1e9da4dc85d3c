/** Whether a body was signed with the webhook secret; compared in constant time, before anything of it is parsed. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { secretMissing } from '../faults.ts';

export type Verify = (body: Uint8Array, header: string | undefined) => boolean;

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

/** Probot falls back to this word where none is set, so that anybody could sign. */
const GUESSED = ['', 'development'];

/** @throws secretMissing */
export function verifierFor(secret: string | undefined): Verify {
  if (secret === undefined || GUESSED.includes(secret.trim())) {
    throw secretMissing({ found: secret === undefined ? 'none' : `\`${secret.trim()}\`` });
  }
  return (body, header) => {
    const [, hex] = SIGNATURE.exec(header ?? '') ?? [];
    if (hex === undefined) return false;
    return timingSafeEqual(createHmac('sha256', secret).update(body).digest(), Buffer.from(hex, 'hex'));
  };
}
