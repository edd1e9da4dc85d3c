/** Runs the committed bundle as GitHub's runner would: inputs from action.yml, files for what comes back. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'yaml';
import * as z from 'zod';
import { cleanEnvironment } from '../action/fettle.ts';

export const TOP = path.resolve(import.meta.dirname, '../..');

export const ActionFile = z.object({
  inputs: z.record(z.string(), z.object({ description: z.string(), default: z.string().optional() })),
  outputs: z.record(z.string(), z.object({ description: z.string() })),
  runs: z.object({ using: z.literal('node24'), main: z.string() }),
});

export function actionFile(): z.infer<typeof ActionFile> {
  return ActionFile.parse(parse(readFileSync(path.join(TOP, 'action.yml'), 'utf8')));
}

export interface ActionEnded {
  readonly code: number | null;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  readonly stdout: string;
  /** What closed each output. */
  readonly delimiters: readonly string[];
}

/** @throws Error on an input that action.yml does not declare, or an output that it does not */
export function runAction(
  workspace: string,
  inputs: Readonly<Record<string, string>>,
  from = TOP,
  extra: Readonly<Record<string, string>> = {},
): ActionEnded {
  const declared = actionFile();
  const unknown = Object.keys(inputs).find((name) => declared.inputs[name] === undefined);
  if (unknown !== undefined) throw new Error(`action.yml declares no input ${unknown}`);
  const given = Object.entries(declared.inputs).map(([name, { default: fallback }]) => [
    `INPUT_${name.replaceAll(' ', '_').toUpperCase()}`,
    inputs[name] ?? fallback ?? '',
  ]);
  const files = mkdtempSync(path.join(tmpdir(), 'fettle-runner-'));
  const [output, summary] = [path.join(files, 'output'), path.join(files, 'summary')];
  try {
    for (const file of [output, summary]) writeFileSync(file, '');
    const { status, stdout } = spawnSync(process.execPath, [path.join(from, declared.runs.main)], {
      cwd: workspace,
      encoding: 'utf8',
      env: cleanEnvironment({
        ...Object.fromEntries(given),
        ...RUNNER,
        ...extra,
        GITHUB_WORKSPACE: workspace,
        GITHUB_OUTPUT: output,
        GITHUB_STEP_SUMMARY: summary,
      }),
    });
    const told = readFileSync(output, 'utf8');
    const outputs = outputsOf(told);
    const delimiters = [...told.matchAll(/^[^\n<]+<<(\S+)$/gm)].map(([, delimiter]) => delimiter ?? '');
    const undeclared = Object.keys(outputs).find((name) => declared.outputs[name] === undefined);
    if (undeclared !== undefined) throw new Error(`action.yml declares no output ${undeclared}`);
    return { code: status, outputs, summary: readFileSync(summary, 'utf8'), stdout, delimiters };
  } finally {
    rmSync(files, { recursive: true, force: true });
  }
}

const RUNNER = {
  GITHUB_ACTIONS: 'true',
  GITHUB_REPOSITORY_ID: '4711',
  GITHUB_RUN_ID: '99',
  GITHUB_RUN_ATTEMPT: '1',
  GITHUB_JOB: 'train',
  GITHUB_SHA: 'c0ffee0000000000000000000000000000000000',
  GITHUB_ACTOR: 'octocat',
  GITHUB_ACTOR_ID: '583231',
};

/** `name<<delimiter`, the value's lines, the delimiter: the form that the runner reads. */
function outputsOf(text: string): Readonly<Record<string, string>> {
  const found = text.matchAll(/^([^\n<]+)<<(\S+)\n([\s\S]*?)\n\2$/gm);
  return Object.fromEntries([...found].map(([, name, , value]) => [name ?? '', value ?? '']));
}
