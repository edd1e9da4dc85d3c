/** A registry in the GitHub stand-in, written through its API as the app itself would. */
import { Octokit } from '@octokit/core';
import { githubLog } from '../../registry/store/github-log.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import type { Twin } from '../fakes/github/twin.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';

/** @param now  the real clock where left out, so that what the seed did was just now */
export async function registryIn(
  twin: Twin,
  now = (): string => new Date().toISOString(),
): Promise<Registry> {
  const [owner = '', name = ''] = twin.repository().fullName.split('/');
  const api = new Octokit({ auth: await twin.installationToken(), baseUrl: twin.url });
  const log = githubLog({ api, owner, name, sleep: async () => undefined });
  let visit = 0;
  return registryOn(log, { now, visit: `seed-${visit++}-${Math.random()}`, origin: 'local/seeded' });
}

/** One that serves, and one that passed every gate and waits for a person. */
export async function seed(twin: Twin): Promise<Registry> {
  const registry = await registryIn(twin);
  await register(registry, candidate('first', 'pass'));
  await register(registry, candidate('second', 'pass', { channel: null }));
  return registry;
}
