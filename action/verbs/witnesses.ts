/** Whoever remembers a registry beside this clone: files with a checkpoint, and other repositories. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { digestOf, shortOf } from '../../registry/base/digest.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { gitIn } from '../../registry/store/git.ts';
import { fetchFrom } from '../../registry/store/git-tip.ts';
import { testimonyOf, witnessAt, type Witness } from '../../registry/store/git-witness.ts';
import type { Repository } from '../../registry/store/repository.ts';
import type { Checkpoint } from '../../registry/trust/note.ts';
import { witnessUnreadable } from '../faults.ts';
import { secretFolder } from './secret-folder.ts';
import type { VerbContext } from './verb.ts';
import { witnessSetting, type Ledger } from './workplace.ts';

/** A remote's name, an address or a folder, opened; null for what is none of these. */
export async function openWitness(
  repository: Repository,
  given: string,
  from: string,
): Promise<Witness | null> {
  const address = await addressOf(repository, given, from);
  if (address === null) return null;
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
}

/** @throws witnessUnreadable, witnessUnreachable, witnessMisshapen */
export async function witnessedOf(
  context: VerbContext,
  ledger: Ledger,
  { given, unreachable }: WitnessedAsk,
): Promise<Witnessed> {
  const { repository } = ledger;
  const named = await Promise.all(given.map((one) => rememberedBy(repository, one, context.folder)));
  const silent: string[] = [];
  const settled = await Promise.all(
    (await witnessSetting(repository)).map(async (one) => {
      try {
        return await rememberedBy(repository, one, repository.top);
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
  await catchUp(ledger, { size: here?.size ?? 0, checkpoints });
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

async function rememberedBy(repository: Repository, given: string, from: string): Promise<Remembered> {
  const witness = await openWitness(repository, given, from);
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
