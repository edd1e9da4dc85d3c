/** A clone that fetched no file yet: what serves is found with a few of them, over smart HTTP. */
import { describe, expect, it } from 'vitest';
import { gitIn } from '../../registry/store/git.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { serveGit } from '../fixtures/http-git.ts';
import { git, newFolder } from '../fixtures/git.ts';
import { fillLog } from '../bench/long-log.ts';
import { registryOn } from '../fixtures/registry.ts';
import { ModelName } from '../../registry/schema/model.ts';

const AUTHOR = { name: 'Ada', email: 'ada@example.org' };
const EVENTS = 6400;

describe('a partial clone', () => {
  it('resolves a channel for less than 0.2 MB', async () => {
    const bare = newFolder();
    git(bare, 'init', '--quiet', '--bare', '.');
    for (const name of ['uploadpack.allowFilter', 'uploadpack.allowAnySHA1InWant', 'http.receivepack']) {
      git(bare, 'config', name, 'true');
    }
    await fillLog(gitLog({ folder: bare, remote: null, author: AUTHOR }), {
      events: EVENTS,
      models: 40,
      batch: 640,
    });
    const server = await serveGit(bare);
    try {
      const folder = newFolder();
      git(folder, 'init', '--quiet', '.');
      git(folder, 'remote', 'add', 'origin', server.url);
      git(folder, 'config', 'remote.origin.promisor', 'true');
      git(folder, 'config', 'remote.origin.partialclonefilter', 'tree:0');
      const spec = '+refs/heads/fettle/registry:refs/remotes/origin/fettle/registry';
      // Not by the blocking helper: the server that answers runs in this very process.
      await gitIn(folder).print({ args: ['fetch', '--quiet', '--depth=1', 'origin', spec] });
      const model = ModelName.parse('model-7');
      const registry = registryOn(gitLog({ folder, remote: 'origin', author: AUTHOR }));
      const view = await registry.readModel(model);
      expect(view?.state.models.get(model)?.serving.production).toMatch(/^1\.\d+\.0$/);
      expect(server.sentBytes()).toBeLessThan(200_000);
      expect(server.sentBytes()).toBeGreaterThan(1000);
    } finally {
      await server.close();
    }
  });
});
