import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { budgetSpent, planMisshapen, stepUnknown } from '../../pipelines/faults.ts';
import { git, temporaryFolder, temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS, fettle } from './fettle.ts';

const Told = z.object({ ok: z.boolean().optional(), data: z.unknown(), error: z.unknown().optional() });
const Plan = z.object({
  runs: z.number(),
  matrix: z.object({
    include: z.array(
      z.object({ model: z.string(), run: z.string(), step: z.string(), plan: z.string(), label: z.string() }),
    ),
  }),
});
const Ran = z.object({
  candidates: z.array(
    z.object({
      version: z.string(),
      fate: z.string(),
      artifacts: z.record(z.string(), z.object({ digest: z.string() })),
    }),
  ),
});

function told<T>(folder: string, words: readonly string[], shape: z.ZodType<T>): T {
  const ended = fettle(folder, [...words, '--json']);
  const { data } = Told.parse(JSON.parse(ended.stdout || '{}'));
  const found = shape.safeParse(data);
  if (found.success) return found.data;
  throw new Error(`${words.join(' ')}: ${ended.stdout}${ended.stderr}`);
}

/** A repository with a remote, so that machines share the registry and nothing else. */
function machine(remote: string, settings = CLOUDS_SETTINGS): string {
  const folder = temporaryRepository();
  git(folder, 'remote', 'add', 'origin', remote);
  mkdirSync(path.join(folder, '.github'));
  writeFileSync(path.join(folder, '.github/fettle.yml'), settings);
  writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(400));
  return folder;
}

function remoteOf(): string {
  const bare = temporaryFolder();
  git(bare, 'init', '--quiet', '--bare');
  return bare;
}

const ASKED = ['clouds', '--from', 'first.csv'];

describe('a heavy step on a machine of its own', () => {
  const remote = remoteOf();
  const settings = CLOUDS_SETTINGS.replace('models:', 'compute: { labels: { train: gpu-1 } }\nmodels:');
  const [first, second, last] = [1, 2, 3].map(() => machine(remote, settings));
  if (first === undefined || second === undefined || last === undefined) throw new Error('three machines');
  const planned = told(first, ['plan', ...ASKED], Plan);
  const [row] = planned.matrix.include;
  if (row === undefined) throw new Error('nothing is heavy');
  const words = ['stage', row.run, row.step, '--plan', row.plan];

  it('is planned with the runner that the settings name for it', () => {
    expect(planned).toMatchObject({
      runs: 1,
      matrix: { include: [{ model: 'clouds', step: 'train', label: 'gpu-1' }] },
    });
    const bare = fettle(first, ['plan', ...ASKED, '--matrix']);
    expect(JSON.parse(bare.stdout)).toEqual(planned.matrix);
  });

  it('is performed there under a lease, and counts as known where the run is joined', () => {
    cpSync(path.join(first, '.fettle'), path.join(second, '.fettle'), { recursive: true });
    const made = fettle(second, [...words, '--to', 'made']);
    expect(made).toMatchObject({ code: 0, stderr: expect.anything() });
    expect(readdirSync(path.join(second, 'made'))).toEqual(['artifacts', 'steps']);

    cpSync(path.join(first, '.fettle'), path.join(last, '.fettle'), { recursive: true });
    cpSync(path.join(second, 'made'), path.join(last, '.fettle'), { recursive: true });
    const joined = told(last, ['run', ...ASKED], Ran);
    expect(joined.candidates).toMatchObject([{ version: '1.0.0', fate: 'serves' }]);
    // The oracle: the same run from the start, on a machine that knows nothing of the others.
    const alone = told(machine(remoteOf()), ['run', ...ASKED], Ran);
    expect(joined.candidates[0]?.artifacts['model']?.digest).toBe(
      alone.candidates[0]?.artifacts['model']?.digest,
    );
    const finished = git(last, 'show', 'fettle/registry:log/000/000/000.jsonl').split('\n').at(-1) ?? '';
    expect(finished).toMatch(/"known":true,"outputs":\{"model":[^[]*"stage":"train"/);
    const shown = fettle(last, ['log', '--json']).stdout;
    expect(shown).toMatch(/lease\.taken/);
    expect(shown).toMatch(/lease\.ended/);
  });

  it('is not performed for a run that has ended, a plan of another, or a step that it lacks', () => {
    expect(fettle(second, words).stderr).toContain('under way');
    expect(
      fettle(second, ['stage', 'run-0000000000000000', 'train', '--plan', row.plan, '--json']).stdout,
    ).toContain(planMisshapen.code);
    expect(
      fettle(second, ['stage', row.run, 'fly', '--plan', row.plan, '--dry-run', '--json']).stdout,
    ).toContain(stepUnknown.code);
  });
});

describe('a machine that is lost', () => {
  it('frees its step for `watch`, and is told of', () => {
    const remote = remoteOf();
    const folder = machine(remote);
    const [row] = told(folder, ['plan', ...ASKED], Plan).matrix.include;
    if (row === undefined) throw new Error('nothing is heavy');
    const watched = told(
      folder,
      ['watch'],
      z.object({ lost: z.array(z.unknown()), models: z.array(z.object({ silent: z.boolean() })) }),
    );
    expect(watched).toMatchObject({ lost: [], models: [{ silent: true }] });
    expect(fettle(folder, ['watch']).code).toBe(3);
  });
});

describe('a budget', () => {
  it('stops a run before it begins, by what the last ones took', () => {
    const folder = machine(remoteOf(), `compute: { budgets: { clouds: 0.0001 } }\n${CLOUDS_SETTINGS}`);
    expect(told(folder, ['run', ...ASKED], Ran).candidates).toHaveLength(1);
    writeFileSync(path.join(folder, 'second.csv'), cloudsCsv(400, 400));
    const stopped = fettle(folder, ['run', 'clouds', '--from', 'second.csv', '--json']);
    expect(stopped.stdout).toContain(budgetSpent.code);
    expect(stopped.code).toBe(1);
    expect(fettle(folder, ['log', '--json']).stdout.match(/run\.started/g)).toHaveLength(1);
  });
});

describe('learn', () => {
  it('trains every model whose source is named, skips what it cannot, and does nothing twice', () => {
    const lines = CLOUDS_SETTINGS.replace(
      'recipe: train-and-promote',
      'recipe: train-and-promote\n    from: first.csv',
    );
    const folder = machine(
      remoteOf(),
      `${lines}  gone:\n    recipe: train-and-promote\n    from: gone.csv\n`,
    );
    const Learned = z.object({ run: Ran, skipped: z.array(z.object({ model: z.string() })) });
    expect(told(folder, ['learn'], Learned)).toMatchObject({
      run: { candidates: [{ fate: 'serves' }] },
      skipped: [{ model: 'gone' }],
    });
    const before = git(folder, 'rev-parse', 'fettle/registry');
    expect(told(folder, ['learn'], Learned).run.candidates).toHaveLength(1);
    expect(git(folder, 'rev-parse', 'fettle/registry')).toBe(before);
    expect(fettle(folder, ['watch']).stdout).toContain('All well');
  });
});
