/** Runs of Fettle's workflows: started, listed and cancelled. */
import * as z from 'zod';
import { callsTo, rest } from './call.ts';
import type { Place } from './place.ts';

export interface Run {
  readonly id: number;
  readonly name: string;
  /** What its `run-name` made of its inputs. */
  readonly title: string;
  /** Login of the account that started it; null where it is gone. */
  readonly actor: string | null;
  readonly url: string;
  readonly status: string;
  readonly conclusion: string | null;
  readonly createdAt: string;
}

const RunAnswer = z
  .object({
    id: z.int(),
    name: z.string().nullish(),
    display_title: z.string().nullish(),
    path: z.string().nullish(),
    html_url: z.string(),
    status: z.string().nullable(),
    conclusion: z.string().nullable(),
    created_at: z.string(),
    event: z.string(),
    actor: z.object({ login: z.string() }).nullish(),
  })
  .transform((run) => ({
    id: run.id,
    name: run.name ?? run.display_title ?? '',
    title: run.display_title ?? '',
    path: run.path ?? '',
    url: run.html_url,
    status: run.status ?? 'unknown',
    conclusion: run.conclusion,
    createdAt: run.created_at,
    event: run.event,
    actor: run.actor?.login ?? null,
  }));
type RunTold = z.infer<typeof RunAnswer>;

const Runs = z.object({ data: z.object({ workflow_runs: z.array(RunAnswer) }) });

/** Fettle's workflows are called so, whatever repository they stand in. */
const OURS = /(^|\/)(fettle[\w-]*|learn|train|benchmark|promote|stage|watch|pages)\.ya?ml(@|$)/;

/** Of the newest 50 of the repository, Fettle's; newest first. */
export async function runsOf(place: Place): Promise<readonly Run[]> {
  return (await runsTold(place, { per_page: 50 })).filter(isOurs).map(plainRun);
}

async function runsTold(
  place: Place,
  ask: Readonly<Record<string, string | number>>,
): Promise<readonly RunTold[]> {
  const route = 'GET /repos/{owner}/{repo}/actions/runs';
  const found = await callsTo(place).find(rest(route, ask, Runs));
  return found?.data.workflow_runs ?? [];
}

/** The newest 100, the most of a page, that the account started: whatever else runs there pushes none of them out. */
function dispatchedBy(place: Place, actor: string): Promise<readonly RunTold[]> {
  return runsTold(place, { event: 'workflow_dispatch', actor, per_page: 100 });
}

function isOurs({ path }: RunTold): boolean {
  return OURS.test(path);
}

function plainRun({ path: _path, event: _event, ...run }: RunTold): Run {
  return run;
}

export interface RunAsk {
  readonly model: string;
  /** The input `request`. */
  readonly request: string;
  /** Login of the app. */
  readonly actor: string;
}

/** Whether the app started it for this very wish. Reasons are a person's words and stand behind it in the name. */
export function isAskedBy({ title, actor }: Pick<Run, 'title' | 'actor'>, ask: RunAsk): boolean {
  const [, model, request] = title.split(' ');
  return actor === ask.actor && model === ask.model && request === ask.request;
}

/** The run that the app started for this very wish; null where there is none. */
export async function runAskedFor(place: Place, ask: RunAsk): Promise<Run | null> {
  const mine = (await dispatchedBy(place, ask.actor)).find((run) => isOurs(run) && isAskedBy(run, ask));
  return mine === undefined ? null : plainRun(mine);
}

/** False where there is no such run of Fettle's, or it is over. */
export async function cancelRun(place: Place, id: number): Promise<boolean> {
  const calls = callsTo(place);
  const one = await calls.find(
    rest('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { run_id: id }, z.object({ data: RunAnswer })),
  );
  if (one === null || !isOurs(one.data) || one.data.status === 'completed') return false;
  const route = 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel';
  const reply = await calls.attempt(rest(route, { run_id: id }, z.object({ status: z.int() })));
  // Between the look and the call it may have ended.
  if (!reply.ok && reply.verdict.kind === 'unknown') throw calls.faultFor(reply.verdict);
  return reply.ok;
}

export interface Dispatched {
  readonly runId: number | null;
  readonly url: string | null;
}

export interface DispatchAsk {
  /** The name of the file, as `train.yml`. */
  readonly workflow: string;
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
}

const WithDetails = z.object({
  data: z.object({ workflow_run_id: z.int(), html_url: z.string().nullish() }).nullish().catch(null),
});

/**
 * Starts a workflow. Servers older than the option to be told the run refuse the option and are asked again without.
 *
 * @throws remoteRefused, remoteUnreachable
 */
export async function dispatchRun(place: Place, { workflow, ref, inputs }: DispatchAsk): Promise<Dispatched> {
  const calls = callsTo(place);
  const route = 'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches';
  const ask = { workflow_id: workflow, ref, inputs };
  const told = await calls.attempt(rest(route, { ...ask, return_run_details: true }, WithDetails));
  if (told.ok) return detailsOf(told.value.data ?? null);
  if (told.verdict.kind !== 'refused' || !/return_run_details|not a permitted key/.test(told.verdict.said)) {
    throw calls.faultFor(told.verdict);
  }
  const untold = await calls.attempt(rest(route, ask, z.object({ status: z.int() })));
  if (!untold.ok) throw calls.faultFor(untold.verdict);
  return { runId: null, url: null };
}

function detailsOf(data: z.infer<typeof WithDetails>['data'] | null): Dispatched {
  return { runId: data?.workflow_run_id ?? null, url: data?.html_url ?? null };
}

export interface SinceAsk {
  readonly workflow: string;
  readonly since: string;
  /** Login of the app. */
  readonly actor: string;
  /** Not those that are known to be somebody else's. */
  isFree(run: number): boolean;
}

/** The first run of this workflow that the app started since then for nobody else; null where there is none. */
export async function runStartedSince(place: Place, ask: SinceAsk): Promise<Dispatched | null> {
  const since = ask.since.slice(0, 19);
  const mine = (await dispatchedBy(place, ask.actor))
    .filter(({ path, actor }) => path.split('@')[0]?.endsWith(`/${ask.workflow}`) && actor === ask.actor)
    .filter(({ id, createdAt }) => createdAt.slice(0, 19) >= since && ask.isFree(id))
    .sort((a, b) => a.id - b.id)[0];
  return mine === undefined ? null : { runId: mine.id, url: mine.url };
}
