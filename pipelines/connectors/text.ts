/** Bytes -> text: unpacks gzip, wants UTF-8, and refuses what no text file holds. */
import { gunzipSync } from 'node:zlib';
import { sourceEmpty, sourceMisshapen } from '../faults.ts';

/** Unpacked size beyond which a source is refused, so that a small file cannot fill the memory. */
const TEXT_MOST = 512 * 1024 * 1024;

/** @throws sourceMisshapen on broken gzip, bytes that are not UTF-8 and NUL; sourceEmpty */
export function textOf(bytes: Uint8Array, name: string): string {
  const plain = isGzip(bytes) ? unpack(bytes, name) : bytes;
  const text = decode(plain, name).replace(/^\uFEFF/, '');
  const nul = text.indexOf('\0');
  if (nul >= 0) {
    const line = text.slice(0, nul).split('\n').length;
    throw sourceMisshapen({ source: name, line, wanted: 'text', found: 'a NUL byte' });
  }
  if (text.trim() === '') throw sourceEmpty({ source: name });
  return text;
}

function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function unpack(bytes: Uint8Array, name: string): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: TEXT_MOST });
  } catch (error) {
    const found = error instanceof Error ? error.message : String(error);
    throw sourceMisshapen({ source: name, line: 1, wanted: 'gzip data of at most 512 MiB', found }, error);
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    throw sourceMisshapen(
      { source: name, line: 1, wanted: 'UTF-8 text', found: 'bytes that are not UTF-8' },
      error,
    );
  }
}
