/** Check runs: kept by the emulator, found by the real commits, and each the work of one app. */
import { told } from './git-database.ts';
import type { Answer } from './answers.ts';
import { inside, isThing, numberOf, textOf, type Thing } from './things.ts';
import { commitNamed, pageOf, route, userNamed } from './world.ts';
import type { RepositoryCall, Route, World } from './world.ts';

export const CHECK_ROUTES: readonly Route[] = [
  route('POST', 'check-runs', create),
  route('GET', 'check-runs/{id}', one),
  route('PATCH', 'check-runs/{id}', update),
  route('GET', 'check-runs/{id}/annotations', annotations),
  route('GET', 'commits/{ref*}/check-runs', forRef),
];

/** What the emulator says of it, with whose it is. */
export function withApp({ memory, api, origin }: World, run: Thing): Thing {
  const made = memory.checks.find(({ id }) => id === run['id']);
  if (made === undefined) return run;
  const { creator } = made;
  const slug = textOf(creator, 'login').replace('[bot]', '');
  const app = {
    id: numberOf(creator, 'id'),
    slug,
    node_id: `A_${slug}`,
    owner: creator,
    name: slug,
    description: null,
    external_url: `${origin}/apps/${slug}`,
    html_url: `${origin}/apps/${slug}`,
    created_at: made.created,
    updated_at: made.created,
    permissions: {},
    events: [],
  };
  const output = {
    ...inside(run, 'output'),
    annotations_url: `${api}/repos/${made.repository}/check-runs/${made.id}/annotations`,
  };
  return { ...run, app, output };
}

async function forwarded({ world, method, path, query, token, body }: RepositoryCall): Promise<Answer> {
  const search = query.size === 0 ? '' : `?${query.toString()}`;
  return world.emulator.ask({
    method,
    path: `${path}${search}`,
    token,
    ...(method === 'GET' ? {} : { body }),
  });
}

async function create(call: RepositoryCall): Promise<Answer> {
  const { world, repository, body, login } = call;
  const sha = textOf(body, 'head_sha');
  const commit = await repository.bare.object(`${sha}^{commit}`);
  if (commit === null) return told(422, `No commit found for SHA: ${sha}`);
  const answer = await forwarded(call);
  if (answer.status !== 201 || !isThing(answer.body)) return answer;
  const id = numberOf(answer.body, 'id');
  const creator = await userNamed(world, login);
  world.memory.checks.push({ id, repository: repository.fullName, sha, creator, created: world.now() });
  return { ...answer, body: withApp(world, answer.body) };
}

async function one(call: RepositoryCall): Promise<Answer> {
  const answer = await forwarded(call);
  return isThing(answer.body) && answer.status === 200
    ? { ...answer, body: withApp(call.world, answer.body) }
    : answer;
}

/** @source docs.github.com: REST API, "Update a check run": only by the app that made it; annotations add up */
async function update(call: RepositoryCall): Promise<Answer> {
  const made = call.world.memory.checks.find(({ id }) => String(id) === call.parts['id']);
  if (made !== undefined && made.creator['login'] !== call.login) {
    return told(403, 'Invalid app_id `check_run` can only be modified by the GitHub App that created it.');
  }
  return one(call);
}

/** The emulator wraps them; GitHub does not. */
async function annotations(call: RepositoryCall): Promise<Answer> {
  const answer = await forwarded(call);
  return answer.status === 200 ? { ...answer, body: inside(answer, 'body')['check_annotations'] } : answer;
}

async function forRef(call: RepositoryCall): Promise<Answer> {
  const { world, repository, query, parts } = call;
  const sha = await commitNamed(repository.bare, parts['ref'] ?? '');
  if (sha === null) return told(422, `No commit found for SHA: ${parts['ref']}`);
  const made = world.memory.checks.filter(
    (check) => check.repository === repository.fullName && check.sha === sha,
  );
  const runs = await Promise.all(
    made.map(({ id }) => world.emulator.get(`/repos/${repository.fullName}/check-runs/${id}`)),
  );
  const [name, status] = [query.get('check_name'), query.get('status')];
  const kept = runs
    .filter((run) => run !== null)
    .filter((run) => (name === null || run['name'] === name) && (status === null || run['status'] === status))
    .map((run) => withApp(world, run));
  const keyOf = (run: Thing): string => `${textOf(run, 'name')} ${textOf(inside(run, 'app'), 'slug')}`;
  const latest = [...new Map(kept.map((run) => [keyOf(run), run])).values()];
  const all = (query.get('filter') === 'all' ? kept : latest).toReversed();
  return pageOf(call, all, (page) => ({ total_count: all.length, check_runs: page }));
}
