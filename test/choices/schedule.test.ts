import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  firstServed,
  placesOf,
  scheduled,
  scheduleFormOf,
  scheduleOf,
  tableOf,
  type Scheduling,
} from '../../pipelines/choices/schedule.ts';
import { jobImpossible, problemUnfit } from '../../pipelines/faults.ts';
import { exhaustive } from '../../pipelines/solvers/exhaustive.ts';
import { penaltyFormOf } from '../../pipelines/solvers/penalties.ts';
import { bestSchedule, casesOf } from './schedules.ts';

const ASK = { seed: 1, flips: 400_000 };

/** Times that are whole 31sts of the deadline, so that the encoding rounds nothing. */
const SMALL: fc.Arbitrary<Scheduling> = fc.record({
  jobs: fc
    .array(fc.record({ units: fc.integer({ min: 1, max: 31 }), only: fc.nat({ max: 5 }) }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((all) =>
      all.map(({ units, only }, at) => ({
        name: `job ${at}`,
        ms: units * 60_000,
        labels: only === 0 ? ['a'] : null,
      })),
    ),
  runners: fc.constant([
    { label: 'a', speed: 1, price: 0.01, most: 1 },
    { label: 'b', speed: 1, price: 0.03, most: 1 },
  ]),
  deadlineMs: fc.constant(31 * 60_000),
});

describe('the QUBO of a schedule', () => {
  it('has the cheapest schedule in time for its best answer, where there is one', () => {
    fc.assert(
      fc.property(SMALL, (scheduling) => {
        const table = tableOf(scheduling);
        const best = bestSchedule(table);
        if (best.lateMs > 0) return;
        const form = scheduleFormOf(table);
        const { qubo } = penaltyFormOf(form.problem);
        const { bits } = exhaustive.solve(qubo, ASK);
        const schedule = scheduleOf(table, placesOf(table, form, bits));
        expect(schedule.lateMs).toBe(0);
        expect(schedule.dollars).toBeCloseTo(best.dollars, 9);
      }),
      { numRuns: 25 },
    );
  });
});

describe('a schedule', () => {
  it('of twelve jobs is within 5% of the best of all, in money where it is in time, else in time', () => {
    for (const scheduling of casesOf({ seed: 3, count: 12, jobs: 12 })) {
      const table = tableOf(scheduling);
      const [found, best] = [scheduled(table, ASK), bestSchedule(table)];
      if (best.lateMs === 0) {
        expect(found.lateMs).toBe(0);
        expect(found.dollars).toBeLessThanOrEqual(best.dollars * 1.05);
      } else expect(found.makespanMs).toBeLessThanOrEqual(best.makespanMs * 1.05);
    }
  });

  it('puts each job once where it may run, and is never worse than first come, first served', () => {
    for (const scheduling of casesOf({ seed: 4, count: 20, jobs: 15 })) {
      const jobs = scheduling.jobs.map((job, at) =>
        at % 3 === 0 ? { ...job, labels: ['ubuntu-24.04'] } : job,
      );
      const table = tableOf({ ...scheduling, jobs });
      const [found, naive] = [scheduled(table, ASK), firstServed(table)];
      expect(found.places).toHaveLength(15);
      jobs.forEach(({ labels }, at) => expect(labels ?? [found.labels[at]]).toContain(found.labels[at]));
      expect(found.lateMs).toBeLessThanOrEqual(naive.lateMs);
      if (naive.lateMs === 0) expect(found.dollars).toBeLessThanOrEqual(naive.dollars);
      expect(scheduled(table, ASK)).toEqual(found);
    }
  });

  it('pays begun minutes, by machines of a kind that work at once', () => {
    const jobs = [61_000, 59_000, 60_000].map((ms, at) => ({ name: `${at}`, ms, labels: null }));
    const runners = [{ label: 'a', speed: 1, price: 0.5, most: 2 }];
    const found = scheduled(tableOf({ jobs, runners, deadlineMs: null }), ASK);
    // Two minutes, one and one; and the two short ones on one machine would take longer than 61 and 59 do.
    expect(found).toMatchObject({ dollars: 2, lateMs: 0, makespanMs: 119_000 });
  });

  it('of nothing takes nothing', () => {
    expect(scheduled(tableOf({ jobs: [], runners: [], deadlineMs: 5 }), ASK)).toMatchObject({
      places: [],
      makespanMs: 0,
    });
  });

  it('is refused where no runner may perform a job, and for numbers that are none', () => {
    const job = { name: 'train', ms: 5, labels: ['gpu'] };
    const kind = { label: 'a', speed: 1, price: 0, most: 1 };
    const of =
      (change: object, ms = 5) =>
      () =>
        tableOf({
          jobs: [{ ...job, labels: null, ms }],
          runners: [{ ...kind, ...change }],
          deadlineMs: null,
        });
    expect(() => tableOf({ jobs: [job], runners: [kind], deadlineMs: null })).toThrowFault(jobImpossible);
    expect(of({ speed: 0 })).toThrowFault(problemUnfit);
    expect(of({ price: Number.NaN })).toThrowFault(problemUnfit);
    expect(of({}, Number.POSITIVE_INFINITY)).toThrowFault(problemUnfit);
  });
});
