/** The doors of the stand-in that are not for JSON: git itself, and the bytes of releases. */
import { ServerResponse, type IncomingMessage } from 'node:http';
import { page, send } from './answers.ts';
import type { Front } from './front.ts';
import { told } from './git-database.ts';
import { answerGit } from './git-server.ts';
import { atLeast, loginOf, principalOf, refusal, tokenOf, type Principal } from './principals.ts';
import { noticePushes } from './pushes.ts';
import { answerReleases, exchangeOf } from './releases.ts';
import { levelOf, type TwinRepository, type World } from './world.ts';

export const RELEASES =
  /^\/(?:(?:api\/v3\/|api\/uploads\/|uploads\/)?repos|storage)\/([^/]+\/[^/]+)\/(?:releases\b|\d+$)/;

export async function serveReleases(front: Front, { incoming, response, url }: Bytes): Promise<void> {
  const { world, calls, faults, contract } = front;
  const [, fullName = ''] = RELEASES.exec(url.pathname) ?? [];
  const repository = world.repositories.get(fullName);
  if (repository === undefined) return send(response, told(404, 'Not Found'));
  const method = incoming.method ?? 'GET';
  const path = url.pathname.replace(/^\/(api\/v3|api\/uploads|uploads)(?=\/)/, '');
  const asked = contract.request({ method, path, query: url.searchParams, body: {} });
  const who = principalOf(front.access, tokenOf(incoming.headers.authorization));
  const login = 'kind' in who ? loginOf(who) : '';
  const writes = method !== 'GET';
  const seen = { method, path, operation: asked.operation, login, body: undefined, status: 0, writes };
  calls.push(seen);
  const fault = faults.take(seen);
  if (fault?.kind === 'drop') return void response.destroy();
  if (fault?.kind === 'html') return page(response, fault.status);
  if (fault?.kind === 'answer') return send(response, fault.answer);
  const answer = fault?.kind === 'lose' ? new ServerResponse(incoming) : response;
  const mayOf = (): 'write' | 'read' | 'nothing' => {
    if (!('kind' in who)) return 'nothing';
    const attempt = { method: 'POST', path: 'releases', isPrivate: repository.isPrivate, own: false };
    const level = levelOf(world, login, repository);
    const refused = refusal(who, { ...attempt, level });
    return refused === null && !repository.archived ? 'write' : 'read';
  };
  answerReleases({ ...repository.releases, mayOf }, await exchangeOf(incoming, answer));
  if (answer !== response) response.destroy();
}

export interface Bytes {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

export async function serveGit(front: Front, { incoming, response, url }: Bytes): Promise<void> {
  const { world, gitRoot: root } = front;
  const [, owner = '', name = ''] = /^\/([^/]+)\/([^/]+)\.git\//.exec(url.pathname) ?? [];
  const repository = world.repositories.get(`${owner}/${name}`);
  const token = tokenOf(incoming.headers.authorization);
  const who = principalOf(front.access, token);
  const writes = `${url.pathname}${url.search}`.includes('git-receive-pack');
  const known = token !== '' && 'kind' in who;
  if (!known && (token !== '' || writes || repository?.isPrivate !== false)) {
    return void response.writeHead(401, { 'www-authenticate': 'Basic realm="GitHub"' }).end();
  }
  if (repository === undefined) return void response.writeHead(404).end();
  if (known && !mayGit(world, repository, { who, writes })) return void response.writeHead(403).end();
  const login = known ? loginOf(who) : '';
  const { pathname, search } = url;
  await answerGit({ root, pathname, search, request: incoming, response, login });
  if (writes && incoming.method === 'POST') await noticePushes(world, repository, login);
  response.end();
}

function mayGit(
  world: World,
  repository: TwinRepository,
  asked: { who: Principal; writes: boolean },
): boolean {
  const { who, writes } = asked;
  if (writes && repository.archived) return false;
  if (who.kind === 'app') return false;
  if (who.kind === 'user') return atLeast(levelOf(world, who.login, repository), writes ? 'write' : 'read');
  const given = who.permissions['contents'];
  return writes ? given === 'write' : given !== undefined || !repository.isPrivate;
}
