import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort, programNamed, startServer, type RealServer } from '../fakes/real-server.ts';
import { git, temporaryFolder, temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS, fettle } from './fettle.ts';

const PROGRAM = programNamed('versitygw', /Version/);
const KEY = { AWS_ACCESS_KEY_ID: 'ada', AWS_SECRET_ACCESS_KEY: 'lovelace' };

// Two clones of one origin, as on two machines, with a bucket between them.
describe.skipIf(PROGRAM === null)('two machines that share artifacts', () => {
  let server: RealServer;
  const first = temporaryRepository();
  const second = path.join(temporaryFolder(), 'clone');

  beforeAll(async () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'models'));
    const port = await freePort();
    const words = ['--port', `127.0.0.1:${port}`, '--access', 'ada', '--secret', 'lovelace', '--quiet'];
    server = await startServer({ program: PROGRAM ?? '', words: [...words, 'posix', folder], port });

    const origin = path.join(temporaryFolder(), 'origin.git');
    git(first, 'init', '--quiet', '--bare', '--initial-branch=main', origin);
    git(first, 'remote', 'add', 'origin', origin);
    mkdirSync(path.join(first, '.github'));
    const shared = `artifacts:\n  s3: { bucket: models, endpoint: "${server.url.origin}" }\n`;
    writeFileSync(path.join(first, '.github/fettle.yml'), CLOUDS_SETTINGS + shared);
    git(first, 'add', '.');
    git(first, 'commit', '--quiet', '--message', 'settings');
    git(first, 'push', '--quiet', 'origin', 'main');
    writeFileSync(path.join(first, 'a.csv'), cloudsCsv(200));
    writeFileSync(path.join(first, 'b.csv'), cloudsCsv(200, 1000));
  });
  afterAll(async () => server?.stop());

  it('train on one and predict on the other', () => {
    expect(fettle(first, ['run', 'clouds', '--from', 'a.csv'], KEY).stderr).not.toContain('fettle:');
    git(first, 'clone', '--quiet', git(first, 'remote', 'get-url', 'origin'), second);
    const { code, stdout, stderr } = fettle(second, ['predict', 'clouds', '--values', '1.5,0.2'], KEY);
    expect(stderr).toBe('');
    expect(stdout).toContain('high');
    expect(code).toBe(0);
    // The clone stays clean, though artifacts lie in it now.
    expect(git(second, 'status', '--porcelain')).toBe('');
  });

  it('go on training on the other with the data of the first', () => {
    writeFileSync(path.join(second, 'b.csv'), cloudsCsv(200, 1000));
    const { stdout, code } = fettle(second, ['run', 'clouds', '--from', 'b.csv'], KEY);
    expect(stdout).toContain('clouds@1.1.0');
    expect(code).toBeLessThanOrEqual(3);
    git(first, 'fetch', '--quiet', 'origin');
    expect(fettle(first, ['compare', 'clouds@1.0.0', 'clouds@1.1.0'], KEY)).toMatchObject({
      code: 0,
      stderr: '',
    });
    expect(fettle(first, ['verify', '--artifacts'], KEY).code).toBe(0);
  });

  it('hear from the doctor that the bucket answers, or why it does not', () => {
    expect(fettle(first, ['doctor'], KEY).stdout).toContain('s3://models/fettle');
    const refused = fettle(first, ['doctor']);
    expect(refused.stdout).toMatch(/wrong.*shared artifacts/);
    expect(refused.code).toBe(1);
  });

  it('print no secret, whatever they print', () => {
    const { stdout, stderr } = fettle(first, ['doctor', '--json', '--debug'], {
      ...KEY,
      AWS_SECRET_ACCESS_KEY: 'byron-and-secret',
      GITHUB_TOKEN: 'ghs_secret',
    });
    expect(stdout + stderr).not.toMatch(/byron-and-secret|ghs_secret/);
  });

  it('share later what was made before there was a bucket', () => {
    const early = temporaryRepository();
    mkdirSync(path.join(early, '.github'));
    const settings = path.join(early, '.github/fettle.yml');
    writeFileSync(settings, CLOUDS_SETTINGS);
    writeFileSync(path.join(early, 'c.csv'), cloudsCsv(200, 5000));
    expect(fettle(early, ['run', 'clouds', '--from', 'c.csv']).code).toBe(0);
    const bucket = `s3: { bucket: models, prefix: early, endpoint: "${server.url.origin}" }`;
    writeFileSync(settings, `${CLOUDS_SETTINGS}artifacts:\n  ${bucket}\n`);

    const brought = (...words: string[]) => {
      const { stdout } = fettle(early, ['share', ...words, '--json'], KEY);
      return (JSON.parse(stdout) as { data: { brought: { kind: string }[] } }).data.brought;
    };
    const told = brought('--dry-run');
    expect(told.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['onnx', 'dataset', 'batch', 'outcomes']),
    );
    expect(brought()).toEqual(told);
    expect(brought()).toEqual([]);
    rmSync(path.join(early, '.fettle'), { recursive: true });
    expect(fettle(early, ['predict', 'clouds', '--values', '1.5,0.2'], KEY).stdout).toContain('high');
  });

  it('work on without the bucket on what is here, and say clearly what is not', async () => {
    await server.stop();
    expect(fettle(second, ['predict', 'clouds', '--values', '1.5,0.2'], KEY).stdout).toContain('high');
    const third = path.join(temporaryFolder(), 'clone');
    git(first, 'clone', '--quiet', git(first, 'remote', 'get-url', 'origin'), third);
    const { stderr, code } = fettle(third, ['predict', 'clouds', '--values', '1.5,0.2'], KEY);
    expect(stderr).toContain(`wanted an answer of ${server.url.host}`);
    expect(code).not.toBe(0);
  });
});
