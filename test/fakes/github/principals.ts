/** Who asks the stand-in, and what they may do: people by their role, apps by what their installation was given. */
import { createPublicKey, verify } from 'node:crypto';
import { told } from './git-database.ts';
import type { Answer } from './answers.ts';
import { isThing, textOf, type Thing } from './things.ts';

export const LEVELS = ['none', 'read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Level = (typeof LEVELS)[number];

export type Principal =
  | { readonly kind: 'user'; readonly login: string }
  | { readonly kind: 'app'; readonly id: number }
  | {
      readonly kind: 'installation';
      readonly login: string;
      readonly installation: number;
      readonly permissions: Readonly<Record<string, string>>;
      /** Milliseconds. */
      readonly expires: number;
    };

export interface AppKey {
  readonly id: number;
  readonly privateKey: string;
}

export function atLeast(level: Level, wanted: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(wanted);
}

/** @source docs.github.com: Generating a JSON Web Token (JWT) for a GitHub App */
export function appOfJwt(
  jwt: string,
  { apps, now }: { apps: readonly AppKey[]; now: number },
): Answer | AppKey {
  const refuse = (message: string): Answer => told(401, message);
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const claims = claimsOf(body);
  const app = apps.find(({ id }) => String(id) === String(claims['iss']));
  if (app === undefined) return refuse('A JSON web token could not be decoded');
  const key = createPublicKey(app.privateKey);
  const good = verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'));
  if (!good) return refuse('A JSON web token could not be decoded');
  const [expires, issued] = [Number(claims['exp']), Number(claims['iat'])];
  const seconds = now / 1000;
  if (!(expires > seconds)) {
    return refuse("'Expiration time' claim ('exp') must be a numeric value representing the future time");
  }
  if (expires - Math.max(issued, seconds) > 600) {
    return refuse("'Expiration time' claim ('exp') is too far in the future");
  }
  if (issued > seconds + 5) {
    return refuse("'Issued at' claim ('iat') must be an Integer representing the past");
  }
  return app;
}

function claimsOf(part: string): Thing {
  try {
    const claims: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return isThing(claims) ? claims : {};
  } catch {
    return {};
  }
}

interface Need {
  /** Permissions of an app, any of which is enough; none where no app may. */
  readonly grants: readonly string[];
  readonly level: Level;
  /** Where reading needs the permission even in a public repository. */
  readonly secret?: boolean;
}

const NEEDS: readonly (readonly [method: RegExp, path: RegExp, need: Need])[] = [
  [/./, /^collaborators\/[^/]+\/permission$/, { grants: ['metadata'], level: 'read' }],
  [/^(PUT|DELETE)$/, /^issues\/\d+\/lock$/, { grants: ['issues', 'pull_requests'], level: 'write' }],
  [/^(PATCH|DELETE)$/, /^issues\/comments\/\d+$/, { grants: ['issues', 'pull_requests'], level: 'write' }],
  [/./, /reactions(\/\d+)?$/, { grants: ['issues', 'pull_requests'], level: 'read' }],
  [/^POST$/, /^issues(\/\d+\/comments)?$/, { grants: ['issues', 'pull_requests'], level: 'read' }],
  [/./, /^(issues|labels|milestones|assignees)\b/, { grants: ['issues', 'pull_requests'], level: 'triage' }],
  [/^PUT$/, /^pulls\/\d+\/(merge|update-branch)$/, { grants: ['contents'], level: 'write' }],
  [/^POST$/, /^pulls$/, { grants: ['pull_requests'], level: 'read' }],
  [/./, /^pulls\b/, { grants: ['pull_requests'], level: 'triage' }],
  [/^(POST|PATCH)$/, /^check-(runs|suites)\b/, { grants: ['checks'], level: 'admin' }],
  [/./, /^commits\/.+\/check-/, { grants: ['checks'], level: 'read' }],
  [/./, /^statuses\//, { grants: ['statuses'], level: 'write' }],
  [/./, /^deployments\b/, { grants: ['deployments'], level: 'write' }],
  [/^GET$/, /^environments\b/, { grants: ['actions'], level: 'read' }],
  [/./, /^environments\b/, { grants: ['administration'], level: 'admin' }],
  [/./, /^actions\/variables\b/, { grants: ['actions_variables'], level: 'write', secret: true }],
  [/./, /^actions\//, { grants: ['actions'], level: 'write' }],
  [
    /^(PUT|PATCH|DELETE|POST)$/,
    /^(hooks|branches|collaborators)\b/,
    { grants: ['administration'], level: 'admin' },
  ],
  [/^(PATCH|DELETE)$/, /^$/, { grants: ['administration'], level: 'admin' }],
  [/./, /^$/, { grants: ['metadata'], level: 'read' }],
  [/./, /./, { grants: ['contents'], level: 'write' }],
];

export interface Attempt {
  readonly method: string;
  /** Below the repository. */
  readonly path: string;
  readonly isPrivate: boolean;
  /** Of a person. */
  readonly level: Level;
  /** Whether they wrote what they change. */
  readonly own: boolean;
}

/** @source docs.github.com: Permissions required for GitHub Apps; Repository roles for an organization */
export function refusal(who: Principal, attempt: Attempt): Answer | null {
  const { method, path, isPrivate, level, own } = attempt;
  const found = NEEDS.find(([methods, paths]) => methods.test(method) && paths.test(path));
  const need = found?.[2] ?? { grants: [], level: 'admin' };
  const reads = method === 'GET';
  if (who.kind === 'app') return told(401, 'A JSON web token could not be decoded');
  if (who.kind === 'user') {
    if (level === 'none') return told(404, 'Not Found');
    if (reads || own || atLeast(level, need.level)) return null;
    return told(need.level === 'admin' ? 404 : 403, 'Must have admin rights to Repository.');
  }
  if (need.grants.includes('metadata') && reads) return null;
  if (reads && !isPrivate && need.secret !== true) return null;
  const given = need.grants.map((name) => who.permissions[name]);
  if (given.includes('write') || (reads && given.includes('read'))) return null;
  const wanted = need.grants.map((name) => `${name}=${reads ? 'read' : 'write'}`).join('; ');
  const answer = told(403, 'Resource not accessible by integration');
  return { ...answer, headers: { 'x-accepted-github-permissions': wanted } };
}

/** The token of a request: `token x`, `bearer x`, or the password of git. */
export function tokenOf(authorization: string | undefined): string {
  const basic = /^basic (.+)$/i.exec(authorization ?? '')?.[1];
  if (basic !== undefined) return Buffer.from(basic, 'base64').toString().split(':').slice(1).join(':');
  return /^(?:bearer|token) (.+)$/i.exec(authorization ?? '')?.[1] ?? '';
}

/** @source docs.github.com: Permissions required for GitHub Apps, "Workflows" */
export function isWorkflow(below: string, body: unknown): boolean {
  const folder = '.github/workflows/';
  if (below !== 'git/trees') return below.startsWith(`contents/${folder}`);
  const entries = isThing(body) ? body['tree'] : null;
  return Array.isArray(entries) && entries.some((entry) => textOf(entry, 'path').startsWith(folder));
}

export function loginOf(who: Principal): string {
  return who.kind === 'app' ? '' : who.login;
}

export function permissionsOf(minted: Thing): Readonly<Record<string, string>> {
  const given = isThing(minted['permissions']) ? minted['permissions'] : {};
  return Object.fromEntries(Object.keys(given).map((name) => [name, textOf(given, name)]));
}

export interface Access {
  readonly users: Map<string, string>;
  readonly installations: Map<string, Extract<Principal, { kind: 'installation' }>>;
  readonly apps: readonly (AppKey & { readonly slug: string; readonly installation: number })[];
  readonly suspended: Set<number>;
  /** Requests left, by token. */
  readonly left: Map<string, number>;
  limit: number;
}

export function principalOf(access: Access, token: string): Principal | Answer {
  const bad = told(401, 'Bad credentials');
  if (token === '') return { kind: 'user', login: '' };
  if (token.startsWith('ey')) {
    const app = appOfJwt(token, { apps: access.apps, now: Date.now() });
    return 'id' in app ? { kind: 'app', id: app.id } : app;
  }
  const login = access.users.get(token);
  if (login !== undefined) return { kind: 'user', login };
  const installed = access.installations.get(token);
  if (installed === undefined || installed.expires <= Date.now()) return bad;
  if (access.suspended.has(installed.installation)) return told(403, 'This installation has been suspended');
  return installed;
}
