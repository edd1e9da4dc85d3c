/** The git part of the GitHub stand-in alone, over a bare repository of the caller's: where no issue is ever asked for. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { page, send, type Answer, type Caller, type Fault, type Repository } from './answers.ts';
import { bareAt, type Bare } from './bare-repository.ts';
import { answerQuery } from './graphql.ts';
import { answerRest, told } from './git-database.ts';

export interface Request {
  /** Counted from 0 over all requests. */
  readonly index: number;
  readonly method: string;
  /** `git/refs` below the repository, or the name of the GraphQL operation. */
  readonly what: string;
  readonly writes: boolean;
}

export interface GitHubOptions {
  /** Of a bare repository. */
  readonly folder: string;
  readonly fullName?: string;
  /** By token; any other token is refused. */
  readonly callers?: Readonly<Record<string, Caller>>;
  readonly fault?: (request: Request) => Fault | null;
  readonly rule?: (ref: string) => string | null;
  readonly rules?: Readonly<Record<string, readonly string[]>>;
  readonly treeEntriesMax?: number;
  readonly withoutUpdateRefs?: boolean;
}

export interface GitHub {
  readonly url: string;
  readonly bare: Bare;
  /** Every request so far. */
  readonly requests: readonly Request[];
  /** Replaces what goes wrong. */
  fail(fault: (request: Request) => Fault | null): void;
  close(): Promise<void>;
}

export const WRITER: Caller = { may: 'write', who: 'octocat <octocat@github.com>' };

export async function startGitHub(options: GitHubOptions): Promise<GitHub> {
  const bare = bareAt(options.folder);
  const repository: Repository = {
    bare,
    fullName: options.fullName ?? 'octo/models',
    id: 'R_octo_models',
    rule: options.rule ?? (() => null),
    rules: options.rules ?? {},
    treeEntriesMax: options.treeEntriesMax ?? Number.POSITIVE_INFINITY,
    withoutUpdateRefs: options.withoutUpdateRefs ?? false,
  };
  const callers = options.callers ?? { writer: WRITER };
  const requests: Request[] = [];
  let fault = options.fault ?? (() => null);

  const server = createServer((incoming, response) => {
    void (async () => {
      const call = await callOf(incoming);
      const request = { index: requests.length, ...summaryOf(call) };
      requests.push(request);
      try {
        await serve({ call, request, response, repository, callers, fault: fault(request) });
      } catch (error) {
        send(response, told(500, `the stand-in failed: ${String(error)}`));
      }
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    bare,
    requests,
    fail: (next) => void (fault = next),
    close: () =>
      new Promise((resolve) => {
        bare.close();
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

interface Call {
  readonly method: string;
  readonly url: URL;
  readonly token: string;
  readonly body: Readonly<Record<string, unknown>>;
}

async function callOf(incoming: IncomingMessage): Promise<Call> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  return {
    method: incoming.method ?? '',
    url: new URL(incoming.url ?? '', `http://${incoming.headers.host}`),
    token: /^(?:bearer|token) (.+)$/i.exec(incoming.headers.authorization ?? '')?.[1] ?? '',
    body: text === '' ? {} : (JSON.parse(text) as Call['body']),
  };
}

function summaryOf({ method, url, body }: Call): Omit<Request, 'index'> {
  if (url.pathname === '/graphql') {
    const [, kind = '', what = ''] = /^(\w+) (\w+)/.exec(String(body['query'])) ?? [];
    return { method, what, writes: kind === 'mutation' };
  }
  const what = decodeURIComponent(url.pathname).split('/').slice(4).join('/');
  return { method, what, writes: method !== 'GET' };
}

interface Served {
  readonly call: Call;
  readonly request: Request;
  readonly response: ServerResponse;
  readonly repository: Repository;
  readonly callers: Readonly<Record<string, Caller>>;
  readonly fault: Fault | null;
}

async function serve({ call, response, repository, callers, fault }: Served): Promise<void> {
  if (fault?.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
  if (fault?.kind === 'drop') return void response.destroy();
  if (fault?.kind === 'answer') return send(response, fault.answer);
  if (fault?.kind === 'html') return page(response, fault.status);
  const caller = callers[call.token];
  const answer =
    caller === undefined ? told(401, 'Bad credentials') : await answerTo(repository, caller, call);
  if (fault?.kind === 'lose') return void response.destroy();
  if (fault?.kind === 'mask') return page(response, fault.status);
  send(response, answer, fault?.kind === 'truncate');
}

async function answerTo(repository: Repository, caller: Caller, call: Call): Promise<Answer> {
  const { method, url, body } = call;
  if (url.pathname === '/graphql') {
    const { query, variables } = body as { query: string; variables?: Record<string, unknown> };
    const asked = variables === undefined ? { query } : { query, variables };
    return { status: 200, body: await answerQuery(repository, caller, asked) };
  }
  const [, top, owner, name, ...rest] = url.pathname.split('/').map(decodeURIComponent);
  if (top !== 'repos' || `${owner}/${name}` !== repository.fullName) return told(404, 'Not Found');
  const path = rest.join('/');
  return answerRest(repository, caller, { method, path, query: url.searchParams, body, url: url.href });
}
