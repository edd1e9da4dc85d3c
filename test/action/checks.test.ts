/** Checks under a budget of minutes, in runs of a real model: what is left out, what never is, and that it stays so. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { contradictions } from '../../action/verbs/contradictions.ts';
import { plan } from '../../action/verbs/plan.ts';
import { run } from '../../action/verbs/run.ts';
import { settingsMisshapen } from '../../pipelines/faults.ts';
import { temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS } from './fettle.ts';
import { asked } from './in-process.ts';

let folder: string;

const Named = z.array(z.object({ name: z.string() }));
const Ran = z.object({
  candidates: z.tuple([
    z.object({
      version: z.string(),
      known: z.boolean(),
      run: z.string(),
      leftOut: z.array(z.object({ name: z.string(), why: z.string() })),
      metrics: Named,
      verdict: z.object({ gates: z.array(z.object({ gate: z.string() })) }),
    }),
  ]),
});
const Planned = z.object({
  leftOut: z.array(z.object({ name: z.string(), why: z.string() })),
  matrix: z.object({ include: z.array(z.object({ run: z.string() })) }),
});

async function train(from: string) {
  const told = Ran.parse(await asked(folder, run, { recipe: 'clouds', from, minutesMost: 0 }));
  const [{ verdict, metrics, ...candidate }] = told.candidates;
  return {
    ...candidate,
    gates: verdict.gates.map(({ gate }) => gate),
    metrics: metrics.map(({ name }) => name),
  };
}

function set(optional: readonly string[]): void {
  mkdirSync(path.join(folder, '.github'), { recursive: true });
  const text = `${CLOUDS_SETTINGS}    checks: { optional: [${optional.join(', ')}] }\n`;
  writeFileSync(path.join(folder, '.github', 'fettle.yml'), text);
}

beforeAll(() => {
  folder = temporaryRepository();
  for (const [name, from] of [
    ['a.csv', 0],
    ['b.csv', 200],
    ['c.csv', 400],
    ['d.csv', 600],
  ] as const) {
    writeFileSync(path.join(folder, name), cloudsCsv(200, from));
  }
});

describe('checks within minutes', () => {
  it('are all made while nobody timed them, and left out by what they took, once and for the same words', async () => {
    set(['latency-budget', 'size-budget']);
    const first = await train('a.csv');
    expect(first.leftOut).toEqual([]);
    expect(first.gates).toContain('latency-budget');

    const words = { recipe: 'clouds', from: 'b.csv', minutesMost: 0 };
    const planned = Planned.parse(await asked(folder, plan, words));
    expect(planned.leftOut.map(({ name }) => name)).toEqual(['size-budget', 'latency-budget']);
    const second = await train('b.csv');
    expect(planned.matrix.include.map((row) => row.run)).toEqual([second.run]);
    expect(second.leftOut).toMatchObject([
      {
        name: 'size-budget',
        why: expect.stringMatching(/takes 0\.\d\d minutes and said no to 0 of 1 candidates/),
      },
      { name: 'latency-budget' },
    ]);
    expect(second.gates).not.toContain('latency-budget');
    expect(second.gates).toContain('no-regression');
    expect(second.metrics).not.toContain('latency_p99');
    // The second of two candidates was not asked, so it tells nothing of the gate.
    const next = Planned.parse(await asked(folder, plan, { ...words, from: 'd.csv' }));
    expect(next.leftOut.map(({ why }) => /said no to .* candidates/.exec(why)?.[0])).toEqual([
      'said no to 0 of 1 candidates',
      'said no to 0 of 1 candidates',
    ]);
    const again = await train('b.csv');
    expect(again).toMatchObject({ known: true, version: second.version });
    // What was made whole is not made again with less.
    expect(await train('a.csv')).toMatchObject({ known: true, leftOut: [] });
  });

  it('are never left out where the settings do not call them optional, nor what they share with such a one', async () => {
    set(['latency-budget']);
    const third = await train('c.csv');
    expect(third.leftOut).toEqual([]);
    expect(third.gates).toEqual(expect.arrayContaining(['latency-budget', 'size-budget']));
    // What real runs record agrees with itself and with the settings.
    expect(await asked(folder, contradictions, {})).toMatchObject({ open: 0, contradictions: [] });
  });

  it('are made though a record of the same words tells that they were left out, where settings want them now', async () => {
    set([]);
    const anew = await train('b.csv');
    expect(anew.leftOut).toEqual([]);
    expect(anew.gates).toEqual(expect.arrayContaining(['latency-budget', 'size-budget']));
  });

  it('refuse to call optional what takes no time', async () => {
    set(['no-regression']);
    await expect(train('c.csv')).rejects.toThrowFault(settingsMisshapen);
  });
});
