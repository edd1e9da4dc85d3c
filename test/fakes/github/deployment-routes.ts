/** Commit statuses, deployments with their statuses, and environments. */
import { told } from './git-database.ts';
import type { Answer } from './answers.ts';
import { isThing, numberOf, textOf, textOrNull, type Thing } from './things.ts';
import { asList, commitNamed, pageOf, repositoryThing, route, userNamed } from './world.ts';
import type { RepositoryCall, Route } from './world.ts';

export const DEPLOYMENT_ROUTES: readonly Route[] = [
  route('POST', 'statuses/{sha}', createStatus),
  route('GET', 'commits/{ref*}/statuses', statuses),
  route('GET', 'commits/{ref*}/status', combinedStatus),
  route('POST', 'deployments', deploy),
  route('GET', 'deployments', deployments),
  route('GET', 'deployments/{id}', oneDeployment),
  route('DELETE', 'deployments/{id}', deleteDeployment),
  route('POST', 'deployments/{id}/statuses', createDeploymentStatus),
  route('GET', 'deployments/{id}/statuses', deploymentStatuses),
  route('GET', 'environments', environments),
  route('GET', 'environments/{name}', oneEnvironment),
  route('PUT', 'environments/{name}', putEnvironment),
  route('DELETE', 'environments/{name}', deleteEnvironment),
];

function baseOf({ world, repository }: RepositoryCall): string {
  return `${world.api}/repos/${repository.fullName}`;
}

async function createStatus(call: RepositoryCall): Promise<Answer> {
  const { world, repository, parts, body } = call;
  const sha = parts['sha'] ?? '';
  if ((await repository.bare.object(`${sha}^{commit}`)) === null) {
    return told(422, `No commit found for SHA: ${sha}`);
  }
  const [id, now, creator] = [world.next(), world.now(), await userNamed(world, call.login)];
  const thing = {
    id,
    node_id: `SC_${id}`,
    url: `${baseOf(call)}/statuses/${sha}`,
    avatar_url: textOf(creator, 'avatar_url'),
    state: textOf(body, 'state'),
    description: textOrNull(body, 'description'),
    target_url: textOrNull(body, 'target_url'),
    context: textOrNull(body, 'context') ?? 'default',
    created_at: now,
    updated_at: now,
    creator,
  };
  world.memory.statuses.push({ repository: repository.fullName, sha, thing });
  const payload = {
    ...thing,
    sha,
    name: repository.fullName,
    branches: [],
    repository: await repositoryOf(call),
    sender: creator,
  };
  world.tell({ name: 'status', payload, repository: repository.fullName });
  return { status: 201, body: thing };
}

function repositoryOf({ world, repository }: RepositoryCall): Promise<Thing> {
  return repositoryThing(world, repository.fullName);
}

function statusesOf({ world, repository }: RepositoryCall, sha: string | null): readonly Thing[] {
  const all = world.memory.statuses.filter(
    (one) => one.repository === repository.fullName && one.sha === sha,
  );
  return all.map(({ thing }) => thing).reverse();
}

async function statuses(call: RepositoryCall): Promise<Answer> {
  const sha = await commitNamed(call.repository.bare, call.parts['ref'] ?? '');
  return pageOf(call, statusesOf(call, sha), asList);
}

/** @source docs.github.com: REST API, "Get the combined status for a specific reference" */
async function combinedStatus(call: RepositoryCall): Promise<Answer> {
  const sha = await commitNamed(call.repository.bare, call.parts['ref'] ?? '');
  if (sha === null) return told(404, 'Not Found');
  const latest = new Map([...statusesOf(call, sha)].reverse().map((one) => [one['context'], one]));
  const all = [...latest.values()].map(({ creator: _creator, ...rest }) => rest);
  const states = all.map((one) => one['state']);
  const bad = states.includes('failure') || states.includes('error');
  const state = bad ? 'failure' : all.length === 0 || states.includes('pending') ? 'pending' : 'success';
  const url = `${baseOf(call)}/commits/${sha}`;
  const repository = await repositoryOf(call);
  return pageOf(call, all, (page) => ({
    state,
    statuses: page,
    sha,
    total_count: all.length,
    repository,
    commit_url: url,
    url: `${url}/status`,
  }));
}

/** @source docs.github.com: REST API, "Create a deployment": 409 unless all required contexts are a success */
async function deploy(call: RepositoryCall): Promise<Answer> {
  const { world, repository, body } = call;
  const ref = textOf(body, 'ref');
  const sha = await commitNamed(repository.bare, ref);
  if (sha === null) return told(422, `No ref found for: ${ref}`);
  const latest = new Map([...statusesOf(call, sha)].reverse().map((one) => [one['context'], one['state']]));
  const wanted = Array.isArray(body['required_contexts']) ? body['required_contexts'] : [...latest.keys()];
  if (wanted.some((context) => latest.get(context) !== 'success')) {
    return told(409, `Conflict: Commit status checks failed for ${ref}.`);
  }
  const [id, now, creator] = [world.next(), world.now(), await userNamed(world, call.login)];
  const environment = textOf(body, 'environment') || 'production';
  const base = baseOf(call);
  const thing = {
    id,
    node_id: `DE_${id}`,
    url: `${base}/deployments/${id}`,
    sha,
    ref,
    task: textOf(body, 'task') || 'deploy',
    payload: body['payload'] ?? {},
    original_environment: environment,
    environment,
    description: textOrNull(body, 'description'),
    creator,
    created_at: now,
    updated_at: now,
    statuses_url: `${base}/deployments/${id}/statuses`,
    repository_url: base,
    transient_environment: body['transient_environment'] === true,
    production_environment: body['production_environment'] ?? environment === 'production',
  };
  world.memory.deployments.push({ repository: repository.fullName, thing });
  ensureEnvironment(call, environment);
  const payload = {
    action: 'created',
    deployment: thing,
    workflow: null,
    workflow_run: null,
    repository: await repositoryOf(call),
    sender: creator,
  };
  world.tell({ name: 'deployment', payload, repository: repository.fullName });
  return { status: 201, body: thing };
}

function deploymentsOf({ world, repository }: RepositoryCall): readonly Thing[] {
  const all = world.memory.deployments.filter((one) => one.repository === repository.fullName);
  return all.map(({ thing }) => thing).reverse();
}

function deployments(call: RepositoryCall): Answer {
  const names = ['sha', 'ref', 'task', 'environment'];
  const all = deploymentsOf(call).filter((one) =>
    names.every((name) => !call.query.has(name) || call.query.get(name) === one[name]),
  );
  return pageOf(call, all, asList);
}

function deploymentOf(call: RepositoryCall): Thing | undefined {
  return deploymentsOf(call).find((one) => String(one['id']) === call.parts['id']);
}

function oneDeployment(call: RepositoryCall): Answer {
  const body = deploymentOf(call);
  return body === undefined ? told(404, 'Not Found') : { status: 200, body };
}

/** @source docs.github.com: REST API, "Delete a deployment": an active one only where it is the only one */
function deleteDeployment(call: RepositoryCall): Answer {
  const found = deploymentOf(call);
  if (found === undefined) return told(404, 'Not Found');
  const state = statesOf(call, numberOf(found, 'id')).at(-1)?.['state'];
  if (state !== 'inactive' && deploymentsOf(call).length > 1) {
    return told(
      422,
      'We cannot delete an active deployment unless it is the only deployment in a given environment.',
    );
  }
  const { deployments: all } = call.world.memory;
  all.splice(
    all.findIndex(({ thing }) => thing === found),
    1,
  );
  return { status: 204, body: null };
}

function statesOf({ world }: RepositoryCall, deployment: number): readonly Thing[] {
  return world.memory.deploymentStatuses
    .filter((one) => one.deployment === deployment)
    .map(({ thing }) => thing);
}

/** @source docs.github.com: REST API, "Create a deployment status", `auto_inactive` */
async function createDeploymentStatus(call: RepositoryCall): Promise<Answer> {
  const { world, repository, body } = call;
  const deployment = deploymentOf(call);
  if (deployment === undefined) return told(404, 'Not Found');
  const creator = await userNamed(world, call.login);
  const state = textOf(body, 'state');
  const make = (of: Thing, name: string): Thing => {
    const [id, now] = [world.next(), world.now()];
    const thing = {
      id,
      node_id: `DES_${id}`,
      url: `${textOf(of, 'url')}/statuses/${id}`,
      state: name,
      creator,
      description: textOf(body, 'description'),
      environment: textOf(body, 'environment') || textOf(of, 'environment'),
      target_url: textOf(body, 'log_url') || textOf(body, 'target_url'),
      log_url: textOf(body, 'log_url'),
      environment_url: textOf(body, 'environment_url'),
      created_at: now,
      updated_at: now,
      deployment_url: textOf(of, 'url'),
      repository_url: baseOf(call),
    };
    world.memory.deploymentStatuses.push({ deployment: numberOf(of, 'id'), thing });
    return thing;
  };
  const others = deploymentsOf(call).filter(
    (one) =>
      one !== deployment &&
      one['environment'] === deployment['environment'] &&
      one['transient_environment'] === false &&
      one['production_environment'] === deployment['production_environment'] &&
      statesOf(call, numberOf(one, 'id')).at(-1)?.['state'] === 'success',
  );
  if (state === 'success' && body['auto_inactive'] !== false) {
    for (const other of others) make(other, 'inactive');
  }
  const thing = make(deployment, state);
  const payload = {
    action: 'created',
    deployment_status: thing,
    deployment,
    workflow: null,
    repository: await repositoryOf(call),
    sender: creator,
  };
  world.tell({ name: 'deployment_status', payload, repository: repository.fullName });
  return { status: 201, body: thing };
}

function deploymentStatuses(call: RepositoryCall): Answer {
  const deployment = deploymentOf(call);
  if (deployment === undefined) return told(404, 'Not Found');
  return pageOf(call, [...statesOf(call, numberOf(deployment, 'id'))].reverse(), asList);
}

// Environments

function keyOf({ repository }: RepositoryCall, name: string): string {
  return `${repository.fullName} ${name}`;
}

/** A deployment makes the environment that it names. */
function ensureEnvironment(call: RepositoryCall, name: string): Thing {
  const known = call.world.memory.environments.get(keyOf(call, name));
  if (known !== undefined) return known;
  const [id, now] = [call.world.next(), call.world.now()];
  const made = {
    id,
    node_id: `EN_${id}`,
    name,
    url: `${baseOf(call)}/environments/${encodeURIComponent(name)}`,
    html_url: `${call.world.origin}/${call.repository.fullName}/deployments/activity_log?environments_filter=${name}`,
    created_at: now,
    updated_at: now,
    protection_rules: [],
    deployment_branch_policy: null,
  };
  call.world.memory.environments.set(keyOf(call, name), made);
  return made;
}

function environments(call: RepositoryCall): Answer {
  const prefix = keyOf(call, '');
  const all = [...call.world.memory.environments].filter(([key]) => key.startsWith(prefix));
  const things = all.map(([, thing]) => thing);
  return pageOf(call, things, (page) => ({ total_count: things.length, environments: page }));
}

function oneEnvironment(call: RepositoryCall): Answer {
  const body = call.world.memory.environments.get(keyOf(call, call.parts['name'] ?? ''));
  return body === undefined ? told(404, 'Not Found') : { status: 200, body };
}

function putEnvironment(call: RepositoryCall): Answer {
  const name = call.parts['name'] ?? '';
  const { body } = call;
  const rules: Thing[] = [];
  const wait = body['wait_timer'];
  if (typeof wait === 'number' && wait > 0) {
    rules.push({ id: call.world.next(), node_id: 'GA_1', type: 'wait_timer', wait_timer: wait });
  }
  if (Array.isArray(body['reviewers']) && body['reviewers'].length > 0) {
    const reviewers = body['reviewers'].filter(isThing).map(({ type, id }) => ({ type, reviewer: { id } }));
    rules.push({
      id: call.world.next(),
      node_id: 'GA_2',
      type: 'required_reviewers',
      prevent_self_review: body['prevent_self_review'] === true,
      reviewers,
    });
  }
  const policy = body['deployment_branch_policy'] ?? null;
  const changed = {
    ...ensureEnvironment(call, name),
    updated_at: call.world.now(),
    protection_rules: rules,
    deployment_branch_policy: policy,
  };
  call.world.memory.environments.set(keyOf(call, name), changed);
  return { status: 200, body: changed };
}

function deleteEnvironment(call: RepositoryCall): Answer {
  const gone = call.world.memory.environments.delete(keyOf(call, call.parts['name'] ?? ''));
  return gone ? { status: 204, body: null } : told(404, 'Not Found');
}
