/** What every runner promises. */
import { describe, expect, it } from 'vitest';
import { jobNotOver } from '../../pipelines/faults.ts';
import type { JobState, Runner, StageJob, Ticket } from '../../pipelines/runners/runner.ts';
import { digestOf } from '../../registry/base/digest.ts';
import type { StepRecord } from '../../registry/schema/run.ts';
import { DIGITS, runId } from '../fixtures/registry.ts';

export interface RunnerCase {
  readonly runner: Runner;
  /** Lets every job go that was held back; jobs are held back from the start. */
  release(): void;
}

/** What the machines behind the runner do: a step named `fail` fails, every other gives the record for it. */
export async function workOf(job: Pick<StageJob, 'step'>): Promise<StepRecord> {
  if (job.step === 'fail') throw new Error('as asked');
  return recordFor(job.step);
}

export function recordFor(step: string): StepRecord {
  return { step, stage: step, digest: digestOf(`step ${step}`), outputs: {}, tookMs: 5, known: false };
}

export function jobFor(step: string): StageJob {
  return { model: DIGITS, run: runId('conformance'), step, plan: digestOf('a plan'), label: 'ubuntu-24.04' };
}

const OVER: readonly JobState[] = ['over', 'failed', 'cancelled'];

export async function untilOver(runner: Runner, ticket: Ticket): Promise<JobState> {
  for (;;) {
    const state = await runner.poll(ticket);
    if (OVER.includes(state)) return state;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export function runnerConformance(name: string, open: () => Promise<RunnerCase>): void {
  describe(`the runner ${name}`, () => {
    it('performs what it was given, each job as its own', async () => {
      const { runner, release } = await open();
      release();
      const tickets = [await runner.submit(jobFor('train')), await runner.submit(jobFor('split'))];
      expect(new Set(tickets.map(({ id }) => id)).size).toBe(2);
      for (const ticket of tickets) {
        expect(await untilOver(runner, ticket)).toBe('over');
        expect(await runner.collect(ticket)).toEqual(recordFor(ticket.job.step));
      }
    });

    it('gives nothing before a job is over, or after it failed', async () => {
      const { runner, release } = await open();
      const held = await runner.submit(jobFor('train'));
      await expect(runner.collect(held)).rejects.toThrowFault(jobNotOver);
      release();
      expect(await untilOver(runner, held)).toBe('over');
      const failing = await runner.submit(jobFor('fail'));
      expect(await untilOver(runner, failing)).toBe('failed');
      await expect(runner.collect(failing)).rejects.toThrowFault(jobNotOver);
    });

    it('cancels what waits, once', async () => {
      const { runner, release } = await open();
      await runner.submit(jobFor('split'));
      const waiting = await runner.submit(jobFor('train'));
      expect(await runner.cancel(waiting)).toBe(true);
      release();
      expect(await untilOver(runner, waiting)).toBe('cancelled');
      expect(await runner.cancel(waiting)).toBe(false);
      await expect(runner.collect(waiting)).rejects.toThrowFault(jobNotOver);
    });
  });
}
