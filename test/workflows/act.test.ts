import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cleanEnvironment, cloudsCsv, CLOUDS_SETTINGS } from '../action/fettle.ts';
import { git, temporaryFolder, temporaryRepository } from '../temporary.ts';

const TOP = path.resolve(import.meta.dirname, '../..');
const MISSING = spawnSync('act', ['--version']).status === 0 ? null : 'act is not on the PATH';

/** What act 0.2.89 does not know yet, said as it was said before. */
function asOfOld(text: string): string {
  return text.replaceAll(/^ +queue: max\n/gm, '').replaceAll('uses: $/action', 'uses: ./action');
}

/** A repository that has the Action, the workflows and a model to learn, and an origin beside it. */
function world(): { readonly folder: string; readonly origin: string } {
  const [folder, origin] = [temporaryRepository(), temporaryFolder()];
  git(origin, 'init', '--quiet', '--bare');
  git(folder, 'remote', 'add', 'origin', origin);
  for (const part of ['package.json', 'action/dist', 'action/wasm', 'action/action.yml']) {
    cpSync(path.join(TOP, part), path.join(folder, part), { recursive: true });
  }
  const workflows = path.join(folder, '.github/workflows');
  mkdirSync(workflows, { recursive: true });
  for (const name of ['learn.yml', 'train.yml']) {
    writeFileSync(
      path.join(workflows, name),
      asOfOld(readFileSync(path.join(TOP, '.github/workflows', name), 'utf8')),
    );
  }
  const settings = CLOUDS_SETTINGS.replace('promote\n', 'promote\n    from: clouds.csv\n');
  writeFileSync(path.join(folder, '.github/fettle.yml'), settings);
  writeFileSync(path.join(folder, 'clouds.csv'), cloudsCsv(400));
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'settings');
  git(folder, 'push', '--quiet', 'origin', 'main');
  return { folder, origin };
}

/** A repository with an action of this name in it, which act takes for that of others. */
function standIn(): string {
  const folder = temporaryRepository();
  cpSync(path.join(import.meta.dirname, 'carry.mjs'), path.join(folder, 'carry.mjs'));
  const names = ['name', 'artifact-ids', 'path', 'pattern', 'include-hidden-files', 'retention-days'];
  const inputs = names.map((name) => `  ${name}: { description: any, default: '' }`).join('\n');
  const outputs = 'outputs: { artifact-id: { description: any } }';
  const runs = 'runs: { using: node24, main: carry.mjs }';
  writeFileSync(
    path.join(folder, 'action.yml'),
    `name: carry\ndescription: any\ninputs:\n${inputs}\n${outputs}\n${runs}\n`,
  );
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message', 'carry');
  return folder;
}

const IDS = { GITHUB_REPOSITORY_ID: '4711', GITHUB_ACTOR_ID: '583231' };

function act(folder: string, workflow: string, inputs: Readonly<Record<string, string>>) {
  const home = temporaryFolder();
  const shelf = temporaryFolder();
  const event = path.join(home, 'event.json');
  const repository = { id: 4711, fork: false, default_branch: 'main' };
  writeFileSync(event, JSON.stringify({ inputs, repository, sender: { id: 583231 } }));
  const used = [
    ...readFileSync(path.join(folder, '.github/workflows', workflow), 'utf8').matchAll(
      /uses: (\S+load-artifact@\S+)/g,
    ),
  ];
  const carried = [...new Set(used.map(([, action]) => action ?? ''))];
  const told = { ...IDS, CARRY_SHELF: shelf };
  const words = [
    'workflow_dispatch',
    '--workflows',
    `.github/workflows/${workflow}`,
    '--eventpath',
    event,
    '--platform',
    'ubuntu-24.04=-self-hosted',
    '--pull=false',
    ...Object.entries(told).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
    ...carried.flatMap((action) => ['--local-repository', `${action}=${standIn()}`]),
  ];
  const { status, stdout, stderr } = spawnSync('act', words, {
    cwd: folder,
    encoding: 'utf8',
    env: cleanEnvironment({ HOME: home, XDG_CACHE_HOME: home }),
    maxBuffer: 1 << 28,
  });
  return { status, said: stdout + stderr, shelf: readdirSync(shelf).sort() };
}

function log(origin: string): readonly string[] {
  return git(origin, 'log', '--format=%s', 'fettle/registry').split('\n').reverse();
}

describe('the workflows, really run by nektos/act', () => {
  it('train on machines of their own and join, and learn nothing twice', ({ skip }) => {
    if (MISSING !== null) return skip(MISSING);
    const { folder, origin } = world();

    const trained = act(folder, 'train.yml', { arguments: 'clouds', sha: '', folder: '.' });
    expect(trained).toMatchObject({ status: 0, said: expect.stringContaining('clouds@1.0.0 serves') });
    expect(trained.shelf).toEqual([
      expect.stringMatching(/^fettle-made-run-[0-9a-f]{16}-train$/),
      'fettle-plan',
    ]);
    const events = log(origin);
    expect(events.slice(-3).map((line) => line.split(' ')[0])).toEqual([
      'lease.taken',
      'lease.ended',
      'model.promoted',
    ]);
    expect(events.find((line) => line.startsWith('lease.ended'))).toMatch(/train performed$/);

    const learned = act(folder, 'learn.yml', { model: '', folder: '.' });
    expect(learned).toMatchObject({
      status: 0,
      said: expect.stringContaining('"reason_code":"known_already"'),
    });
    expect(log(origin)).toEqual(events);
    return undefined;
  });

  it('learn from the first moment on, with nothing begun', ({ skip }) => {
    if (MISSING !== null) return skip(MISSING);
    const { folder, origin } = world();
    const learned = act(folder, 'learn.yml', { model: 'clouds', folder: '.' });
    expect(learned).toMatchObject({ status: 0, said: expect.stringContaining('"reason_code":"promoted"') });
    return expect(log(origin).at(-1)).toMatch(/^model\.promoted clouds@1\.0\.0/);
  });
});
