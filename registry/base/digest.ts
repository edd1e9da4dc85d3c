/** SHA-256 of bytes and of values, written `sha256:<64 hex>` as container registries write it. */
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { canonical } from './json.ts';

export const Digest = z
  .string()
  .regex(/^sha256:[0-9a-f]{64}$/, 'sha256:<64 hex digits>')
  .brand<'Digest'>();
export type Digest = z.infer<typeof Digest>;

export function digestOf(bytes: Uint8Array | string): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}` as Digest;
}

export function digestOfValue(value: unknown): Digest {
  return digestOf(canonical(value));
}

export function hexOf(digest: Digest): string {
  return digest.slice('sha256:'.length);
}

/** Enough of a digest for people to tell two apart. */
export function shortOf(digest: Digest): string {
  return hexOf(digest).slice(0, 12);
}
