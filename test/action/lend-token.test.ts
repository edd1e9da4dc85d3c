import { spawn } from 'node:child_process';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { lendToken } from '../../action/lend-token.ts';
import { git, GIT_ENV, temporaryRepository } from '../temporary.ts';

/** What git sends to the server that the address names, asked once. */
async function headersSent(
  change: (url: string, folder: string) => NodeJS.ProcessEnv,
): Promise<string | undefined> {
  const seen: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    seen.push(request.headers);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = `http://127.0.0.1:${port}`;
  const folder = temporaryRepository();
  const env = { PATH: process.env['PATH'], ...GIT_ENV, GIT_TERMINAL_PROMPT: '0', ...change(url, folder) };
  await new Promise((resolve) =>
    spawn('git', ['ls-remote', `${url}/owner/name.git`], { cwd: folder, env, stdio: 'ignore' }).on(
      'close',
      resolve,
    ),
  );
  server.close();
  return seen[0]?.authorization;
}

const BASIC = `basic ${Buffer.from('x-access-token:secret').toString('base64')}`;

describe('the token of a step', () => {
  const lent = (url: string): NodeJS.ProcessEnv => {
    const environment: NodeJS.ProcessEnv = { GITHUB_TOKEN: 'secret', GITHUB_SERVER_URL: url };
    lendToken(environment);
    return environment;
  };

  it('reaches the server of GitHub through git', async () => {
    expect(await headersSent(lent)).toBe(BASIC);
  });

  it('takes the place of what a checkout left behind, rather than standing beside it', async () => {
    const sent = await headersSent((url, folder) => {
      git(folder, 'config', `http.${url}/.extraheader`, 'AUTHORIZATION: basic older');
      return lent(url);
    });
    expect(sent).toBe(BASIC);
  });

  it('goes to no other server', async () => {
    expect(await headersSent(() => lent('https://github.com'))).toBeUndefined();
  });

  it('changes nothing where there is none, or where git is configured already', () => {
    const bare: NodeJS.ProcessEnv = { HOME: '/' };
    lendToken(bare);
    expect(bare).toEqual({ HOME: '/' });
    const own: NodeJS.ProcessEnv = { GITHUB_TOKEN: 'secret', GIT_CONFIG_COUNT: '0' };
    lendToken(own);
    expect(own).toEqual({ GITHUB_TOKEN: 'secret', GIT_CONFIG_COUNT: '0' });
  });
});
