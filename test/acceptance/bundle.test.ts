import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { rolldown } from 'rolldown';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import config from '../../action/rolldown.config.ts';
import { TOP } from './run-action.ts';

const COMMITTED = path.join(TOP, 'action/dist');

function contentsOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder)
      .sort()
      .map((file) => [file, readFileSync(path.join(folder, file), 'utf8')]),
  );
}

describe('the committed bundle', () => {
  it('is what the sources give; else run `npm run build`', async () => {
    const { output, ...input } = config;
    if (output === undefined || Array.isArray(output)) throw new Error('one output was expected');
    const entries = Object.entries(z.record(z.string(), z.string()).parse(input.input));
    const dir = mkdtempSync(path.join(tmpdir(), 'fettle-bundle-'));
    try {
      const bundle = await rolldown({
        ...input,
        cwd: TOP,
        input: Object.fromEntries(entries.map(([name, file]) => [name, path.join(TOP, file)])),
      });
      await bundle.write({ ...output, dir });
      expect(contentsOf(dir)).toEqual(contentsOf(COMMITTED));
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
  });

  it('can be run by a shell', () => {
    const cli = path.join(COMMITTED, 'cli.js');
    expect(statSync(cli).mode & 0o111).toBe(0o111);
    expect(readFileSync(cli, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  });
});
