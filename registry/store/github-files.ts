/** The files of a registry as a commit on GitHub holds them, every byte checked by git's own name for it. */
import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import * as z from 'zod';
import { registryDamaged, registryForeign } from '../faults.ts';
import { graph, rest, type Calls } from './github-call.ts';
import { checkFormat, FORMAT_PATH, HEAD_PATH, parseHead, strangerAmong } from './lay-out.ts';
import type { Head } from './log.ts';

export interface Entry {
  readonly name: string;
  /** As git writes it: `100644` for a plain file, `40000` for a folder. */
  readonly mode: string;
  readonly oid: string | null;
  readonly text: string | null;
}

export interface Tip {
  readonly oid: string;
  /** What lies at the top, which every reading needs, with the texts of its files. */
  readonly top: readonly Entry[];
}

export interface Tips {
  /** Null where no registry was begun. */
  readonly tip: Tip | null;
  /** Whether a branch leaves no room for ours. */
  readonly inTheWay: boolean;
}

const Oid = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);

/** GitHub's schema has the mode as a number. */
const Mode = z.int().transform((mode) => mode.toString(8));

const Text = z.string().nullish();

const TopEntry = z
  .object({ name: z.string(), mode: Mode, object: z.object({ oid: Oid, text: Text }).nullable() })
  .transform(({ name, mode, object }) => ({
    name,
    mode,
    oid: object?.oid ?? null,
    text: object?.text ?? null,
  }));

const Target = z.object({ oid: Oid, tree: z.object({ entries: z.array(TopEntry) }) });

const TopAnswer = z.object({
  repository: z.object({
    above: z.object({ name: z.string() }).nullable(),
    ref: z.object({ target: Target }).nullable(),
  }),
});

/** All below one commit, so that everything read is of one moment. */
const TOP_QUERY = `query FettleTop($owner: String!, $name: String!, $ref: String!, $above: String!) {
  repository(owner: $owner, name: $name) {
    above: ref(qualifiedName: $above) { name }
    ref(qualifiedName: $ref) {
      target { oid ... on Commit { tree { entries { name mode object { oid ... on Blob { text } } } } } }
    }
  }
}`;

/** @param ref  `refs/heads/fettle/registry` */
export async function tipsAt(calls: Calls, ref: string): Promise<Tips> {
  const { owner, name } = calls.place;
  const above = ref.slice(0, ref.lastIndexOf('/'));
  const { repository } = await calls.get(graph(TOP_QUERY, { owner, name, ref, above }, TopAnswer));
  if (repository.ref === null) return { tip: null, inTheWay: repository.above !== null };
  const { oid, tree } = repository.ref.target;
  return { tip: { oid, top: tree.entries }, inTheWay: false };
}

export interface Found {
  readonly head: Head;
  /** Of the paths asked for, those that there are. */
  readonly texts: ReadonlyMap<string, string>;
}

/** @throws registryForeign, registryFromFuture, registryDamaged */
export async function filesAt(calls: Calls, tip: Tip, paths: readonly string[]): Promise<Found> {
  const where = whereOf(calls);
  refuseStrangers(calls, tip);
  const texts = await textsAt(calls, tip, [...new Set([FORMAT_PATH, HEAD_PATH, ...paths])]);
  checkFormat(texts.get(FORMAT_PATH), where);
  const head = texts.get(HEAD_PATH);
  if (head === undefined) throw registryDamaged({ where: HEAD_PATH, wanted: 'a file', found: 'none' });
  return { head: parseHead(head), texts };
}

/** @throws registryForeign when the commit holds anything that Fettle does not write */
function refuseStrangers(calls: Calls, { oid, top }: Tip): void {
  const odd = top.find(({ mode }) => mode !== '100644' && mode !== '40000');
  const stranger = strangerAmong(top.map(({ name }) => name)) ?? odd?.name;
  if (stranger !== undefined) throw foreign(calls, oid, stranger);
}

export function foreign(calls: Calls, commit: string, path: string): Error {
  return registryForeign({ where: whereOf(calls), found: `\`${path}\` in commit ${commit.slice(0, 12)}` });
}

export function whereOf({ remote }: Calls): string {
  return `the branch fettle/registry of ${remote}`;
}

/** What is known already is not asked for again. @throws registryDamaged for what is no text */
async function textsAt(
  calls: Calls,
  { oid, top }: Tip,
  paths: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const known = new Map<string, string>();
  for (const { name, oid: blob, text } of top) {
    if (paths.includes(name) && blob !== null && text !== null && isTextOf(text, blob)) known.set(name, text);
  }
  const others = paths.filter((path) => !known.has(path));
  const read = await textsOf(
    calls,
    others.map((path) => ({ path, expression: `${oid}:${path}` })),
  );
  return new Map([...known, ...textsOrDamage(read)]);
}

/** @throws registryDamaged for a file that is no text; a path without a file is left out */
export function textsOrDamage(read: ReadonlyMap<string, string | null>): ReadonlyMap<string, string> {
  const texts = new Map<string, string>();
  for (const [path, text] of read) {
    if (text === null) throw registryDamaged({ where: path, wanted: 'UTF-8 text', found: 'other bytes' });
    texts.set(path, text);
  }
  return texts;
}

// Texts

export interface Wanted {
  readonly path: string;
  /** What git calls it: `<commit>:<path>` or the name of an object. */
  readonly expression: string;
}

/** Per query: more would run into the ten seconds that GitHub gives one. */
const BATCH_MAX = 50;

const Blob = z.object({ oid: Oid, byteSize: z.int().nullish(), text: Text }).nullable();
const BlobsAnswer = z.object({ repository: z.record(z.string(), Blob) });

/**
 * The texts by path: none where there is no such thing, null where it is no text.
 *
 * @param bytesMax  what is larger counts as no text
 */
export async function textsOf(
  calls: Calls,
  wanted: readonly Wanted[],
  bytesMax = Number.POSITIVE_INFINITY,
): Promise<ReadonlyMap<string, string | null>> {
  const texts = new Map<string, string | null>();
  for (let from = 0; from < wanted.length; from += BATCH_MAX) {
    const batch = wanted.slice(from, from + BATCH_MAX);
    const blobs = await blobsOf(calls, batch);
    for (const [index, { path }] of batch.entries()) {
      const blob = blobs[`f${index}`] ?? null;
      if (blob === null) continue;
      const { oid, byteSize, text } = blob;
      // GitHub cuts long texts off and guesses at bytes that are not UTF-8: only what has the right name is taken.
      if ((byteSize ?? 0) > bytesMax) texts.set(path, null);
      else if (typeof text === 'string' && isTextOf(text, oid)) texts.set(path, text);
      else texts.set(path, await wholeText(calls, oid));
    }
  }
  return texts;
}

async function blobsOf(
  calls: Calls,
  batch: readonly Wanted[],
): Promise<z.infer<typeof BlobsAnswer>['repository']> {
  const { owner, name } = calls.place;
  const names = batch.map((_, index) => `f${index}`);
  const query = [
    `query FettleFiles($owner: String!, $name: String!, ${names.map((one) => `$${one}: String!`).join(', ')}) {`,
    '  repository(owner: $owner, name: $name) {',
    ...names.map((one) => `    ${one}: object(expression: $${one}) { oid ... on Blob { byteSize text } }`),
    '  }\n}',
  ].join('\n');
  const variables = Object.fromEntries(batch.map(({ expression }, index) => [`f${index}`, expression]));
  const answer = await calls.get(graph(query, { owner, name, ...variables }, BlobsAnswer));
  return answer.repository;
}

const WholeBlob = z.object({ data: z.object({ content: z.string(), encoding: z.literal('base64') }) });

async function wholeText(calls: Calls, oid: string): Promise<string | null> {
  const route = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}';
  const found = await calls.find(rest(route, { file_sha: oid }, WholeBlob));
  if (found === null) return null;
  const bytes = Buffer.from(found.data.content, 'base64');
  if (nameOfBlob(bytes, oid.length) !== oid) {
    throw registryDamaged({ where: `blob ${oid}`, wanted: 'bytes of this name', found: 'others' });
  }
  return isUtf8(bytes) ? bytes.toString() : null;
}

function isTextOf(text: string, oid: string): boolean {
  return nameOfBlob(Buffer.from(text), oid.length) === oid;
}

/** @source gitformat: the name of a blob is the hash of `blob <size>\0` and its bytes */
function nameOfBlob(bytes: Buffer, digits: number): string {
  const hash = createHash(digits === 64 ? 'sha256' : 'sha1');
  return hash.update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}

// Listings

export interface ListedFile {
  readonly path: string;
  /** `100644` for a plain file. */
  readonly mode: string;
  readonly oid: string;
}

const TreeAnswer = z.object({
  data: z.object({
    truncated: z.boolean(),
    tree: z.array(z.object({ path: z.string(), mode: z.string(), type: z.string(), sha: Oid })),
  }),
});

/** Every file below a commit or a tree. */
export async function listFiles(calls: Calls, tree: string, under = ''): Promise<readonly ListedFile[]> {
  const whole = await listTree(calls, tree, true);
  const level = whole.truncated ? await listTree(calls, tree, false) : whole;
  if (level.truncated) {
    const where = under === '' ? 'the top' : under;
    throw registryDamaged({ where, wanted: 'a folder that GitHub can list', found: 'one too wide' });
  }
  const files: ListedFile[] = [];
  for (const { path, mode, type, sha } of level.tree) {
    if (type !== 'tree') files.push({ path: `${under}${path}`, mode, oid: sha });
    else if (whole.truncated) files.push(...(await listFiles(calls, sha, `${under}${path}/`)));
  }
  return files;
}

async function listTree(
  calls: Calls,
  tree: string,
  recursive: boolean,
): Promise<z.infer<typeof TreeAnswer>['data']> {
  const route = 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}';
  const parameters = { tree_sha: tree, ...(recursive ? { recursive: '1' } : {}) };
  return (await calls.get(rest(route, parameters, TreeAnswer))).data;
}
