/** How the tests run: every *.test.ts below test/, in processes of their own. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    root: new URL('..', import.meta.url).pathname,
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/matchers.ts'],
    reporters: ['default', './test/count-reporter.ts'],
    pool: 'forks',
    // Most of a test's time is other processes' (git, the bundle): two at a time keep two cores busy.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
