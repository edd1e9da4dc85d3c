/** What the registry suffers from, and what can be mended without asking anybody: locks, derived files, parcels. */
import { readdir, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { pastOf, stayed } from '../../registry/audit/past.ts';
import { rebuild } from '../../registry/audit/rebuild.ts';
import { sizeAlarms } from '../../registry/audit/size-alarms.ts';
import { verifyLog } from '../../registry/audit/verify.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { policyIn } from '../../registry/decide/commit.ts';
import { sealerFor } from '../../registry/decide/sign.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { registrySize } from '../../registry/store/git-size.ts';
import { bodyOf, type Checkpoint } from '../../registry/trust/note.ts';
import { spooledIn } from './outbox.ts';
import { roomFindings, ruleFindings, tagFindings } from './registry-guards.ts';
import { pinFile, signersIn } from './secret-folder.ts';
import type { VerbContext } from './verb.ts';
import { witnessedOf } from './witnesses.ts';
import { counted } from './words.ts';
import { openReader, shelfIn, type Ledger } from './workplace.ts';

export interface Finding {
  readonly check: string;
  readonly answer: 'ok' | 'note' | 'wrong';
  readonly says: string;
}

/** Git holds a lock for moments; one this old belongs to a process that is gone. */
const LOCK_AGE_MS = 10 * 60_000;
const LOCKS = ['packed-refs.lock', 'config.lock', 'shallow.lock'];

export async function registryFindings(context: VerbContext): Promise<readonly Finding[]> {
  const ledger = await openedOr(context);
  if (ledger === null) return [];
  const locks = await staleLocks(ledger, context);
  const found = await Promise.all([
    damages(ledger, context),
    waiting(ledger),
    kept(ledger),
    refusals(ledger),
    sizes(ledger),
    forgottenHere(ledger),
    roomFindings(ledger),
    ruleFindings(ledger, context),
    tagFindings(ledger),
  ]);
  const stale = locks.map((file): Finding => ({
    check: 'lock',
    answer: 'wrong',
    says: `${file} was left behind; \`fettle doctor --repair\` removes it`,
  }));
  return [...stale, ...found.flat()];
}

/** Null outside a repository, which is told of elsewhere. */
async function openedOr(context: VerbContext): Promise<Ledger | null> {
  try {
    return await openReader(context);
  } catch (error) {
    if (error instanceof FettleError) return null;
    throw error;
  }
}

async function staleLocks({ repository }: Ledger, { now }: VerbContext): Promise<readonly string[]> {
  const common = await repository.commonFolder();
  const old: string[] = [];
  const names = await readdir(path.join(common, 'refs'), { recursive: true }).catch(() => []);
  // No reference may end so; whatever does is a lock.
  const ofRefs = names.filter((name) => name.endsWith('.lock')).map((name) => path.join('refs', name));
  for (const name of [...LOCKS, ...ofRefs]) {
    const file = path.join(common, name);
    const found = await stat(file).catch(() => null);
    if (found !== null && Date.parse(now()) - found.mtimeMs > LOCK_AGE_MS) old.push(file);
  }
  return old;
}

async function damages(ledger: Ledger, context: VerbContext): Promise<readonly Finding[]> {
  const { registry, repository } = ledger;
  const { log } = registry;
  try {
    const pin = await (await pinFile(repository, log, ledger.remote)).read();
    const { checkpoints, silent } = await witnessedOf(context, ledger, {
      given: [],
      unreachable: 'told',
      behind: 'told',
    });
    const asked = {
      log,
      pin,
      extent: 'since-pin',
      witnessed: checkpoints,
      now: context.now(),
      readme: readmeOf,
    } as const;
    const found = await verifyLog(asked);
    const wrong = (found?.problems ?? []).map(({ code, where, wanted, found: is }): Finding => ({
      check: code,
      answer: 'wrong',
      says: `${where}: wanted ${wanted.slice(0, 200)}, found ${is.slice(0, 200)}`,
    }));
    return [...wrong, ...silent.map((says): Finding => ({ check: 'witness', answer: 'note', says }))];
  } catch (error) {
    // What keeps the log from being read is told of as the finding `registry`.
    if (error instanceof FettleError) return [];
    throw error;
  }
}

async function waiting({ inbox }: Ledger): Promise<readonly Finding[]> {
  try {
    const offered = await inbox.list();
    if (offered.length === 0) return [];
    const says = `${counted(offered.length, 'parcel')} in ${inbox.where}; \`fettle fold\` takes them into the log`;
    return [{ check: 'inbox', answer: 'note', says }];
  } catch (error) {
    if (error instanceof FettleError) return [{ check: 'inbox', answer: 'note', says: error.message }];
    throw error;
  }
}

async function kept({ repository }: Ledger): Promise<readonly Finding[]> {
  const files = await spooledIn(repository);
  if (files.length === 0) return [];
  return [
    {
      check: 'spool',
      answer: 'note',
      says: `${counted(files.length, 'parcel')} kept here; \`fettle drain\` sends them on`,
    },
  ];
}

async function refusals({ registry }: Ledger): Promise<readonly Finding[]> {
  const view = await registry.read().catch(() => null);
  return (view?.state.trust.refused ?? []).map(({ at, reason }) => ({
    check: 'refused',
    answer: 'note',
    says: `a parcel of ${at.slice(0, 16)}: ${reason}`,
  }));
}

async function sizes({ registry, repository, remote }: Ledger): Promise<readonly Finding[]> {
  try {
    const size = await registrySize({ folder: repository.top, remote });
    const head = (await registry.log.read([]))?.head;
    if (size === null || head === undefined) return [];
    return sizeAlarms({ ...size, events: head.size - size.began }).map((says) => ({
      check: 'size',
      answer: 'note',
      says,
    }));
  } catch (error) {
    if (error instanceof FettleError) return [];
    throw error;
  }
}

/** Rows that were forgotten on another machine, or by a call that was cut off. */
async function forgottenHere({ registry, repository }: Ledger): Promise<readonly Finding[]> {
  const view = await registry.read().catch(() => null);
  const { store } = shelfIn(repository);
  const removed = (view?.state.trust.forgotten ?? []).map((one) => one.removed);
  const here = await Promise.all(removed.map((digest) => store.has(digest)));
  const left = here.filter(Boolean).length;
  if (left === 0) return [];
  const says = `${counted(left, 'file')} here with rows that were forgotten; \`fettle forget\` removes what is left`;
  return [{ check: 'forgotten', answer: 'wrong', says }];
}

/** Removes stale locks and puts every derived file right; the log's own lines are never touched. */
export async function mend(context: VerbContext): Promise<readonly Finding[]> {
  const ledger = await openedOr(context);
  if (ledger === null) return [];
  const locks = await staleLocks(ledger, context);
  if (!context.dryRun) for (const file of locks) await rm(file, { force: true });
  const removed = locks.map((file): Finding => ({ check: 'lock', answer: 'ok', says: `removed ${file}` }));
  return [...removed, ...(await restored(ledger, context))];
}

async function restored(
  { registry, repository, remote }: Ledger,
  context: VerbContext,
): Promise<readonly Finding[]> {
  const look = await registry.log.look(null);
  if (look === null) return [];
  const signers = await signersIn(repository, context.secrets);
  const seal = (checkpoint: Checkpoint, state: RegistryState, time: string): string =>
    sealerFor(signers, { policy: policyIn(state), time })?.(checkpoint) ?? bodyOf(checkpoint);
  const tell: Parameters<typeof rebuild>[0]['tell'] = (state, place) =>
    new Map([['README.md', readmeOf(state, place)]]);
  const pin = await (await pinFile(repository, registry.log, remote)).read();
  const past = await pastOf(registry.log, stayed(look.files), 0);
  const { files, mended } = rebuild({ look, past, pin, seal, tell });
  if (mended.length === 0) return [];
  if (!context.dryRun) await registry.log.restore({ expected: look.mark, files, at: context.now() });
  return mended.map((file) => ({ check: 'mended', answer: 'ok', says: file }));
}
