/** The command line with a registry that is reached through GitHub's API alone. */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { apiUnknown } from '../../action/faults.ts';
import { openGitHub } from '../fixtures/github.ts';
import { git, temporaryRepository } from '../temporary.ts';
import { cleanEnvironment, cloudsCsv, fettle } from './fettle.ts';

const CLI = path.resolve(import.meta.dirname, '../../action/cli.ts');

/** Not by the blocking helper: the stand-in answers in this very process. */
function ended(
  folder: string,
  words: readonly string[],
  extra: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(process.execPath, [CLI, ...words], { cwd: folder, env: cleanEnvironment(extra) });
  let out = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (out += chunk.toString()));
  }
  return new Promise((resolve) => child.on('close', (code) => resolve(`${out}\ncode ${code}`)));
}

it('trains, shows and verifies without a clone of the registry', async () => {
  const { github, folder: bare } = await openGitHub();
  const folder = temporaryRepository();
  mkdirSync(path.join(folder, '.github'));
  writeFileSync(path.join(folder, '.github/fettle.yml'), 'registry: { through: api }\n');
  writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(400));
  const world = { GITHUB_TOKEN: 'writer', GITHUB_REPOSITORY: 'octo/models', GITHUB_API_URL: github.url };
  const run = await ended(
    folder,
    ['run', 'train-and-promote', '--model', 'clouds', '--from', 'first.csv'],
    world,
  );
  expect(run).toMatch(/clouds@1\.0\.0 serves[^]*code 0$/);
  expect(await ended(folder, ['status'], world)).toMatch(/clouds\s+production\s+1\.0\.0[^]*code 0$/);
  expect(await ended(folder, ['verify'], world)).toMatch(/^ok 7 events[^]*code 0$/);
  expect(git(bare, 'rev-list', '--count', 'fettle/registry').trim()).toBe('2');
  expect(git(folder, 'for-each-ref', 'refs/heads/fettle')).toBe('');
  expect(fettle(folder, ['status', '--json']).stdout).toContain(apiUnknown.code);
});
