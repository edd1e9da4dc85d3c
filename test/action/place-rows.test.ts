/** Labels of heavy steps by what they took before, by price and by deadline; in a plan of a real repository too. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { placeRows } from '../../action/verbs/place-rows.ts';
import { plan } from '../../action/verbs/plan.ts';
import { jobImpossible } from '../../pipelines/faults.ts';
import { ComputeSettings, LABEL } from '../../pipelines/settings/compute.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { foldEntries } from '../../registry/state/fold.ts';
import { digestFor, eventOf, RUN } from '../fixtures/events.ts';
import { temporaryRepository } from '../temporary.ts';
import { cloudsCsv, CLOUDS_SETTINGS } from './fettle.ts';
import { asked } from './in-process.ts';

const RUNNERS = {
  slow: { price: 0.01, speed: 1, most: 1 },
  fast: { price: 0.1, speed: 4, most: 1 },
};

/** A registry in which the training of each model took so many minutes. */
function trainedIn(minutes: Readonly<Record<string, number>>) {
  const events = Object.entries(minutes).flatMap(([subject, took]) => {
    const fixed = { stage: 'train', digest: digestFor(subject), outputs: {}, known: false };
    const steps = [{ ...fixed, step: 'train', tookMs: took * 60_000 }];
    return [eventOf('run.started', {}, { subject }), eventOf('run.finished', { steps }, { subject })];
  });
  return foldEntries(events.map((event, seq) => ({ seq, event }))).models;
}

function rowsOf(models: readonly string[]) {
  return models.map((name) => ({ model: ModelName.parse(name), run: RUN, step: 'train', label: LABEL }));
}

function labelsOf(minutes: Readonly<Record<string, number>>, compute: object) {
  const rows = rowsOf(Object.keys(minutes));
  const settings = ComputeSettings.parse(compute);
  return placeRows(rows, settings, trainedIn(minutes)).rows.map(({ label }) => label);
}

describe('the labels of heavy steps', () => {
  it('are the cheapest without a deadline, and with one the fast one for what would be late', () => {
    const minutes = { short: 4, long: 40, middle: 5 };
    expect(labelsOf(minutes, { runners: RUNNERS })).toEqual(['slow', 'slow', 'slow']);
    expect(labelsOf(minutes, { runners: RUNNERS, deadline: 12 })).toEqual(['slow', 'fast', 'slow']);
  });

  it('stay as the settings name them, and as they were where no runners are named', () => {
    const labels = { train: 'fast' };
    expect(labelsOf({ short: 4 }, { runners: RUNNERS, labels })).toEqual(['fast']);
    expect(labelsOf({ short: 4 }, { labels })).toEqual([LABEL]);
    expect(() => labelsOf({ short: 4 }, { runners: RUNNERS, labels: { train: 'gpu' } })).toThrowFault(
      jobImpossible,
    );
  });

  it('are what a plan prints, with what it would cost otherwise', async () => {
    const folder = temporaryRepository();
    mkdirSync(path.join(folder, '.github'));
    const compute = `compute: { deadline: 6, runners: ${JSON.stringify(RUNNERS)} }\n`;
    writeFileSync(path.join(folder, '.github', 'fettle.yml'), `${CLOUDS_SETTINGS}${compute}`);
    writeFileSync(path.join(folder, 'a.csv'), cloudsCsv());
    const side = z.object({ minutes: z.number(), dollars: z.number(), lateMinutes: z.number() });
    const told = z
      .object({
        matrix: z.object({ include: z.array(z.object({ step: z.string(), label: z.string() })) }),
        schedule: side.extend({ firstServed: side }),
      })
      .parse(await asked(folder, plan, { recipe: 'clouds', from: 'a.csv' }));
    expect(told.matrix.include).toEqual([{ step: 'train', label: 'fast' }]);
    // Never timed, it counts as ten minutes: two and a half on the fast one, three of which are paid.
    expect(told.schedule).toMatchObject({
      minutes: 2.5,
      lateMinutes: 0,
      firstServed: { minutes: 10, lateMinutes: 4 },
    });
    expect(told.schedule.dollars).toBeCloseTo(0.3, 9);
  });
});
