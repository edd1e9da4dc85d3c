/** Commits and the trees they hold, made and read without an index. */
import { createHash } from 'node:crypto';
import { gitFailed } from '../faults.ts';
import type { Git } from './git.ts';

export interface Author {
  readonly name: string;
  readonly email: string;
}

export interface TreeFile {
  readonly path: string;
  /** `100644` for a plain file. */
  readonly mode: string;
  readonly oid: string;
}

/** @param paths  files and folders to look under; all when empty */
export async function listFiles(
  git: Git,
  commit: string,
  paths: readonly string[],
): Promise<readonly TreeFile[]> {
  const out = await git.print({ args: ['ls-tree', '-r', '-z', '--full-tree', commit, '--', ...paths] });
  return out
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', , oid = ''] = line.slice(0, tab).split(' ');
      return { path: line.slice(tab + 1), mode, oid };
    });
}

export interface Draft {
  /** Null for the first commit. */
  readonly parent: string | null;
  readonly author: Author;
  readonly message: string;
  /** ISO 8601; no clock is read here, so the same commit is made of the same words. */
  readonly at: string;
  readonly files: ReadonlyMap<string, string>;
  /** Files of the parent that the tree does not hold. */
  readonly gone?: readonly string[];
  /** The tree holds these files alone; otherwise the others stay as the parent has them. */
  readonly alone?: true;
}

/** Whoever ran the command is the author; the program that wrote the commit is Fettle. `.invalid` is nobody's. */
export const COMMITTER: Author = { name: 'Fettle', email: 'fettle@fettle.invalid' };

/**
 * Makes a commit that no branch names yet. One fast-import does what hash-object, read-tree, update-index, write-tree
 * and commit-tree would do in five processes with an index in a temporary file, and it runs no hook.
 *
 * @returns its object name
 */
export async function makeCommit(git: Git, draft: Draft): Promise<string> {
  const args = ['fast-import', '--quiet', '--done', '--date-format=raw'];
  const out = await git.print({ args, input: streamOf(draft) });
  const oid = out.trim();
  if (/^[0-9a-f]{40,64}$/.test(oid)) return oid;
  throw gitFailed({ command: 'fast-import', said: `${JSON.stringify(oid)} instead of a commit` });
}

function streamOf({ parent, author, message, at, files, alone, gone = [] }: Draft): string {
  const seconds = Math.max(0, Math.floor(Date.parse(at) / 1000));
  // Fast-import makes commits on branches only. One that stands at nothing when the stream ends is never written, and
  // so takes no lock that all writers share.
  const branch = `refs/fettle/${createHash('sha256').update(`${parent} ${message}`).digest('hex')}`;
  return [
    `commit ${branch}\nmark :1\n`,
    `author ${signatureOf(author)} ${seconds} +0000\n`,
    `committer ${signatureOf(COMMITTER)} ${seconds} +0000\n`,
    dataOf(message),
    parent === null ? '' : `from ${parent}\n`,
    alone === true ? 'deleteall\n' : '',
    ...gone.map((path) => `D ${plain(path)}\n`),
    ...[...files].map(([path, text]) => `M 100644 inline ${plain(path)}\n${dataOf(text)}`),
    `\nget-mark :1\nreset ${branch}\n\ndone\n`,
  ].join('');
}

function dataOf(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

/** These characters end a name or an address in git's objects. */
function signatureOf({ name, email }: Author): string {
  const clean = (text: string): string => text.replaceAll(/[<>\n\r\0]/g, '').trim();
  return `${clean(name) || 'unknown'} <${clean(email)}>`;
}

function plain(path: string): string {
  const odd = /["\n\0]|^\/|\/$|\/\/|(^|\/)\.\.?(\/|$)/.test(path);
  if (odd) throw new TypeError(`${JSON.stringify(path)} is no path`);
  return path;
}
