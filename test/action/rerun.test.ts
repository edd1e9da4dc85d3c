import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { git, temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS, fettle } from './fettle.ts';

const Why = z.object({
  data: z.object({
    answer: z.string(),
    agrees: z.boolean(),
    gates: z.array(z.object({ gate: z.string(), reason: z.string() })),
  }),
});
const Finished = z.object({
  event: z.object({
    body: z.object({ steps: z.array(z.object({ step: z.string(), known: z.boolean() })) }),
  }),
});

/** Two versions that answer every item alike: on 100 items the low end is −1.9 points, near the margin of 2. */
describe('a candidate that passes near the margin', () => {
  const trained = trainedTwice(temporaryRepository());

  it('is trained again with another seed before it serves, and why tells of it', () => {
    expect(stepsOf(trained).get('train-again')).toBe(false);
    const { data } = Why.parse(JSON.parse(fettle(trained, ['why', 'clouds@1.1.0', '--json']).stdout));
    expect(data).toMatchObject({ answer: 'pass', agrees: true });
    const reason = data.gates.find(({ gate }) => gate === 'no-regression')?.reason;
    expect(reason).toContain('confirmed by a second look and by training again with another seed');
  });

  it('is not trained anew where all of it is known by its digests', () => {
    const other = temporaryRepository();
    cpSync(path.join(trained, '.fettle'), path.join(other, '.fettle'), { recursive: true });
    const steps = stepsOf(trainedTwice(other));
    expect(steps.get('evaluate-again')).toBe(true);
    expect([...steps].filter(([, known]) => !known)).toEqual([]);
  });
});

function trainedTwice(folder: string): string {
  mkdirSync(path.join(folder, '.github'));
  writeFileSync(path.join(folder, '.github/fettle.yml'), CLOUDS_SETTINGS);
  for (const from of [0, 1000]) {
    writeFileSync(path.join(folder, `${from}.csv`), cloudsCsv(200, from));
    const { code, stderr } = fettle(folder, ['run', 'clouds', '--from', `${from}.csv`]);
    expect([code, stderr]).toMatchObject([0, expect.anything()]);
  }
  return folder;
}

/** The steps of the last run that ended, and whether each was known. */
function stepsOf(folder: string): ReadonlyMap<string, boolean> {
  const lines = git(folder, 'show', 'fettle/registry:log/000/000/000.jsonl').trim().split('\n');
  const last = lines.findLast((line) => line.includes('"run.finished"')) ?? '';
  return new Map(Finished.parse(JSON.parse(last)).event.body.steps.map(({ step, known }) => [step, known]));
}
