/** Workflows and examples, read as an attacker would: nothing unpinned, no cache, no stranger's text in a script. */
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';

const TOP = path.resolve(import.meta.dirname, '../..');
const WORKFLOWS = globSync(['.github/workflows/*.yml', '.github/workflows/*.yaml'], { cwd: TOP });
const DOCUMENTS = globSync(
  ['*.md', '.github/**/*.{md,yml,yaml}', 'action.yml', 'test/**/*.md', 'bot/**/*.md'],
  {
    cwd: TOP,
  },
);

const Step = z.object({
  uses: z.string().optional(),
  run: z.string().optional(),
  with: z.record(z.string(), z.unknown()).default({}),
});
const Workflow = z.object({
  permissions: z.union([z.string(), z.record(z.string(), z.string())]),
  jobs: z.record(z.string(), z.object({ permissions: z.unknown(), steps: z.array(Step).default([]) })),
});

function textOf(file: string): string {
  return readFileSync(path.join(TOP, file), 'utf8');
}

function stepsOf(file: string): readonly z.infer<typeof Step>[] {
  return Object.values(Workflow.parse(parse(textOf(file))).jobs).flatMap(({ steps }) => steps);
}

describe('a workflow or an example of ours', () => {
  it.each(DOCUMENTS)('names every action by its commit: %s', (file) => {
    const named = [...textOf(file).matchAll(/^\s*(?:- )?uses:\s*(\S+)/gm)].map(([, action = '']) => action);
    const pinned = /^(\.\/|\$\/|<owner>\/fettle@<commit>$|[\w.-]+\/[\w./-]+@[0-9a-f]{40}$)/;
    expect(named.filter((action) => !pinned.test(action))).toEqual([]);
  });

  it.each(WORKFLOWS)('takes nothing from a cache that a stranger could have filled: %s', (file) => {
    const steps = stepsOf(file);
    expect(steps.filter(({ uses }) => uses?.startsWith('actions/cache') === true)).toEqual([]);
    const kept = steps.filter((step) => ![undefined, false, 'false', ''].includes(cacheOf(step)));
    expect(kept).toEqual([]);
  });

  it.each(WORKFLOWS)('puts no expression into a script: %s', (file) => {
    const scripts = stepsOf(file).flatMap((step) => [step.run ?? '', String(step.with['script'] ?? '')]);
    expect(scripts.filter((script) => script.includes('${{'))).toEqual([]);
  });

  it.each(WORKFLOWS)('has no right but those that each job asks for: %s', (file) => {
    const { permissions, jobs } = Workflow.parse(parse(textOf(file)));
    expect(permissions).toEqual({});
    expect(Object.values(jobs).filter((job) => job.permissions === undefined)).toEqual([]);
  });
});

function cacheOf(step: z.infer<typeof Step>): string | boolean | undefined {
  return z.union([z.string(), z.boolean()]).optional().catch(undefined).parse(step.with['cache']);
}
