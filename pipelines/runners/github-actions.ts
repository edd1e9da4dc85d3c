/** GitHub Actions as a runner: dispatches a workflow for one step and finds the run that came of it. */
import * as z from 'zod';
import { FettleError } from '../../registry/base/fault.ts';
import type { StepRecord } from '../../registry/schema/run.ts';
import { ask, emptied, faultOf, jsonOf, type Answer } from '../artifacts/http.ts';
import { PATIENT, patiently, type Patience } from '../artifacts/patience.ts';
import { jobLeftNothing, jobLost, jobNotOver, storeUnreachable } from '../faults.ts';
import type { JobState, Runner, StageJob, Ticket } from './runner.ts';

export interface ActionsPlace {
  /** `https://api.github.com`; http: only on this machine. */
  readonly api: URL;
  /** `owner/name`. */
  readonly repository: string;
  readonly token: string;
  /** The workflow's file, whose `run-name` holds its input `ticket`. */
  readonly workflow: string;
  /** The branch whose workflow and code are run; null: the default one. */
  readonly ref: string | null;
  readonly now: () => string;
  /** A word that no other job has. */
  readonly ticketFor: () => string;
  /** What the job left in the registry; null while there is nothing. */
  readonly recordOf: (job: StageJob) => Promise<StepRecord | null>;
  readonly patience?: Patience;
}

/** What GitHub answers since February 2026 when it is asked for the run's details. */
const Dispatched = z.object({ workflow_run_id: z.int(), html_url: z.string().nullish() });
const Repository = z.object({ default_branch: z.string() });
const Run = z.object({
  id: z.int(),
  display_title: z.string(),
  html_url: z.string(),
  status: z.string().nullable(),
  conclusion: z.string().nullable(),
});
const Runs = z.object({ workflow_runs: z.array(Run) });

/** Until a run is listed that was dispatched without being told of: looks, each after twice the pause. */
const LOOKS = 7;
const LOOK_AFTER_MS = 500;

export function actionsRunner(place: ActionsPlace): Runner {
  const calls = callsTo(place);
  const stateIn = async (id: string): Promise<JobState> =>
    stateOf(Run.parse(await calls.read(`actions/runs/${id}`)));
  return {
    name: 'github-actions',
    submit: (job) => submit(calls, job),
    poll: ({ id }) => stateIn(id),
    async collect({ id, url, job }) {
      const state = await stateIn(id);
      if (state !== 'over') throw jobNotOver({ run: job.run, step: job.step, state });
      const record = await place.recordOf(job);
      if (record !== null) return record;
      throw jobLeftNothing({ run: job.run, step: job.step, where: url ?? id });
    },
    async cancel({ id }) {
      const answer = await calls.send('POST', `actions/runs/${id}/cancel`);
      if (answer.status === 409) return emptied(answer).then(() => false);
      if (answer.status === 202) return emptied(answer).then(() => true);
      throw await faultOf(answer, 'cancel a run', place.now());
    },
  };
}

interface Calls {
  readonly place: ActionsPlace;
  send(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer>;
  /** What may be asked twice. */
  read(path: string): Promise<unknown>;
}

function callsTo(place: ActionsPlace): Calls {
  const { api, repository, token, now, patience = PATIENT } = place;
  const top = new URL(`${api.pathname.replace(/\/$/, '')}/repos/${repository}`, api);
  const send: Calls['send'] = (method, path, body) =>
    ask({
      method,
      url: new URL(path === '' ? top : `${top.href}/${path}`),
      headers: {
        accept: 'application/vnd.github+json',
        'x-github-api-version': '2022-11-28',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      secretHeaders: { authorization: `Bearer ${token}` },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  return {
    place,
    send,
    read: (path) =>
      patiently(patience, async () => {
        const answer = await send('GET', path);
        if (answer.status === 200) return jsonOf(answer);
        throw await faultOf(answer, `answer ${path}`, now());
      }),
  };
}

/**
 * A dispatch whose answer was lost may have been done: it is looked for by its ticket before it is sent again, so that
 * no step is paid for twice.
 */
async function submit(calls: Calls, job: StageJob): Promise<Ticket> {
  const { place } = calls;
  const ticket = place.ticketFor();
  const ref = place.ref ?? Repository.parse(await calls.read('')).default_branch;
  return patiently(place.patience ?? PATIENT, async ({ before }) => {
    if (before !== null) {
      const found = await find(calls, job, ticket);
      if (found !== null) return found;
    }
    const told = await dispatch(calls, { ...job, ref, ticket });
    if (told !== null) return { job, id: String(told.workflow_run_id), url: told.html_url ?? null };
    const found = await find(calls, job, ticket);
    if (found !== null) return found;
    throw jobLost({ run: job.run, step: job.step, workflow: place.workflow, ticket });
  });
}

/** @returns null where GitHub did it and does not tell which run it is */
async function dispatch(
  { place, send }: Calls,
  { run, step, plan, label, ref, ticket }: StageJob & { readonly ref: string; readonly ticket: string },
): Promise<z.infer<typeof Dispatched> | null> {
  const { workflow, now } = place;
  const path = `actions/workflows/${encodeURIComponent(workflow)}/dispatches`;
  const asked = { ref, inputs: { run, step, plan, label, ticket } };
  let answer = await send('POST', path, { ...asked, return_run_details: true });
  // An Enterprise Server before 3.21 does not know the word.
  if (answer.status === 400) {
    await emptied(answer);
    answer = await send('POST', path, asked);
  }
  if (answer.status === 204) return emptied(answer).then(() => null);
  if (answer.status !== 200) throw await faultOf(answer, `dispatch ${workflow}`, now());
  const told = Dispatched.safeParse(await jsonOf(answer).catch((error: unknown) => cutOff(error, place)));
  return told.success ? told.data : null;
}

/** Half an answer: it was done, but nobody knows as which run. */
function cutOff(error: unknown, { api }: ActionsPlace): never {
  if (error instanceof FettleError && error.retry === 'later') throw error;
  throw storeUnreachable({ where: api.host, said: 'an answer that was cut off', waitMs: 0 }, error);
}

/** Runs are listed a moment after they are dispatched. */
async function find(calls: Calls, job: StageJob, ticket: string): Promise<Ticket | null> {
  const { workflow, patience = PATIENT } = calls.place;
  const path = `actions/workflows/${encodeURIComponent(workflow)}/runs?event=workflow_dispatch&per_page=100`;
  for (let look = 0; look < LOOKS; look++) {
    const { workflow_runs: runs } = Runs.parse(await calls.read(path));
    const found = runs.find(({ display_title: title }) => title.split(' ').includes(ticket));
    if (found !== undefined) return { job, id: String(found.id), url: found.html_url };
    await patience.wait(LOOK_AFTER_MS * 2 ** look);
  }
  return null;
}

function stateOf({ status, conclusion }: z.infer<typeof Run>): JobState {
  if (status === 'in_progress') return 'running';
  if (status !== 'completed') return 'waiting';
  if (conclusion === 'success') return 'over';
  return conclusion === 'cancelled' ? 'cancelled' : 'failed';
}
