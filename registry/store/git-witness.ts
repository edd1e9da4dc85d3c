/** A witness: a branch of another repository that keeps the newest checkpoint of each registry it was shown. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { digestOf } from '../base/digest.ts';
import { witnessMisshapen, witnessRefused, witnessUnreachable } from '../faults.ts';
import { checkpointOf, parseNote, type Checkpoint } from '../trust/note.ts';
import { gitIn, RECEIVE, sentenceOf, textOf, type Git } from './git.ts';
import { listFiles, makeCommit, type Author } from './git-commit.ts';

const BRANCH = 'fettle/witness';
const REF = `refs/heads/${BRANCH}`;
const KEPT = 'checkpoints/';
/** Both sides of what cannot both be true, for whoever has to find out which is. */
const CONFLICTS = 'conflicts/';

export interface WitnessPlace {
  /** A repository of ours, which holds nothing but what was last fetched from there. */
  readonly folder: string;
  /** An address that git knows, or an absolute folder. */
  readonly address: string;
  readonly author: Author;
}

export interface Testimony {
  readonly checkpoint: Checkpoint;
  /** The note, with its signatures. */
  readonly note: string;
}

export interface Kept {
  /** One for each registry. */
  readonly testimonies: readonly Testimony[];
  /** The commit that was read; null where nothing was kept yet. */
  readonly tip: string | null;
}

export interface Witness {
  /** The address, without a password. */
  readonly where: string;
  /** @throws witnessUnreachable, witnessMisshapen */
  kept(): Promise<Kept>;
  /**
   * Adds to what was read, and never takes anything away.
   *
   * @returns false when somebody else did so meanwhile: read again
   * @throws witnessUnreachable, witnessRefused
   */
  keep(ask: KeepAsk): Promise<boolean>;
}

export interface KeepAsk {
  readonly since: Kept['tip'];
  readonly files: ReadonlyMap<string, string>;
  readonly message: string;
  /** ISO 8601. */
  readonly at: string;
}

export function witnessAt({ folder, address, author }: WitnessPlace): Witness {
  const git = gitIn(folder);
  const where = sentenceOf(address);
  const refetch = async (): Promise<string | null> => {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await git.print({ args: ['init', '--quiet', '--bare', '.'] });
    const asked = await git.attempt({ args: ['ls-remote', address, REF] });
    if (!asked.ok) throw witnessUnreachable({ where, said: sentenceOf(asked.said) });
    const tip = asked.out.split('\t')[0] ?? '';
    if (tip === '') return null;
    // One commit is enough, and history kept here would only grow.
    const quiet = ['--quiet', '--no-tags', '--no-write-fetch-head', '--no-auto-gc', '--depth=1'];
    const answer = await git.attempt({ args: ['fetch', ...quiet, address, `+${REF}:${REF}`] });
    if (!answer.ok) throw witnessUnreachable({ where, said: sentenceOf(answer.said) });
    return (await git.print({ args: ['rev-parse', '--verify', REF] })).trim();
  };
  return {
    where,

    async kept() {
      const tip = await refetch();
      return { tip, testimonies: tip === null ? [] : await testimoniesAt(git, { tip, where }) };
    },

    async keep({ since, files, message, at }) {
      const commit = await makeCommit(git, { parent: since, author, message, at, files });
      const how = ['--porcelain', '--no-verify', ...(path.isAbsolute(address) ? [RECEIVE] : [])];
      const lease = `--force-with-lease=${REF}:${since ?? ''}`;
      const answer = await git.attempt({ args: ['push', ...how, lease, address, `${commit}:${REF}`] });
      if (answer.ok) return true;
      // A push that was cut off may have done its work; only the other side knows.
      const tip = await refetch();
      if (tip === commit) return true;
      if (tip !== since) return false;
      throw witnessRefused({ where, said: sentenceOf(answer.said) });
    },
  };
}

/** What says that this is now the newest known of its registry. */
export function keptFile({ checkpoint, note }: Testimony): readonly [string, string] {
  return [`${KEPT}${nameOf(checkpoint)}.txt`, note];
}

/** What says that both of these were seen. */
export function conflictFiles(both: readonly Testimony[]): ReadonlyMap<string, string> {
  return new Map(
    both.map(({ checkpoint, note }) => {
      const { size, root } = checkpoint;
      return [`${CONFLICTS}${nameOf(checkpoint)}/${size}-${root.slice(0, 16)}.txt`, note];
    }),
  );
}

/** @returns null for what is no checkpoint */
export function testimonyOf(note: string): Testimony | null {
  const checkpoint = checkpointOf(parseNote(note)?.body ?? '');
  return checkpoint === null ? null : { checkpoint, note };
}

/** An origin may hold anything but a line feed; its digest is a name for a file. */
function nameOf({ origin }: Checkpoint): string {
  return digestOf(origin).replace(/^\w+:/, '');
}

async function testimoniesAt(
  git: Git,
  { tip, where }: { readonly tip: string; readonly where: string },
): Promise<readonly Testimony[]> {
  const files = await listFiles(git, tip, [KEPT]);
  const blobs = await git.objects(files.map(({ oid }) => oid));
  return files.map(({ path: file }, index) => {
    const found = testimonyOf(textOf(blobs[index]) ?? '');
    const named = found !== null && keptFile(found)[0] === file;
    if (found !== null && named) return found;
    throw witnessMisshapen({ where, file });
  });
}
