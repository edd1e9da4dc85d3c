/** What every runner of circuits promises. */
import { describe, expect, it } from 'vitest';
import type {
  CircuitJob,
  CircuitRunner,
  CircuitStanding,
  CircuitTicket,
} from '../../pipelines/runners/circuit-runner.ts';
import { circuitNotOver, quoteTooDear } from '../../pipelines/runners/faults.ts';
import { MicroDollars, microDollarsOf } from '../../pipelines/runners/money.ts';
import { quboOf } from '../../pipelines/solvers/qubo.ts';

export interface CircuitRunnerCase {
  /** One as another process would open it: nothing is shared but the service and the disk. */
  open(): Promise<CircuitRunner>;
  /** Whether jobs wait until they are let go. */
  hold(waits: boolean): void;
  /** How many jobs the service has sold. */
  sold(): number;
}

const PAIR = quboOf({ n: 2, linear: [-1, 2], couplings: [{ i: 0, j: 1, weight: 1 }] });
const THREE = quboOf({ n: 3, linear: [1, -2, 3], couplings: [{ i: 0, j: 2, weight: 1.5 }] });
const ANGLES = { gammas: [0.4], betas: [-0.3] };

function jobOf(changes: Partial<CircuitJob> = {}): CircuitJob {
  return {
    programs: [PAIR, THREE].map((problem) => ({ problem, angles: ANGLES })),
    shots: 200,
    run: 'optimise-conformance',
    attempt: 1,
    spendMost: microDollarsOf(100),
    ...changes,
  };
}

async function ended(runner: CircuitRunner, ticket: CircuitTicket): Promise<CircuitStanding> {
  for (;;) {
    const standing = await runner.poll(ticket);
    if (standing.state !== 'waiting' && standing.state !== 'running') return standing;
  }
}

export function circuitRunnerConformance(name: string, begin: () => Promise<CircuitRunnerCase>): void {
  describe(`the circuit runner ${name}`, () => {
    it('quotes without selling, and sells nothing for next to nothing', async () => {
      const { open, sold } = await begin();
      const runner = await open();
      const { cost, says } = await runner.quote(jobOf());
      expect(cost).toBeGreaterThan(0);
      expect(says).not.toBe('');
      const short = jobOf({ spendMost: MicroDollars.parse(1) });
      await expect(runner.submit(short)).rejects.toThrowFault(quoteTooDear);
      expect(sold()).toBe(0);
    });

    it('gives the counts of every program in their order, once the job is over', async () => {
      const { open } = await begin();
      const runner = await open();
      const ticket = await runner.submit(jobOf());
      expect(await ended(runner, ticket)).toMatchObject({ state: 'over' });
      const counts = await runner.collect(ticket);
      expect(counts.map(({ n, shots }) => [n, shots])).toEqual([
        [2, 200],
        [3, 200],
      ]);
      for (const { n, shots, times } of counts) {
        expect([...times.values()].reduce((sum, seen) => sum + seen, 0)).toBe(shots);
        expect([...times.keys()].every((index) => index >= 0n && index < 1n << BigInt(n))).toBe(true);
      }
    });

    it('sells the same job once, to whichever process asks, and another attempt anew', async () => {
      const { open, sold } = await begin();
      const first = await (await open()).submit(jobOf());
      const once = sold();
      const other = await open();
      expect((await other.submit(jobOf())).id).toBe(first.id);
      expect(sold()).toBe(once);
      expect((await other.find?.(jobOf()))?.ticket.id).toBe(first.id);
      expect(await other.find?.(jobOf({ attempt: 2 }))).toBeNull();
      expect((await other.submit(jobOf({ attempt: 2 }))).id).not.toBe(first.id);
      expect(sold()).toBe(2 * once);
    });

    it('gives nothing before a job is over', async () => {
      const { open, hold } = await begin();
      hold(true);
      const runner = await open();
      const ticket = await runner.submit(jobOf());
      const { state, askAgainMs } = await runner.poll(ticket);
      expect(state).toBe('waiting');
      expect(askAgainMs).toBeGreaterThan(0);
      await expect(runner.collect(ticket)).rejects.toThrowFault(circuitNotOver);
    });

    it('cancels what waits, and nothing that is over', async () => {
      const { open, hold } = await begin();
      hold(true);
      const runner = await open();
      const waiting = await runner.submit(jobOf());
      expect(await runner.cancel(waiting)).toBe(true);
      expect(await ended(runner, waiting)).toMatchObject({ state: 'cancelled' });
      await expect(runner.collect(waiting)).rejects.toThrowFault(circuitNotOver);
      hold(false);
      const over = await runner.submit(jobOf({ attempt: 2 }));
      expect(await ended(runner, over)).toMatchObject({ state: 'over' });
      expect(await runner.cancel(over)).toBe(false);
    });
  });
}
