/** What all routes of the stand-in share: its repositories, its people, what it remembers, and how it tells of events. */
import { NO_OBJECT, type Bare } from './bare-repository.ts';
import type { Answer, Repository } from './answers.ts';
import type { Emulator } from './emulator.ts';
import { atLeast, LEVELS, type Level, type Principal } from './principals.ts';
import type { Releases } from './releases.ts';
import type { Thing } from './things.ts';

export interface TwinRepository extends Repository {
  readonly owner: string;
  readonly name: string;
  readonly isPrivate: boolean;
  readonly defaultBranch: string;
  archived: boolean;
  /** The emulator lets only it make branches in a fork. */
  readonly ownerToken: string;
  /** Refs as last told of. */
  known: ReadonlyMap<string, string>;
  readonly pulls: Map<number, PullRefs>;
  readonly releases: Releases;
}

/** What the emulator does not know of a pull request: where it stands in git. */
export interface PullRefs {
  readonly headRepository: string;
  readonly headRef: string;
  readonly baseRef: string;
  headSha: string;
  baseSha: string;
  mergeSha: string | null;
  open: boolean;
}

export interface Event {
  readonly name: string;
  readonly payload: Thing;
  readonly repository: string | null;
}

export interface Run {
  readonly id: number;
  readonly repository: string;
  readonly workflow: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** As `run-name` has it, with the inputs filled in; the workflow's file where it has none. */
  readonly title?: string;
  readonly headSha: string;
  readonly headBranch: string;
  readonly actor: string;
  readonly event: string;
  status: 'queued' | 'in_progress' | 'completed';
  conclusion: string | null;
  readonly created: string;
  updated: string;
}

export interface Memory {
  readonly reactions: { readonly subject: string; readonly login: string; readonly thing: Thing }[];
  readonly statuses: { readonly repository: string; readonly sha: string; readonly thing: Thing }[];
  readonly deployments: { readonly repository: string; readonly thing: Thing }[];
  readonly deploymentStatuses: { readonly deployment: number; readonly thing: Thing }[];
  readonly checks: {
    readonly id: number;
    readonly repository: string;
    readonly sha: string;
    readonly creator: Thing;
    readonly created: string;
  }[];
  readonly environments: Map<string, Thing>;
  readonly variables: Map<string, Thing>;
  readonly runs: Run[];
  readonly minimized: Set<string>;
  /** Issues and comments before their last change, by URL. */
  readonly before: Map<string, Thing>;
}

export interface World {
  readonly origin: string;
  readonly api: string;
  readonly emulator: Emulator;
  readonly repositories: Map<string, TwinRepository>;
  /** By login. */
  readonly levels: Map<string, Level>;
  /** Logins by `org/slug`. */
  readonly teams: Map<string, readonly string[]>;
  readonly memory: Memory;
  readonly app: { readonly id: number; readonly slug: string; readonly installation: number };
  next(): number;
  now(): string;
  tell(event: Event): void;
  /** Keeps `settled` waiting. */
  track(work: Promise<unknown>): void;
  ran(run: Run): void;
}

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly parts: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly body: Thing;
  readonly who: Principal;
  readonly login: string;
  readonly token: string;
  readonly url: string;
  /** What kind of answer is wanted. */
  readonly accept: string;
}

export interface RepositoryCall extends Call {
  readonly world: World;
  readonly repository: TwinRepository;
}

export interface Route {
  readonly method: string;
  readonly pattern: RegExp;
  readonly answer: (call: RepositoryCall) => Promise<Answer> | Answer;
}

/** @param path  below the repository: `issues/{number}`, or `git/refs/{ref*}` for a part with slashes */
export function route(method: string, path: string, answer: Route['answer']): Route {
  const pattern = path.replaceAll(
    /\{(\w+)(\*?)\}/g,
    (_, name, long) => `(?<${name}>${long ? '.+' : '[^/]+'})`,
  );
  return { method, pattern: new RegExp(`^${pattern}$`), answer };
}

export function levelOf(world: World, login: string, repository: TwinRepository): Level {
  if (repository.owner === login) return 'admin';
  return world.levels.get(login) ?? (repository.isPrivate ? 'none' : 'read');
}

/** @source docs.github.com: REST API, "Get repository permissions for a user" */
export function legacyLevel(level: Level): string {
  return { maintain: 'write', triage: 'read' }[String(level)] ?? level;
}

export function permissionBooleans(level: Level): Thing {
  const names = ['pull', 'triage', 'push', 'maintain', 'admin'];
  return Object.fromEntries(names.map((name, index) => [name, atLeast(level, LEVELS[index + 1] ?? 'admin')]));
}

export async function userNamed({ emulator, api }: World, login: string): Promise<Thing> {
  const found = await emulator.get(`/users/${encodeURIComponent(login)}`);
  if (found !== null) return found;
  return bot(api, login);
}

function bot(api: string, login: string): Thing {
  const name = encodeURIComponent(login);
  const url = `${api}/users/${name}`;
  return {
    login,
    id: 41_898_282,
    node_id: `BOT_${login}`,
    avatar_url: `${api}/avatars/u/${name}`,
    gravatar_id: '',
    url,
    html_url: `${api}/apps/${name}`,
    followers_url: `${url}/followers`,
    following_url: `${url}/following{/other_user}`,
    gists_url: `${url}/gists{/gist_id}`,
    starred_url: `${url}/starred{/owner}{/repo}`,
    subscriptions_url: `${url}/subscriptions`,
    organizations_url: `${url}/orgs`,
    repos_url: `${url}/repos`,
    events_url: `${url}/events{/privacy}`,
    received_events_url: `${url}/received_events`,
    type: 'Bot',
    site_admin: false,
  };
}

export async function repositoryThing(world: World, fullName: string): Promise<Thing> {
  return (await world.emulator.get(`/repos/${fullName}`)) ?? { full_name: fullName };
}

/** Where git keeps the head of a pull request, whatever becomes of its branch. */
export async function keepHead(
  base: TwinRepository,
  number: number,
  { head, sha }: { head: TwinRepository; sha: string },
): Promise<void> {
  if (head !== base) await base.bare.run(['fetch', '--quiet', head.bare.folder, sha]);
  await base.bare.run(['update-ref', `refs/pull/${number}/head`, sha]);
}

/** A page of a list, with the link to the next one. */
export function pageOf(
  call: Call,
  all: readonly unknown[],
  named: (page: readonly unknown[]) => unknown,
): Answer {
  const size = Math.min(Number(call.query.get('per_page') ?? 30), 100);
  const page = Number(call.query.get('page') ?? 1);
  const body = named(all.slice((page - 1) * size, page * size));
  if (page * size >= all.length) return { status: 200, body };
  const next = new URL(call.url);
  next.searchParams.set('page', String(page + 1));
  return { status: 200, body, headers: { link: `<${next.href}>; rel="next"` } };
}

export function asList(page: readonly unknown[]): unknown {
  return page;
}

/** Null where neither a branch, a tag nor a commit is called so. */
export async function commitNamed(bare: Bare, name: string): Promise<string | null> {
  const short = name.replace(/^refs\//, '').replace(/^(heads|tags)\//, '');
  for (const expression of [`refs/heads/${short}`, `refs/tags/${short}`, name]) {
    if (expression === NO_OBJECT || !/^(refs\/|[0-9a-f]{7,40}$)/.test(expression)) continue;
    const found = await bare.object(`${expression}^{commit}`);
    if (found !== null) return found.oid;
  }
  return null;
}
