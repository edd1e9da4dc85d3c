/** Bytes that can be read again from any place: what an upload needs to go on after a cut connection. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { Digest, digestOf } from '../../registry/base/digest.ts';
import type { ArtifactKind, ArtifactRef } from '../../registry/schema/artifact.ts';
import { refusePointer } from './pointer.ts';

export interface Span {
  readonly from: number;
  /** The place after the last byte. */
  readonly to: number;
}

export interface ByteSource {
  readonly sizeBytes: number;
  stream(span: Span): Readable;
}

export interface Offered {
  readonly ref: ArtifactRef;
  readonly source: ByteSource;
}

/** @throws artifactIsPointer */
export function offeredBytes(kind: ArtifactKind, bytes: Uint8Array): Offered {
  refusePointer(bytes, `the ${kind} to keep`);
  // The caller may change his bytes while they travel.
  const own = Buffer.from(bytes);
  const source = {
    sizeBytes: own.length,
    stream: ({ from, to }: Span) => Readable.from([own.subarray(from, to)], { objectMode: false }),
  };
  return { ref: { kind, digest: digestOf(own), sizeBytes: own.length }, source };
}

/** @throws artifactIsPointer */
export async function offeredFile(kind: ArtifactKind, file: string): Promise<Offered> {
  const { size } = await stat(file);
  if (size < 1024) refusePointer(await headOf(file), file);
  const { digest, sizeBytes } = await digestOfFile(file);
  const source = {
    sizeBytes,
    stream: ({ from, to }: Span) =>
      from === to
        ? Readable.from([Buffer.alloc(0)], { objectMode: false })
        : createReadStream(file, { start: from, end: to - 1 }),
  };
  return { ref: { kind, digest, sizeBytes }, source };
}

export async function digestOfFile(file: string): Promise<Omit<ArtifactRef, 'kind'>> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const piece of createReadStream(file)) {
    hash.update(piece);
    sizeBytes += piece.length;
  }
  return { digest: Digest.parse(`sha256:${hash.digest('hex')}`), sizeBytes };
}

export async function bytesIn(source: ByteSource, span: Span): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source.stream(span)) pieces.push(piece);
  return Buffer.concat(pieces);
}

async function headOf(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read({ buffer: Buffer.alloc(1024), position: 0 });
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
