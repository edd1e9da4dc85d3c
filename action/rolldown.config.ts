/** Bundles the doors, so that the product needs nothing but Node, git and, for running models, onnxruntime-node. */
import { chmodSync } from 'node:fs';
import path from 'node:path';
import { defineConfig, type Plugin } from 'rolldown';

/** What a shell runs must be allowed to run. */
const executable: Plugin = {
  name: 'executable',
  writeBundle({ dir = '.' }) {
    chmodSync(path.join(dir, 'cli.js'), 0o755);
  },
};

export default defineConfig({
  input: { cli: 'action/cli.ts', main: 'action/main.ts' },
  platform: 'node',
  external: ['onnxruntime-node'],
  // @actions/core brings a whole HTTP client for tokens that nobody here asks for; unused, it may go.
  treeshake: {
    moduleSideEffects: [{ test: /node_modules\/(@actions|tunnel|undici)\//, sideEffects: false }],
  },
  plugins: [executable],
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
