/** Where a verb works: the repository, its registry, its artifacts and its settings, opened when asked for. */
import { createHash, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import {
  contentsOf,
  memosIn,
  type FolderContents,
  type StepMemos,
} from '../../pipelines/artifacts/folder-contents.ts';
import { folderStore, type FolderStore } from '../../pipelines/artifacts/folder-store.ts';
import { sharedStore } from '../../pipelines/artifacts/shared-store.ts';
import { type Checkpoints, folderCheckpoints } from '../../pipelines/artifacts/checkpoints.ts';
import { folderMemo, type StepMemo } from '../../pipelines/artifacts/step-memo.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import type { RegistrySettings } from '../../pipelines/settings/registry-settings.ts';
import type { Settings } from '../../pipelines/settings/settings.ts';
import { openRegistry, type Registry, type RegistryView } from '../../registry/decide/execute.ts';
import { pinOf, pinOfNothing } from '../../registry/audit/pin.ts';
import type { FoldRules } from '../../registry/decide/vouched.ts';
import { registryMissing } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import type { Deed, RegistryEvent } from '../../registry/schema/event.ts';
import type { ModelName } from '../../registry/schema/model.ts';
import type { ModelState, RegistryState } from '../../registry/schema/state.ts';
import { modelOf } from '../../registry/state/query.ts';
import type { Moment } from '../../registry/schema/moment.ts';
import { enoughFor, thenAt, type Then } from '../../registry/state/time-travel.ts';
import type { Inbox } from '../../registry/store/inbox.ts';
import { repositoryAt, type Repository } from '../../registry/store/repository.ts';
import { eventsLeft } from '../faults.ts';
import { inspectorOf } from './inspect-log.ts';
import { outboxTo } from './outbox.ts';
import { pinFile, signersIn } from './secret-folder.ts';
import { openTransport } from './transport.ts';
import type { VerbContext } from './verb.ts';

/** What Fettle keeps beside the repository's own files; git is told to ignore it. */
const FOLDER = '.fettle';

export interface Ledger {
  /** Where events wait that could not be appended; empty when all of them could. */
  readonly left: readonly string[];
  readonly inbox: Inbox;
  readonly repository: Repository;
  readonly registry: Registry;
  /** The remote whose branch is the truth; null when this repository's own is. */
  readonly remote: string | null;
  readonly through: Settings['registry']['through'];
}

export interface Shelf {
  /** The folder, and the place that the settings name beside it. */
  readonly store: ArtifactStore;
  /** The folder alone. */
  readonly local: FolderStore;
  /** The place alone; null where the settings name none. */
  readonly shared: ArtifactStore | null;
  readonly memo: StepMemo;
  readonly checkpoints: Checkpoints;
  /** What lies on this machine, and how it is taken out. */
  readonly contents: FolderContents;
  readonly memos: StepMemos;
  /** Where files for people are written, such as the report. */
  readonly folder: string;
}

/**
 * For verbs that only read. What was pushed counts as much as what is here: a clone that was made a minute ago, and one
 * that was killed between pushing and taking note of it, must read the same.
 */
export async function openReader(context: VerbContext): Promise<Ledger> {
  const repository = await repositoryAt(context.folder);
  const settings = await registrySettingsIn(repository);
  const remote = await remoteOf(repository, settings?.remote ?? 'auto');
  return openLedger(context, { repository, remote, settings });
}

/** @param setting  `registry.remote` of the settings: a remote's name, null for none, `auto` for origin if it is there */
export async function openWriter(context: VerbContext, setting: string | null): Promise<Ledger> {
  const repository = await repositoryAt(context.folder);
  const [settings, remote] = [await registrySettingsIn(repository), await remoteOf(repository, setting)];
  return openLedger(context, { repository, remote, settings });
}

async function remoteOf(repository: Repository, setting: string | null): Promise<string | null> {
  if (setting !== 'auto') return setting;
  return (await repository.remotes()).includes('origin') ? 'origin' : null;
}

/** Null where there are no settings. @throws settingsMisshapen */
async function registrySettingsIn(repository: Repository): Promise<RegistrySettings | null> {
  if (!hasSettings(repository)) return null;
  const { readRegistrySettings } = await import('../../pipelines/settings/registry-settings.ts');
  // What is wrong with the file is told by whoever knows all of it.
  const told = await readRegistrySettings(repository.top);
  return told ?? (await settingsIn(repository))?.registry ?? null;
}

function hasSettings({ top }: Repository): boolean {
  return existsSync(path.join(top, '.github', 'fettle.yml'));
}

/** Other repositories that remember this registry. */
export async function witnessSetting(repository: Repository): Promise<readonly string[]> {
  return (await settingsIn(repository))?.registry.witnesses ?? [];
}

/** Settings are read only where there are any: their schema knows every recipe and takes its time to load. */
async function settingsIn(repository: Repository): Promise<Settings | null> {
  if (!hasSettings(repository)) return null;
  const { readSettings } = await import('../../pipelines/settings/read.ts');
  return readSettings(repository.top);
}

/** What whoever folds a parcel holds it against. */
async function rulesIn(repository: Repository): Promise<FoldRules | null> {
  const settings = await settingsIn(repository);
  if (settings === null) return null;
  const { foldRulesOf } = await import('./fold-rules.ts');
  return foldRulesOf(settings);
}

const BY_GIT = { through: 'git', inbox: false } as const;

interface Opening {
  readonly repository: Repository;
  readonly remote: string | null;
  readonly settings: RegistrySettings | null;
}

async function openLedger(context: VerbContext, { repository, remote, settings }: Opening): Promise<Ledger> {
  const user = await repository.user();
  const left: string[] = [];
  const { through, inbox: eager } = settings ?? BY_GIT;
  const { log, inbox } = await openTransport(context, { repository, remote, author: user, through });
  const signers = await signersIn(repository, context.secrets);
  const pins = await pinFile(repository, log, remote);
  const inspect = inspectorOf({ log, pins, now: context.now, signs: signers.length > 0 });
  const registry = openRegistry({
    log,
    inspect,
    actor: context.actor ?? { kind: 'local', login: user.name },
    source: context.source,
    now: context.now,
    visit: randomBytes(16).toString('hex'),
    origin: `local/${createHash('sha256').update(randomBytes(16)).digest('hex').slice(0, 16)}`,
    signers,
    outbox: outboxTo({
      repository,
      inbox,
      eager,
      today: context.now().slice(0, 10),
      rules: () => rulesIn(repository),
      sent: (place) => {
        left.push(place);
        context.progress.say(`The log is closed to this writer; left in ${place}.`);
      },
    }),
    begins: (origin, written) => {
      const at = context.now();
      if (written === null) return pins.write({ ...pinOfNothing({ origin, at }), intended: true });
      return pins.write(pinOf(written.head, { mark: null, policy: written.policy, at }));
    },
    tell: (state, place) => new Map([['README.md', readmeOf(state, place)]]),
  });
  return { repository, registry, inbox, left, remote, through };
}

/** What is now, wanted: a registry must have been begun. @throws registryMissing */
export async function viewIn({ registry }: Ledger): Promise<RegistryView> {
  const view = await registry.read();
  if (view === null) throw registryMissing({ where: registry.log.where });
  return view;
}

/** One model, without reading the others. @throws registryMissing, modelUnknown */
export async function modelIn(ledger: Ledger, model: ModelName): Promise<ModelState> {
  const view = await ledger.registry.readModel(model);
  const known = view?.state.models.get(model);
  // Only whoever asks for a model that is not there pays for the list of those that are.
  return known ?? modelOf((await viewIn(ledger)).state, model);
}

export interface ViewThen extends RegistryView {
  /** The last event of then; null for now. */
  readonly last: Pick<Then, 'seq' | 'at'> | null;
}

/** What is now, or what was at a moment. @throws registryMissing, positionBeyondEnd, beforeTheBeginning */
export async function viewAt(ledger: Ledger, moment: Moment | undefined): Promise<ViewThen> {
  if (moment === undefined) return { ...(await viewIn(ledger)), last: null };
  const entries = await entriesIn(ledger, enoughFor(moment));
  const { state, size, seq, at } = thenAt(entries, moment);
  const [first] = entries;
  const origin = first?.event?.type === 'registry.created' ? first.event.body.origin : '';
  return { state, size, origin, last: { seq, at } };
}

/** The log, wanted: all of it, or the events before a position. @throws registryMissing */
export async function entriesIn({ registry }: Ledger, until?: number): Promise<readonly Entry[]> {
  const entries = await registry.log.entries(0, until);
  if (entries.length === 0) throw registryMissing({ where: registry.log.where });
  return entries;
}

/** Decides and records; with `--dry-run` only decides. @throws registryMissing, eventsLeft */
export async function decideIn(
  ledger: Ledger,
  { dryRun }: VerbContext,
  decide: (state: RegistryState) => readonly Deed[],
): Promise<readonly RegistryEvent[]> {
  const { log } = ledger.registry;
  if ((await log.read([])) === null) throw registryMissing({ where: log.where });
  if (dryRun) return ledger.registry.rehearse(decide);
  const events = await ledger.registry.execute(decide);
  const at = ledger.left.at(-1);
  if (at !== undefined) throw eventsLeft({ at });
  return events;
}

/** Where everything lies here; `store` is the folder alone. For what is written, and for what is read: `openShelf`. */
export function shelfIn({ top }: Repository): Shelf {
  const folder = path.join(top, FOLDER);
  const [artifacts, steps] = [path.join(folder, 'artifacts'), path.join(folder, 'steps')];
  const local = folderStore(artifacts);
  return {
    store: local,
    local,
    shared: null,
    memo: folderMemo(steps),
    checkpoints: folderCheckpoints(path.join(folder, 'checkpoints')),
    contents: contentsOf(artifacts),
    memos: memosIn(steps),
    folder,
  };
}

/** With the store that machines share, where the settings choose one. @throws storeNotTold, storeAddressRefused */
export async function openShelf(context: VerbContext, repository: Repository): Promise<Shelf> {
  const shelf = shelfIn(repository);
  const settings = await settingsIn(repository);
  if (settings === null) return shelf;
  const { chosenStore } = await import('../../pipelines/artifacts/chosen-store.ts');
  const shared = chosenStore(settings.artifacts, { credentials: context.secrets.stores, now: context.now });
  if (shared === null) return shelf;
  if (!context.dryRun) await hideShelf(shelf);
  const keeps = context.dryRun ? 'nothing' : 'fetched';
  return { ...shelf, shared, store: sharedStore({ cache: shelf.local, shared, keeps }) };
}

/** Keeps `git status` clean without touching the repository's own .gitignore. */
export async function hideShelf({ folder }: Shelf): Promise<void> {
  await writeDurably(path.join(folder, '.gitignore'), '*\n');
}
