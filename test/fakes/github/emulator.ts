/** The part of the stand-in that others wrote: issues, comments, labels, pulls, checks, users, teams and apps. */
import { createEmulator } from 'emulate';
import { freePort } from '../real-server.ts';
import type { Answer } from './answers.ts';
import { isThing, type Thing } from './things.ts';

export interface Ask {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly token?: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Emulator {
  /** As whoever holds the token; without one as the owner of everything. */
  ask(ask: Ask): Promise<Answer>;
  /** What it answers to a GET, if that is a thing and not an error. */
  get(path: string): Promise<Thing | null>;
  close(): Promise<void>;
}

export interface Seed {
  /** What its links begin with. */
  readonly api: string;
  readonly tokens: Readonly<Record<string, string>>;
  readonly github: Thing;
}

/** It counts requests per token, and what the stand-in asks for itself must not end with 5,000. */
const OWN_TOKENS = Array.from({ length: 100 }, (_, index) => `stand-in-${index}`);

export async function startEmulator({ api, tokens, github }: Seed): Promise<Emulator> {
  const port = await freePort();
  const own = OWN_TOKENS.map((token) => [token, { login: 'admin', scopes: ['repo', 'admin:org'] }]);
  const theirs = Object.entries(tokens).map(([token, login]) => [token, { login, scopes: ['repo'] }]);
  const running = await createEmulator({
    service: 'github',
    port,
    baseUrl: api,
    seed: { tokens: Object.fromEntries([...own, ...theirs]), github },
  });
  let asked = 0;
  const ask = async ({ method, path, token, body, headers }: Ask): Promise<Answer> => {
    const mine = token ?? OWN_TOKENS[asked++ % OWN_TOKENS.length] ?? '';
    const scheme = mine.startsWith('ey') ? 'Bearer' : 'token';
    const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...headers,
        authorization: `${scheme} ${mine}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    const kept = ['link', 'location'].flatMap((name) => {
      const value = answer.headers.get(name)?.replaceAll(`http://127.0.0.1:${port}`, api);
      return value === undefined ? [] : [[name, value]];
    });
    return {
      status: answer.status,
      body: text === '' ? null : completed(JSON.parse(text), api),
      headers: Object.fromEntries(kept),
    };
  };
  return {
    ask,
    async get(path) {
      const { status, body } = await ask({ method: 'GET', path });
      return status === 200 && isThing(body) ? body : null;
    },
    close: () => running.close(),
  };
}

const OF_A_USER = {
  followers_url: '/followers',
  following_url: '/following{/other_user}',
  gists_url: '/gists{/gist_id}',
  starred_url: '/starred{/owner}{/repo}',
  subscriptions_url: '/subscriptions',
  organizations_url: '/orgs',
  repos_url: '/repos',
  events_url: '/events{/privacy}',
  received_events_url: '/received_events',
};

/** Adds what the emulator leaves out of accounts, and leads pages for people to where they are. */
export function completed(value: unknown, api: string): unknown {
  if (Array.isArray(value)) return value.map((one) => completed(one, api));
  if (!isThing(value)) return value;
  const origin = api.slice(0, -'/api/v3'.length);
  const shown = Object.entries(value).map(([name, part]) => {
    const page = typeof part === 'string' && /^(html|diff|patch|permalink)_url$/.test(name);
    return [name, page ? part.replace(`${api}/`, `${origin}/`) : completed(part, api)];
  });
  const thing: Thing = Object.fromEntries(shown);
  if (typeof thing['login'] !== 'string' || typeof thing['node_id'] !== 'string') return thing;
  const login = encodeURIComponent(thing['login']);
  const url = `${api}/users/${login}`;
  const links = Object.entries(OF_A_USER).map(([name, end]) => [name, `${url}${end}`]);
  const avatar_url = `${api}/avatars/u/${login}`;
  const own = { gravatar_id: '', avatar_url, url, html_url: `${origin}/${login}` };
  return { ...thing, ...Object.fromEntries(links), ...own };
}
