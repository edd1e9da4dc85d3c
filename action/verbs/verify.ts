/** `fettle verify`: reads the whole log again, folds it anew, and compares everything with what lies there. */
import * as z from 'zod';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { FettleError } from '../../registry/base/fault.ts';
import type { Digest } from '../../registry/base/digest.ts';
import { registryMissing } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { foldEntries, REDUCER } from '../../registry/state/fold.ts';
import { viewOf } from '../../registry/state/view.ts';
import type { EventLog, Problem } from '../../registry/store/log.ts';
import { defineVerb, EXIT, type Paint } from './verb.ts';
import { counted } from './words.ts';
import { openReader, shelfIn } from './workplace.ts';

export const verify = defineVerb({
  name: 'verify',
  says: 'Reads the whole log again and checks the chain, every derived file and the files of what serves.',
  words: [],
  input: z.strictObject({
    artifacts: z
      .boolean()
      .default(false)
      .describe('check the bytes of every version in the view, not only of those in service'),
  }),
  writes: false,
  examples: ['fettle verify', 'fettle verify --artifacts'],

  async run(context, { artifacts }) {
    const { registry, repository } = await openReader(context);
    const { log } = registry;
    const problems = [...(await log.check())];
    // A damaged chain cannot be folded; its own problems say where it broke.
    const folded = problems.length === 0 ? await foldAgain(log) : null;
    if (folded !== null) {
      problems.push(
        ...folded.problems,
        ...(await bytesOf(folded.state, shelfIn(repository).store, artifacts)),
      );
    }
    const size = folded?.size ?? 0;
    return {
      data: { ok: problems.length === 0, events: size, root: folded?.prev ?? null, problems },
      text: (paint) => textOf(problems, size, paint),
      exit: problems.length === 0 ? EXIT.done : EXIT.damaged,
    };
  },
});

interface Folded {
  readonly state: RegistryState;
  readonly size: number;
  readonly prev: string;
  readonly problems: readonly Problem[];
}

async function foldAgain(log: EventLog): Promise<Folded> {
  const snapshot = await log.read();
  if (snapshot === null) throw registryMissing({ where: log.where });
  const { head, view } = snapshot;
  const state = foldEntries(await log.entries(0));
  if (head.reducer !== REDUCER) return { state, size: head.size, prev: head.prev, problems: [] };

  const place = { origin: head.origin, size: head.size };
  const wanted = new Map([...viewOf(state, state.models.keys()), ['README.md', readmeOf(state, place)]]);
  const problems: Problem[] = [];
  for (const path of new Set([...wanted.keys(), ...view.keys()])) {
    if (path === 'README.md' && wanted.get(path) !== view.get(path)) problems.push(README_DIFFERS);
    if (path === 'README.md') continue;
    const [good, found] = [wanted.get(path), view.get(path)];
    if (good === found) continue;
    problems.push({
      code:
        good === undefined
          ? 'derived-unexpected'
          : found === undefined
            ? 'derived-missing'
            : 'derived-differs',
      where: path,
      wanted: good === undefined ? 'no such file' : 'what the log folds to',
      found: found === undefined ? 'nothing' : 'other text',
    });
  }
  return { state, size: head.size, prev: head.prev, problems };
}

/** Its words are those of the Fettle that wrote it, so an update of Fettle shows here too. */
const README_DIFFERS: Problem = {
  code: 'readme-differs',
  where: 'README.md',
  wanted: 'what this Fettle tells of the log',
  found: 'other text: edited, or by another version of Fettle; the next decision writes it anew',
};

/** Bytes made on another machine are not here; only bytes in service must be. */
async function bytesOf(
  state: RegistryState,
  store: ArtifactStore,
  all: boolean,
): Promise<readonly Problem[]> {
  const wanted = [...state.models.values()].flatMap(({ model, versions, serving }) => {
    const served = new Set(Object.values(serving));
    const chosen = versions.filter(({ version }) => all || served.has(version));
    return chosen.flatMap(({ version, artifacts }) =>
      Object.entries(artifacts).map(([name, { digest }]) => ({
        where: `${model}@${version} ${name}`,
        digest,
      })),
    );
  });
  const problems: Problem[] = [];
  for (const { where, digest } of wanted) {
    const found = await faultOf(store, digest);
    if (found !== null) problems.push({ code: 'artifact', where, wanted: digest, found });
  }
  return problems;
}

async function faultOf(store: ArtifactStore, digest: Digest): Promise<string | null> {
  try {
    await store.get(digest);
    return null;
  } catch (error) {
    if (error instanceof FettleError) return error.message;
    throw error;
  }
}

function textOf(problems: readonly Problem[], size: number, paint: Paint): string {
  if (problems.length === 0) {
    return `${paint.good('ok')} ${counted(size, 'event')}: chain, positions, canonical form, Merkle root and every derived file agree.`;
  }
  const lines = problems.map(
    ({ code, where, wanted, found }) => `${paint.bad(code)} ${where}: wanted ${wanted}, found ${found}`,
  );
  return [
    ...lines,
    `${counted(problems.length, 'problem')} found. Find the last good commit with \`git log fettle/registry\`.`,
  ].join('\n');
}
