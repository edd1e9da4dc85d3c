import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { braketRunner, type BraketSite } from '../../pipelines/runners/braket.ts';
import { ARNS } from '../fakes/braket-shapes.ts';
import { openBraket, type BraketFake, type Operation } from '../fakes/braket.ts';
import { temporaryFolder } from '../temporary.ts';
import { allow, ANGLES, jobOf, LOPSIDED, runnerAt, siteAt, untilEnded } from './braket-bench.ts';

let fake: BraketFake;
beforeEach(async () => {
  fake = await openBraket();
  allow(fake, ARNS.garnet, 1e6);
});
afterEach(() => fake.close());

class Crash extends Error {}

/** A process that ends at its n-th step, before the step is made or after it was made and before anybody hears. */
function crashing(site: BraketSite, { step, when }: { step: number; when: 'before' | 'after' }): BraketSite {
  let left = step;
  const around =
    <W extends readonly unknown[], R>(act: (...words: W) => Promise<R>) =>
    async (...words: W): Promise<R> => {
      left--;
      if (left === 0 && when === 'before') throw new Crash();
      const result = await act(...words);
      if (left === 0) throw new Crash();
      return result;
    };
  const { calls, claims } = site;
  return {
    ...site,
    calls: {
      ...calls,
      device: around(calls.device),
      create: around(calls.create),
      tasksSince: around(calls.tasksSince),
      spendingLimits: around(calls.spendingLimits),
    },
    claims: { read: around(claims.read), write: around(claims.write) },
  };
}

/** Two programs that the machine takes as two tasks, so that there is a between. */
const TWO = jobOf({
  programs: [
    { problem: LOPSIDED, angles: ANGLES },
    { problem: LOPSIDED, angles: { gammas: [0.2], betas: [0.1] } },
  ],
  shots: 10,
});

describe('a crash while a job is submitted', () => {
  const points = fc.array(
    fc.record({
      step: fc.integer({ min: 1, max: 9 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
    { maxLength: 6 },
  );

  it.each([
    ['and the service knows its tokens', true, true, true],
    ['and the service has forgotten its tokens', false, true, true],
    ['and the service lists no task yet', true, false, true],
    ['and the disk is lost with the process', false, true, false],
  ] as const)('buys nothing twice, however often it comes, %s', async (_, knowsTokens, lists, keeps) => {
    const device = fake.devices.get(ARNS.garnet);
    if (device !== undefined) device.sets = null;
    await fc.assert(
      fc.asyncProperty(points, async (crashes) => {
        fake.tasks.length = 0;
        Object.assign(fake, { knowsTokens, lists });
        let folder = temporaryFolder();
        for (const crash of crashes) {
          await braketRunner(crashing(await siteAt(fake, folder), crash))
            .submit(TWO)
            .catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
          if (!keeps) folder = temporaryFolder();
        }
        const runner = await runnerAt(fake, folder);
        const ticket = await runner.submit(TWO);
        expect(fake.tasks).toHaveLength(2);
        expect(ticket.id.split(' ').sort()).toEqual(fake.tasks.map(({ arn }) => arn).sort());
      }),
      { numRuns: 25 },
    );
  });

  it('would be seen by this test if neither claims nor tokens nor tags were kept', async () => {
    Object.assign(fake, { knowsTokens: false, lists: false });
    const forgetful = { read: async () => null, write: async () => undefined };
    const folder = temporaryFolder();
    for (let time = 0; time < 2; time++) {
      await (await runnerAt(fake, folder, { claims: forgetful })).submit(jobOf());
    }
    expect(fake.tasks).toHaveLength(2);
  });

  it('between two tasks leaves a limit that pays for the second', async () => {
    const device = fake.devices.get(ARNS.garnet);
    if (device !== undefined) device.sets = null;
    // Each costs 0.30 + 10 · 0.00145.
    fake.limits.length = 0;
    allow(fake, ARNS.garnet, 0.63);
    const folder = temporaryFolder();
    fake.onCall = (operation, when) => {
      if (operation === 'CreateQuantumTask' && when === 'after') {
        fake.fail('CreateQuantumTask', { kind: 'error', name: 'AccessDeniedException', status: 403 });
      }
    };
    await expect((await runnerAt(fake, folder)).submit(TWO)).rejects.toThrow('AccessDenied');
    expect(fake.tasks).toHaveLength(1);
    Object.assign(fake, { onCall: () => undefined });
    fake.mishaps.length = 0;
    await (await runnerAt(fake, folder)).submit(TWO);
    expect(fake.tasks).toHaveLength(2);
  });

  it('and two processes at once buy once', async () => {
    const folder = temporaryFolder();
    const runners = await Promise.all(Array.from({ length: 4 }, () => runnerAt(fake, folder)));
    const tickets = await Promise.all(runners.map((runner) => runner.submit(jobOf())));
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(1);
    expect(fake.tasks).toHaveLength(1);
  });
});

/** A process of its own that submits one job. */
function submitter(folder: string): ChildProcess {
  return spawn(process.execPath, [path.join(import.meta.dirname, 'submit-once.ts'), fake.url.href, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

describe('kill -9', () => {
  it.each<readonly [Operation, 'before' | 'after']>([
    ['GetDevice', 'before'],
    ['SearchSpendingLimits', 'after'],
    ['CreateQuantumTask', 'before'],
    ['CreateQuantumTask', 'after'],
  ])('at %s, %s it is done, leaves a job that is bought once', async (operation, when) => {
    const folder = temporaryFolder();
    const child = submitter(folder);
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('exit', (_, signal) => resolve(signal)),
    );
    let killed = false;
    fake.onCall = (called, at) => {
      if (called !== operation || at !== when || killed) return;
      killed = child.kill('SIGKILL');
    };
    expect(await ended).toBe('SIGKILL');
    fake.onCall = () => undefined;
    // Whoever was killed after the call had bought; a service that forgot makes it the claim's turn alone.
    fake.knowsTokens = false;
    const runner = await runnerAt(fake, folder);
    const ticket = await runner.submit(jobOf());
    expect(fake.tasks.map(({ arn }) => arn)).toEqual([ticket.id]);
    expect(await untilEnded(runner, ticket)).toMatchObject({ state: 'over' });
    expect(await runner.collect(ticket)).toHaveLength(1);
  });
});
