/** Annotated tags read and written in bulk: two processes for ten thousand, and never over a tag that is there. */
import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';
import { textOf, type Git } from './git.ts';
import { HEAD_PATH, parseHead } from './lay-out.ts';
import { BRANCH } from './git-tip.ts';
import type { Head } from './log.ts';

export interface RefTag {
  readonly name: string;
  readonly oid: string;
  readonly target: string | null;
  readonly annotated: boolean;
  /** Seconds of the tagger's clock; 0 where there is no tagger. */
  readonly seconds: number;
  readonly tagger: string;
}

export async function readTags(git: Git): Promise<readonly RefTag[]> {
  const fields = [
    '%(refname:strip=2)',
    '%(objectname)',
    '%(objecttype)',
    '%(*objectname)',
    '%(*objecttype)',
    '%(taggerdate:unix)',
    '%(taggername)',
  ];
  const out = await git.print({ args: ['for-each-ref', `--format=${fields.join('%00')}`, 'refs/tags'] });
  return out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [name = '', oid = '', type, peeled = '', peeledType, date = '', tagger = ''] = line.split('\0');
      const commit = type === 'commit' ? oid : peeledType === 'commit' ? peeled : null;
      return { name, oid, target: commit, annotated: type === 'tag', seconds: Number(date), tagger };
    });
}

export interface TagBody {
  readonly name: string;
  readonly target: string;
  readonly tagger: string;
  readonly seconds: number;
  readonly message: string;
}

/** Which hash names the objects of this repository. */
export async function hashOf(git: Git): Promise<'sha1' | 'sha256'> {
  return (await git.print({ args: ['rev-parse', '--show-object-format'] })).trim() === 'sha256'
    ? 'sha256'
    : 'sha1';
}

export function tagOid(hash: 'sha1' | 'sha256', tag: TagBody): string {
  const bytes = bytesOf(tag);
  return createHash(hash).update(`tag ${bytes.length}\0`).update(bytes).digest('hex');
}

export interface TagChange {
  /** Made, each with its object; none of these names may be there yet. */
  readonly make: readonly TagBody[];
  /** Put in the place of a tag that still is the object `was`. */
  readonly replace: readonly { readonly tag: TagBody; readonly was: string }[];
  readonly remove: readonly { readonly name: string; readonly was: string }[];
}

/** Above this, git itself keeps what it receives in one pack instead of one file an object. */
const LOOSE_MOST = 100;

/** All of it or nothing: a tag that somebody made, moved or removed meanwhile stops the whole change. */
export async function writeTags(git: Git, { make, replace, remove }: TagChange): Promise<void> {
  const hash = await hashOf(git);
  const bodies = [...make, ...replace.map(({ tag }) => tag)];
  if (bodies.length > 0) {
    const command = bodies.length > LOOSE_MOST ? ['index-pack', '--stdin'] : ['unpack-objects', '-q'];
    await git.print({ args: [...command, '--strict'], input: packOf(hash, bodies) });
  }
  const lines = [
    ...make.map((tag) => `create refs/tags/${tag.name} ${tagOid(hash, tag)}`),
    ...replace.map(({ tag, was }) => `update refs/tags/${tag.name} ${tagOid(hash, tag)} ${was}`),
    ...remove.map(({ name, was }) => `delete refs/tags/${name} ${was}`),
  ];
  if (lines.length === 0) return;
  const input = `start\n${lines.join('\n')}\ncommit\n`;
  await git.print({ args: ['update-ref', '-m', 'fettle: export', '--stdin'], input });
  // Ten thousand files in one folder are slow for every git command; git gathers them itself only at the next gc.
  if (lines.length > LOOSE_MOST) await git.print({ args: ['pack-refs', '--all'] });
}

/** These characters end a name in git's objects. */
function bytesOf({ name, target, tagger, seconds, message }: TagBody): Buffer {
  const clean = tagger.replaceAll(/[<>\n\r\0]/g, '').trim() || 'unknown';
  const head = `object ${target}\ntype commit\ntag ${name}\ntagger ${clean} <fettle@fettle.invalid> ${seconds} +0000`;
  return Buffer.from(`${head}\n\n${message}`);
}

const TAG_TYPE = 4;

/** A pack of whole objects, as `gitformat-pack` tells it: head, then for each its type, length and deflated bytes. */
function packOf(hash: 'sha1' | 'sha256', tags: readonly TagBody[]): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(tags.length, 8);
  const objects = tags.flatMap((tag) => {
    const bytes = bytesOf(tag);
    return [lengthOf(bytes.length), deflateSync(bytes)];
  });
  const pack = Buffer.concat([head, ...objects]);
  return Buffer.concat([pack, createHash(hash).update(pack).digest()]);
}

/** Type and four bits of the length first, then seven bits a byte, the highest bit saying that more follow. */
function lengthOf(length: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(length / 16);
  let byte = (TAG_TYPE << 4) | (length % 16);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest % 128;
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, byte]);
}

/** Those of the names that are commits here, with the second in which each was made. */
export async function commitsAmong(git: Git, oids: Iterable<string>): Promise<ReadonlyMap<string, number>> {
  const asked = [...new Set(oids)].filter((oid) => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(oid));
  if (asked.length === 0) return new Map();
  const listed = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  const check = ['cat-file', '--batch-check=%(objectname) %(objecttype)'];
  const types = (await git.print({ args: check, input: listed(asked) })).split('\n');
  const commits = types.flatMap((line) => (line.endsWith(' commit') ? [line.split(' ')[0] ?? ''] : []));
  if (commits.length === 0) return new Map();
  const list = ['rev-list', '--no-walk=unsorted', '--timestamp', '--stdin'];
  const times = (await git.print({ args: list, input: listed(commits) })).split('\n');
  return new Map(
    times.filter((line) => line !== '').map((line) => [line.split(' ')[1] ?? '', Number(line.split(' ')[0])]),
  );
}

export interface RegistryCommit {
  readonly commit: string;
  /** Events in the log after it. */
  readonly size: number;
}

/** The commits of the branch that ends in this head, oldest first; none where no such branch is here. */
export async function registryCommits(git: Git, head: Head): Promise<readonly RegistryCommit[]> {
  const refs = [`refs/heads/${BRANCH}`, `refs/remotes/*/${BRANCH}`];
  const tips = (await git.print({ args: ['for-each-ref', '--format=%(objectname)', ...refs] })).split('\n');
  for (const tip of new Set(tips.filter((line) => line !== ''))) {
    const list = await git.print({ args: ['rev-list', '--reverse', '--first-parent', tip] });
    const commits = list.split('\n').filter((line) => line !== '');
    const heads = await git.objects(commits.map((commit) => `${commit}:${HEAD_PATH}`));
    const all = commits.map((commit, index) => ({ commit, head: parseHead(textOf(heads[index]) ?? '') }));
    if (all.at(-1)?.head.prev === head.prev) {
      return all.map((one) => ({ commit: one.commit, size: one.head.size }));
    }
  }
  return [];
}
