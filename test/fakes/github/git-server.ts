/** The same repositories for git itself: `git http-backend` behind the stand-in's own front door. */
import { spawn } from 'node:child_process';
import type { IncomingMessage, ServerResponse } from 'node:http';

export interface GitExchange {
  /** Holds `<owner>/<name>.git`. */
  readonly root: string;
  readonly pathname: string;
  readonly search: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Empty for whoever did not say. */
  readonly login: string;
}

/** Settles when git is done. CGI as Apache would speak it. @source git-http-backend(1) */
export function answerGit({ root, pathname, search, request, response, login }: GitExchange): Promise<void> {
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      PATH_INFO: pathname,
      QUERY_STRING: search.slice(1),
      REQUEST_METHOD: request.method ?? 'GET',
      CONTENT_TYPE: request.headers['content-type'] ?? '',
      HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      GIT_CONFIG_NOSYSTEM: '1',
      ...(login === '' ? {} : { REMOTE_USER: login }),
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  request.pipe(child.stdin);
  child.stdin.on('error', () => {});
  let head = Buffer.alloc(0);
  let told = false;
  child.stdout.on('data', (chunk: Buffer) => {
    if (told) return void response.write(chunk);
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf('\r\n\r\n');
    if (end === -1) return;
    told = true;
    const lines = head.toString('latin1', 0, end).split('\r\n');
    const pairs = lines.map((line): [string, string] => [
      line.split(': ')[0] ?? '',
      line.split(': ').slice(1).join(': '),
    ]);
    const status = Number(pairs.find(([name]) => name === 'Status')?.[1].slice(0, 3) ?? 200);
    response.writeHead(status, Object.fromEntries(pairs.filter(([name]) => name !== 'Status')));
    response.write(head.subarray(end + 4));
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.stdout.on('end', () => resolve());
  });
}
