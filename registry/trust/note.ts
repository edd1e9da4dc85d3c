/** Signed notes, as transparency logs publish their checkpoints: a text, an empty line, and signatures. */
import { hash } from 'node:crypto';
import type { Algorithm, PublicKey } from '../schema/policy.ts';
import { isSignedBy, rawOf, type Signer } from './keys.ts';

/** What a checkpoint says. */
export interface Checkpoint {
  readonly origin: string;
  readonly size: number;
  /** Hex. */
  readonly root: string;
}

export interface NoteSignature {
  readonly name: string;
  /** The first four bytes of a hash over name, type and key, hex. */
  readonly hint: string;
  readonly bytes: Buffer;
}

export interface Note {
  /** With its last line feed. */
  readonly body: string;
  readonly signatures: readonly NoteSignature[];
}

/** More than anybody needs; a reader that checked any number could be kept busy. */
const SIGNATURES_MAX = 16;

/** @source c2sp.org/signed-note, "Signature types"; c2sp.org/tlog-cosignature for ML-DSA-44 */
const TYPES: Readonly<Partial<Record<Algorithm, number>>> = { ed25519: 0x01, 'ml-dsa-44': 0x06 };

/** @returns hex; null for an algorithm that notes do not have */
export function hintOf(name: string, key: PublicKey): string | null {
  const [type, raw] = [TYPES[key.alg], rawOf(key)];
  if (type === undefined || raw === null) return null;
  return hash('sha256', Buffer.concat([Buffer.from(`${name}\n`), Buffer.of(type), raw])).slice(0, 8);
}

/** The text a verifier needs of a key: `<name>+<hint>+<base64 of type and key>`. @source c2sp.org/signed-note */
export function verifierKey(name: string, key: PublicKey): string | null {
  const [type, raw, hint] = [TYPES[key.alg], rawOf(key), hintOf(name, key)];
  if (type === undefined || raw === null || hint === null) return null;
  return `${name}+${hint}+${Buffer.concat([Buffer.of(type), raw]).toString('base64')}`;
}

/** @source c2sp.org/tlog-checkpoint */
export function bodyOf({ origin, size, root }: Checkpoint): string {
  return `${origin}\n${size}\n${Buffer.from(root, 'hex').toString('base64')}\n`;
}

/** @returns null for anything but exactly three lines */
export function checkpointOf(body: string): Checkpoint | null {
  const found = /^([^\n]+)\n(0|[1-9]\d{0,15})\n([A-Za-z0-9+/]{43}=)\n$/.exec(body);
  if (found === null) return null;
  const [, origin = '', size = '', root = ''] = found;
  return { origin, size: Number(size), root: Buffer.from(root, 'base64').toString('hex') };
}

export interface Sealing {
  readonly signers: readonly Signer[];
  /** Name of the keys in the note; a log's is its origin. */
  readonly name: string;
  /** POSIX seconds, which a cosignature carries. */
  readonly time: number;
}

/** @throws TypeError for a signer whose algorithm notes do not have */
export function signNote(checkpoint: Checkpoint, { signers, name, time }: Sealing): string {
  const body = bodyOf(checkpoint);
  const lines = signers.map((signer) => {
    const hint = hintOf(name, signer.public);
    if (hint === null) throw new TypeError(`notes know no ${signer.public.alg}`);
    const bytes =
      signer.public.alg === 'ed25519'
        ? signer.sign(Buffer.from(body))
        : Buffer.concat([uint64(time), signer.sign(cosigned({ checkpoint, name, time }))]);
    return `\u2014 ${name} ${Buffer.concat([Buffer.from(hint, 'hex'), bytes]).toString('base64')}\n`;
  });
  return lines.length === 0 ? body : `${body}\n${lines.join('')}`;
}

/** @returns null for what is no note; a text without signatures is a note of none */
export function parseNote(text: string): Note | null {
  const split = text.indexOf('\n\n');
  if (split === -1) return text.endsWith('\n') ? { body: text, signatures: [] } : null;
  const rest = text.slice(split + 2);
  if (!rest.endsWith('\n')) return null;
  const lines = rest.slice(0, -1).split('\n');
  if (lines.length > SIGNATURES_MAX) return null;
  const signatures = lines.map(signatureIn);
  const good = signatures.filter((signature) => signature !== null);
  return good.length === lines.length ? { body: text.slice(0, split + 1), signatures: good } : null;
}

function signatureIn(line: string): NoteSignature | null {
  const [dash, name, text, ...more] = line.split(' ');
  if (dash !== '\u2014' || name === undefined || name === '' || text === undefined || more.length > 0) {
    return null;
  }
  const bytes = Buffer.from(text, 'base64');
  // The last character has bits that mean nothing; a second spelling of one signature is none.
  if (bytes.length < 5 || bytes.toString('base64') !== text) return null;
  return { name, hint: bytes.subarray(0, 4).toString('hex'), bytes: bytes.subarray(4) };
}

/** `unknown`: the key did not sign this note; `wrong`: a signature says it did, and does not check. */
export type Check = 'good' | 'wrong' | 'unknown';

export function checkNote(note: Note, key: PublicKey, name: string): Check {
  const hint = hintOf(name, key);
  const found = note.signatures.find((signature) => signature.name === name && signature.hint === hint);
  if (found === undefined) return 'unknown';
  return isGood(note, key, found) ? 'good' : 'wrong';
}

function isGood({ body }: Note, key: PublicKey, { name, bytes }: NoteSignature): boolean {
  if (key.alg === 'ed25519') return isSignedBy(key, { message: Buffer.from(body), signature: bytes });
  const checkpoint = checkpointOf(body);
  if (checkpoint === null || bytes.length < 8) return false;
  const time = bytes.readBigUInt64BE(0);
  return isSignedBy(key, { message: cosigned({ checkpoint, name, time }), signature: bytes.subarray(8) });
}

interface Cosigned {
  readonly checkpoint: Checkpoint;
  readonly name: string;
  /** POSIX seconds; a note that somebody else wrote may carry any 64 bits. */
  readonly time: number | bigint;
}

/** @source c2sp.org/tlog-cosignature, "ML-DSA-44 signed message" */
function cosigned({ checkpoint, name, time }: Cosigned): Buffer {
  return Buffer.concat([
    Buffer.from('subtree/v1\n\0'),
    opaque(name),
    uint64(time),
    opaque(checkpoint.origin),
    uint64(0),
    uint64(checkpoint.size),
    Buffer.from(checkpoint.root, 'hex'),
  ]);
}

function opaque(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

function uint64(value: number | bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}
