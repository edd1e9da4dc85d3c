import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { openTwin, type Twin } from '../fakes/github/twin.ts';
import { freePort, programNamed, startServer, type RealServer } from '../fakes/real-server.ts';
import { git, temporaryFolder, temporaryRepository } from '../temporary.ts';
import { cleanEnvironment, cloudsCsv, CLOUDS_SETTINGS } from './fettle.ts';

const PROGRAM = programNamed('versitygw', /Version/);
const KEY = { AWS_ACCESS_KEY_ID: 'ada', AWS_SECRET_ACCESS_KEY: 'lovelace' };
const Finished = z.object({ steps: z.array(z.object({ step: z.string(), known: z.boolean() })) });
const TOP = path.resolve(import.meta.dirname, '../..');

/** As `fettle` of the other tests, but while servers of this process go on answering. */
function fettle(folder: string, words: readonly string[], extra: Readonly<Record<string, string>>) {
  return new Promise<{ readonly code: number | null; readonly said: string }>((resolve) => {
    let said = '';
    const child = spawn(process.execPath, [path.join(TOP, 'action/cli.ts'), ...words], {
      cwd: folder,
      env: cleanEnvironment({ ...KEY, ...extra }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => (said += String(piece)));
    child.on('close', (code) => resolve({ code, said }));
  });
}

// A person's machine, GitHub with a machine of its own, one origin and one bucket: what they share, and nothing else.
describe.skipIf(PROGRAM === null)('a run whose heavy steps GitHub performs', () => {
  let server: RealServer;
  let twin: Twin;
  const said: string[] = [];
  const settings = (): string =>
    `${CLOUDS_SETTINGS}artifacts:\n  s3: { bucket: models, endpoint: "${server.url.origin}" }\n`;

  function machine(): string {
    const folder = temporaryRepository();
    git(folder, 'remote', 'add', 'origin', twin.gitUrl('octo/models', twin.tokens['linus']));
    mkdirSync(path.join(folder, '.github'));
    writeFileSync(path.join(folder, '.github/fettle.yml'), settings());
    return folder;
  }

  beforeAll(async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'models'));
    const port = await freePort();
    const words = ['--port', `127.0.0.1:${port}`, '--access', 'ada', '--secret', 'lovelace', '--quiet'];
    server = await startServer({ program: PROGRAM ?? '', words: [...words, 'posix', folder], port });
    const stage = readFileSync(path.join(TOP, '.github/workflows/stage.yml'), 'utf8');
    twin = await openTwin({
      repositories: [{ name: 'octo/models', files: { '.github/workflows/stage.yml': stage } }],
      async onDispatch(run, github) {
        await github.startRun(run.id);
        const { run: name = '', step = '', plan = '' } = run.inputs;
        const ended = await fettle(machine(), ['stage', `--plan=${plan}`, '--', name, step], {});
        said.push(ended.said);
        await github.finishRun(run.id, ended.code === 0 ? 'success' : 'failure');
      },
    });
  });
  afterAll(async () => {
    await twin?.close();
    await server?.stop();
  });

  it('comes to the same end, though the first machine never trained', async () => {
    const folder = machine();
    writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(400));
    const asked = ['run', 'clouds', '--from', 'first.csv', '--on', 'github-actions'];
    const token = { GITHUB_TOKEN: twin.tokens['linus'] ?? '', GITHUB_REPOSITORY: 'octo/models' };
    const ended = await fettle(folder, asked, { ...token, GITHUB_API_URL: twin.url });
    expect(said.join('')).toContain('train of run-');
    expect(ended.said).toContain('clouds@1.0.0 serves');
    const log = git(folder, 'show', 'fettle/registry:log/000/000/000.jsonl');
    const last: unknown = JSON.parse(log.split('\n').at(-1) ?? '');
    const { steps } = z.object({ event: z.object({ body: Finished }) }).parse(last).event.body;
    expect(steps.filter(({ known }) => known).map(({ step }) => step)).toEqual(['ingest', 'train']);
    expect(ended.code).toBe(0);
    expect(twin.violations).toEqual([]);
  });
});
