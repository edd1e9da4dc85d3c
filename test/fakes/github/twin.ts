/** The complete GitHub stand-in: an emulator that others wrote, real git, and a front that supplies what both lack. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { bareAt } from './bare-repository.ts';
import type { Answer } from './answers.ts';
import { actionsOn, OBSERVER, type Actions } from './actions.ts';
import { withApp } from './check-routes.ts';
import { contract } from './contract.ts';
import { startEmulator } from './emulator.ts';
import { faultsInTurn, type Faults } from './faults.ts';
import { frontServer, type Called, type Front, type Violation } from './front.ts';
import { whoOf } from './git-routes.ts';
import { hooksWith, type Hooks } from './hooks.ts';
import { LEVELS, type Access, type Level } from './principals.ts';
import { decorated } from './pull-routes.ts';
import { refsOf } from './pushes.ts';
import { noReleases } from './releases.ts';
import { inside, isThing, numberOf, type Thing } from './things.ts';
import type { Memory, Run, TwinRepository, World } from './world.ts';

export interface RepositorySeed {
  /** `owner/name`; the owner is an organization. */
  readonly name: string;
  readonly private?: boolean;
  /** Of the first commit on `main`. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface TwinOptions {
  readonly repositories?: readonly RepositorySeed[];
  /** By login, in every repository. */
  readonly people?: Readonly<Record<string, Level>>;
  /** Logins by `org/slug`. */
  readonly teams?: Readonly<Record<string, readonly string[]>>;
  /** Of the app's installation. */
  readonly permissions?: Readonly<Record<string, string>>;
  /** What a runner does with a dispatched run; waited for by `settled`. */
  readonly onDispatch?: (run: Run, twin: Twin) => Promise<void> | void;
  /** Holds the answers of the stand-in's own routes against GitHub's description too. */
  readonly checksAnswers?: boolean;
}

export interface Twin extends Actions {
  /** Of the REST API, as `GITHUB_API_URL` has it. */
  readonly url: string;
  readonly graphqlUrl: string;
  /** As `GITHUB_SERVER_URL` has it. */
  readonly origin: string;
  /** What git clones and pushes, with the token in it where one is given. */
  gitUrl(repository?: string, token?: string): string;
  /** Of the people, by login. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly app: {
    readonly id: number;
    readonly slug: string;
    readonly privateKey: string;
    readonly webhookSecret: string;
    readonly installationId: number;
  };
  webhooksTo(url: string | null): void;
  readonly hooks: Pick<Hooks, 'attempts' | 'onTheWay' | 'redeliver'>;
  readonly faults: Faults;
  /** Every request so far. */
  readonly calls: readonly Called[];
  /** Requests that GitHub does not describe so. Tests expect none, or take those away that they meant. */
  readonly violations: Violation[];
  readonly ownViolations: readonly Violation[];
  readonly memory: Memory;
  repository(fullName?: string): TwinRepository;
  /** Until nothing is under way: no request, no webhook, no run. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

export const PEOPLE: Readonly<Record<string, Level>> = {
  ada: 'admin',
  grace: 'maintain',
  linus: 'write',
  tara: 'triage',
  rita: 'read',
  stella: 'read',
};

export const APP_PERMISSIONS: Readonly<Record<string, string>> = {
  actions: 'write',
  actions_variables: 'write',
  checks: 'write',
  contents: 'write',
  deployments: 'write',
  issues: 'write',
  members: 'read',
  metadata: 'read',
  pull_requests: 'write',
  statuses: 'write',
  workflows: 'write',
};

const SECRET = 'a secret of the stand-in';
const APP = { id: 1_001, slug: 'fettle', installation: 2_001 };
/** The app behind `GITHUB_TOKEN` in a workflow. */
const ACTIONS = { id: 15_368, slug: 'github-actions', installation: 2_002 };

let keyOfProcess: string | null = null;

/** Made once: two of these cost as much as the whole rest. */
function privateKey(): string {
  return (keyOfProcess ??= generateKeyPairSync('rsa', {
    modulusLength: 2048,
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  }).privateKey);
}

export async function openTwin(options: TwinOptions = {}): Promise<Twin> {
  const seeds = options.repositories ?? [{ name: 'octo/models' }];
  const people = options.people ?? PEOPLE;
  const tokens = Object.fromEntries(Object.keys(people).map((login) => [login, `ght_${login}`]));
  const gitRoot = mkdtempSync(path.join(tmpdir(), 'fettle-twin-'));
  const work = workInProgress();
  let front: Front | null = null;
  const server = frontServer(() => front ?? never());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const api = `${origin}/api/v3`;
  const byToken = Object.fromEntries(Object.entries(tokens).map(([login, token]) => [token, login]));
  const [emulator, repositories] = await Promise.all([
    startEmulator({ api, tokens: byToken, github: emulated({ seeds, people, origin, options }) }),
    Promise.all(seeds.map((seed) => repositoryFrom(seed, gitRoot))),
  ]);
  let last = 9_000;
  const memory = emptyMemory();
  const next = (): number => ++last;
  const hooks = hooksWith({
    secret: SECRET,
    app: APP.id,
    installation: APP.installation,
    next,
    now: stamp,
    track: work.track,
  });
  const world: World = {
    origin,
    api,
    emulator,
    repositories: new Map(repositories.map((one) => [one.fullName, one])),
    levels: new Map([...Object.entries(people), ['admin', 'admin']]),
    teams: new Map(Object.entries(options.teams ?? {})),
    memory,
    app: APP,
    next,
    now: stamp,
    tell: hooks.tell,
    track: work.track,
    ran: (run) => work.track(Promise.resolve(options.onDispatch?.(run, twin))),
  };
  const access = accessOf(byToken);
  const faults = faultsInTurn();
  const calls: Called[] = [];
  const violations: Violation[] = [];
  const ownViolations: Violation[] = [];
  front = {
    world,
    hooks,
    access,
    faults,
    contract: contract(),
    calls,
    violations,
    ownViolations,
    gitRoot,
    checksAnswers: options.checksAnswers ?? false,
    emulated: relay(world),
  };
  const [first] = repositories;
  const repository = (fullName?: string): TwinRepository =>
    (fullName === undefined ? first : world.repositories.get(fullName)) ?? never();
  const twin: Twin = {
    url: api,
    graphqlUrl: `${origin}/api/graphql`,
    origin,
    gitUrl(fullName = repository().fullName, token = '') {
      const credentials = token === '' ? '' : `x-access-token:${token}@`;
      return `http://${credentials}${origin.slice('http://'.length)}/${fullName}.git`;
    },
    tokens,
    app: {
      id: APP.id,
      slug: APP.slug,
      privateKey: privateKey(),
      webhookSecret: SECRET,
      installationId: APP.installation,
    },
    webhooksTo: hooks.to,
    hooks,
    faults,
    calls,
    violations,
    ownViolations,
    memory,
    repository,
    settled: work.settled,
    ...actionsOn({ world, access, repository, actionsInstallation: ACTIONS.installation }),
    async close() {
      await work.settled();
      hooks.to(null);
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      await emulator.close();
      for (const one of world.repositories.values()) one.bare.close();
      rmSync(gitRoot, { recursive: true, force: true });
    },
  };
  return twin;
}

function never(): never {
  throw new Error('the stand-in has no such repository, or is not open yet');
}

function stamp(): string {
  return new Date().toISOString().replace(/\.\d+Z$/, 'Z');
}

function emptyMemory(): Memory {
  return {
    reactions: [],
    checks: [],
    statuses: [],
    deployments: [],
    deploymentStatuses: [],
    environments: new Map(),
    variables: new Map(),
    runs: [],
    minimized: new Set(),
    before: new Map(),
  };
}

function accessOf(byToken: Readonly<Record<string, string>>): Access {
  const key = privateKey();
  return {
    users: new Map([...Object.entries(byToken), [OBSERVER, 'admin']]),
    installations: new Map(),
    apps: [APP, ACTIONS].map((app) => ({ ...app, privateKey: key })),
    suspended: new Set(),
    left: new Map(),
    limit: 5_000,
  };
}

function workInProgress(): { track(work: Promise<unknown>): void; settled(): Promise<void> } {
  const under = new Set<Promise<unknown>>();
  return {
    track(work) {
      under.add(work);
      const over = (): void => void under.delete(work);
      work.then(over, over);
    },
    async settled() {
      // The emulator tells of what happened a moment after it answered.
      for (let quiet = 0; quiet < 2; quiet = under.size === 0 ? quiet + 1 : 0) {
        await Promise.allSettled(under);
        await new Promise((resolve) => setTimeout(resolve, 15));
      }
    },
  };
}

interface Emulated {
  readonly seeds: readonly RepositorySeed[];
  readonly people: Readonly<Record<string, Level>>;
  readonly origin: string;
  readonly options: TwinOptions;
}

function emulated({ seeds, people, origin, options }: Emulated): Thing {
  const owners = [...new Set(seeds.map(({ name }) => name.split('/')[0] ?? ''))];
  const permissions = options.permissions ?? APP_PERMISSIONS;
  const app = ({ id, slug, installation }: typeof APP, hooks: Thing): Thing => ({
    app_id: id,
    slug,
    name: slug,
    private_key: privateKey(),
    permissions,
    ...hooks,
    installations: owners.map((account, index) => ({
      installation_id: installation + index * 10,
      account,
      permissions,
    })),
  });
  return {
    users: Object.keys(people).map((login) => ({ login, name: login, email: `${login}@example.com` })),
    orgs: owners.map((login) => ({ login, name: login, members: [{ login: 'admin', role: 'admin' }] })),
    repos: seeds.map(({ name, private: hidden }) => {
      const [owner, short] = name.split('/');
      return { owner, name: short, private: hidden ?? false };
    }),
    apps: [
      app(APP, { webhook_url: `${origin}/_hooks`, webhook_secret: SECRET, events: ['*'] }),
      app(ACTIONS, { events: [] }),
    ],
  };
}

async function repositoryFrom(seed: RepositorySeed, gitRoot: string): Promise<TwinRepository> {
  const folder = path.join(gitRoot, `${seed.name}.git`);
  for (const name of ['objects', 'refs']) mkdirSync(path.join(folder, name), { recursive: true });
  writeFileSync(path.join(folder, 'HEAD'), 'ref: refs/heads/main\n');
  const config = ['[core]', 'bare = true', 'repositoryformatversion = 0', '[http]', 'receivepack = true'];
  writeFileSync(path.join(folder, 'config'), [...config, '[gc]', 'auto = 0', ''].join('\n'));
  const bare = bareAt(folder);
  const files = Object.entries({ 'README.md': `# ${seed.name}\n`, ...seed.files });
  const sha = await bare.commit({
    parent: null,
    message: 'Initial commit',
    who: whoOf('ada'),
    files: new Map(files.map(([name, text]) => [name, Buffer.from(text)])),
    gone: [],
  });
  await bare.run(['update-ref', 'refs/heads/main', sha]);
  const [owner = '', name = ''] = seed.name.split('/');
  const repository: TwinRepository = {
    bare,
    fullName: seed.name,
    owner,
    name,
    id: `R_${seed.name}`,
    rule: () => null,
    rules: {},
    treeEntriesMax: Number.POSITIVE_INFINITY,
    withoutUpdateRefs: false,
    isPrivate: seed.private ?? false,
    defaultBranch: 'main',
    archived: false,
    ownerToken: 'stand-in-0',
    known: new Map(),
    pulls: new Map(),
    releases: noReleases(seed.name, () => 'nothing'),
  };
  repository.known = await refsOf(repository);
  return repository;
}

/** What the emulator tells of git is of its own git, which nobody uses. */
const NOT_RELAYED = new Set(['push', 'create', 'delete', 'installation', 'ping', 'status']);

function relay(world: World): Front['emulated'] {
  return (event, told) => {
    if (NOT_RELAYED.has(event)) return;
    const { installation: _without, ...payload } = told;
    const fullName = String(inside(payload, 'repository')['full_name']);
    const tell = (): void =>
      world.tell({ name: event, payload: completed(world, fullName, payload), repository: fullName });
    const { check_run: check } = payload;
    if (!isThing(check)) return tell();
    // Told before the emulator answered whoever made it.
    world.track(madeKnown(world, numberOf(check, 'id')).then(tell));
  };
}

async function madeKnown({ memory }: World, check: number): Promise<void> {
  for (let tries = 0; tries < 40 && !memory.checks.some(({ id }) => id === check); tries++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** @source docs.github.com: Webhook events and payloads, `changes` of what was edited */
function withChanges({ memory }: World, payload: Thing): Thing {
  if (payload['action'] !== 'edited' || 'changes' in payload) return payload;
  const now = [payload['comment'], payload['pull_request'], payload['issue']].find(isThing) ?? {};
  const before = memory.before.get(String(now['url'])) ?? {};
  const changed = ['title', 'body'].filter((name) => name in before && before[name] !== now[name]);
  return { ...payload, changes: Object.fromEntries(changed.map((name) => [name, { from: before[name] }])) };
}

function completed(world: World, fullName: string, told: Thing): Thing {
  const payload = withChanges(world, told);
  const repository = world.repositories.get(fullName);
  const { issue, pull_request: pull, check_run: check } = payload;
  if (isThing(check)) return { ...payload, check_run: withApp(world, check) };
  if (repository !== undefined && isThing(pull)) {
    return { number: numberOf(pull, 'number'), ...payload, pull_request: decorated(world, repository, pull) };
  }
  if (!isThing(issue) || repository?.pulls.has(numberOf(issue, 'number')) !== true) return payload;
  const number = numberOf(issue, 'number');
  const html = `${world.origin}/${fullName}/pull/${number}`;
  const links = {
    url: `${world.api}/repos/${fullName}/pulls/${number}`,
    html_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    merged_at: null,
  };
  return { ...payload, issue: { ...issue, pull_request: links } };
}

export { LEVELS, type Answer, type Level, type Run };
