/** Git, REST and GraphQL are three ways to one repository of the GitHub stand-in. */
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { Octokit } from '@octokit/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startReceiver, type Receiver } from '../../fixtures/receiver.ts';
import { openedTwin } from '../../fixtures/twin.ts';
import { GIT_ENV, temporaryFolder } from '../../temporary.ts';
import type { Twin } from './twin.ts';

let twin: Twin;
let hooks: Receiver;
let octokit: Octokit;
const place = { owner: 'octo', repo: 'models' };

beforeAll(async () => {
  twin = await openedTwin({ checksAnswers: true });
  hooks = await startReceiver();
  twin.webhooksTo(hooks.url);
  octokit = new Octokit({ auth: await twin.installationToken(), baseUrl: twin.url });
  return () => hooks.close();
});

/** Never in this thread alone: the server is in it too. */
async function git(folder: string, ...words: readonly string[]): Promise<string> {
  const env = { ...process.env, ...GIT_ENV, GIT_TERMINAL_PROMPT: '0' };
  const { stdout } = await promisify(execFile)('git', words, { cwd: folder, env });
  return stdout.trim();
}

async function clone(token?: string): Promise<string> {
  const folder = temporaryFolder();
  await git(folder, 'clone', '--quiet', twin.gitUrl('octo/models', token), '.');
  return folder;
}

async function headOf(branch: string): Promise<string> {
  const { data } = await octokit.request('GET /repos/{owner}/{repo}/git/ref/{ref}', {
    ...place,
    ref: `heads/${branch}`,
  });
  return data.object.sha;
}

describe('one repository', () => {
  it('shows the API what git pushed, and tells of it', async () => {
    const folder = await clone(twin.tokens['linus']);
    await git(folder, 'checkout', '--quiet', '-b', 'pushed');
    writeFileSync(path.join(folder, 'grüße.bin'), Buffer.from([0, 255, 10, 13]));
    await git(folder, 'add', '.');
    await git(folder, 'commit', '--quiet', '--message', 'A change by git');
    await git(folder, 'push', '--quiet', 'origin', 'pushed');
    const sha = await git(folder, 'rev-parse', 'HEAD');
    await twin.settled();
    expect(await headOf('pushed')).toBe(sha);
    const { data } = await octokit.request('GET /repos/{owner}/{repo}/commits/{ref}', {
      ...place,
      ref: 'pushed',
    });
    expect(data).toMatchObject({ sha, files: [{ filename: 'grüße.bin', status: 'added' }] });
    const [push] = hooks.of('push').filter(({ payload }) => payload['ref'] === 'refs/heads/pushed');
    expect(push?.payload).toMatchObject({ after: sha, created: true, pusher: { name: 'linus' } });
  });

  it('gives git what was written by REST and by GraphQL', async () => {
    const content = Buffer.from('by REST\n').toString('base64');
    const path = 'by-rest.txt';
    await octokit.request('PUT /repos/{owner}/{repo}/contents/{path}', {
      ...place,
      path,
      message: 'rest',
      content,
    });
    const expectedHeadOid = await headOf('main');
    const made: { createCommitOnBranch: { commit: { oid: string } } } = await octokit.graphql(
      `mutation Commit($input: CreateCommitOnBranchInput!) { createCommitOnBranch(input: $input) { commit { oid } } }`,
      {
        input: {
          branch: { repositoryNameWithOwner: 'octo/models', branchName: 'main' },
          expectedHeadOid,
          message: { headline: 'graphql' },
          fileChanges: {
            additions: [{ path: 'by-graphql.txt', contents: Buffer.from('hi').toString('base64') }],
          },
        },
      },
    );
    const folder = await clone();
    expect(await git(folder, 'rev-parse', 'HEAD')).toBe(made.createCommitOnBranch.commit.oid);
    expect(await git(folder, 'ls-files')).toBe('README.md\nby-graphql.txt\nby-rest.txt');
  });

  it('refuses to move a branch that moved meanwhile', async () => {
    const sha = await headOf('main');
    const path = 'moving.txt';
    const put = (given?: string): Promise<unknown> =>
      octokit.request('PUT /repos/{owner}/{repo}/contents/{path}', {
        ...place,
        path,
        message: 'again',
        content: '',
        ...(given === undefined ? {} : { sha: given }),
      });
    await put();
    await expect(put()).rejects.toMatchObject({ status: 422 });
    await expect(put('0'.repeat(40))).rejects.toMatchObject({ status: 409 });
    const back = octokit.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
      ...place,
      ref: 'heads/main',
      sha,
    });
    await expect(back).rejects.toMatchObject({ status: 422 });
  });

  it('lets nobody push who may not', async () => {
    const folder = await clone();
    await git(folder, 'commit', '--quiet', '--allow-empty', '--message', 'not for them');
    for (const token of ['', 'ght_nobody', twin.tokens['rita']]) {
      await expect(
        git(folder, 'push', '--quiet', twin.gitUrl('octo/models', token), 'HEAD:main'),
      ).rejects.toThrow();
    }
    const reader = await twin.installationToken({ permissions: { contents: 'read' } });
    await expect(git(folder, 'push', twin.gitUrl('octo/models', reader), 'HEAD:main')).rejects.toThrow('403');
  });

  it('tells a pull request from the real branches, and of each push to it', async () => {
    await twin.push({ as: 'linus', branch: 'topic', files: { 'a.txt': 'one\n', 'README.md': null } });
    const pull = await twin.pull({ as: 'linus', head: 'topic', title: 'Topic' });
    const pull_number = Number(pull['number']);
    const sha = await twin.push({ as: 'linus', branch: 'topic', files: { 'a.txt': 'one\ntwo\n' } });
    await twin.settled();
    const at = { ...place, pull_number };
    const { data: files } = await octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}/files', at);
    expect(files.map(({ filename, status, additions }) => [filename, status, additions])).toEqual([
      ['README.md', 'removed', 0],
      ['a.txt', 'added', 2],
    ]);
    expect(files[1]?.patch).toBe('@@ -0,0 +1,2 @@\n+one\n+two');
    const { data: commits } = await octokit.request(
      'GET /repos/{owner}/{repo}/pulls/{pull_number}/commits',
      at,
    );
    expect(commits.map((one) => one.sha).at(-1)).toBe(sha);
    const { data } = await octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', at);
    expect(data).toMatchObject({
      head: { sha, ref: 'topic' },
      commits: 2,
      changed_files: 2,
      additions: 2,
      deletions: 1,
    });
    const [opened] = hooks.of('pull_request', 'opened');
    expect(opened?.payload).toMatchObject({ number: pull_number, pull_request: { head: { ref: 'topic' } } });
    const [told] = hooks.of('pull_request', 'synchronize');
    expect(told?.payload).toMatchObject({ after: sha, number: pull_number, pull_request: { head: { sha } } });
  });

  it('merges in git what is merged, unless the head moved or does not fit', async () => {
    await twin.push({ as: 'linus', branch: 'merged', files: { 'merged.txt': 'yes\n' } });
    const pull = await twin.pull({ as: 'linus', head: 'merged' });
    const at = { ...place, pull_number: Number(pull['number']) };
    const put = 'PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge';
    await expect(octokit.request(put, { ...at, sha: '0'.repeat(40) })).rejects.toMatchObject({ status: 409 });
    const { data } = await octokit.request(put, at);
    await twin.settled();
    expect(await headOf('main')).toBe(data.sha);
    const [told] = hooks.of('pull_request', 'closed');
    expect(told?.payload).toMatchObject({ pull_request: { merged: true, merge_commit_sha: data.sha } });
    await expect(octokit.request(put, at)).rejects.toMatchObject({ status: 405 });
  });

  it('opens pull requests from forks, whose owners may push there and nowhere else', async () => {
    const repository = await twin.fork({ as: 'stella' });
    await twin.push({
      as: 'stella',
      repository,
      branch: 'theirs',
      files: { '.github/workflows/evil.yml': 'on: push' },
    });
    const pull = await twin.pull({ as: 'stella', head: 'stella:theirs' });
    const sha = await twin.push({ as: 'stella', repository, branch: 'theirs', files: { 'more.txt': '1' } });
    await twin.settled();
    const { data } = await octokit.request('GET /repos/{owner}/{repo}/pulls/{pull_number}', {
      ...place,
      pull_number: Number(pull['number']),
    });
    expect(data.head).toMatchObject({
      sha,
      label: 'stella:theirs',
      repo: { full_name: 'stella/models', fork: true },
    });
    expect(data.base.repo.full_name).toBe('octo/models');
    const folder = await clone();
    await git(folder, 'fetch', '--quiet', 'origin', `refs/pull/${data.number}/head`);
    expect(await git(folder, 'rev-parse', 'FETCH_HEAD')).toBe(sha);
    await expect(
      git(folder, 'push', twin.gitUrl('octo/models', twin.tokens['stella']), 'HEAD:x'),
    ).rejects.toThrow('403');
  });

  it('lets an app change workflows only where it was given that', async () => {
    const auth = await twin.installationToken({ permissions: { contents: 'write' } });
    const path = '.github/workflows/new.yml';
    const put = new Octokit({ auth, baseUrl: twin.url }).request(
      'PUT /repos/{owner}/{repo}/contents/{path}',
      {
        ...place,
        path,
        message: 'mine',
        content: '',
      },
    );
    await expect(put).rejects.toMatchObject({ status: 403 });
  });

  it('answers as GitHub describes it', () => {
    expect(twin.ownViolations).toStrictEqual([]);
  });
});
