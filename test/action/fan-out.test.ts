import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { placeOf } from '../../pipelines/artifacts/folder-store.ts';
import { budgetSpent, planMisshapen, stepUnknown } from '../../pipelines/faults.ts';
import { digestOf } from '../../registry/base/digest.ts';
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

describe('what rows of a matrix handed on', () => {
  const remote = remoteOf();
  const [first, second] = [1, 2].map(() => machine(remote));
  if (first === undefined || second === undefined) throw new Error('two machines');
  const [row] = told(first, ['plan', ...ASKED], Plan).matrix.include;
  if (row === undefined) throw new Error('nothing is heavy');
  cpSync(path.join(first, '.fettle'), path.join(second, '.fettle'), { recursive: true });
  const made = fettle(second, ['stage', row.run, row.step, '--plan', row.plan, '--to', 'made']);
  const honest = path.join(second, 'made');
  const name = `fettle-made-${row.run}-${row.step}`;
  const Handed = z.object({
    handed: z.object({ admitted: z.array(z.string()), leftOut: z.array(z.string()) }),
  });

  /** A machine that joins: with what the plan began, and with what lies here as it was changed. */
  function joined(change: (handed: string) => void): { folder: string; words: readonly string[] } {
    const folder = temporaryFolder();
    cpSync(first ?? '', folder, { recursive: true });
    cpSync(honest, path.join(folder, 'handed', name), { recursive: true });
    change(path.join(folder, 'handed'));
    // A dry run writes nothing, so that every one of them begins from the same registry.
    return { folder, words: ['run', ...ASKED, '--made', 'handed', '--dry-run'] };
  }

  const Memo = z.object({
    outputs: z.record(z.string(), z.object({ kind: z.string(), digest: z.string(), sizeBytes: z.number() })),
    tookMs: z.number(),
  });
  const onlyFile = (folder: string): string =>
    path.join(folder, readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted().at(-1) ?? '');

  it('is taken where it is what the row was to give', () => {
    expect(made.code).toBe(0);
    const { folder, words } = joined(() => undefined);
    expect(told(folder, words, Handed).handed).toEqual({ admitted: [name], leftOut: [] });
  });

  it.each<[string, (handed: string) => void, RegExp]>([
    [
      'another step’s row',
      (handed) => renameSync(path.join(handed, name), path.join(handed, name.replace('train', 'evaluate'))),
      /fettle-made-run-\w+-evaluate: no row of this plan/,
    ],
    [
      'another run’s row',
      (handed) =>
        renameSync(path.join(handed, name), path.join(handed, 'fettle-made-run-0000000000000000-train')),
      /run-0000000000000000-train: no row of this plan/,
    ],
    [
      'a memo of what was made of other inputs',
      (handed) => {
        const steps = path.join(handed, name, 'steps');
        renameSync(onlyFile(steps), path.join(steps, `${'0'.repeat(64)}.json`));
      },
      /nothing of step train of this plan/,
    ],
    [
      'other bytes under the digest that was told',
      (handed) => writeFileSync(onlyFile(path.join(handed, name, 'artifacts')), 'evil'),
      /no bytes that are sha256:/,
    ],
    [
      'another model than was given back under the lease, bytes and all',
      (handed) => {
        const file = onlyFile(path.join(handed, name, 'steps'));
        const memo = Memo.parse(JSON.parse(readFileSync(file, 'utf8')));
        const digest = digestOf('evil');
        const place = path.join(handed, name, 'artifacts', placeOf(digest));
        mkdirSync(path.dirname(place), { recursive: true });
        writeFileSync(place, 'evil');
        const outputs = { model: { ...memo.outputs['model'], digest, sizeBytes: 4 } };
        writeFileSync(file, JSON.stringify({ ...memo, outputs }));
      },
      /no such result was given back under its lease/,
    ],
    [
      'more than the step gives',
      (handed) => {
        const file = onlyFile(path.join(handed, name, 'steps'));
        const memo = Memo.parse(JSON.parse(readFileSync(file, 'utf8')));
        const outputs = { ...memo.outputs, outcomes: { ...memo.outputs['model'], kind: 'outcomes' } };
        writeFileSync(file, JSON.stringify({ ...memo, outputs }));
      },
      /not what train gives/,
    ],
    [
      'a folder where its memo should be',
      (handed) => {
        const file = onlyFile(path.join(handed, name, 'steps'));
        rmSync(file);
        mkdirSync(file);
      },
      /nothing of step train of this plan/,
    ],
  ])('is left out and done here where it is %s', (_, change, reason) => {
    const { folder, words } = joined(change);
    const ended = fettle(folder, [...words, '--json']);
    expect(fettle(folder, words).stdout).toMatch(reason);
    const { data } = Told.parse(JSON.parse(ended.stdout));
    expect(Handed.parse(data).handed).toMatchObject({
      admitted: [],
      leftOut: [expect.stringMatching(reason)],
    });
    // The oracle: the bytes that the honest machine made.
    const memo = Memo.parse(JSON.parse(readFileSync(onlyFile(path.join(honest, 'steps')), 'utf8')));
    expect(Ran.parse(data).candidates[0]?.artifacts['model']?.digest).toBe(memo.outputs['model']?.digest);
  });

  it('is left out where nothing was given back under a lease, whoever handed it on', () => {
    const { folder, words } = joined(() => undefined);
    // What this clone knows is from before the row was performed.
    git(folder, 'remote', 'remove', 'origin');
    expect(told(folder, words, Handed).handed).toMatchObject({
      admitted: [],
      leftOut: [expect.stringMatching(/no such result was given back under its lease/)],
    });
  });

  it('decides nothing by the memo of a later step that was slipped in beside its own', () => {
    const evil = 'a score of its own';
    const { folder } = joined((handed) => {
      const steps = path.join(handed, name, 'steps');
      // Every step of the run that an honest machine performed, told as the hostile one would like it.
      const all = temporaryFolder();
      cpSync(first ?? '', all, { recursive: true });
      git(all, 'remote', 'remove', 'origin');
      expect(fettle(all, ['run', ...ASKED]).code).toBe(0);
      for (const file of readdirSync(path.join(all, '.fettle/steps'))) {
        if (file === path.basename(onlyFile(steps))) continue;
        const memo = Memo.parse(JSON.parse(readFileSync(path.join(all, '.fettle/steps', file), 'utf8')));
        const outputs = Object.fromEntries(
          Object.entries(memo.outputs).map(([slot, ref]) => [slot, { ...ref, digest: digestOf(evil) }]),
        );
        writeFileSync(path.join(steps, file), JSON.stringify({ ...memo, outputs }));
      }
      const place = path.join(handed, name, 'artifacts', placeOf(digestOf(evil)));
      mkdirSync(path.dirname(place), { recursive: true });
      writeFileSync(place, evil);
    });
    const before = readdirSync(path.join(folder, '.fettle/steps'));
    const found = told(folder, ['run', ...ASKED, '--made', 'handed', '--dry-run'], Handed).handed;
    expect(found.admitted).toEqual([name]);
    expect(found.leftOut.length).toBeGreaterThan(3);
    expect(found.leftOut.every((one) => one.endsWith(' is not what train gives'))).toBe(true);
    expect(readdirSync(path.join(folder, '.fettle/steps'))).toEqual(before);
  });
});
