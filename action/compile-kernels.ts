/** Compiles the kernels of `pipelines/kernels` from AssemblyScript to the WebAssembly files that ship. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { main } from '#assemblyscript';

const SOURCES = path.resolve(import.meta.dirname, '../pipelines/kernels');

/** Strict SIMD alone: relaxed instructions round in another way on another processor. */
const OPTIONS = [
  '--optimizeLevel=3',
  '--shrinkLevel=0',
  '--noAssert',
  '--runtime=stub',
  '--enable=simd',
  '--importMemory',
  '--noExportMemory',
];
/** A memory that threads share has a bound: all that an address reaches. */
const SHARED_OPTIONS = ['--enable=threads', '--sharedMemory', '--maximumMemory=65536'];

/** Those for memories of one thread, and those for memories that threads share. */
export type KernelFile = 'index' | 'shared';

/**
 * AssemblyScript is no TypeScript, so its files end in `.as` here, and no compiler or linter takes them for the other.
 *
 * @throws  Error with the compiler's own words
 */
export async function compiledKernels(entry: KernelFile): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const options = entry === 'shared' ? [...OPTIONS, ...SHARED_OPTIONS] : OPTIONS;
  const { error, stderr } = await main([`${entry}.ts`, '--outFile=kernels.wasm', ...options], {
    readFile: (name, base) => {
      const file = path.resolve(SOURCES, path.relative(path.resolve(base), path.resolve(base, name)));
      if (!file.endsWith('.ts')) return null;
      try {
        return readFileSync(file.replace(/\.ts$/, '.as'), 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (_name, contents) => {
      if (typeof contents !== 'string') wasm = contents;
    },
    listFiles: () => [],
  });
  if (error === null && wasm !== undefined) return wasm;
  throw new Error(`the kernels do not compile:\n${stderr.toString()}`);
}
