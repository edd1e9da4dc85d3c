/** What people do on GitHub while a test runs: comment, react, push, open pull requests, and change who may do what. */
import { sign } from 'node:crypto';
import { bareAt } from './bare-repository.ts';
import type { Answer } from './answers.ts';
import { whoOf } from './git-routes.ts';
import type { Access, Level } from './principals.ts';
import { noticePushes } from './pushes.ts';
import type { Content } from './reaction-routes.ts';
import { noReleases } from './releases.ts';
import { isThing, numberOf, textOf, type Thing } from './things.ts';
import { tellOfRun } from './workflow-routes.ts';
import {
  repositoryThing,
  userNamed,
  type Event,
  type Run,
  type TwinRepository,
  type World,
} from './world.ts';

interface By {
  /** A login, or a token. */
  readonly as: string;
  /** The first one where it is missing. */
  readonly repository?: string;
}

export interface Push extends By {
  readonly branch: string;
  /** A new branch begins there; `main` where it is missing. */
  readonly from?: string;
  readonly message?: string;
  /** Null takes a file away. */
  readonly files: Readonly<Record<string, string | null>>;
}

export interface Actions {
  /** Through the front door, with its rules; rejects unless it worked. @returns what was answered */
  request(by: By, method: string, path: string, body?: Thing): Promise<unknown>;
  issue(
    opening: By & { readonly title: string; readonly body?: string; readonly labels?: readonly string[] },
  ): Promise<Thing>;
  comment(comment: By & { readonly on: number; readonly body: string }): Promise<Thing>;
  editComment(comment: By & { readonly id: number; readonly body: string }): Promise<Thing>;
  deleteComment(comment: By & { readonly id: number }): Promise<void>;
  comments(on: number, repository?: string): Promise<readonly Thing[]>;
  react(reaction: By & { readonly comment: number; readonly content: Content }): Promise<Thing>;
  reactions(comment: number, repository?: string): Promise<readonly Thing[]>;
  pull(
    opening: By & { readonly head: string; readonly title?: string; readonly body?: string },
  ): Promise<Thing>;
  /** One commit, made where the stand-in runs; git over HTTP does the same. @returns its SHA */
  push(push: Push): Promise<string>;
  /** A copy under another owner, who may do there what they like. @returns its full name */
  fork(by: By): Promise<string>;
  /** Sends a webhook that nothing here causes. */
  tell(event: Event): void;
  /** Tells that the app was installed, or `deleted`, or `suspend`ed. */
  tellInstallation(action: string): Promise<void>;
  label(labelling: By & { readonly on: number; readonly labels: readonly string[] }): Promise<void>;
  lock(by: By & { readonly issue: number }): Promise<void>;
  archive(repository?: string): void;
  setLevel(login: string, level: Level): void;
  setTeam(team: string, logins: readonly string[]): void;
  /** As the app's own; `github-actions` gives what `GITHUB_TOKEN` is in a workflow. */
  installationToken(options?: {
    readonly app?: string;
    readonly permissions?: Readonly<Record<string, string>>;
  }): Promise<string>;
  /** What the app signs its requests with. */
  jwt(): string;
  /** Every installation token so far is of no use from now on. */
  expireTokens(): void;
  suspend(): void;
  unsuspend(): void;
  /** How many requests each token has left until the hour is over. */
  limitRequests(left: number): void;
  startRun(id: number): Promise<void>;
  finishRun(id: number, conclusion: string): Promise<void>;
}

export interface Stage {
  readonly world: World;
  readonly access: Access;
  readonly actionsInstallation: number;
  repository(fullName?: string): TwinRepository;
}

export function actionsOn(stage: Stage): Actions {
  const { world, access, repository } = stage;
  const request: Actions['request'] = async (by, method, path, body) => {
    const full = path.startsWith('/')
      ? path
      : [`/repos/${repository(by.repository).fullName}`, path].filter((part) => part !== '').join('/');
    const answer = await ask(stage, { by, method, path: full, body });
    if (answer.status < 400) return answer.body;
    throw new Error(`${method} ${full} as ${by.as}: ${answer.status} ${JSON.stringify(answer.body)}`);
  };
  const thing: (...words: Parameters<Actions['request']>) => Promise<Thing> = async (...words) => {
    const body = await request(...words);
    return isThing(body) ? body : {};
  };
  const things = async (path: string, fullName?: string): Promise<readonly Thing[]> => {
    const by = { as: 'stand-in', ...(fullName === undefined ? {} : { repository: fullName }) };
    const body = await request(by, 'GET', path);
    return Array.isArray(body) ? body : [];
  };
  return {
    request,
    issue: ({ title, body = '', labels = [], ...by }) => thing(by, 'POST', 'issues', { title, body, labels }),
    comment: ({ on, body, ...by }) => thing(by, 'POST', `issues/${on}/comments`, { body }),
    editComment: ({ id, body, ...by }) => thing(by, 'PATCH', `issues/comments/${id}`, { body }),
    deleteComment: async ({ id, ...by }) => void (await request(by, 'DELETE', `issues/comments/${id}`)),
    comments: (on, fullName) => things(`issues/${on}/comments?per_page=100`, fullName),
    react: ({ comment, content, ...by }) =>
      thing(by, 'POST', `issues/comments/${comment}/reactions`, { content }),
    reactions: (comment, fullName) => things(`issues/comments/${comment}/reactions?per_page=100`, fullName),
    pull: ({ head, title = 'A change', body = '', ...by }) =>
      thing(by, 'POST', 'pulls', { head, title, body, base: 'main' }),
    push: (push) => pushed(stage, push),
    fork: (by) => forked(stage, by),
    tell: world.tell,
    tellInstallation: (action) => installationEvent(stage, action),
    label: async ({ on, labels, ...by }) =>
      void (await request(by, 'POST', `issues/${on}/labels`, { labels })),
    lock: async ({ issue, ...by }) => void (await request(by, 'PUT', `issues/${issue}/lock`, {})),
    archive: (fullName) => void (repository(fullName).archived = true),
    setLevel: (login, level) => void world.levels.set(login, level),
    setTeam: (team, logins) => void world.teams.set(team, logins),
    installationToken: (options) => installationToken(stage, options ?? {}),
    jwt: () => jwtOf(access, world.app.id),
    expireTokens() {
      for (const [token, one] of access.installations) {
        access.installations.set(token, { ...one, expires: 0 });
      }
    },
    suspend: () => void access.suspended.add(world.app.installation),
    unsuspend: () => void access.suspended.delete(world.app.installation),
    limitRequests(left) {
      access.left.clear();
      access.limit = left;
    },
    startRun: (id) => changeRun(world, id, { status: 'in_progress' }),
    finishRun: (id, conclusion) => changeRun(world, id, { status: 'completed', conclusion }),
  };
}

interface Asked {
  readonly by: By;
  readonly method: string;
  readonly path: string;
  readonly body?: Thing | undefined;
}

/** The stand-in itself asks behind the front door of its own, where nobody counts. */
async function ask({ world, access }: Stage, { by, method, path, body }: Asked): Promise<Answer> {
  const token = by.as === 'stand-in' ? OBSERVER : (tokenOfLogin(access, by.as) ?? by.as);
  const answer = await fetch(`${world.api}${path}`, {
    method,
    headers: { authorization: `token ${token}`, 'content-type': 'application/json', [OFF_STAGE]: 'yes' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
}

/** Marks what a test does itself: never broken, never counted, never listed. */
export const OFF_STAGE = 'x-stand-in-off-stage';

export const OBSERVER = 'stand-in-0';

function tokenOfLogin({ users }: Access, login: string): string | undefined {
  return [...users].find(([, name]) => name === login)?.[0];
}

async function pushed({ world, repository }: Stage, push: Push): Promise<string> {
  const place = repository(push.repository);
  const { bare } = place;
  const ref = `refs/heads/${push.branch}`;
  const before = await bare.ref(ref);
  const from = before ?? (await bare.ref(`refs/heads/${push.from ?? 'main'}`));
  const files = Object.entries(push.files);
  const sha = await bare.commit({
    parent: from?.oid ?? null,
    message: push.message ?? `Change ${push.branch}`,
    who: whoOf(push.as),
    files: new Map(files.flatMap(([name, text]) => (text === null ? [] : [[name, Buffer.from(text)]]))),
    gone: files.flatMap(([name, text]) => (text === null ? [name] : [])),
  });
  await bare.run(['update-ref', ref, sha]);
  await noticePushes(world, place, push.as);
  return sha;
}

interface Wanted {
  readonly app?: string;
  readonly permissions?: Readonly<Record<string, string>>;
}

async function installationToken(stage: Stage, { app, permissions }: Wanted): Promise<string> {
  const { world, access, actionsInstallation } = stage;
  const found = access.apps.find(({ slug }) => slug === (app ?? world.app.slug));
  const id = app === 'github-actions' ? actionsInstallation : world.app.installation;
  const path = `/app/installations/${id}/access_tokens`;
  const body = permissions === undefined ? {} : { permissions };
  const by = { as: jwtOf(access, found?.id ?? 0) };
  const answer = await ask(stage, { by, method: 'POST', path, body });
  if (answer.status !== 201) throw new Error(`no token: ${answer.status} ${JSON.stringify(answer.body)}`);
  return textOf(answer.body, 'token');
}

function jwtOf({ apps }: Access, id: number): string {
  const app = apps.find((one) => one.id === id);
  const now = Math.floor(Date.now() / 1000);
  const part = (value: Thing): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT' })}.${part({ iat: now - 30, exp: now + 500, iss: id })}`;
  return `${text}.${sign('RSA-SHA256', Buffer.from(text), app?.privateKey ?? '').toString('base64url')}`;
}

async function changeRun(world: World, id: number, change: Partial<Run>): Promise<void> {
  const run = world.memory.runs.find((one) => one.id === id);
  if (run === undefined) throw new Error(`no run ${id}`);
  Object.assign(run, change, { updated: world.now() });
  await tellOfRun(world, run, String(change.status));
}

export function numberIn(thing: Thing): number {
  return numberOf(thing, 'number');
}

async function forked(stage: Stage, by: By): Promise<string> {
  const { world, access } = stage;
  const origin = stage.repository(by.repository);
  const token = tokenOfLogin(access, by.as) ?? '';
  const path = `/repos/${origin.fullName}/forks`;
  const made = await world.emulator.ask({ method: 'POST', path, token, body: {} });
  const fullName = `${by.as}/${origin.name}`;
  if (made.status !== 202) throw new Error(`no fork: ${made.status} ${JSON.stringify(made.body)}`);
  const folder = origin.bare.folder.replace(`${origin.fullName}.git`, `${fullName}.git`);
  await origin.bare.run(['clone', '--quiet', '--bare', origin.bare.folder, folder]);
  await origin.bare.run(['-C', folder, 'config', 'http.receivepack', 'true']);
  const known = new Map(origin.known);
  const own = {
    fullName,
    owner: by.as,
    id: `R_${fullName}`,
    ownerToken: token,
    known,
    pulls: new Map(),
    releases: noReleases(fullName, () => 'nothing'),
  };
  world.repositories.set(fullName, { ...origin, ...own, bare: bareAt(folder) });
  return fullName;
}

async function installationEvent(stage: Stage, action: string): Promise<void> {
  const { world, access } = stage;
  const path = `/app/installations/${world.app.installation}`;
  const by = { as: jwtOf(access, world.app.id) };
  const { body } = await ask(stage, { by, method: 'GET', path });
  const mine = [...world.repositories.values()].filter(({ owner }) => owner === stage.repository().owner);
  const things = await Promise.all(mine.map(({ fullName }) => repositoryThing(world, fullName)));
  const repositories = things.map(({ id, node_id, name, full_name, private: hidden }) => {
    return { id, node_id, name, full_name, private: hidden };
  });
  const payload = {
    action,
    installation: body,
    repositories,
    requester: null,
    sender: await userNamed(world, 'ada'),
  };
  world.tell({ name: 'installation', payload, repository: null });
}
