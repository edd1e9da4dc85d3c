/** Workflows read from the repository's own files, their runs, variables, and `repository_dispatch`. */
import { parse } from 'yaml';
import { told } from './git-database.ts';
import type { Answer } from './answers.ts';
import { placeOf } from './git-routes.ts';
import { commitThing } from './git-shapes.ts';
import { inside, isThing, textOf, type Thing } from './things.ts';
import { commitNamed, pageOf, repositoryThing, route, userNamed } from './world.ts';
import type { RepositoryCall, Route, Run, TwinRepository, World } from './world.ts';

export const WORKFLOW_ROUTES: readonly Route[] = [
  route('GET', 'actions/workflows', listWorkflows),
  route('GET', 'actions/workflows/{workflow}', oneWorkflow),
  route('POST', 'actions/workflows/{workflow}/dispatches', dispatch),
  route('GET', 'actions/workflows/{workflow}/runs', listRuns),
  route('GET', 'actions/runs', listRuns),
  route('GET', 'actions/runs/{run}', oneRun),
  route('POST', 'actions/runs/{run}/cancel', cancelRun),
  route('POST', 'actions/runs/{run}/force-cancel', cancelRun),
  route('GET', 'actions/runs/{run}/jobs', listJobs),
  route('POST', 'dispatches', repositoryDispatch),
  route('GET', 'actions/variables', listVariables),
  route('POST', 'actions/variables', createVariable),
  route('GET', 'actions/variables/{name}', oneVariable),
  route('PATCH', 'actions/variables/{name}', updateVariable),
  route('DELETE', 'actions/variables/{name}', deleteVariable),
];

interface Workflow {
  readonly thing: Thing;
  readonly file: string;
  /** `run-name`, with its expressions. */
  readonly title: string;
  /** Null where nothing dispatches it. */
  readonly inputs: Readonly<Record<string, Thing>> | null;
}

async function workflowsOf({ world, repository }: RepositoryCall): Promise<readonly Workflow[]> {
  const { bare, defaultBranch, fullName } = repository;
  const folder = '.github/workflows';
  const head = await bare.object(`refs/heads/${defaultBranch}:${folder}`);
  const entries = head === null ? [] : await bare.tree(head.oid);
  const files = entries.filter(({ path }) => /\.ya?ml$/.test(path));
  return Promise.all(
    files.map(async ({ path, oid }) => {
      const text = (await bare.object(oid))?.bytes.toString() ?? '';
      const parsed: unknown = parse(text);
      const url = `${world.api}/repos/${fullName}/actions/workflows/${idOf(path)}`;
      const name = textOf(parsed, 'name') || `${folder}/${path}`;
      const on = isThing(parsed) ? parsed['on'] : undefined;
      const named = on === 'workflow_dispatch' || (Array.isArray(on) && on.includes('workflow_dispatch'));
      const dispatched = named || (isThing(on) && 'workflow_dispatch' in on);
      const inputs = inside(inside(on, 'workflow_dispatch'), 'inputs');
      const thing = {
        id: idOf(path),
        node_id: `W_${idOf(path)}`,
        name,
        path: `${folder}/${path}`,
        state: 'active',
        created_at: world.now(),
        updated_at: world.now(),
        url,
        html_url: `${world.origin}/${fullName}/blob/${defaultBranch}/${folder}/${path}`,
        badge_url: `${world.origin}/${fullName}/workflows/${encodeURIComponent(name)}/badge.svg`,
      };
      const asked = Object.keys(inputs).map((key): [string, Thing] => [key, inside(inputs, key)]);
      const title = textOf(parsed, 'run-name');
      return { thing, file: path, title, inputs: dispatched ? Object.fromEntries(asked) : null };
    }),
  );
}

/** The same for the same name, and unlikely to be another's. */
function idOf(file: string): number {
  return [...file].reduce((all, letter) => (all * 31 + (letter.codePointAt(0) ?? 0)) % 100_000_007, 7);
}

async function workflowOf(call: RepositoryCall): Promise<Workflow | undefined> {
  const wanted = call.parts['workflow'];
  return (await workflowsOf(call)).find(
    ({ thing, file }) => file === wanted || String(thing['id']) === wanted,
  );
}

async function listWorkflows(call: RepositoryCall): Promise<Answer> {
  const all = (await workflowsOf(call)).map(({ thing }) => thing);
  return pageOf(call, all, (page) => ({ total_count: all.length, workflows: page }));
}

async function oneWorkflow(call: RepositoryCall): Promise<Answer> {
  const found = await workflowOf(call);
  return found === undefined ? told(404, 'Not Found') : { status: 200, body: found.thing };
}

/** @source docs.github.com: REST API, "Create a workflow dispatch event"; at most 25 inputs */
async function dispatch(call: RepositoryCall): Promise<Answer> {
  const { world, repository, body } = call;
  const found = await workflowOf(call);
  if (found === undefined) return told(404, 'Not Found');
  if (found.inputs === null) return told(422, "Workflow does not have 'workflow_dispatch' trigger");
  const ref = textOf(body, 'ref');
  const sha = await commitNamed(repository.bare, ref);
  if (sha === null || /^[0-9a-f]{40}$/.test(ref)) return told(422, `No ref found for: ${ref}`);
  const given = Object.entries(inside(body, 'inputs')).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  const strangers = given.map(([name]) => name).filter((name) => !Object.hasOwn(found.inputs ?? {}, name));
  if (strangers.length > 0) return told(422, `Unexpected inputs provided: ${JSON.stringify(strangers)}`);
  const inputs = Object.fromEntries(given);
  for (const [name, { required, default: usual, type, options }] of Object.entries(found.inputs)) {
    if (inputs[name] === undefined && usual !== undefined) inputs[name] = String(usual);
    if (inputs[name] === undefined && required === true) {
      return told(422, `Required input '${name}' not provided`);
    }
    const offered = Array.isArray(options) ? options.map(String) : [];
    const chosen = inputs[name];
    if (type === 'choice' && chosen !== undefined && !offered.includes(chosen)) {
      return told(422, `Provided value '${chosen}' for input '${name}' not in the list of allowed values`);
    }
  }
  const run: Run = {
    id: world.next(),
    repository: repository.fullName,
    workflow: found.file,
    inputs,
    title: filledIn(found.title, inputs) || found.file,
    headSha: sha,
    headBranch: ref.replace(/^refs\/(heads|tags)\//, ''),
    actor: call.login,
    event: 'workflow_dispatch',
    status: 'queued',
    conclusion: null,
    created: world.now(),
    updated: world.now(),
  };
  world.memory.runs.push(run);
  await tellOfRun(world, run, 'requested');
  world.ran(run);
  if (body['return_run_details'] !== true) return { status: 204, body: null };
  const place = `repos/${repository.fullName}/actions/runs/${run.id}`;
  const urls = {
    run_url: `${world.api}/${place}`,
    html_url: `${world.origin}/${place.slice('repos/'.length)}`,
  };
  return { status: 200, body: { workflow_run_id: run.id, ...urls } };
}

/** GitHub fills in any expression; the stand-in knows those of inputs. */
function filledIn(title: string, inputs: Readonly<Record<string, string>>): string {
  return title.replaceAll(/\$\{\{ inputs\.([\w-]+) \}\}/g, (_, name: string) => inputs[name] ?? '').trim();
}

export async function tellOfRun(world: World, run: Run, action: string): Promise<void> {
  const repository = world.repositories.get(run.repository);
  if (repository === undefined) return;
  const payload = {
    action,
    workflow_run: await runThing(world, repository, run),
    workflow: { id: idOf(run.workflow), name: run.workflow, path: `.github/workflows/${run.workflow}` },
    repository: await repositoryThing(world, run.repository),
    sender: await userNamed(world, run.actor),
  };
  world.tell({ name: 'workflow_run', payload, repository: run.repository });
}

async function runThing(world: World, repository: TwinRepository, run: Run): Promise<Thing> {
  const { id, workflow, headSha, headBranch, event, status, conclusion, created, updated } = run;
  const base = `${world.api}/repos/${repository.fullName}`;
  const url = `${base}/actions/runs/${id}`;
  const { commit } = await commitThing(placeOf({ world, repository }), headSha);
  const { author, committer, message } = isThing(commit) ? commit : {};
  const thing = await repositoryThing(world, repository.fullName);
  const actor = await userNamed(world, run.actor);
  const timestamp = textOf(committer, 'date');
  return {
    id,
    name: workflow,
    node_id: `WFR_${id}`,
    check_suite_id: id,
    check_suite_node_id: `CS_${id}`,
    head_branch: headBranch,
    head_sha: headSha,
    path: `.github/workflows/${workflow}`,
    run_number: id,
    run_attempt: 1,
    event,
    status,
    conclusion,
    workflow_id: idOf(workflow),
    url,
    html_url: `${world.origin}/${repository.fullName}/actions/runs/${id}`,
    pull_requests: [],
    created_at: created,
    updated_at: updated,
    run_started_at: created,
    actor,
    triggering_actor: actor,
    display_title: run.title ?? workflow,
    jobs_url: `${url}/jobs`,
    logs_url: `${url}/logs`,
    check_suite_url: `${base}/check-suites/${id}`,
    artifacts_url: `${url}/artifacts`,
    cancel_url: `${url}/cancel`,
    rerun_url: `${url}/rerun`,
    previous_attempt_url: null,
    workflow_url: `${base}/actions/workflows/${idOf(workflow)}`,
    head_commit: {
      id: headSha,
      tree_id: textOf(inside(commit, 'tree'), 'sha'),
      message,
      timestamp,
      author,
      committer,
    },
    repository: thing,
    head_repository: thing,
    referenced_workflows: [],
  };
}

async function listRuns(call: RepositoryCall): Promise<Answer> {
  const { world, repository, query, parts } = call;
  const wanted = parts['workflow'];
  const [status, branch, event, actor] = ['status', 'branch', 'event', 'actor'].map((name) =>
    query.get(name),
  );
  const all = world.memory.runs.filter(
    (run) =>
      run.repository === repository.fullName &&
      (wanted === undefined || run.workflow === wanted || String(idOf(run.workflow)) === wanted) &&
      (!status || run.status === status || run.conclusion === status) &&
      (!branch || run.headBranch === branch) &&
      (!event || run.event === event) &&
      (!actor || run.actor === actor) &&
      (!query.has('head_sha') || run.headSha === query.get('head_sha')) &&
      isWithin(run.created, query.get('created')),
  );
  const page = pageOf(call, all.toReversed(), (runs) => runs);
  const runs = (page.body as readonly Run[]).map((run) => runThing(world, repository, run));
  return { ...page, body: { total_count: all.length, workflow_runs: await Promise.all(runs) } };
}

/** `>=2026-01-01`, `<2026…` or `a..b`, as in a search. */
function isWithin(created: string, wanted: string | null): boolean {
  if (wanted === null) return true;
  const time = Date.parse(created);
  const [from, to] = wanted.split('..');
  if (to !== undefined) return time >= Date.parse(from ?? '') && time <= Date.parse(to);
  const [, sign = '', date = ''] = /^([<>]=?)?(.*)$/.exec(wanted) ?? [];
  const other = Date.parse(date);
  if (sign.startsWith('>')) return sign === '>' ? time > other : time >= other;
  if (sign.startsWith('<')) return sign === '<' ? time < other : time <= other;
  return created.startsWith(date.slice(0, 10));
}

function runOf({ world, repository, parts }: RepositoryCall): Run | undefined {
  return world.memory.runs.find(
    (run) => run.repository === repository.fullName && String(run.id) === parts['run'],
  );
}

async function oneRun(call: RepositoryCall): Promise<Answer> {
  const run = runOf(call);
  if (run === undefined) return told(404, 'Not Found');
  return { status: 200, body: await runThing(call.world, call.repository, run) };
}

/** @source docs.github.com: REST API, "Cancel a workflow run": 409 where it is over */
async function cancelRun(call: RepositoryCall): Promise<Answer> {
  const run = runOf(call);
  if (run === undefined) return told(404, 'Not Found');
  if (run.status === 'completed') return told(409, 'Cannot cancel a workflow run that is completed.');
  Object.assign(run, { status: 'completed', conclusion: 'cancelled', updated: call.world.now() });
  await tellOfRun(call.world, run, 'completed');
  return { status: 202, body: {} };
}

function listJobs(call: RepositoryCall): Answer {
  const run = runOf(call);
  return run === undefined ? told(404, 'Not Found') : { status: 200, body: { total_count: 0, jobs: [] } };
}

async function repositoryDispatch(call: RepositoryCall): Promise<Answer> {
  const { world, repository, body } = call;
  const payload = {
    action: textOf(body, 'event_type'),
    branch: repository.defaultBranch,
    client_payload: body['client_payload'] ?? {},
    repository: await repositoryThing(world, repository.fullName),
    sender: await userNamed(world, call.login),
  };
  world.tell({ name: 'repository_dispatch', payload, repository: repository.fullName });
  return { status: 204, body: null };
}

// Variables

function keyOf({ repository }: RepositoryCall, name: string): string {
  return `${repository.fullName} ${name.toUpperCase()}`;
}

function listVariables(call: RepositoryCall): Answer {
  const prefix = keyOf(call, '');
  const all = [...call.world.memory.variables].filter(([key]) => key.startsWith(prefix));
  const things = all.map(([, thing]) => thing);
  return pageOf(call, things, (page) => ({ total_count: things.length, variables: page }));
}

function createVariable(call: RepositoryCall): Answer {
  const { world, body } = call;
  const name = textOf(body, 'name').toUpperCase();
  if (!/^[A-Z_][A-Z0-9_]*$/.test(name) || name.startsWith('GITHUB_')) {
    return told(422, 'Variable name is invalid');
  }
  const key = keyOf(call, name);
  if (world.memory.variables.has(key)) {
    return told(409, 'Already exists - Variable already exists');
  }
  const now = world.now();
  world.memory.variables.set(key, { name, value: textOf(body, 'value'), created_at: now, updated_at: now });
  return { status: 201, body: {} };
}

function oneVariable(call: RepositoryCall): Answer {
  const body = call.world.memory.variables.get(keyOf(call, call.parts['name'] ?? ''));
  return body === undefined ? told(404, 'Not Found') : { status: 200, body };
}

function updateVariable(call: RepositoryCall): Answer {
  const { variables } = call.world.memory;
  const key = keyOf(call, call.parts['name'] ?? '');
  const known = variables.get(key);
  if (known === undefined) return told(404, 'Not Found');
  variables.set(key, { ...known, value: textOf(call.body, 'value'), updated_at: call.world.now() });
  return { status: 204, body: null };
}

function deleteVariable(call: RepositoryCall): Answer {
  const gone = call.world.memory.variables.delete(keyOf(call, call.parts['name'] ?? ''));
  return gone ? { status: 204, body: null } : told(404, 'Not Found');
}
