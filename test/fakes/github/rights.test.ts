/** Who gets in, and who may do what: tokens, roles, installations, locked issues and archived repositories. */
import { Octokit } from '@octokit/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { openedTwin } from '../../fixtures/twin.ts';
import type { Twin } from './twin.ts';

let twin: Twin;
const place = { owner: 'octo', repo: 'models' };

beforeAll(async () => {
  twin = await openedTwin({
    repositories: [{ name: 'octo/models' }, { name: 'octo/secret', private: true }, { name: 'octo/old' }],
    teams: { 'octo/ml': ['linus', 'grace'] },
  });
  await twin.issue({ as: 'ada', title: 'A place to talk' });
});

function octokitOf(auth: string): Octokit {
  return new Octokit({ auth, baseUrl: twin.url });
}

function comment(auth: string, issue_number = 1, repo = 'models'): Promise<{ status: number }> {
  const path = 'POST /repos/{owner}/{repo}/issues/{issue_number}/comments';
  return octokitOf(auth).request(path, { owner: 'octo', repo, issue_number, body: 'hello' });
}

describe('tokens', () => {
  it('are refused unless the stand-in gave them', async () => {
    await expect(comment('ghp_never_given')).rejects.toMatchObject({ status: 401 });
    await expect(octokitOf('').request('GET /user')).rejects.toMatchObject({ status: 401 });
    await expect(comment('')).rejects.toMatchObject({ status: 401 });
    const nobody = octokitOf('');
    expect((await nobody.request('GET /repos/{owner}/{repo}', place)).status).toBe(200);
    const secret = { owner: 'octo', repo: 'secret' };
    await expect(nobody.request('GET /repos/{owner}/{repo}', secret)).rejects.toMatchObject({ status: 404 });
  });

  it('of an installation expire, and name the bot that holds them', async () => {
    const token = await twin.installationToken();
    const { data } = await octokitOf(token).request(
      'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
      {
        ...place,
        issue_number: 1,
        body: 'I am a bot',
      },
    );
    expect(data.user).toMatchObject({ login: 'fettle[bot]', type: 'Bot' });
    twin.expireTokens();
    await expect(comment(token)).rejects.toMatchObject({ status: 401 });
  });

  it('are not minted for a badly signed, overlong or past JWT', async () => {
    const jwt = twin.jwt();
    const [head = '', , signature = ''] = jwt.split('.');
    const now = Math.floor(Date.now() / 1000);
    const claims = { iat: now, exp: now + 3600, iss: twin.app.id };
    const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.');
    await expect(octokitOf(forged).request('GET /app')).rejects.toMatchObject({ status: 401 });
    const { data } = await octokitOf(jwt).request('GET /app');
    expect(data?.slug).toBe('fettle');
  });

  it('are of no use while the installation is suspended', async () => {
    const token = await twin.installationToken();
    twin.suspend();
    await expect(comment(token)).rejects.toMatchObject({ status: 403 });
    await expect(twin.installationToken()).rejects.toThrow('suspended');
    twin.unsuspend();
    await expect(comment(token)).resolves.toMatchObject({ status: 201 });
  });
});

describe('an app', () => {
  it('may do only what its token was given, and is told what it lacks', async () => {
    const token = await twin.installationToken({ permissions: { issues: 'write', metadata: 'read' } });
    await expect(comment(token)).resolves.toMatchObject({ status: 201 });
    const status = { ...place, sha: 'a'.repeat(40), state: 'success' as const };
    await expect(
      octokitOf(token).request('POST /repos/{owner}/{repo}/statuses/{sha}', status),
    ).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('Resource not accessible by integration'),
      response: { headers: { 'x-accepted-github-permissions': 'statuses=write' } },
    });
    await expect(
      octokitOf(token).request('GET /repos/{owner}/{repo}/actions/variables', place),
    ).rejects.toMatchObject({
      status: 403,
    });
  });

  it('gets no more than the installation has', async () => {
    await expect(twin.installationToken({ permissions: { administration: 'write' } })).rejects.toThrow('422');
  });
});

describe('people', () => {
  it.each([
    ['ada', 'admin', 'admin'],
    ['grace', 'write', 'maintain'],
    ['linus', 'write', 'write'],
    ['tara', 'read', 'triage'],
    ['rita', 'read', 'read'],
  ])('have a role: %s is told as %s, by its name %s', async (username, permission, role_name) => {
    const api = octokitOf(await twin.installationToken());
    const path = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
    const { data } = await api.request(path, { ...place, username });
    expect(data).toMatchObject({ permission, role_name, user: { login: username, id: expect.any(Number) } });
    expect(
      (await api.request('GET /user/{account_id}', { account_id: Number(data.user?.id) })).data.login,
    ).toBe(username);
  });

  it('that nobody knows are nobody, and change their role while a test runs', async () => {
    const api = octokitOf(await twin.installationToken());
    const path = 'GET /repos/{owner}/{repo}/collaborators/{username}/permission';
    await expect(api.request(path, { ...place, username: 'nobody' })).rejects.toMatchObject({ status: 404 });
    twin.setLevel('stella', 'none');
    expect((await api.request(path, { ...place, username: 'stella' })).data.permission).toBe('none');
    twin.setLevel('stella', 'read');
  });

  it('label from triage on, close what they opened, and change the words of others from write on', async () => {
    const mine = await twin.issue({ as: 'rita', title: 'Mine' });
    const number = Number(mine['number']);
    await expect(twin.label({ as: 'rita', on: number, labels: ['bug'] })).rejects.toThrow('403');
    await twin.label({ as: 'tara', on: number, labels: ['bug'] });
    await twin.request({ as: 'rita' }, 'PATCH', `issues/${number}`, { state: 'closed' });
    const said = await twin.comment({ as: 'ada', on: number, body: 'mine' });
    const id = Number(said['id']);
    await expect(twin.editComment({ as: 'tara', id, body: 'not mine' })).rejects.toThrow('403');
    await twin.editComment({ as: 'linus', id, body: 'changed' });
    await expect(
      twin.request({ as: 'linus' }, 'POST', 'check-runs', { name: 'x', head_sha: 'a' }),
    ).rejects.toThrow('404');
  });

  it('are in teams, which only apps with the right see', async () => {
    const path = 'GET /orgs/{org}/teams/{team_slug}/members';
    const team = { org: 'octo', team_slug: 'ml' };
    const { data } = await octokitOf(await twin.installationToken()).request(path, team);
    expect(data.map(({ login }) => login)).toEqual(['linus', 'grace']);
    const without = await twin.installationToken({ permissions: { issues: 'write' } });
    await expect(octokitOf(without).request(path, team)).rejects.toMatchObject({ status: 404 });
  });
});

describe('what is closed', () => {
  it('a locked issue takes comments of writers only, and of no app', async () => {
    const issue = await twin.issue({ as: 'ada', title: 'Locked' });
    const number = Number(issue['number']);
    await twin.lock({ as: 'ada', issue: number });
    await expect(twin.comment({ as: 'rita', on: number, body: 'no' })).rejects.toThrow('403');
    await expect(comment(await twin.installationToken(), number)).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('issue is locked'),
    });
    await twin.comment({ as: 'linus', on: number, body: 'yes' });
  });

  it('an archived repository is read-only', async () => {
    await twin.issue({ as: 'ada', repository: 'octo/old', title: 'Before' });
    twin.archive('octo/old');
    const token = await twin.installationToken();
    await expect(comment(token, 1, 'old')).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('archived so is read-only'),
    });
    const { data } = await octokitOf(token).request('GET /repos/{owner}/{repo}/issues/1', {
      owner: 'octo',
      repo: 'old',
    });
    expect(data.title).toBe('Before');
  });

  it('a private repository is not there for strangers', async () => {
    twin.setLevel('stella', 'none');
    const repo = { owner: 'octo', repo: 'secret' };
    const stella = octokitOf(twin.tokens['stella'] ?? '');
    await expect(stella.request('GET /repos/{owner}/{repo}', repo)).rejects.toMatchObject({ status: 404 });
    const app = octokitOf(await twin.installationToken());
    expect((await app.request('GET /repos/{owner}/{repo}', repo)).data.private).toBe(true);
  });
});
