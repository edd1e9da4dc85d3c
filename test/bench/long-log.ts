/** A repository whose registry holds a given number of events, for measuring. */
import { candidate, register, registryOn } from '../fixtures/registry.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { readmeOf } from '../../registry/report/readme.ts';

/** Five events a version, one append a version, as real runs make them. */
export async function fillRegistry(folder: string, events: number): Promise<number> {
  const author = { name: 'Ada Lovelace', email: 'ada@example.com' };
  const log = gitLog({ folder, remote: null, author });
  const registry = registryOn(log, {
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  });
  for (let index = 0; ; index++) {
    await register(registry, candidate(`run ${index}`, index % 3 === 2 ? 'investigate' : 'pass'));
    const size = (await registry.read())?.size ?? 0;
    if (size >= events) return size;
  }
}
