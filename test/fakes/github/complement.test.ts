/** What the emulator lacks and the stand-in has of its own: each as GitHub describes it. */
import { Octokit } from '@octokit/core';
import { beforeAll, describe, expect, it } from 'vitest';
import { startReceiver, type Receiver } from '../../fixtures/receiver.ts';
import { openedTwin } from '../../fixtures/twin.ts';
import type { Run, Twin } from './twin.ts';

const WORKFLOW = `name: Train
on:
  workflow_dispatch:
    inputs:
      model: { required: true, type: string }
      size: { type: choice, options: [small, big], default: small }
jobs: {}
`;
const place = { owner: 'octo', repo: 'models' };

let twin: Twin;
let hooks: Receiver;
let api: Octokit;
let sha: string;
const dispatched: Run[] = [];

beforeAll(async () => {
  twin = await openedTwin({
    checksAnswers: true,
    repositories: [
      {
        name: 'octo/models',
        files: {
          '.github/workflows/train.yml': WORKFLOW,
          '.github/workflows/ci.yml': 'on: push\n',
          '.github/CODEOWNERS': '* @octo/ml\n',
        },
      },
    ],
    onDispatch: async (run, world) => {
      dispatched.push(run);
      await world.startRun(run.id);
      if (run.inputs['model'] !== 'slow') await world.finishRun(run.id, 'success');
    },
  });
  hooks = await startReceiver();
  twin.webhooksTo(hooks.url);
  api = new Octokit({ auth: await twin.installationToken(), baseUrl: twin.url });
  await twin.issue({ as: 'ada', title: 'A place to talk' });
  const { data } = await api.request('GET /repos/{owner}/{repo}/commits/{ref}', { ...place, ref: 'main' });
  sha = data.sha;
  return () => hooks.close();
});

describe('reactions', () => {
  it('are made once by each, listed, and taken back only by whoever made them', async () => {
    const { id } = await twin.comment({ as: 'ada', on: 1, body: '/fettle status' });
    const at = { ...place, comment_id: Number(id) };
    const path = '/repos/{owner}/{repo}/issues/comments/{comment_id}/reactions' as const;
    const first = await api.request(`POST ${path}`, { ...at, content: 'eyes' });
    const again = await api.request(`POST ${path}`, { ...at, content: 'eyes' });
    expect([first.status, again.status, again.data.id]).toEqual([201, 200, first.data.id]);
    const theirs = await twin.react({ as: 'ada', comment: Number(id), content: '+1' });
    const { data } = await api.request(`GET ${path}`, at);
    expect(data.map(({ content, user }) => [content, user?.login])).toEqual([
      ['eyes', 'fettle[bot]'],
      ['+1', 'ada'],
    ]);
    const gone = (reaction_id: number): Promise<unknown> =>
      api.request(`DELETE ${path}/{reaction_id}`, { ...at, reaction_id });
    await gone(first.data.id);
    await expect(gone(Number(theirs['id']))).rejects.toMatchObject({ status: 404 });
    expect(await twin.reactions(Number(id))).toHaveLength(1);
  });
});

describe('commit statuses and checks', () => {
  it('sum up by their latest state', async () => {
    const set = (context: string, state: 'pending' | 'success' | 'failure'): Promise<unknown> =>
      api.request('POST /repos/{owner}/{repo}/statuses/{sha}', { ...place, sha, context, state });
    const combined = async (): Promise<string> =>
      (await api.request('GET /repos/{owner}/{repo}/commits/{ref}/status', { ...place, ref: 'main' })).data
        .state;
    expect(await combined()).toBe('pending');
    await set('gate', 'failure');
    expect(await combined()).toBe('failure');
    await set('gate', 'success');
    expect(await combined()).toBe('success');
    await twin.settled();
    expect(hooks.of('status').map(({ payload }) => payload['state'])).toEqual(['failure', 'success']);
  });

  it('keep annotations, and are found by branch', async () => {
    const annotation = {
      path: 'a.yml',
      start_line: 1,
      end_line: 1,
      annotation_level: 'failure' as const,
      message: 'no',
    };
    const output = { title: 'Gate', summary: 'held', annotations: [annotation] };
    const { data } = await api.request('POST /repos/{owner}/{repo}/check-runs', {
      ...place,
      name: 'fettle',
      head_sha: sha,
      status: 'completed',
      conclusion: 'failure',
      output,
    });
    const at = { ...place, check_run_id: data.id };
    const listed = await api.request('GET /repos/{owner}/{repo}/check-runs/{check_run_id}/annotations', at);
    expect(listed.data).toMatchObject([annotation]);
    const found = await api.request('GET /repos/{owner}/{repo}/commits/{ref}/check-runs', {
      ...place,
      ref: 'main',
    });
    expect(found.data.check_runs.map(({ name, conclusion }) => [name, conclusion])).toEqual([
      ['fettle', 'failure'],
    ]);
    await twin.settled();
    expect(hooks.of('check_run', 'created')[0]?.payload).toMatchObject({
      check_run: { app: { slug: 'fettle' } },
    });
  });
});

describe('deployments', () => {
  const deploy = (more: object = {}): Promise<{ data: { id: number } }> =>
    api.request('POST /repos/{owner}/{repo}/deployments', {
      ...place,
      ref: sha,
      environment: 'champion',
      required_contexts: [],
      ...more,
    }) as Promise<{ data: { id: number } }>;
  const states = async (deployment_id: number): Promise<readonly string[]> => {
    const path = 'GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses';
    return (await api.request(path, { ...place, deployment_id })).data.map(({ state }) => state);
  };
  const succeed = (deployment_id: number): Promise<unknown> =>
    api.request('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
      ...place,
      deployment_id,
      state: 'success',
    });

  it('make the one before in the same environment inactive', async () => {
    const first = (await deploy()).data.id;
    await succeed(first);
    const second = (await deploy()).data.id;
    await succeed(second);
    expect([await states(first), await states(second)]).toEqual([['inactive', 'success'], ['success']]);
    await twin.settled();
    expect(hooks.of('deployment_status', 'created')).toHaveLength(2);
    const { data } = await api.request('GET /repos/{owner}/{repo}/environments', place);
    expect(data.environments?.map(({ name }) => name)).toEqual(['champion']);
  });

  it('wait for the contexts they require', async () => {
    await expect(deploy({ required_contexts: ['never'] })).rejects.toMatchObject({ status: 409 });
    await expect(deploy({ ref: 'nowhere' })).rejects.toMatchObject({ status: 422 });
  });
});

describe('workflows', () => {
  const dispatch = (
    inputs: Record<string, string>,
    workflow_id = 'train.yml',
  ): Promise<{ status: number; data: unknown }> =>
    api.request('POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches', {
      ...place,
      workflow_id,
      ref: 'main',
      inputs,
      return_run_details: true,
    });

  it('are read from the files, dispatched, run and told of', async () => {
    const { data } = await dispatch({ model: 'churn' });
    await twin.settled();
    const run_id = Number((data as { workflow_run_id: number }).workflow_run_id);
    expect(dispatched.at(-1)).toMatchObject({
      id: run_id,
      inputs: { model: 'churn', size: 'small' },
      headSha: sha,
    });
    const run = await api.request('GET /repos/{owner}/{repo}/actions/runs/{run_id}', { ...place, run_id });
    expect(run.data).toMatchObject({
      status: 'completed',
      conclusion: 'success',
      actor: { login: 'fettle[bot]' },
    });
    expect(hooks.of('workflow_run').map(({ payload }) => payload['action'])).toEqual([
      'requested',
      'in_progress',
      'completed',
    ]);
  });

  it('refuse what they did not declare, and what nobody may dispatch', async () => {
    await expect(dispatch({})).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining("'model'"),
    });
    await expect(dispatch({ model: 'a', more: 'b' })).rejects.toMatchObject({ status: 422 });
    await expect(dispatch({ model: 'a', size: 'huge' })).rejects.toMatchObject({ status: 422 });
    await expect(dispatch({}, 'ci.yml')).rejects.toMatchObject({ status: 422 });
    await expect(dispatch({}, 'none.yml')).rejects.toMatchObject({ status: 404 });
  });

  it('are listed, and cancelled while they run', async () => {
    await dispatch({ model: 'slow' });
    await twin.settled();
    const list = async (): Promise<readonly { id: unknown }[]> => {
      const path = 'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs';
      const at = { ...place, workflow_id: 'train.yml', status: 'in_progress' as const };
      return (await api.request(path, at)).data.workflow_runs;
    };
    const [running] = await list();
    const run_id = Number(running?.id);
    const cancel = 'POST /repos/{owner}/{repo}/actions/runs/{run_id}/cancel';
    expect((await api.request(cancel, { ...place, run_id })).status).toBe(202);
    await expect(api.request(cancel, { ...place, run_id })).rejects.toMatchObject({ status: 409 });
    expect(await list()).toEqual([]);
  });
});

describe('the rest', () => {
  it('keeps variables, environments and files', async () => {
    const name = 'FETTLE_TIER';
    await api.request('POST /repos/{owner}/{repo}/actions/variables', { ...place, name, value: 'one' });
    await api.request('PATCH /repos/{owner}/{repo}/actions/variables/{name}', {
      ...place,
      name,
      value: 'two',
    });
    const path = 'GET /repos/{owner}/{repo}/actions/variables/{name}';
    expect((await api.request(path, { ...place, name })).data.value).toBe('two');
    await twin.request({ as: 'ada' }, 'PUT', 'environments/production', { wait_timer: 5 });
    const environment = await twin.request({ as: 'rita' }, 'GET', 'environments/production');
    expect(environment).toMatchObject({ name: 'production', protection_rules: [{ type: 'wait_timer' }] });
    const { data } = await api.request('GET /repos/{owner}/{repo}/contents/{path}', {
      ...place,
      path: '.github/CODEOWNERS',
      headers: { accept: 'application/vnd.github.raw+json' },
    });
    expect(String(data)).toBe('* @octo/ml\n');
  });

  it('hides comments by GraphQL', async () => {
    const { id, node_id } = await twin.comment({ as: 'ada', on: 1, body: 'old' });
    expect(id).toBeDefined();
    await api.graphql(
      'mutation Hide($id: ID!) { minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized } } }',
      { id: node_id },
    );
    expect(twin.memory.minimized.has(String(node_id))).toBe(true);
  });

  it('answers as GitHub describes it', () => {
    expect(twin.ownViolations).toStrictEqual([]);
  });
});
