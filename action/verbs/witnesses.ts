/** Whoever remembers a registry beside this clone: files with a checkpoint, and other repositories. */
import { readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { digestOf, shortOf } from '../../registry/base/digest.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { gitIn, sentenceOf } from '../../registry/store/git.ts';
import { fetchFrom } from '../../registry/store/git-tip.ts';
import { testimonyOf, witnessAt, type Witness } from '../../registry/store/git-witness.ts';
import type { Repository } from '../../registry/store/repository.ts';
import type { Checkpoint } from '../../registry/trust/note.ts';
import { witnessIsSelf, witnessUnreadable } from '../faults.ts';
import { secretFolder } from './secret-folder.ts';
import type { VerbContext } from './verb.ts';
import { witnessSetting, type Ledger } from './workplace.ts';

/**
 * A remote's name, an address or a folder, opened; null for what is none of these.
 *
 * @throws witnessIsSelf
 */
export async function openWitness(
  { repository, remote }: Pick<Ledger, 'repository' | 'remote'>,
  given: string,
  from: string,
): Promise<Witness | null> {
  const address = await addressOf(repository, given, from);
  if (address === null) return null;
  await expectElsewhere({ repository, remote }, address);
  const folder = path.join(await secretFolder(repository), `witness-${shortOf(digestOf(address))}.git`);
  return witnessAt({ folder, address, author: await repository.user() });
}

async function addressOf(repository: Repository, given: string, from: string): Promise<string | null> {
  if ((await repository.remotes()).includes(given)) {
    const url = await gitIn(repository.top).attempt({ args: ['remote', 'get-url', given] });
    const found = url.ok ? url.out.trim() : given;
    return /^\.{1,2}\//.test(found) ? path.resolve(repository.top, found) : found;
  }
  // A scheme, or the way ssh writes a host.
  if (/^[a-z][a-z+]*:\/\/|^[\w.-]+@[\w.-]+:/.test(given)) return given;
  const folder = path.resolve(from, given);
  const found = await stat(folder).catch(() => null);
  return found?.isDirectory() === true ? folder : null;
}

/** Who can rewrite the registry could rewrite what such a witness remembers in the same push. */
async function expectElsewhere(
  { repository, remote }: Pick<Ledger, 'repository' | 'remote'>,
  address: string,
): Promise<void> {
  const there = await placeNamed(address);
  const where = sentenceOf(address);
  if (there === (await placeNamed(repository.top))) {
    throw witnessIsSelf({ where, what: 'this repository itself' });
  }
  const registryAt = remote === null ? null : await addressOf(repository, remote, repository.top);
  if (registryAt !== null && there === (await placeNamed(registryAt))) {
    throw witnessIsSelf({ where, what: 'the very repository that keeps the registry' });
  }
}

/** One name for one repository, however it is written: by folder or address, with or without `.git` and a user. */
async function placeNamed(address: string): Promise<string> {
  const folder = address.startsWith('file://') ? fileURLToPath(address) : address;
  if (path.isAbsolute(folder)) {
    const common = await gitIn(folder)
      .attempt({ args: ['rev-parse', '--git-common-dir'] })
      .catch(() => null);
    const found = common?.ok === true ? path.resolve(folder, common.out.trim()) : folder;
    return realpath(found).catch(() => found);
  }
  const [, scp, rest] = /^(?:[^@/]+@)?([\w.-]+):(?!\/\/)(.*)$/.exec(address) ?? [];
  const url = scp === undefined ? address : `ssh://${scp}/${rest ?? ''}`;
  const bare = url.replace(/^[a-z][a-z+]*:\/\//, '').replace(/^[^@/]*@/, '');
  const [host = '', ...names] = bare
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .split('/');
  return [host.toLowerCase(), ...names.filter((name) => name !== '')].join('/');
}

export interface Witnessed {
  /** Of this registry. */
  readonly checkpoints: readonly Checkpoint[];
  /** One sentence for each that could not be asked, or knows only other registries. */
  readonly silent: readonly string[];
}

export interface WitnessedAsk {
  /** What the command names: each must answer. */
  readonly given: readonly string[];
  /** Whether those that the settings name must answer too. */
  readonly unreachable: 'told' | 'thrown';
  /** What becomes of a remote that cannot be asked for what a witness remembers and this clone has not fetched. */
  readonly behind: 'told' | 'thrown';
}

/** @throws witnessUnreadable, witnessUnreachable, witnessMisshapen, witnessIsSelf, remoteUnreachable */
export async function witnessedOf(
  context: VerbContext,
  ledger: Ledger,
  { given, unreachable, behind }: WitnessedAsk,
): Promise<Witnessed> {
  const { repository } = ledger;
  const named = await Promise.all(given.map((one) => rememberedBy(ledger, one, context.folder)));
  const silent: string[] = [];
  const settled = await Promise.all(
    (await witnessSetting(repository)).map(async (one) => {
      try {
        return await rememberedBy(ledger, one, repository.top);
      } catch (error) {
        if (unreachable === 'thrown' || !(error instanceof FettleError)) throw error;
        silent.push(error.message);
        return null;
      }
    }),
  );
  const all = [...named, ...settled].filter((one) => one !== null);
  if (all.length === 0) return { checkpoints: [], silent };
  const here = await placeOf(ledger);
  const checkpoints = all.flatMap((one) => {
    // A file is somebody's word about this registry; a repository may keep many.
    const found = one.many
      ? one.checkpoints.filter(({ origin }) => origin === here?.origin)
      : one.checkpoints;
    if (found.length === 0) {
      silent.push(`the witness ${one.where} knows nothing of ${here?.origin ?? 'this'}`);
    }
    return found;
  });
  const size = here?.size ?? 0;
  try {
    await catchUp(ledger, { size, checkpoints });
  } catch (error) {
    if (behind === 'thrown' || !(error instanceof FettleError)) throw error;
    const ahead = checkpoints.filter((checkpoint) => checkpoint.size > size);
    const most = Math.max(...ahead.map((checkpoint) => checkpoint.size));
    silent.push(`a witness remembers ${most} events, of which ${size} are here, and ${error.message}`);
    // Whether the rest was cut off or only not fetched yet, nobody here can tell.
    return { checkpoints: checkpoints.filter((one) => !ahead.includes(one)), silent };
  }
  return { checkpoints, silent };
}

/** A clone that has not fetched for a while is behind its witness, and no rollback. */
async function catchUp(
  { remote, repository }: Ledger,
  { size, checkpoints }: { readonly size: number; readonly checkpoints: readonly Checkpoint[] },
): Promise<void> {
  if (remote === null || checkpoints.every((checkpoint) => checkpoint.size <= size)) return;
  await fetchFrom({ git: gitIn(repository.top), remote }, remote);
}

/** Null where no head can be read, which verification tells of itself. */
async function placeOf({
  registry,
}: Ledger): Promise<{ readonly origin: string; readonly size: number } | null> {
  try {
    return (await registry.log.read([]))?.head ?? null;
  } catch (error) {
    if (error instanceof FettleError) return null;
    throw error;
  }
}

interface Remembered {
  readonly where: string;
  readonly many: boolean;
  readonly checkpoints: readonly Checkpoint[];
}

async function rememberedBy(ledger: Ledger, given: string, from: string): Promise<Remembered> {
  const witness = await openWitness(ledger, given, from);
  if (witness === null) {
    return { where: given, many: false, checkpoints: [await checkpointIn(path.resolve(from, given))] };
  }
  const { testimonies } = await witness.kept();
  return { where: witness.where, many: true, checkpoints: testimonies.map(({ checkpoint }) => checkpoint) };
}

async function checkpointIn(file: string): Promise<Checkpoint> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw witnessUnreadable({ file, found: String(error) });
  });
  const found = testimonyOf(text);
  if (found === null) throw witnessUnreadable({ file, found: 'something else' });
  return found.checkpoint;
}
