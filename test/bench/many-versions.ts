/** A registry of many versions, each made from code of its own, appended at once: what it costs to read, not to write. */
import { execFileSync } from 'node:child_process';
import { decideRunStart } from '../../registry/decide/record-run.ts';
import { decideRegistration } from '../../registry/decide/register.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { IdemKey, type Deed } from '../../registry/schema/event.ts';
import { ModelName } from '../../registry/schema/model.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { evolve } from '../../registry/state/fold.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { candidate, registryOn } from '../fixtures/registry.ts';

const IDEM = IdemKey.parse(`2026-11-21-${'0'.repeat(32)}`);

export interface ManyVersions {
  readonly models: number;
  readonly versions: number;
}

/** @returns how many events the log has */
export async function fillVersions(folder: string, many: ManyVersions): Promise<number> {
  const commits = makeCommits(folder, many.versions);
  const log = gitLog({ folder, remote: null, author: { name: 'Ada', email: 'ada@example.com' } });
  const registry = registryOn(log, {
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  });
  await registry.execute((begun) => {
    const deeds: Deed[] = [];
    let state = begun;
    for (let index = 0; index < many.versions; index++) {
      const made = deedsFor(state, { index, models: many.models, commit: commits[index] ?? null });
      state = made.reduce(after, state);
      deeds.push(...made);
    }
    return deeds;
  });
  return (await registry.read())?.size ?? 0;
}

interface OneOf {
  readonly index: number;
  readonly models: number;
  readonly commit: string | null;
}

function deedsFor(state: RegistryState, { index, models, commit }: OneOf): readonly Deed[] {
  const model = ModelName.parse(`model-${index % models}`);
  const given = candidate(`version ${index}`, index % 3 === 2 ? 'investigate' : 'pass', { model });
  const lineage = { ...given.lineage, commit };
  const against = state.models.get(model)?.serving.production ?? null;
  const start = { model, run: lineage.run, recipe: lineage.recipe, asked: {}, inputs: [], steps: ['train'] };
  const begun = decideRunStart(state, start);
  return [...begun, ...decideRegistration(begun.reduce(after, state), { ...given, lineage, against })];
}

/** As the registry itself will fold it; the stamp matters to nobody here. */
function after(state: RegistryState, deed: Deed): RegistryState {
  const by = { kind: 'local', login: 'ada' } as const;
  const stamp = {
    v: 1,
    crit: [],
    at: '2026-11-21T00:00:00.000Z',
    by,
    src: { door: 'cli' },
    idem: IDEM,
  } as const;
  return evolve(state, { seq: 0, event: { ...stamp, ...deed, crit: [] } });
}

function makeCommits(folder: string, count: number): readonly string[] {
  const who = 'Ada <ada@example.com>';
  const lines = Array.from({ length: count }, (_, index) => {
    const from = index === 0 ? '' : `from :${index}\n`;
    return `commit refs/heads/main\nmark :${index + 1}\ncommitter ${who} ${1_700_000_000 + index} +0000\ndata 4\nmore\n${from}\n`;
  });
  execFileSync('git', ['fast-import', '--quiet'], { cwd: folder, input: lines.join('') });
  const list = execFileSync('git', ['rev-list', '--reverse', 'main'], {
    cwd: folder,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  return list.trim().split('\n');
}
