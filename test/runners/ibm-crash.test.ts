import { spawn } from 'node:child_process';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ibmRunner, type IbmSite } from '../../pipelines/runners/ibm-quantum.ts';
import { microDollarsOf } from '../../pipelines/runners/money.ts';
import { openIbm, type IbmFake } from '../fakes/ibm-quantum.ts';
import { temporaryFolder } from '../temporary.ts';
import { jobOf, untilEnded } from './braket-bench.ts';
import { ibmAt, ibmSite } from './ibm-bench.ts';

let fake: IbmFake;
beforeEach(async () => {
  fake = await openIbm();
});
afterEach(() => fake.close());

class Crash extends Error {}

/** A process that ends at its n-th step, before the step is made or after it was made and before anybody hears. */
function crashing(site: IbmSite, { step, when }: { step: number; when: 'before' | 'after' }): IbmSite {
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
      machine: around(calls.machine),
      usage: around(calls.usage),
      create: around(calls.create),
      tagged: around(calls.tagged),
    },
    claims: { read: around(claims.read), write: around(claims.write) },
  };
}

const JOB = jobOf({ shots: 10, spendMost: microDollarsOf(10) });

describe('a crash while a job is submitted', () => {
  const points = fc.array(
    fc.record({
      step: fc.integer({ min: 1, max: 9 }),
      when: fc.constantFrom('before' as const, 'after' as const),
    }),
    { maxLength: 5 },
  );

  it.each([
    ['and the service lists a job at once', 0, true],
    ['and the service lists a job three looks late', 3, true],
    ['and the disk is lost with the process', 0, false],
  ])('buys nothing twice, wherever and however often it comes, %s', async (_, late, keeps) => {
    await fc.assert(
      fc.asyncProperty(points, async (crashes) => {
        fake.clear();
        let folder = temporaryFolder();
        for (const crash of crashes) {
          fake.listedAfter = late;
          await ibmRunner(crashing(ibmSite(fake, folder), crash))
            .submit(JOB)
            .catch((error: unknown) => expect(error).toBeInstanceOf(Crash));
          if (!keeps) folder = temporaryFolder();
        }
        fake.listedAfter = late;
        const ticket = await ibmAt(fake, folder).submit(JOB);
        expect(fake.jobs.map(({ id }) => id)).toEqual([ticket.id]);
      }),
      { numRuns: 20, seed: 11 },
    );
  });

  it('would be seen by this test if neither claim nor tag were kept', async () => {
    for (let time = 0; time < 2; time++) {
      const site = ibmSite(fake, temporaryFolder());
      await ibmRunner({ ...site, calls: { ...site.calls, tagged: async () => [] } }).submit(JOB);
    }
    expect(fake.jobs).toHaveLength(2);
  });
});

describe('kill -9', () => {
  it.each([
    ['GET /backends/ibm_fez/status', 'before'],
    ['GET /instances/usage', 'after'],
    ['POST /jobs', 'before'],
    ['POST /jobs', 'after'],
    ['GET /jobs', 'after'],
  ] as const)('at %s, %s it is done, leaves a job that is bought once', async (wanted, when) => {
    const folder = temporaryFolder();
    const child = spawn(
      process.execPath,
      [path.join(import.meta.dirname, 'ibm-submit-once.ts'), fake.url.href, folder],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const ended = new Promise<NodeJS.Signals | null>((resolve) =>
      child.once('exit', (_, signal) => resolve(signal)),
    );
    fake.onCall = ({ method, path: at }, moment) => {
      if (`${method} ${at}` === wanted && moment === when) child.kill('SIGKILL');
      return when === 'before' && moment === 'before' && `${method} ${at}` === wanted ? 'not done' : 'done';
    };
    expect(await ended).toBe('SIGKILL');
    fake.onCall = null;
    const runner = ibmAt(fake, folder);
    const ticket = await runner.submit(jobOf({ spendMost: microDollarsOf(10) }));
    expect(fake.jobs.map(({ id }) => id)).toEqual([ticket.id]);
    expect(await untilEnded(runner, ticket)).toMatchObject({ state: 'over' });
    expect(await runner.collect(ticket)).toHaveLength(1);
  });
});
