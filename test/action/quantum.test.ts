import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { comparisonNone, inputWrong } from '../../action/faults.ts';
import { problemUnfit, sourceUnreadable } from '../../pipelines/faults.ts';
import { registryMissing } from '../../registry/faults.ts';
import { Optimisation } from '../../registry/schema/optimisation.ts';
import { git, temporaryRepository } from '../temporary.ts';
import { fettle } from './fettle.ts';

const RING = '5 5\n1 2 1\n2 3 1\n3 4 1\n4 5 1\n5 1 1\n';
const RUN = ['run', 'quantum-benchmark', '--from', 'ring.txt', '--budget', '2'] as const;

const Answer = z.object({ data: z.looseObject({ recorded: z.boolean().optional() }) });

function repository(): string {
  const folder = temporaryRepository();
  writeFileSync(path.join(folder, 'ring.txt'), RING);
  return folder;
}

function asked(folder: string, ...words: readonly string[]) {
  const { code, stdout } = fettle(folder, [...words, '--json']);
  return { code, stdout, data: Answer.parse(JSON.parse(stdout)).data };
}

describe('a comparison of solvers', () => {
  it('runs as a recipe, is recorded once, and is told again with its page', () => {
    const folder = repository();
    expect(fettle(folder, [...RUN, '--dry-run']).code).toBe(0);
    expect(git(folder, 'for-each-ref', 'refs/heads/fettle')).toBe('');

    const { data } = asked(folder, ...RUN);
    expect(data).toMatchObject({ recorded: true, verdict: { answer: 'no advantage', by: null } });
    expect(asked(folder, ...RUN).data.recorded).toBe(false);
    expect(git(folder, 'rev-list', '--count', 'fettle/registry').trim()).toBe('1');

    const { code, stdout } = fettle(folder, ['quantum', 'report', '--html', 'page.html']);
    expect(code).toBe(0);
    expect(stdout).toContain(
      '1 problem of 5 variables, 2 ms of the processor for each solver on each, seed 1.',
    );
    expect(stdout).toMatch(/exhaustive +exact +1 of 1 /);
    expect(stdout).toMatch(/chance +blind chance +1 of 1 /);
    expect(stdout).toContain('No advantage: no quantum machine took part.');
    expect(stdout).toContain('says nothing of a quantum machine');
    const told = asked(folder, 'quantum', 'report').data;
    const fields = Object.keys(Optimisation.shape);
    const optimisation = Object.fromEntries(Object.entries(told).filter(([name]) => fields.includes(name)));
    expect(Optimisation.parse(optimisation).problems).toMatchObject([
      { name: 'ring.txt', least: '-4.000000' },
    ]);
    expect(readFileSync(path.join(folder, 'page.html'), 'utf8')).toContain('<h1>No advantage');
    expect(fettle(folder, ['quantum', 'report', '--markdown']).stdout).toMatch(/^\*\*No advantage/);
    expect(fettle(folder, ['log']).stdout).toContain('9 solvers compared on 1 problem: no advantage');
    expect(fettle(folder, ['verify']).stdout).not.toMatch(/problem/i);
  });

  it('is recorded of one problem that was optimised, too, and there alone where it is asked for', () => {
    const folder = repository();
    expect(fettle(folder, ['optimise', 'ring.txt', '--compare']).code).toBe(0);
    expect(git(folder, 'for-each-ref', 'refs/heads/fettle')).toBe('');
    expect(fettle(folder, ['optimise', 'ring.txt', '--record']).stdout).toContain('cut 4 in ');
    expect(fettle(folder, ['quantum', 'report']).stdout).toContain('1 problem of 5 variables');
  });

  it('tells what answers cost where the hour has a price', () => {
    const { data } = asked(repository(), ...RUN, '--hourly-dollars', '3.6');
    const rows = z.array(z.object({ kind: z.string(), dollars: z.string().nullable() })).parse(data['rows']);
    expect(rows.find(({ kind }) => kind === 'exact')?.dollars).not.toBeNull();
  });

  it.each([
    [['run', 'quantum-benchmark', '--model', 'digits'], inputWrong],
    [['run', 'quantum-benchmark', '--minutes-most', '5'], inputWrong],
    [['run', 'train-and-promote', '--from', 'ring.txt', '--budget', '5'], inputWrong],
    [['run', 'quantum-benchmark', '--from', 'none.txt'], sourceUnreadable],
    [['run', 'quantum-benchmark', '--from', 'large.txt'], problemUnfit],
  ] as const)('is refused as `%s`', (words, fault) => {
    const folder = repository();
    writeFileSync(path.join(folder, 'large.txt'), '40 1\n1 2 1\n');
    const { code, stdout } = fettle(folder, [...words, '--json']);
    expect([code, stdout.includes(fault.code)]).toEqual([fault === inputWrong ? 2 : 1, true]);
    expect(git(folder, 'for-each-ref', 'refs/heads/fettle')).toBe('');
  });

  it('is missed where none was recorded, and where nothing was begun', () => {
    const folder = repository();
    expect(fettle(folder, ['quantum', 'report', '--json']).stdout).toContain(registryMissing.code);
    expect(fettle(folder, ['init']).code).toBe(0);
    const { code, stdout } = fettle(folder, ['quantum', 'report', '--json']);
    expect([code, stdout.includes(comparisonNone.code)]).toEqual([1, true]);
  });
});
