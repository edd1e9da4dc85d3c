/** The files of WebAssembly that ship, and what must be in them. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliDecompressSync } from 'node:zlib';
import { digestOf } from '../../registry/base/digest.ts';

/**
 * Seen from this file and from the bundle alike: both lie two folders deep. The digests are of the unpacked files; a
 * build compiles the sources anew, and says what must stand here when they changed.
 */
export const KERNEL_FILES = {
  index: {
    url: new URL('../../action/wasm/kernels.wasm.br', import.meta.url),
    digest: 'sha256:16f49892fe4f8e85246165ac99e1b2f12438ef4b3fbfcbbd37a4ccfe1a70b367',
  },
  shared: {
    url: new URL('../../action/wasm/kernels-shared.wasm.br', import.meta.url),
    digest: 'sha256:4e1557cf9a030b075a375b61a3085ac09307e5dcc7f2a5c06234bda9961d1591',
  },
} as const;

const compiled = new Map<keyof typeof KERNEL_FILES, WebAssembly.Module | null>();

/**
 * A file of kernels, compiled.
 *
 * @param name  `index` for memories of one thread, `shared` for those of several
 * @returns     null where the file is missing, is another one, or cannot be compiled here
 * @throws      never
 * @cost        2 ms the first time
 * @source      WebAssembly core specification 2.0
 */
export function kernelModule(name: keyof typeof KERNEL_FILES): WebAssembly.Module | null {
  const known = compiled.get(name);
  if (known !== undefined) return known;
  const made = moduleOf(KERNEL_FILES[name]);
  compiled.set(name, made);
  return made;
}

function moduleOf({
  url,
  digest,
}: {
  readonly url: URL;
  readonly digest: string;
}): WebAssembly.Module | null {
  try {
    const bytes = brotliDecompressSync(readFileSync(fileURLToPath(url)));
    return digestOf(bytes) === digest ? new WebAssembly.Module(bytes) : null;
  } catch {
    return null;
  }
}
