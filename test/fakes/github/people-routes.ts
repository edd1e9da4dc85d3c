/** Who may do what in a repository, who is in a team, and what the app learns of itself and of its webhooks. */
import { told } from './git-database.ts';
import type { Answer } from './answers.ts';
import { deliveryThing, type Hooks } from './hooks.ts';
import { isThing, type Thing } from './things.ts';
import {
  asList,
  legacyLevel,
  levelOf,
  pageOf,
  permissionBooleans,
  repositoryThing,
  route,
  userNamed,
} from './world.ts';
import type { Call, RepositoryCall, Route, World } from './world.ts';

export const PEOPLE_ROUTES: readonly Route[] = [route('GET', 'collaborators/{login}/permission', permission)];

/** @source docs.github.com: REST API, "Get repository permissions for a user" */
async function permission({ world, repository, parts }: RepositoryCall): Promise<Answer> {
  const login = parts['login'] ?? '';
  const user = await world.emulator.get(`/users/${encodeURIComponent(login)}`);
  if (user === null) return told(404, `${login} is not a user`);
  const level = levelOf(world, login, repository);
  const booleans = permissionBooleans(level);
  const shown = { ...user, email: user['email'] ?? null, permissions: booleans, role_name: level };
  return { status: 200, body: { permission: legacyLevel(level), role_name: level, user: shown } };
}

export interface GlobalCall extends Call {
  readonly world: World;
  readonly hooks: Hooks;
}

export interface GlobalRoute {
  readonly method: string;
  readonly pattern: RegExp;
  readonly answer: (call: GlobalCall) => Promise<Answer> | Answer;
}

export const GLOBAL_ROUTES: readonly GlobalRoute[] = [
  { method: 'GET', pattern: /^\/app\/hook\/deliveries$/, answer: deliveries },
  { method: 'GET', pattern: /^\/app\/hook\/deliveries\/(?<id>\d+)$/, answer: oneDelivery },
  { method: 'POST', pattern: /^\/app\/hook\/deliveries\/(?<id>\d+)\/attempts$/, answer: redeliver },
  { method: 'GET', pattern: /^\/installation\/repositories$/, answer: installationRepositories },
  { method: 'GET', pattern: /^\/orgs\/(?<org>[^/]+)\/teams\/(?<team>[^/]+)\/members$/, answer: teamMembers },
  {
    method: 'GET',
    pattern: /^\/orgs\/(?<org>[^/]+)\/teams\/(?<team>[^/]+)\/memberships\/(?<login>[^/]+)$/,
    answer: teamMembership,
  },
  { method: 'GET', pattern: /^\/user\/(?<id>\d+)$/, answer: userById },
];

/** @source docs.github.com: REST API, "List deliveries for an app webhook": newest first, by cursor */
function deliveries(call: GlobalCall): Answer {
  if (call.who.kind !== 'app') return told(401, 'A JSON web token could not be decoded');
  const size = Math.min(Number(call.query.get('per_page') ?? 30), 100);
  const before = call.query.get('cursor');
  const state = call.query.get('status');
  const all = call.hooks.attempts
    .toReversed()
    .filter(
      ({ id, status }) =>
        (before === null || id < Number(before.replace('v1_', ''))) &&
        (state === null || (status !== null && status < 400 ? 'success' : 'failure') === state),
    );
  const body = all.slice(0, size).map(deliveryThing);
  const last = all[size - 1];
  if (all.length <= size || last === undefined) return { status: 200, body };
  const next = new URL(call.url);
  next.searchParams.set('cursor', `v1_${last.id}`);
  return { status: 200, body, headers: { link: `<${next.href}>; rel="next"` } };
}

function oneDelivery({ who, hooks, parts }: GlobalCall): Answer {
  const found = hooks.attempts.find(({ id }) => String(id) === parts['id']);
  if (who.kind !== 'app' || found === undefined) return told(404, 'Not Found');
  const url = 'https://example.invalid/';
  const request = { headers: { 'X-GitHub-Delivery': found.guid }, payload: found.payload };
  const response = { headers: {}, payload: '' };
  return { status: 200, body: { ...deliveryThing(found), url, request, response } };
}

async function redeliver({ who, hooks, parts }: GlobalCall): Promise<Answer> {
  const found = hooks.attempts.find(({ id }) => String(id) === parts['id']);
  if (who.kind !== 'app' || found === undefined) return told(404, 'Not Found');
  void hooks.redeliver(found.guid);
  return { status: 202, body: {} };
}

async function installationRepositories(call: GlobalCall): Promise<Answer> {
  const { world, who } = call;
  if (who.kind !== 'installation') return told(403, 'Resource not accessible by personal access token');
  const owner = world.repositories.values().next().value?.owner;
  const all = [...world.repositories.values()].filter((one) => one.owner === owner);
  const things = await Promise.all(all.map(({ fullName }) => repositoryThing(world, fullName)));
  return pageOf(call, things, (page) => ({
    total_count: things.length,
    repository_selection: 'all',
    repositories: page,
  }));
}

function teamOf({ world, parts, who }: GlobalCall): readonly string[] | null {
  if (who.kind === 'installation' && who.permissions['members'] === undefined) return null;
  return world.teams.get(`${parts['org']}/${parts['team']}`) ?? null;
}

async function teamMembers(call: GlobalCall): Promise<Answer> {
  const logins = teamOf(call);
  if (logins === null) return told(404, 'Not Found');
  const things = await Promise.all(logins.map((login) => userNamed(call.world, login)));
  return pageOf(call, things, asList);
}

function teamMembership(call: GlobalCall): Answer {
  const { login = '', org, team } = call.parts;
  if (teamOf(call)?.includes(login) !== true) return told(404, 'Not Found');
  const url = `${call.world.api}/orgs/${org}/teams/${team}/memberships/${login}`;
  return { status: 200, body: { url, role: 'member', state: 'active' } };
}

async function userById({ world, parts }: GlobalCall): Promise<Answer> {
  const { body } = await world.emulator.ask({ method: 'GET', path: '/users?per_page=100' });
  const all: readonly unknown[] = Array.isArray(body) ? body : [];
  const found = all.find((one): one is Thing => isThing(one) && String(one['id']) === parts['id']);
  return found === undefined ? told(404, 'Not Found') : { status: 200, body: found };
}
