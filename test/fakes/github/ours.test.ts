/** Fettle's own stores meet the whole GitHub stand-in, as an app and without a malformed request. */
import { Octokit } from '@octokit/core';
import { describe, expect, it } from 'vitest';
import { releaseStore } from '../../../pipelines/artifacts/release-store.ts';
import { githubLog } from '../../../registry/store/github-log.ts';
import { eventOf } from '../../fixtures/events.ts';
import { put } from '../../fixtures/github.ts';
import { openedTwin } from '../../fixtures/twin.ts';
import { LOST_ANSWER } from './faults.ts';
import type { Twin } from './twin.ts';

async function logOf(twin: Twin): Promise<ReturnType<typeof githubLog>> {
  const api = new Octokit({ auth: await twin.installationToken(), baseUrl: twin.url });
  return githubLog({ api, owner: 'octo', name: 'models', sleep: async () => undefined });
}

describe('the whole stand-in', () => {
  it('keeps a registry, with its branch where git has it', async () => {
    const twin = await openedTwin();
    const log = await logOf(twin);
    await put(log, eventOf('registry.created'));
    const { bare } = twin.repository();
    const refs = (await bare.refs('refs/heads/')).map(({ ref }) => ref);
    expect(refs).toContain('refs/heads/fettle/registry');
    expect(await log.entries(0)).toHaveLength(1);
    twin.archive();
    await expect(put(log, eventOf('registry.created'))).rejects.toThrow();
  });

  it('keeps the bytes of models in releases, even when an answer is lost', async () => {
    const twin = await openedTwin();
    const store = releaseStore({
      api: new URL(twin.url),
      repository: 'octo/models',
      token: await twin.installationToken(),
      now: () => '2026-01-01T00:00:00.000Z',
      patience: { attempts: 4, waitMsMax: 60_000, wait: async () => undefined },
    });
    twin.faults.plan({ fault: LOST_ANSWER, when: ({ operation }) => operation === 'repos/create-release' });
    const { digest } = await store.put('onnx', Buffer.from('a model'));
    expect(Buffer.from(await store.get(digest)).toString()).toBe('a model');
    const { releases, complaints } = twin.repository().releases;
    expect(releases).toMatchObject([{ draft: false, assets: [{ state: 'uploaded' }] }]);
    expect(complaints).toEqual([]);
  });
});
