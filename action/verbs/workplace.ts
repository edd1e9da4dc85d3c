/** Where a verb works: the repository, its registry, its artifacts and its settings, opened when asked for. */
import { createHash, randomBytes } from 'node:crypto';
import path from 'node:path';
import { folderMemo, type StepMemo } from '../../pipelines/artifacts/step-memo.ts';
import { folderStore } from '../../pipelines/artifacts/folder-store.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { openRegistry, type Registry } from '../../registry/decide/execute.ts';
import { registryMissing } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import { repositoryAt, type Repository } from '../../registry/store/repository.ts';
import type { VerbContext } from './verb.ts';

/** What Fettle keeps beside the repository's own files; git is told to ignore it. */
const FOLDER = '.fettle';

export interface Ledger {
  readonly repository: Repository;
  readonly registry: Registry;
}

export interface Shelf {
  readonly store: ArtifactStore;
  readonly memo: StepMemo;
}

/** @param remote  that appends are pushed to; null keeps them here */
export async function openLedger(context: VerbContext, remote: string | null): Promise<Ledger> {
  const repository = await repositoryAt(context.folder);
  const user = await repository.user();
  const log = await gitLog({ folder: repository.top, remote, author: user });
  const registry = openRegistry({
    log,
    actor: await context.actor(),
    source: context.source,
    now: context.now,
    visit: randomBytes(16).toString('hex'),
    origin: await originOf(repository),
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  });
  return { repository, registry };
}

/** For verbs that only read: no settings, no remote, nothing but git. */
export async function openReader(context: VerbContext): Promise<Ledger> {
  return openLedger(context, null);
}

/** `auto` is origin where there is one. */
export async function remoteOf(repository: Repository, setting: string | null): Promise<string | null> {
  if (setting !== 'auto') return setting;
  return (await repository.remotes()).includes('origin') ? 'origin' : null;
}

/** The state, wanted: a registry must have been begun. @throws registryMissing */
export async function stateIn({ registry }: Ledger) {
  const view = await registry.read();
  if (view === null) throw registryMissing({ where: registry.log.where });
  return view;
}

export async function openShelf({ top }: Repository): Promise<Shelf> {
  const folder = path.join(top, FOLDER);
  return { store: folderStore(path.join(folder, 'artifacts')), memo: folderMemo(path.join(folder, 'steps')) };
}

/** Keeps `git status` clean without touching the repository's own .gitignore. */
export async function hideShelf({ top }: Repository): Promise<void> {
  await writeDurably(path.join(top, FOLDER, '.gitignore'), '*\n');
}

/** A name that no other registry has by chance: a hash of the first commit and 64 random bits. */
async function originOf(repository: Repository): Promise<string> {
  const commit = (await repository.commit()) ?? '';
  const seed = createHash('sha256').update(commit).update(randomBytes(8)).digest('hex');
  return `local/${seed.slice(0, 16)}`;
}
