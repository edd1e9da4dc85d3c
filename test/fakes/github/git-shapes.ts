/** Commits and comparisons of a real repository, in the shapes that GitHub documents. */
import type { Bare } from './bare-repository.ts';
import type { Thing } from './things.ts';

export interface Place {
  readonly api: string;
  readonly origin: string;
  readonly fullName: string;
  readonly bare: Bare;
}

const STATES: Readonly<Record<string, string>> = {
  A: 'added',
  M: 'modified',
  D: 'removed',
  R: 'renamed',
  C: 'copied',
  T: 'changed',
};

const SEPARATOR = '\u0001';
const FORMAT = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'].join(SEPARATOR);

/** The newest first. */
export async function commitsOf({ bare }: Place, ...words: readonly string[]): Promise<readonly string[]> {
  const out = await bare.run(['rev-list', ...words]);
  return out.split('\n').filter((line) => line !== '');
}

export async function commitThing(place: Place, sha: string): Promise<Thing> {
  const { api, origin, fullName, bare } = place;
  const out = await bare.run(['show', '-s', `--format=${FORMAT}`, sha]);
  const [oid = '', tree = '', parents = '', an, ae, ad = '', cn, ce, cd = '', message = ''] =
    out.split(SEPARATOR);
  const repo = `${api}/repos/${fullName}`;
  const linkTo = (one: string): Thing => ({
    sha: one,
    url: `${repo}/commits/${one}`,
    html_url: `${origin}/${fullName}/commit/${one}`,
  });
  return {
    ...linkTo(oid),
    node_id: `C_${oid}`,
    comments_url: `${repo}/commits/${oid}/comments`,
    commit: {
      url: `${repo}/git/commits/${oid}`,
      author: { name: an, email: ae, date: utc(ad) },
      committer: { name: cn, email: ce, date: utc(cd) },
      message: message.trimEnd(),
      tree: { sha: tree, url: `${repo}/git/trees/${tree}` },
      comment_count: 0,
      verification: UNSIGNED,
    },
    author: null,
    committer: null,
    parents: parents
      .split(' ')
      .filter((one) => one !== '')
      .map(linkTo),
  };
}

const UNSIGNED = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };

/** As the git database tells of it, without what only repositories know. */
export async function gitCommitThing(place: Place, sha: string): Promise<Thing> {
  const { commit, parents, node_id, html_url } = await commitThing(place, sha);
  const { author, committer, message, tree, url, verification } = commit as Thing;
  return { sha, node_id, url, html_url, author, committer, tree, message, parents, verification };
}

function utc(date: string): string {
  return new Date(date).toISOString().replace(/\.\d+Z$/, 'Z');
}

export interface Range {
  readonly base: string;
  readonly head: string;
}

/** What changed between two commits, rename by rename. */
export async function filesBetween(place: Place, { base, head }: Range): Promise<readonly Thing[]> {
  const { api, origin, fullName, bare } = place;
  const [raw, counted] = await Promise.all([
    bare.run(['diff-tree', '-r', '-z', '--raw', '--no-abbrev', '-M', base, head]),
    bare.run(['diff-tree', '-r', '-z', '--numstat', '-M', base, head]),
  ]);
  const counts = countsOf(counted);
  const words = raw.split('\0');
  const files: Thing[] = [];
  for (let at = 0; at + 1 < words.length;) {
    const [, , , sha = '', state = ''] = (words[at] ?? '').split(' ');
    const renamed = state.startsWith('R') || state.startsWith('C');
    const before = words[at + 1] ?? '';
    const filename = renamed ? (words[at + 2] ?? '') : before;
    at += renamed ? 3 : 2;
    const [additions, deletions, binary] = counts.get(filename) ?? [0, 0, false];
    const escaped = filename.split('/').map(encodeURIComponent).join('/');
    const patch = binary ? {} : { patch: await patchOf(bare, { base, head }, filename) };
    files.push({
      sha: state === 'D' ? null : sha,
      filename,
      status: STATES[state.slice(0, 1)] ?? 'changed',
      additions,
      deletions,
      changes: additions + deletions,
      blob_url: `${origin}/${fullName}/blob/${head}/${escaped}`,
      raw_url: `${origin}/${fullName}/raw/${head}/${escaped}`,
      contents_url: `${api}/repos/${fullName}/contents/${escaped}?ref=${head}`,
      ...(renamed ? { previous_filename: before } : {}),
      ...patch,
    });
  }
  return files;
}

async function patchOf(bare: Bare, { base, head }: Range, filename: string): Promise<string> {
  const out = await bare.run(['diff', base, head, '--', `:(literal)${filename}`]);
  const at = out.indexOf('\n@@');
  return at < 0 ? '' : out.slice(at + 1).trimEnd();
}

function countsOf(numstat: string): ReadonlyMap<string, readonly [number, number, boolean]> {
  const counts = new Map<string, readonly [number, number, boolean]>();
  const words = numstat.split('\0');
  for (let at = 0; at < words.length; at++) {
    const [added = '', gone = '', name = ''] = (words[at] ?? '').split('\t');
    if (added === '') continue;
    const filename = name === '' ? (words[at + 2] ?? '') : name;
    if (name === '') at += 2;
    counts.set(filename, [Number(added) || 0, Number(gone) || 0, added === '-']);
  }
  return counts;
}

/** @source docs.github.com: REST API, "Compare two commits": from the merge base, not from the base itself */
export async function comparison(place: Place, { base, head }: Range): Promise<Thing> {
  const { api, origin, fullName, bare } = place;
  const mergeBase = (await bare.run(['merge-base', base, head])).trim();
  const [ahead, behind] = await Promise.all([
    commitsOf(place, '--reverse', '--topo-order', head, `^${base}`),
    commitsOf(place, base, `^${head}`),
  ]);
  const status =
    ahead.length === 0
      ? behind.length === 0
        ? 'identical'
        : 'behind'
      : behind.length === 0
        ? 'ahead'
        : 'diverged';
  const url = `${api}/repos/${fullName}/compare/${base}...${head}`;
  const html = `${origin}/${fullName}/compare/${base}...${head}`;
  return {
    url,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: await commitThing(place, base),
    merge_base_commit: await commitThing(place, mergeBase),
    status,
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: await Promise.all(ahead.map((sha) => commitThing(place, sha))),
    files: await filesBetween(place, { base: mergeBase, head }),
  };
}
