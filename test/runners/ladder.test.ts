import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FettleError } from '../../registry/base/fault.ts';
import {
  circuitNotOver,
  countsMissing,
  machineBusy,
  machineClosed,
  notInTime,
  quoteTooDear,
  serviceRefused,
  serviceUnreachable,
  timeSpent,
} from '../../pipelines/runners/faults.ts';
import type { CircuitStanding, Quote } from '../../pipelines/runners/circuit-runner.ts';
import {
  costOf,
  decisionOn,
  descended,
  refusalOf,
  type Limits,
  type Rung,
} from '../../pipelines/runners/ladder.ts';
import { MicroDollars, microDollarsOf } from '../../pipelines/runners/money.ts';
import { performed } from '../../pipelines/runners/performance.ts';
import { ARNS } from '../fakes/braket-shapes.ts';
import { openBraket, type BraketFake } from '../fakes/braket.ts';
import { temporaryFolder } from '../temporary.ts';
import { allow, ANGLES, jobOf, LOPSIDED, runnerAt } from './braket-bench.ts';

const MINUTE = 60_000;
const LIMITS: Limits = { spendMost: microDollarsOf(2), queueMost: 10, waitMsMost: 30 * MINUTE };
const QUOTE: Quote = {
  cost: microDollarsOf(2),
  says: '1 task',
  pricesOf: '2026-11-20',
  queue: 10,
  opensAt: '2026-11-21T12:30:00.000Z',
  runMsMost: null,
};
const NOW = '2026-11-21T12:00:00.000Z';

describe('a quote', () => {
  const codeFor = (changes: Partial<Quote>): string | undefined =>
    refusalOf('here', { ...QUOTE, ...changes }, { limits: LIMITS, now: NOW })?.code;

  it('is taken at its limits, and refused one beyond any of them', () => {
    expect(codeFor({})).toBeUndefined();
    expect(codeFor({ queue: null, opensAt: null })).toBeUndefined();
    expect(codeFor({ cost: MicroDollars.parse(2_000_001) })).toBe(quoteTooDear.code);
    expect(codeFor({ queue: 11 })).toBe(machineBusy.code);
    expect(codeFor({ opensAt: '2026-11-21T12:30:00.001Z' })).toBe(machineClosed.code);
  });
});

describe('a job that was submitted', () => {
  const standing = (changes: Partial<CircuitStanding>): CircuitStanding => ({
    state: 'waiting',
    queue: 3,
    reason: null,
    askAgainMs: 7,
    ...changes,
  });
  const decided = (changes: Partial<CircuitStanding>, times: { waitedMs?: number; ranMs?: number } = {}) => {
    const course = { id: 'task', quote: { ...QUOTE, runMsMost: 1000 }, waitedMs: 0, ranMs: 0, ...times };
    const decision = decisionOn('here', standing(changes), { course, limits: LIMITS });
    return 'why' in decision ? [decision.do, decision.why.code] : [decision.do];
  };

  it('is waited for, collected, left or cancelled', () => {
    expect(decided({})).toEqual(['wait']);
    expect(decided({ state: 'running' })).toEqual(['wait']);
    expect(decided({ state: 'over' }, { waitedMs: 1e9 })).toEqual(['collect']);
    expect(decided({ state: 'failed' })).toEqual(['leave', circuitNotOver.code]);
    expect(decided({ state: 'cancelled' })).toEqual(['leave', circuitNotOver.code]);
    expect(decided({ queue: 11 })).toEqual(['cancel', machineBusy.code]);
    expect(decided({}, { waitedMs: 30 * MINUTE })).toEqual(['cancel', notInTime.code]);
    expect(decided({ state: 'running' }, { ranMs: 999 })).toEqual(['wait']);
    expect(decided({ state: 'running' }, { ranMs: 1000 })).toEqual(['cancel', timeSpent.code]);
  });

  it('is looked at again before any limit passes, however long the machine wants to be left alone', () => {
    const waits = (changes: Partial<CircuitStanding>, times: { waitedMs?: number; ranMs?: number }) => {
      const course = { id: 'task', quote: { ...QUOTE, runMsMost: 10_000 }, waitedMs: 0, ranMs: 0, ...times };
      const decision = decisionOn('here', standing({ askAgainMs: 1e12, ...changes }), {
        course,
        limits: LIMITS,
      });
      return decision.do === 'wait' ? decision.ms : decision.do;
    };
    expect(waits({ state: 'running' }, { ranMs: 4000 })).toBe(6000);
    expect(waits({ state: 'running' }, { ranMs: 4000, waitedMs: 30 * MINUTE - 5 })).toBe(5);
    // It may begin at any time, and time that nobody looks at is paid for.
    expect(waits({}, { waitedMs: MINUTE })).toBe(10_000);
    expect(waits({ askAgainMs: 7 }, {})).toBe(7);
  });

  it('costs by the time it ran where time is what costs, and its quote at least', () => {
    const quote = { ...QUOTE, cost: microDollarsOf(0.1), runMsMost: 1000 };
    expect(costOf({ quote, ranMs: 10 }, LIMITS)).toBe(100_000);
    expect(costOf({ quote, ranMs: 500 }, LIMITS)).toBe(1_000_000);
    expect(costOf({ quote: QUOTE, ranMs: 500 }, LIMITS)).toBe(2_000_000);
  });
});

describe('the ladder', () => {
  const why = serviceUnreachable({ service: 'it', wanted: 'answer', said: 'nothing', waitMs: null });
  const gives = (name: string, spent: number): Rung<string> => ({
    name,
    attempt: async () => ({ value: name, spent: microDollarsOf(spent) }),
  });
  const lefts: number[] = [];
  const fails = (name: string, spent: number): Rung<string> => ({
    name,
    attempt: async (left) => {
      lefts.push(left);
      return { why, spent: microDollarsOf(spent) };
    },
  });

  it('goes down until a rung gives a value, telling each reason, and each rung what is left', async () => {
    lefts.length = 0;
    const rungs = [fails('qpu', 1.5), fails('simulator', 0.4), fails('other', 0.4), gives('own', 0)];
    const { value, by, spent, fallbacks } = await descended(rungs, microDollarsOf(2));
    expect([value, by, spent]).toEqual(['own', 'own', 2_300_000]);
    expect(lefts).toEqual([2_000_000, 500_000, 100_000]);
    expect(fallbacks.map(({ from, code }) => [from, code])).toEqual(
      ['qpu', 'simulator', 'other'].map((from) => [from, serviceUnreachable.code]),
    );
    expect(fallbacks[0]).toMatchObject({ says: why.message, mend: why.mend });
  });

  it('stops at the first value, and throws the last reason where there is none', async () => {
    expect(await descended([gives('qpu', 1), fails('never', 1)], microDollarsOf(2))).toMatchObject({
      by: 'qpu',
    });
    await expect(descended([fails('qpu', 0)], microDollarsOf(2))).rejects.toThrowFault(serviceUnreachable);
  });
});

describe('a job performed elsewhere', () => {
  let fake: BraketFake;
  let folder: string;
  let clock: number;
  beforeEach(async () => {
    fake = await openBraket();
    folder = temporaryFolder();
    clock = Date.now();
    fake.now = () => new Date(clock).toISOString();
    allow(fake, ARNS.garnet, 50);
  });
  afterEach(() => fake.close());

  /** Every wait takes a minute on the clock, and no time. */
  const performedOn = async (changes: Partial<Limits> = {}, device: string = ARNS.garnet) => {
    const limits = { ...LIMITS, ...changes };
    return performed(await runnerAt(fake, folder, { device }), jobOf({ spendMost: limits.spendMost }), {
      limits,
      now: () => fake.now(),
      wait: async () => void (clock += MINUTE),
      tell: () => undefined,
    });
  };
  const failed = async (
    ...words: Parameters<typeof performedOn>
  ): Promise<readonly [FettleError, number]> => {
    const tried = await performedOn(...words);
    if ('value' in tried) throw new Error('it was performed');
    return [tried.why, tried.spent];
  };
  const device = () => {
    const found = fake.devices.get(ARNS.garnet);
    if (found === undefined) throw new Error('no Garnet');
    return found;
  };

  it('gives counts, and what they cost', async () => {
    expect(await performedOn()).toMatchObject({ value: [{ n: 3, shots: 1000 }], spent: 1_750_000 });
  });

  it.each(['FAILED', 'CANCELLED'])('that ends as %s is a reason, and costs nothing', async (state) => {
    fake.life = ['QUEUED', state];
    const [reason, spent] = await failed();
    expect(reason).toThrowFault(circuitNotOver);
    expect(spent).toBe(0);
  });

  it('is not sent while the window is closed for longer than anybody waits, or while too many wait', async () => {
    const tomorrow = new Date(clock + 36 * 60 * MINUTE).toLocaleDateString('en-US', {
      weekday: 'long',
      timeZone: 'UTC',
    });
    device().windows = [{ executionDay: tomorrow, windowStartHour: '23:59:00', windowEndHour: '23:59:30' }];
    expect((await failed())[0]).toThrowFault(machineClosed);
    device().windows = [];
    device().queueSize = '11';
    expect((await failed())[0]).toThrowFault(machineBusy);
    expect(fake.tasks).toHaveLength(0);
  });

  it('is cancelled where the queue grew or time ran out, and then costs nothing', async () => {
    fake.life = ['QUEUED'];
    fake.position = '11';
    const [busy, first] = await failed();
    expect(busy).toThrowFault(machineBusy);
    expect(fake.tasks[0]?.life).toEqual(['CANCELLING', 'CANCELLED']);
    fake.position = '1';
    folder = temporaryFolder();
    fake.tasks.length = 0;
    const [late, second] = await failed();
    expect(late).toThrowFault(notInTime);
    expect([first, second]).toEqual([0, 0]);
  });

  it('is collected where it ended while it was given up', async () => {
    fake.life = ['QUEUED', 'COMPLETED'];
    fake.position = '11';
    // The service looks at the task once more before it hears of the cancelling.
    fake.onCall = (operation, when) => {
      if (operation === 'CancelQuantumTask' && when === 'before') {
        fake.tasks[0]?.life.splice(0, 9, 'COMPLETED');
      }
    };
    expect(await performedOn()).toMatchObject({ value: [{ shots: 1000 }], spent: 1_750_000 });
  });

  it('that left nothing is a reason, and was paid for', async () => {
    fake.leaves = () => null;
    const [reason, spent] = await failed();
    expect(reason).toThrowFault(countsMissing);
    expect(spent).toBe(1_750_000);
  });

  it('goes on where it was left, even if by now the machine is offline and too many wait', async () => {
    fake.life = ['QUEUED', 'QUEUED', 'COMPLETED'];
    await (await runnerAt(fake, folder)).submit(jobOf({ spendMost: LIMITS.spendMost }));
    device().status = 'OFFLINE';
    device().queueSize = '5000';
    expect(await performedOn()).toMatchObject({ value: [{ shots: 1000 }], spent: 1_750_000 });
    expect(fake.tasks).toHaveLength(1);
  });

  it('is waited for though nobody answers for a while', async () => {
    let silent = 0;
    fake.onCall = (operation, when) => {
      if (operation !== 'GetQuantumTask' || when !== 'before' || ++silent !== 2) return;
      // Four attempts are one look; two looks are in vain.
      fake.fail('GetQuantumTask', { kind: 'cut' }, 8);
    };
    expect(await performedOn()).toMatchObject({ value: [{ shots: 1000 }], spent: 1_750_000 });
    expect(fake.tasks).toHaveLength(1);
    expect(silent).toBeGreaterThan(9);
  });

  it('counts as paid for where the answer to the purchase was lost for good', async () => {
    fake.fail('CreateQuantumTask', { kind: 'lose-answer' }, 100);
    expect(await failed()).toEqual([
      expect.toSatisfy((why) => why.code === serviceUnreachable.code),
      1_750_000,
    ]);
    fake.mishaps.length = 0;
    expect(await performedOn()).toMatchObject({ value: [{ shots: 1000 }] });
    expect(fake.tasks).toHaveLength(1);
  });

  it('is stopped on a simulator when its time has cost what it may', async () => {
    fake.life = ['RUNNING'];
    // Two minutes at 0.075.
    const [reason, spent] = await failed({ spendMost: microDollarsOf(0.15) }, ARNS.sv1);
    expect(reason).toThrowFault(timeSpent);
    expect(reason.message).toContain('it ran for 120 s');
    expect(reason.mend).not.toContain('Nothing was sent');
    expect(spent).toBe(150_000);
  });

  it('never throws what a service did: refused, or down altogether', async () => {
    fake.fail('CreateQuantumTask', { kind: 'error', name: 'AccessDeniedException', status: 403 });
    const [refused, spent] = await failed();
    expect(refused).toThrowFault(serviceRefused);
    expect(spent).toBe(0);
    await fake.close();
    expect((await failed())[0]).toThrowFault(serviceUnreachable);
    fake = await openBraket();
  });

  it('lets faults of our own through', async () => {
    const runner = await runnerAt(fake, folder, {
      prices: async () => {
        throw new TypeError('ours');
      },
    });
    const job = jobOf({ programs: [{ problem: LOPSIDED, angles: ANGLES }] });
    const watching = { limits: LIMITS, now: () => NOW, wait: async () => undefined, tell: () => undefined };
    await expect(performed(runner, job, watching)).rejects.toThrow(TypeError);
  });
});
