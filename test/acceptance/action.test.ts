import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { INPUTS, OUTPUTS, wordsOf } from '../../action/io.ts';
import { Decision } from '../../action/decision.ts';
import { argumentsUnclosed, runnerMissing, switchWrong } from '../../action/faults.ts';
import { cloudsCsv } from '../action/fettle.ts';
import { git, temporaryFolder, temporaryRepository } from '../temporary.ts';
import { actionFile, runAction, TOP } from './run-action.ts';

describe('action.yml', () => {
  it('declares the inputs and outputs that the code speaks of, and no other', () => {
    const { inputs, outputs } = actionFile();
    expect(Object.keys(inputs)).toEqual([...INPUTS]);
    expect(Object.keys(outputs)).toEqual([...OUTPUTS]);
  });
});

describe('the words of an input', () => {
  it.each([
    ['a b  c', ['a', 'b', 'c']],
    ['--reason "two words" \'and $(three)\'', ['--reason', 'two words', 'and $(three)']],
    [String.raw`a\ b "c\"d" '\'`, ['a b', 'c"d', '\\']],
    ['$(rm -rf /); `x` | y && z', ['$(rm', '-rf', '/);', '`x`', '|', 'y', '&&', 'z']],
    ['', []],
    ['""', ['']],
  ])('are split without a shell: %s', (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('are refused with a quote left open', () => {
    expect(() => wordsOf('a "b')).toThrowFault(argumentsUnclosed);
  });
});

describe('the Action, run as the runner runs it', () => {
  const folder = temporaryRepository();
  writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(400));

  it('trains and promotes, and says so in outputs and summary', () => {
    const { code, outputs, summary } = runAction(folder, {
      verb: 'run',
      arguments: 'train-and-promote --model clouds --from first.csv',
    });
    expect(outputs).toMatchObject({ ok: 'true', 'exit-code': '0' });
    expect(JSON.parse(outputs['result'] ?? '')).toMatchObject({
      candidates: [{ version: '1.0.0', fate: 'serves' }],
    });
    expect(summary).toContain('clouds@1.0.0 serves');
    expect(code).toBe(0);
  });

  it('records who asked, by number, and through which run', () => {
    const event = git(folder, 'show', 'fettle/registry:log/000/000/000.jsonl').split('\n').at(-1) ?? '';
    expect(JSON.parse(event)).toMatchObject({
      event: {
        by: { kind: 'user', id: 583231, login: 'octocat' },
        src: { door: 'action', repo_id: 4711, run_id: 99 },
      },
    });
  });

  it('shows a fault as an annotation that says what to do, and fails the job', () => {
    const { code, outputs, stdout } = runAction(folder, {
      verb: 'run',
      arguments: 'train-and-promote --from missing.csv',
    });
    expect(stdout).toMatch(/^::error title=Fettle::wanted to read `missing\.csv`.*Check the path/m);
    expect(JSON.parse(outputs['result'] ?? '')).toMatchObject({ code: 'pipelines/source-unreadable' });
    expect([code, outputs['ok']]).toEqual([1, 'false']);
  });

  it('fails the job over a refusal only when asked to', () => {
    writeFileSync(path.join(folder, 'small.csv'), cloudsCsv(40, 5000));
    const asked = {
      verb: 'run',
      arguments: 'train-and-promote --model small --from small.csv',
      'dry-run': 'true',
    };
    expect(runAction(folder, asked)).toMatchObject({ code: 0, outputs: { ok: 'true', 'exit-code': '3' } });
    expect(runAction(folder, { ...asked, 'fail-on-refusal': 'true' }).code).toBe(3);
  });

  it('takes only true and false for a switch', () => {
    const ended = runAction(folder, { verb: 'status', 'dry-run': 'yes' });
    expect(ended).toMatchObject({ code: 2, outputs: { 'exit-code': '2', ok: 'false' } });
    expect(JSON.parse(ended.outputs['result'] ?? '')).toMatchObject({ code: switchWrong.code });
  });

  it('fails the job over a damaged registry, whether or not a refusal would', () => {
    const damaged = temporaryRepository();
    git(damaged, 'fetch', '--quiet', folder, 'fettle/registry');
    git(damaged, 'checkout', '--quiet', '-b', 'fettle/registry', 'FETCH_HEAD');
    rmSync(path.join(damaged, 'index'), { recursive: true });
    git(damaged, 'commit', '--quiet', '--all', '--message', 'tidy');
    const ended = runAction(damaged, { verb: 'verify' });
    expect(ended).toMatchObject({ code: 5, outputs: { 'exit-code': '5', ok: 'false' } });
  });

  it('says what it decided in a shape with a version, behind a delimiter that nobody can guess', () => {
    const [first, second] = [1, 2].map(() => runAction(folder, { verb: 'status' }));
    expect(Decision.parse(JSON.parse(first?.outputs['decision'] ?? ''))).toMatchObject({
      decision: 'done',
      reason_code: 'done',
      verb: 'status',
    });
    expect(first?.outputs['reason-code']).toBe('done');
    const delimiters = [first, second].flatMap((ended) => ended?.delimiters ?? []);
    expect(new Set(delimiters).size).toBe(delimiters.length);
    expect(delimiters.every((delimiter) => /[0-9a-f-]{36}$/.test(delimiter))).toBe(true);
  });

  // A label such as `::set-output …` on a line of its own would be a command to the runner.
  it('lets nothing that a source says become a command of the runner', () => {
    const hostile = cloudsCsv(400, 9000)
      .replaceAll(',low', ',::error::owned')
      .replaceAll(',high', ',::stop-commands::x');
    writeFileSync(path.join(folder, 'hostile.csv'), hostile);
    runAction(folder, { verb: 'run', arguments: 'train-and-promote --model hostile --from hostile.csv' });
    const { stdout } = runAction(folder, { verb: 'predict', arguments: 'hostile --values 1,1' });
    expect(stdout).toContain('owned');
    expect(stdout).not.toMatch(/^\s*::(error::|stop-commands::x)/m);
  });
});

describe('the Action’s own folder, as `uses:` brings it: no packages', () => {
  const alone = temporaryFolder();
  for (const part of ['package.json', 'action/dist', 'action/wasm']) {
    cpSync(path.join(TOP, part), path.join(alone, part), { recursive: true });
  }
  const asked = { verb: 'run', arguments: 'train-and-promote --model clouds --from first.csv' };

  it('has what it needs to run models', () => {
    const folder = temporaryRepository();
    writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(400));
    expect(runAction(folder, asked, alone)).toMatchObject({ code: 0, outputs: { ok: 'true' } });
  });

  // An install that was cut off leaves files that look like the package.
  it('does not trust a native runtime whose install was cut off', () => {
    const half = path.join(alone, 'node_modules/onnxruntime-node');
    mkdirSync(half, { recursive: true });
    writeFileSync(path.join(half, 'package.json'), '{"name":"onnxruntime-node","main":"index.js"}');
    writeFileSync(path.join(half, 'index.js'), '');
    const folder = temporaryRepository();
    writeFileSync(path.join(folder, 'first.csv'), cloudsCsv(400));
    expect(runAction(folder, asked, alone)).toMatchObject({ code: 0, outputs: { ok: 'true' } });
  });

  it('ends with the exit code of the command line when it was asked wrongly', () => {
    const ended = runAction(temporaryRepository(), { verb: 'stauts' });
    expect(ended).toMatchObject({ code: 2, outputs: { 'exit-code': '2', ok: 'false' } });
  });

  it('is of no use away from a runner, and says so', () => {
    const ended = runAction(temporaryRepository(), { verb: 'status' }, TOP, {
      GITHUB_RUN_ID: '',
      GITHUB_JOB: '',
    });
    expect(JSON.parse(ended.outputs['result'] ?? '')).toMatchObject({ code: runnerMissing.code });
  });
});
