/** Keys of three algorithms, to sign with and to check with; Node's own OpenSSL does the arithmetic. */
import { createPrivateKey, createPublicKey, generateKeyPairSync, hash, sign, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { keyUnreadable } from '../faults.ts';
import { ALGORITHMS, KeyId, type Algorithm, type PublicKey } from '../schema/policy.ts';

export interface Signer {
  readonly id: KeyId;
  readonly public: PublicKey;
  sign(message: Uint8Array): Buffer;
}

/** The DER that stands before the raw key in a SubjectPublicKeyInfo. @source RFC 8410 §4, RFC 9881 §4 */
const PREFIXES: Readonly<Record<Algorithm, string>> = {
  ed25519: '302a300506032b6570032100',
  'ml-dsa-44': '30820532300b06096086480165030403110382052100',
  'ml-dsa-65': '308207b2300b0609608648016503040312038207a100',
};

const SIZES: Readonly<Record<Algorithm, number>> = { ed25519: 32, 'ml-dsa-44': 1312, 'ml-dsa-65': 1952 };

export function keyIdOf({ alg, key }: PublicKey): KeyId {
  return KeyId.parse(hash('sha256', `fettle/key/v1\0${alg}\0${key}`));
}

/** A new key in PEM (PKCS #8), to be kept secret. */
export function newKey(alg: Algorithm): string {
  const { privateKey } = pairOf(alg);
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

function pairOf(alg: Algorithm): { readonly privateKey: KeyObject } {
  if (alg === 'ed25519') return generateKeyPairSync('ed25519');
  return alg === 'ml-dsa-44' ? generateKeyPairSync('ml-dsa-44') : generateKeyPairSync('ml-dsa-65');
}

/** @throws keyUnreadable, which never repeats what it was given */
export function signerOf(pem: string): Signer {
  const secret = readSecret(pem);
  const alg = ALGORITHMS.find((name) => name === secret.asymmetricKeyType);
  if (alg === undefined) {
    throw keyUnreadable({ found: `a key of the kind ${secret.asymmetricKeyType ?? 'unknown'}` });
  }
  const spki = createPublicKey(secret).export({ type: 'spki', format: 'der' });
  const known: PublicKey = { alg, key: spki.subarray(-SIZES[alg]).toString('base64') };
  return { id: keyIdOf(known), public: known, sign: (message) => sign(null, message, secret) };
}

function readSecret(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw keyUnreadable({ found: pem.trim() === '' ? 'nothing' : 'something else' });
  }
}

export interface Signed {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

/** False for a key of the wrong size as much as for a wrong signature. */
export function isSignedBy({ alg, key }: PublicKey, { message, signature }: Signed): boolean {
  const raw = rawOf({ alg, key });
  if (raw === null) return false;
  const der = Buffer.concat([Buffer.from(PREFIXES[alg], 'hex'), raw]);
  try {
    return verify(null, message, createPublicKey({ key: der, format: 'der', type: 'spki' }), signature);
  } catch {
    // OpenSSL refuses points that are no keys by throwing.
    return false;
  }
}

/** The raw bytes of a key; null when they are not as many as its algorithm has. */
export function rawOf({ alg, key }: PublicKey): Buffer | null {
  const raw = Buffer.from(key, 'base64');
  return raw.length === SIZES[alg] && raw.toString('base64') === key ? raw : null;
}
