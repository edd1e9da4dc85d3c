/** This very machine as a runner: jobs one after the other, in the order in which they were submitted. */
import type { StepRecord } from '../../registry/schema/run.ts';
import { jobNotOver } from '../faults.ts';
import type { JobState, Runner, StageJob } from './runner.ts';

interface Held {
  state: JobState;
  record: StepRecord | null;
}

/** @param work  performs the step; what it throws fails the job and nothing else */
export function localRunner(work: (job: StageJob) => Promise<StepRecord>): Runner {
  const jobs = new Map<string, Held>();
  let last: Promise<void> = Promise.resolve();

  const perform = async (job: StageJob, held: Held): Promise<void> => {
    if (held.state === 'cancelled') return;
    held.state = 'running';
    try {
      held.record = await work(job);
      held.state = 'over';
    } catch {
      held.state = 'failed';
    }
  };

  return {
    name: 'local',
    async submit(job) {
      const held: Held = { state: 'waiting', record: null };
      const id = String(jobs.size + 1);
      jobs.set(id, held);
      last = last.then(() => perform(job, held));
      return { job, id, url: null };
    },
    poll: async ({ id }) => jobs.get(id)?.state ?? 'cancelled',
    async collect({ id, job }) {
      const held = jobs.get(id);
      if (held !== undefined && held.record !== null) return held.record;
      throw jobNotOver({ run: job.run, step: job.step, state: held?.state ?? 'unknown' });
    },
    async cancel({ id }) {
      const held = jobs.get(id);
      if (held === undefined || held.state !== 'waiting') return false;
      held.state = 'cancelled';
      return true;
    },
  };
}
