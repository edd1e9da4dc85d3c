/** How large the registry's branch has become in this repository. */
import { EPOCH_HEAD_PATH, headIn } from './epoch.ts';
import { gitIn, textOf } from './git.ts';
import { knownTip } from './git-tip.ts';

export interface RegistrySize {
  /** Bytes on disk of all that the branch holds, its history included; null where git is too old to say. */
  readonly branchBytes: number | null;
  /** The largest state file; null before the first. */
  readonly largest: { readonly path: string; readonly bytes: number } | null;
  /** Events before the newest epoch, whose lines left the tree. */
  readonly began: number;
  /** Objects of the whole repository that lie in a file each. */
  readonly looseObjects: number;
}

export interface SizeAsk {
  readonly folder: string;
  readonly remote: string | null;
}

/** Null where no registry was begun. */
export async function registrySize({ folder, remote }: SizeAsk): Promise<RegistrySize | null> {
  const git = gitIn(folder);
  const tip = await knownTip({ git, remote });
  if (tip === null) return null;
  const usage = await git.attempt({ args: ['rev-list', '--objects', '--disk-usage', tip] });
  const [epoch] = await git.objects([`${tip}:${EPOCH_HEAD_PATH}`]);
  const counts = await git.print({ args: ['count-objects', '-v'] });
  const files = await git.print({ args: ['ls-tree', '-r', '-l', '-z', tip, '--', 'state'] });
  return {
    branchBytes: usage.ok ? Number(usage.out.trim()) : null,
    largest: largestIn(files),
    began: headIn(textOf(epoch))?.size ?? 0,
    looseObjects: Number(/^count: (\d+)$/m.exec(counts)?.[1] ?? 0),
  };
}

/** @param listing  `<mode> <type> <object> <size>\t<path>`, each ended by NUL */
function largestIn(listing: string): RegistrySize['largest'] {
  const files = listing.split('\0').filter((line) => line !== '');
  const sizes = files.map((line) => {
    const [about = '', path = ''] = line.split('\t');
    return { path, bytes: Number(about.split(/ +/)[3]) };
  });
  return sizes.sort((a, b) => b.bytes - a.bytes)[0] ?? null;
}
