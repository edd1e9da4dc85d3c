/** The port of this room: machines elsewhere that perform one step of a planned run. */
import type { Digest } from '../../registry/base/digest.ts';
import type { ModelName } from '../../registry/schema/model.ts';
import type { RunId, StepRecord } from '../../registry/schema/run.ts';

export interface StageJob {
  readonly model: ModelName;
  readonly run: RunId;
  readonly step: string;
  /** The plan, in the store that machines share. */
  readonly plan: Digest;
  /** Which machine, where the runner has several kinds. */
  readonly label: string;
}

/** What a runner knows a job by; it outlives the process that submitted it. */
export interface Ticket {
  readonly job: StageJob;
  readonly id: string;
  /** Where people see it; null where there is nothing to see. */
  readonly url: string | null;
}

/** `over`: it ended well, and its record can be collected. */
export type JobState = 'waiting' | 'running' | 'over' | 'failed' | 'cancelled';

export interface Runner {
  readonly name: string;
  /** Exactly one job for each call that returns. @throws whatever keeps the runner from taking it */
  submit(job: StageJob): Promise<Ticket>;
  poll(ticket: Ticket): Promise<JobState>;
  /** @throws jobNotOver when there is nothing to collect, jobLeftNothing when it ended well and left no record */
  collect(ticket: Ticket): Promise<StepRecord>;
  /** @returns false when it had ended before, or can be stopped no more */
  cancel(ticket: Ticket): Promise<boolean>;
}
