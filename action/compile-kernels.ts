/** Compiles the kernels of `pipelines/kernels` from AssemblyScript to the one WebAssembly file that ships. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { main } from '#assemblyscript';

const SOURCES = path.resolve(import.meta.dirname, '../pipelines/kernels');
const ENTRY = 'index.ts';

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

/**
 * AssemblyScript is no TypeScript, so its files end in `.as` here, and no compiler or linter takes them for the other.
 *
 * @throws  Error with the compiler's own words
 */
export async function compiledKernels(): Promise<Uint8Array> {
  let wasm: Uint8Array | undefined;
  const { error, stderr } = await main([ENTRY, '--outFile=kernels.wasm', ...OPTIONS], {
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
