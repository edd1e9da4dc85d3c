/** Bundles the doors, so that the product needs nothing but Node and git. */
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { defineConfig, type Plugin } from 'rolldown';
import { KERNEL_FILES } from '../pipelines/kernels/files.ts';
import { digestOf } from '../registry/base/digest.ts';
import { compiledKernels } from './compile-kernels.ts';

/** What a shell runs must be allowed to run. */
const executable: Plugin = {
  name: 'executable',
  writeBundle({ dir = '.' }) {
    chmodSync(path.join(dir, 'cli.js'), 0o755);
  },
};

const WASM = 'action/wasm/onnxruntime.wasm.br';

/**
 * A plain `uses:` gets the files of this commit and no packages, so ONNX Runtime ships as WebAssembly: 14.2 MB, 2.3 MB as
 * brotli packs it. Packing takes half a minute, so it is done only when the package's own bytes are others.
 */
const shipped: Plugin = {
  name: 'shipped',
  writeBundle() {
    const file = fileURLToPath(import.meta.resolve('onnxruntime-web/ort-wasm-simd-threaded.wasm'));
    const wanted = readFileSync(file);
    if (existsSync(WASM) && brotliDecompressSync(readFileSync(WASM)).equals(wanted)) return;
    const { BROTLI_PARAM_LGWIN, BROTLI_PARAM_QUALITY, BROTLI_PARAM_SIZE_HINT } = constants;
    const params = {
      [BROTLI_PARAM_QUALITY]: 11,
      [BROTLI_PARAM_LGWIN]: 24,
      [BROTLI_PARAM_SIZE_HINT]: wanted.length,
    };
    mkdirSync(path.dirname(WASM), { recursive: true });
    writeFileSync(WASM, brotliCompressSync(wanted, { params }));
  },
};

/** The kernels are compiled anew; code that knows others would never use them. */
const kernels: Plugin = {
  name: 'kernels',
  async buildStart() {
    for (const entry of ['index', 'shared'] as const) {
      const { url, digest } = KERNEL_FILES[entry];
      const [wanted, file] = [await compiledKernels(entry), fileURLToPath(url)];
      const found = digestOf(wanted);
      if (found !== digest) throw new Error(`the digest of the kernels \`${entry}\` must be '${found}'`);
      if (existsSync(file) && brotliDecompressSync(readFileSync(file)).equals(wanted)) continue;
      writeFileSync(file, brotliCompressSync(wanted));
    }
  },
};

export default defineConfig({
  input: {
    cli: 'action/cli.ts',
    main: 'action/main.ts',
    'beat-thread': 'action/verbs/beat-thread.ts',
    'layer-thread': 'pipelines/kernels/layer-thread.ts',
  },
  platform: 'node',
  external: ['onnxruntime-node', 'highs'],
  // @actions/core brings a whole HTTP client for tokens that nobody here asks for; unused, it may go.
  treeshake: {
    moduleSideEffects: [{ test: /node_modules\/(@actions|tunnel|undici)\//, sideEffects: false }],
  },
  plugins: [kernels, executable, shipped],
  output: {
    dir: 'action/dist',
    format: 'esm',
    minify: true,
    cleanDir: true,
    // Names without hashes: a change shows as a change of a file, not as another file.
    entryFileNames: '[name].js',
    chunkFileNames: '[name].js',
  },
});
