import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CircuitJob } from '../../pipelines/runners/circuit-runner.ts';
import {
  circuitNotOver,
  machineBusy,
  quoteTooDear,
  serviceRefused,
  serviceUnreachable,
  timeSpent,
} from '../../pipelines/runners/faults.ts';
import { microDollarsOf } from '../../pipelines/runners/money.ts';
import { performed } from '../../pipelines/runners/performance.ts';
import { ARNS } from '../fakes/braket-shapes.ts';
import { openBraket, type BraketFake } from '../fakes/braket.ts';
import { temporaryFolder } from '../temporary.ts';
import { allow, ANGLES, jobOf, LOPSIDED, runnerAt } from './braket-bench.ts';

const SECOND = 1000;
const TWO = [0.1, 0.2].map((gamma) => ({ problem: LOPSIDED, angles: { ...ANGLES, gammas: [gamma] } }));

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

/** Every wait takes a second on the clock, and no time. */
async function ran(device: string, changes: Partial<CircuitJob>) {
  const job = jobOf({ programs: TWO, ...changes });
  const tried = await performed(await runnerAt(fake, folder, { device }), job, {
    limits: { spendMost: job.spendMost, queueMost: 10, waitMsMost: 3600 * SECOND },
    now: () => fake.now(),
    wait: async () => void (clock += SECOND),
    tell: () => undefined,
  });
  return {
    code: 'why' in tried ? tried.why.code : null,
    says: 'why' in tried ? tried.why.message : '',
    ...tried,
  };
}

describe('several tasks', () => {
  it('that run at once are stopped before all of them together cost more than they may', async () => {
    fake.life = ['RUNNING'];
    // 0.15 buys two minutes of one simulator at 0.075 a minute, and one of two.
    const { code, says, spent } = await ran(ARNS.sv1, { spendMost: microDollarsOf(0.15) });
    expect(code).toBe(timeSpent.code);
    expect(says).toContain('it ran for 60 s');
    expect(spent).toBe(150_000);
    expect(fake.tasks.map(({ life }) => life.at(-1))).toEqual(['CANCELLED', 'CANCELLED']);
  });

  const apart = (): void => {
    const device = fake.devices.get(ARNS.garnet);
    if (device !== undefined) device.sets = null;
  };

  it('of which one failed are stopped, and count as paid for', async () => {
    apart();
    fake.life = ['QUEUED'];
    fake.onCall = (operation, when) => {
      if (operation === 'GetQuantumTask' && when === 'before') fake.tasks[1]?.life.splice(0, 9, 'FAILED');
    };
    const { code, spent } = await ran(ARNS.garnet, {});
    expect(code).toBe(circuitNotOver.code);
    // Two fees of 0.30 and 2000 shots at 0.00145: nobody knows which of the others were performed.
    expect(spent).toBe(3_500_000);
    expect(fake.tasks.map(({ life }) => life.at(-1))).toEqual(['CANCELLED', 'FAILED']);
  });

  it('of which one began while they were given up are paid for', async () => {
    apart();
    fake.life = ['QUEUED'];
    fake.position = '11';
    fake.onCall = (operation, when) => {
      if (operation === 'CancelQuantumTask' && when === 'before') {
        fake.tasks[0]?.life.splice(0, 9, 'COMPLETED');
      }
    };
    const { code, spent } = await ran(ARNS.garnet, {});
    expect(code).toBe(machineBusy.code);
    expect(spent).toBe(3_500_000);
  });
});

describe('a purchase that was begun', () => {
  it('is quoted by the tasks that it was begun with, though one would be enough by now', async () => {
    const device = fake.devices.get(ARNS.garnet);
    if (device === undefined) throw new Error('no Garnet');
    const { sets } = device;
    device.sets = null;
    fake.onCall = (operation, when) => {
      if (operation === 'CreateQuantumTask' && when === 'after') {
        fake.fail('CreateQuantumTask', { kind: 'error', name: 'AccessDeniedException', status: 403 }, 9);
      }
    };
    await ran(ARNS.garnet, {});
    expect(fake.tasks).toHaveLength(1);
    Object.assign(fake, { onCall: () => undefined, mishaps: [] });
    device.sets = sets;
    // Two fees and 2000 shots are 3.50; one fee would be 3.20.
    const { code } = await ran(ARNS.garnet, { spendMost: microDollarsOf(3.3) });
    expect([code, fake.tasks.length]).toEqual([quoteTooDear.code, 1]);
  });
});

describe('an answer to a purchase that nobody can read', () => {
  it.each(['{}', 'Created.', ''])('is as good as lost, and the task is paid for once: `%s`', async (text) => {
    fake.fail('CreateQuantumTask', { kind: 'garble', text });
    fake.life = ['COMPLETED'];
    const { code, spent } = await ran(ARNS.garnet, {});
    expect([code, spent, fake.tasks.length]).toEqual([null, 3_200_000, 1]);
  });

  it('counts as paid for where it stays so', async () => {
    fake.fail('CreateQuantumTask', { kind: 'garble', text: '{}' }, 100);
    const { code, spent } = await ran(ARNS.garnet, { programs: TWO.slice(0, 1) });
    expect([code, spent, fake.tasks.length]).toEqual([serviceUnreachable.code, 1_750_000, 1]);
  });
});

describe('a service that lists tasks without end', () => {
  it('is left, and nothing is bought', async () => {
    const text = JSON.stringify({ quantumTasks: [], nextToken: 'more' });
    fake.fail('SearchQuantumTasks', { kind: 'garble', text }, 2000);
    const { code, spent } = await ran(ARNS.garnet, { programs: TWO.slice(0, 1) });
    expect([code, spent, fake.tasks.length]).toEqual([serviceRefused.code, 0, 0]);
  });
});

describe('a simulator', () => {
  it('is stopped by what may be spent now, though more was allowed when it was asked', async () => {
    fake.life = ['RUNNING'];
    const programs = TWO.slice(0, 1);
    await (await runnerAt(fake, folder, { device: ARNS.sv1 })).submit(jobOf({ programs }));
    const { code, says, spent } = await ran(ARNS.sv1, { programs, spendMost: microDollarsOf(0.15) });
    expect(code).toBe(timeSpent.code);
    // 0.15 buys two minutes.
    expect(says).toContain('it ran for 120 s');
    expect(spent).toBe(150_000);
  });
});
