/** The one door of the stand-in: who asks, what goes wrong, whether the request is well formed, and who answers it. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { answerQuery } from './graphql.ts';
import { answerRest, told } from './git-database.ts';
import { limits, page, send, type Answer } from './answers.ts';
import { OBSERVER, OFF_STAGE } from './actions.ts';
import { CHECK_ROUTES } from './check-routes.ts';
import type { Contract } from './contract.ts';
import { DEPLOYMENT_ROUTES } from './deployment-routes.ts';
import { completed } from './emulator.ts';
import type { FaultsOfFront, Seen } from './faults.ts';
import { GIT_ROUTES, whoOf } from './git-routes.ts';
import { RELEASES, serveGit, serveReleases } from './byte-doors.ts';
import type { Hooks } from './hooks.ts';
import { GLOBAL_ROUTES, PEOPLE_ROUTES } from './people-routes.ts';
import { atLeast, isWorkflow, loginOf, permissionsOf, principalOf, refusal, tokenOf } from './principals.ts';
import type { Access, Principal } from './principals.ts';
import { decorated, PULL_ROUTES } from './pull-routes.ts';
import { noticePushes } from './pushes.ts';
import { REACTION_ROUTES } from './reaction-routes.ts';
import { inside, isThing, numberOf, textOf, type Thing } from './things.ts';
import { WORKFLOW_ROUTES } from './workflow-routes.ts';
import { levelOf, type RepositoryCall, type Route, type TwinRepository, type World } from './world.ts';

export interface Violation {
  readonly operation: string | null;
  readonly request: string;
  readonly errors: readonly string[];
}

export interface Called extends Seen {
  status: number;
  readonly writes: boolean;
}

export interface Front {
  readonly world: World;
  readonly hooks: Hooks;
  readonly access: Access;
  readonly faults: FaultsOfFront;
  readonly contract: Contract;
  readonly calls: Called[];
  readonly violations: Violation[];
  /** Answers of the stand-in's own routes that GitHub would not give. */
  readonly ownViolations: Violation[];
  readonly gitRoot: string;
  readonly checksAnswers: boolean;
  /** A webhook of the emulator's, to be completed. */
  emulated(event: string, payload: Thing): void;
}

const ROUTES: readonly Route[] = [
  ...REACTION_ROUTES,
  ...CHECK_ROUTES,
  ...DEPLOYMENT_ROUTES,
  ...WORKFLOW_ROUTES,
  ...PEOPLE_ROUTES,
  ...PULL_ROUTES,
  ...GIT_ROUTES,
];

export function frontServer(front: () => Front): Server {
  return createServer((incoming, response) => {
    const work = serve(front(), incoming, response).catch((error: unknown) => {
      if (!response.headersSent) send(response, told(500, `the stand-in failed: ${String(error)}`));
      else response.destroy();
    });
    front().world.track(work);
  });
}

interface Incoming {
  readonly method: string;
  readonly path: string;
  readonly url: URL;
  readonly token: string;
  readonly json: unknown;
  readonly headers: IncomingMessage['headers'];
}

async function serve(front: Front, incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', front.world.origin);
  if (/^\/[^/]+\/[^/]+\.git\//.test(url.pathname)) return serveGit(front, { incoming, response, url });
  if (RELEASES.test(url.pathname)) return serveReleases(front, { incoming, response, url });
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  if (url.pathname === '/_hooks') {
    front.emulated(
      String(incoming.headers['x-github-event']),
      completed(JSON.parse(text), front.world.api) as Thing,
    );
    return void response.writeHead(200).end();
  }
  const json = parsed(text);
  if (json === null) return send(response, told(400, 'Problems parsing JSON'));
  const path = url.pathname.replace(/^\/api\/v3(?=\/)/, '').replace(/^\/api\/graphql$/, '/graphql');
  const token = tokenOf(incoming.headers.authorization);
  const method = incoming.method ?? 'GET';
  await exchange(front, { method, path, url, token, json, headers: incoming.headers }, response);
}

/** Undefined where there is nothing, null where it is no JSON. */
function parsed(text: string): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

async function exchange(front: Front, incoming: Incoming, response: ServerResponse): Promise<void> {
  const { method, path, url, json } = incoming;
  const asked = { method, path: decodeURI(path), query: url.searchParams, body: json };
  const isQuery = path === '/graphql';
  const verdict = isQuery
    ? { operation: 'graphql', errors: [], refused: false }
    : front.contract.request(asked);
  const who = principalOf(front.access, incoming.token);
  const login = 'kind' in who ? loginOf(who) : '';
  const mutates = isQuery ? /^\s*mutation\b/.test(textOf(json, 'query')) : method !== 'GET';
  const seen = { method, path, operation: verdict.operation, login, body: json, status: 0, writes: mutates };
  const offStage = incoming.headers[OFF_STAGE] !== undefined;
  if (!offStage) front.calls.push(seen);
  if (verdict.errors.length > 0 && !offStage) {
    const { operation, errors } = verdict;
    front.violations.push({ operation, errors, request: `${method} ${url.pathname}${url.search}` });
  }
  const fault = offStage ? null : front.faults.take(seen);
  if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
  if (fault?.kind === 'drop') return void response.destroy();
  if (fault?.kind === 'html') return page(response, (seen.status = fault.status));
  const given = async (): Promise<Answer> => {
    if (fault?.kind === 'answer') return fault.answer;
    if (!('kind' in who)) return who;
    return verdict.refused ? malformed(verdict.errors) : answerFor(front, incoming, who);
  };
  const answer = await given();
  seen.status = answer.status;
  if (fault?.kind === 'lose') return void response.destroy();
  if (fault?.kind === 'mask') return page(response, fault.status);
  const headers = {
    ...rateOf(front, incoming.token),
    'x-github-request-id': crypto.randomUUID(),
    ...answer.headers,
  };
  send(response, { ...answer, headers }, fault?.kind === 'truncate');
}

function malformed(errors: readonly string[]): Answer {
  const said = told(422, `Invalid request.\n\n${errors.join('\n')}`);
  return { ...said, body: { ...(said.body as Thing), errors } };
}

function rateOf({ access }: Front, token: string): Readonly<Record<string, string>> {
  const left = access.left.get(token) ?? access.limit;
  return {
    ...limits(),
    'x-ratelimit-limit': String(access.limit),
    'x-ratelimit-remaining': String(Math.max(0, left)),
    'x-ratelimit-used': String(access.limit - left),
    'x-ratelimit-resource': 'core',
  };
}

async function answerFor(front: Front, incoming: Incoming, who: Principal): Promise<Answer> {
  const { access, world } = front;
  const cost = incoming.headers[OFF_STAGE] === undefined ? 1 : 0;
  const left = (access.left.get(incoming.token) ?? access.limit) - cost;
  access.left.set(incoming.token, left);
  if (left < 0) return told(403, `API rate limit exceeded for ${loginOf(who)}.`);
  const anonymous = incoming.token === '';
  const [, top, owner = '', name = '', ...rest] = incoming.path.split('/').map(decodeURIComponent);
  const reads = top === 'repos' && incoming.method === 'GET';
  if (anonymous && !reads) return told(401, 'Requires authentication');
  if (incoming.path === '/graphql') return answerGraphql(front, incoming, who);
  if (top !== 'repos') return answerGlobal(front, incoming, who);
  const repository = world.repositories.get(`${owner}/${name}`);
  if (repository === undefined) return told(404, 'Not Found');
  if (rest[0] === 'installation') return answerGlobal(front, incoming, who);
  const call = callOf(front, incoming, who, repository);
  const below = rest.join('/');
  const refused = await refusalOf(call, below);
  if (refused !== null) return refused;
  const answer = await answerBelow(front, call, below);
  if (incoming.method !== 'GET') await noticePushes(world, repository, call.login);
  return answer;
}

function callOf(
  front: Front,
  incoming: Incoming,
  who: Principal,
  repository: TwinRepository,
): RepositoryCall {
  const { method, path, url, token, json, headers } = incoming;
  return {
    world: front.world,
    repository,
    method,
    path,
    parts: {},
    query: url.searchParams,
    body: isThing(json) ? json : {},
    who,
    login: loginOf(who),
    token: token === '' ? OBSERVER : token,
    url: url.href,
    accept: headers.accept ?? '',
  };
}

async function refusalOf(call: RepositoryCall, below: string): Promise<Answer | null> {
  const { world, repository, who, method, path, login } = call;
  if (method !== 'GET' && repository.archived && !(method === 'PATCH' && below === '')) {
    return told(403, 'Repository was archived so is read-only.');
  }
  const { isPrivate } = repository;
  const level = levelOf(world, login, repository);
  const changes = who.kind === 'user' && (method === 'PATCH' || method === 'DELETE');
  const thing =
    changes && /^issues\/(comments\/)?\d+$|^pulls\/\d+$/.test(below) ? await world.emulator.get(path) : null;
  const own = thing !== null && inside(thing, 'user')['login'] === login;
  if (
    who.kind === 'installation' &&
    method !== 'GET' &&
    isWorkflow(below, call.body) &&
    who.permissions['workflows'] !== 'write'
  ) {
    return told(403, 'Resource not accessible by integration');
  }
  const refused = refusal(who, { method, path: below, isPrivate, level, own });
  if (refused !== null) return refused;
  const [, issue] = (method === 'POST' && /^issues\/(\d+)\/(comments|reactions)$/.exec(below)) || [];
  if (issue === undefined) return null;
  const found = await world.emulator.get(`/repos/${repository.fullName}/issues/${issue}`);
  if (found?.['locked'] !== true || (who.kind === 'user' && atLeast(level, 'write'))) return null;
  return told(
    403,
    below.endsWith('comments') ? 'Unable to create comment because issue is locked.' : 'Issue is locked.',
  );
}

async function answerBelow(front: Front, call: RepositoryCall, below: string): Promise<Answer> {
  for (const { method, pattern, answer } of ROUTES) {
    const found = method === call.method ? pattern.exec(below) : null;
    if (found === null) continue;
    const told = await answer({ ...call, parts: { ...found.groups } });
    if (front.checksAnswers) checkAnswer(front, call, told);
    return told;
  }
  const { repository, method, query, body, url, who, world } = call;
  if (below.startsWith('git/')) {
    const may = { may: 'write' as const, who: whoOf(loginOf(who)) };
    return answerRest(repository, may, { method, path: below, query, body, url });
  }
  const search = query.size === 0 ? '' : `?${query.toString()}`;
  const hasBody = Object.keys(body).length > 0 || ['POST', 'PATCH', 'PUT'].includes(method);
  const path = call.path + search;
  if (method === 'PATCH') await rememberText(call);
  const answer = await world.emulator.ask({ method, path, token: call.token, ...(hasBody ? { body } : {}) });
  if (method === 'PATCH' && below === '' && typeof body['archived'] === 'boolean') {
    repository.archived = body['archived'];
  }
  return { ...answer, body: asPull(world, repository, answer.body) };
}

/** Webhooks tell of the text before. */
async function rememberText({ world, path }: RepositoryCall): Promise<void> {
  const before = await world.emulator.get(path);
  if (before !== null) world.memory.before.set(textOf(before, 'url'), before);
}

/** Pull requests that the emulator tells of on its own, such as for their labels or reviewers. */
function asPull(world: World, repository: TwinRepository, body: unknown): unknown {
  if (!isThing(body) || !('head' in body) || !repository.pulls.has(numberOf(body, 'number'))) return body;
  return decorated(world, repository, body);
}

function checkAnswer(
  { contract, ownViolations }: Front,
  call: RepositoryCall,
  { status, body }: Answer,
): void {
  if (body instanceof Buffer || status >= 400) return;
  const asked = { method: call.method, path: call.path, query: call.query, body: call.body };
  const { operation, errors } = contract.answer(asked, status, body);
  if (errors.length > 0) {
    ownViolations.push({ operation, request: `${call.method} ${call.path} ${status}`, errors });
  }
}

async function answerGlobal(front: Front, incoming: Incoming, who: Principal): Promise<Answer> {
  const { world, hooks, access } = front;
  const { method, path, url, token, json } = incoming;
  for (const { method: wanted, pattern, answer } of GLOBAL_ROUTES) {
    const found = method === wanted ? pattern.exec(decodeURI(path)) : null;
    if (found === null) continue;
    const body = isThing(json) ? json : {};
    const call = {
      method,
      path,
      query: url.searchParams,
      body,
      who,
      login: loginOf(who),
      token,
      url: url.href,
    };
    return answer({ ...call, parts: { ...found.groups }, accept: '', world, hooks });
  }
  const [, id] = /^\/app\/installations\/(\d+)\/access_tokens$/.exec(path) ?? [];
  if (id !== undefined && access.suspended.has(Number(id))) {
    return told(403, 'This installation has been suspended');
  }
  const body = json === undefined ? {} : { body: json };
  const answer = await world.emulator.ask({ method, path: `${path}${url.search}`, token, ...body });
  if (id === undefined || answer.status !== 201 || !isThing(answer.body)) return answer;
  const app = access.apps.find(({ installation }) => installation === Number(id));
  access.installations.set(textOf(answer.body, 'token'), {
    kind: 'installation',
    login: `${app?.slug}[bot]`,
    installation: Number(id),
    permissions: permissionsOf(answer.body),
    expires: Date.parse(textOf(answer.body, 'expires_at')),
  });
  return answer;
}

async function answerGraphql({ world }: Front, { json }: Incoming, who: Principal): Promise<Answer> {
  const said = JSON.stringify(json);
  const all = [...world.repositories.values()];
  const repository =
    all.find(({ fullName, id }) => said.includes(`"${fullName}"`) || said.includes(`"${id}"`)) ??
    all.find(({ owner, name }) => said.includes(`"${owner}"`) && said.includes(`"${name}"`)) ??
    all[0];
  if (repository === undefined || who.kind === 'app') return told(401, 'Bad credentials');
  const login = loginOf(who);
  const level = who.kind === 'user' ? levelOf(world, login, repository) : null;
  const writes =
    level === null
      ? who.kind === 'installation' && who.permissions['contents'] === 'write'
      : atLeast(level, 'write');
  const may = writes && !repository.archived ? 'write' : level === 'none' ? 'none' : 'read';
  const asked = { query: textOf(json, 'query'), variables: inside(json, 'variables') };
  const minimize = (id: string): void => void world.memory.minimized.add(id);
  const body = await answerQuery(repository, { may, who: whoOf(login) }, asked, { login, minimize });
  await noticePushes(world, repository, login);
  return { status: 200, body };
}
