/** An artifact store in another place: whatever it speaks, its bytes are checked and a cut download goes on. */
import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import type { Digest } from '../../registry/base/digest.ts';
import type { ArtifactRef } from '../../registry/schema/artifact.ts';
import {
  artifactForged,
  artifactIsPointer,
  artifactMissing,
  artifactNotWritten,
  artifactTooLarge,
  artifactWrongSize,
  storeUnreachable,
} from '../faults.ts';
import { unreachable, type Answer } from './http.ts';
import { patiently, type Attempt, type Patience } from './patience.ts';
import { isPointer } from './pointer.ts';
import { offeredBytes, offeredFile, type Offered } from './source.ts';
import type { ArtifactStore } from './store.ts';

/** What a place says of an artifact before its bytes are read, in words of its own for `open`. */
export interface Found<Handle> {
  readonly sizeBytes: number;
  readonly handle: Handle;
}

export interface Remote<Handle> {
  readonly where: string;
  /** What is larger is refused before anything is sent. */
  readonly mostBytes?: number;
  /** Null when nothing of this digest lies there. */
  find(digest: Digest): Promise<Found<Handle> | null>;
  /** Bytes from a place on: an answer with 206 or, where ranges are not known, with 200 and everything. */
  open(found: Found<Handle>, from: number): Promise<Answer>;
  /** Brings it there; may be tried again after any fault. */
  send(offered: Offered, attempt: Attempt): Promise<void>;
}

/** What takes the bytes, in their order. */
interface Sink {
  take(piece: Uint8Array): Promise<void>;
}

export function remoteStore<Handle>(remote: Remote<Handle>, patience: Patience): ArtifactStore {
  const { where } = remote;
  const find = (digest: Digest) => patiently(patience, () => remote.find(digest));
  const send = async (offered: Offered): Promise<ArtifactRef> => {
    const { digest, sizeBytes } = offered.ref;
    const { mostBytes: most = Number.MAX_SAFE_INTEGER } = remote;
    if (sizeBytes > most) throw artifactTooLarge({ sizeBytes, most, where });
    const there = await find(digest);
    if (there === null) await patiently(patience, (attempt) => remote.send(offered, attempt));
    else if (there.sizeBytes !== sizeBytes) {
      throw artifactWrongSize({ digest, wanted: sizeBytes, found: `${there.sizeBytes}`, where });
    }
    return offered.ref;
  };
  const receive = async (digest: Digest, sink: Sink): Promise<void> => {
    const found = await find(digest);
    if (found === null) throw artifactMissing({ digest, where });
    await receiveAll({ remote, found, digest, patience }, sink);
  };

  return {
    where,
    has: async (digest) => (await find(digest)) !== null,
    put: async (kind, bytes) => send(offeredBytes(kind, bytes)),
    putFile: async (kind, file) => send(await offeredFile(kind, file)),
    async get(digest) {
      const pieces: Uint8Array[] = [];
      await receive(digest, { take: async (piece) => void pieces.push(piece) });
      return Buffer.concat(pieces);
    },
    getFile: (digest, file) => intoFile(file, (sink) => receive(digest, sink)),
  };
}

async function intoFile(file: string, receive: (sink: Sink) => Promise<void>): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    await receive({
      async take(piece) {
        try {
          await handle.writeFile(piece);
        } catch (error) {
          const said = error instanceof Error ? error.message : String(error);
          throw artifactNotWritten({ path: file, sizeBytes: piece.length, said }, error);
        }
      },
    });
  } catch (error) {
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

interface Receiving<Handle> {
  readonly remote: Remote<Handle>;
  readonly found: Found<Handle>;
  readonly digest: Digest;
  readonly patience: Patience;
}

/** @throws artifactForged, artifactWrongSize, artifactIsPointer, storeUnreachable */
async function receiveAll<Handle>(receiving: Receiving<Handle>, sink: Sink): Promise<void> {
  const { remote, found, digest, patience } = receiving;
  const hash = createHash('sha256');
  const head: Uint8Array[] = [];
  let taken = 0;
  await patiently(patience, async ({ progress }) => {
    if (taken === found.sizeBytes) return;
    const answer = await remote.open(found, taken);
    const from = startOf(answer, taken);
    checkTotal(answer, { from, taken }, receiving);
    for await (const piece of piecesFrom(answer, taken - from)) {
      if (taken + piece.length > found.sizeBytes) {
        answer.body.destroy();
        throw wrongSize(receiving, 'more');
      }
      hash.update(piece);
      if (taken < 1024) head.push(piece);
      await sink.take(piece);
      taken += piece.length;
      progress();
    }
    if (taken < found.sizeBytes) {
      const said = `the connection ended after ${taken} of ${found.sizeBytes} bytes`;
      throw storeUnreachable({ where: answer.url.host, said, waitMs: null });
    }
  });
  const real = `sha256:${hash.digest('hex')}`;
  if (real === digest) return;
  if (isPointer(Buffer.concat(head))) throw artifactIsPointer({ where: remote.where });
  throw artifactForged({ digest, found: real, where: remote.where });
}

/** Where the answer begins: a server that knows no ranges begins anew, and what is known already is passed over. */
function startOf({ status, headers }: Answer, wanted: number): number {
  if (status !== 206) return 0;
  const [, start] = /^bytes (\d+)-/.exec(headers['content-range'] ?? '') ?? [];
  return start === undefined ? wanted : Number(start);
}

interface Place {
  readonly from: number;
  readonly taken: number;
}

function checkTotal<Handle>({ headers }: Answer, { from, taken }: Place, receiving: Receiving<Handle>): void {
  const wanted = receiving.found.sizeBytes;
  const length = headers['content-length'];
  if (from > taken) throw wrongSize(receiving, `a piece from ${from} on`);
  if (length !== undefined && headers['content-encoding'] === undefined && from + Number(length) !== wanted) {
    throw wrongSize(receiving, `${from + Number(length)}`);
  }
}

function wrongSize<Handle>({ remote, found, digest }: Receiving<Handle>, instead: string): Error {
  return artifactWrongSize({ digest, wanted: found.sizeBytes, found: instead, where: remote.where });
}

async function* piecesFrom({ body, url }: Answer, skip: number): AsyncGenerator<Uint8Array> {
  let left = skip;
  const stream: Readable = body;
  try {
    for await (const piece of stream) {
      const bytes: Uint8Array = piece;
      const passed = Math.min(left, bytes.length);
      left -= passed;
      if (passed < bytes.length) yield bytes.subarray(passed);
    }
  } catch (error) {
    throw unreachable(url, error);
  }
}
