/** Git's plumbing: objects in, objects out. Nothing here touches a work tree, an index or HEAD. */
import { isUtf8 } from 'node:buffer';
import { simpleGit, type SimpleGit, type SimpleGitOptions } from 'simple-git';
import { branchLocked, gitFailed, notARepository } from '../faults.ts';

/** How a call ended; a failed one carries what git said. */
export type Answer =
  | { readonly ok: true; readonly out: string }
  | { readonly ok: false; readonly said: string };

export interface Call {
  readonly args: readonly string[];
  readonly input?: string | Buffer;
}

export interface GitObject {
  readonly oid: string;
  readonly type: string;
  readonly bytes: Buffer;
}

export type Take = (object: GitObject | null) => void;

export interface Git {
  /** Where it works, which may be anywhere in the repository. */
  readonly folder: string;
  /** Runs git and says how it ended. */
  attempt(call: Call): Promise<Answer>;
  /** Runs git and gives what it printed. @throws gitFailed, notARepository */
  print(call: Call): Promise<string>;
  /** The objects of these names (`<oid>`, `<ref>`, `<commit>:<path>`) in the same order; null for one that is missing. */
  objects(names: readonly string[]): Promise<readonly (GitObject | null)[]>;
  /** The same one by one as git finds them, so that git reads on while the first are worked on. */
  eachObject(names: readonly string[], take: Take): Promise<void>;
}

/**
 * Objects are on the disk before a branch names them; git's default leaves loose objects to the page cache. A lock
 * that another writer holds is waited for, so that only one left behind by a killed process is ever reported.
 */
const CONFIG = [
  'core.fsync=all',
  'core.filesRefLockTimeout=1000',
  // Each loose object is flushed by itself, a pack once: what comes in such numbers stays together.
  'fetch.unpackLimit=32',
  'fastimport.unpackLimit=32',
  'advice.pushUpdateRejected=false',
  // What a replace ref shows here is not what is pushed, nor what anybody else reads.
  'core.useReplaceRefs=false',
];

/** How the caller lets git authenticate and configure itself; simple-git takes every other GIT_ variable away. */
const ALLOWED = [
  'GIT_ASKPASS',
  'GIT_CONFIG_COUNT',
  'GIT_CONFIG_GLOBAL',
  'GIT_CONFIG_NOSYSTEM',
  'GIT_CONFIG_SYSTEM',
  ...[0, 1, 2, 3].flatMap((index) => [`GIT_CONFIG_KEY_${index}`, `GIT_CONFIG_VALUE_${index}`]),
  'GIT_SSH',
  'GIT_SSH_COMMAND',
  'GIT_SSL_CAINFO',
  'GIT_TERMINAL_PROMPT',
  'SSH_ASKPASS',
];

/** How to receive a push on a disk of ours. */
export const RECEIVE = '--receive-pack=git -c core.fsync=all receive-pack';

/** A remote that is silent for this long is taken for dead. */
const SILENCE_MS_MAX = 120_000;

export function gitIn(folder: string): Git {
  const attempt = async (call: Call): Promise<Answer> => {
    try {
      return { ok: true, out: await talking(simpleGit(optionsFor(folder, call))).raw([...call.args]) };
    } catch (error) {
      return { ok: false, said: saidBy(error) };
    }
  };
  return {
    folder,
    attempt,

    async print(call) {
      const answer = await attempt(call);
      if (answer.ok) return answer.out;
      throw faultOf(folder, call, answer.said);
    },

    async objects(names) {
      const objects: (GitObject | null)[] = [];
      await eachObject(folder, names, (object) => objects.push(object));
      return objects;
    },

    eachObject: (names, take) => eachObject(folder, names, take),
  };
}

async function eachObject(folder: string, names: readonly string[], take: Take): Promise<void> {
  if (names.length === 0) return;
  const call = { args: ['--batch', '--buffer'], input: names.map((name) => `${name}\n`).join('') };
  const reader = objectReader(take);
  try {
    const git = simpleGit(optionsFor(folder, call));
    // It keeps what was printed as well, and hands it over when git has ended; by then all of it was taken.
    await talking(git, reader.add).binaryCatFile(call.args);
  } catch (error) {
    throw faultOf(folder, { args: ['cat-file', ...call.args] }, saidBy(error));
  }
  reader.finish();
}

/** A command that prints nothing is given 50 ms more by simple-git, and a fetch that is asked to be quiet is one. */
function talking(git: SimpleGit, hear?: (chunk: Buffer) => void): SimpleGit {
  return git.outputHandler((_command, stdout) => {
    if (hear !== undefined) stdout.on('data', hear);
    stdout.once('end', () => stdout.emit('data', Buffer.alloc(0)));
  });
}

function saidBy(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function optionsFor(folder: string, { args, input }: Call): Partial<SimpleGitOptions> {
  const network = args[0] === 'fetch' || args[0] === 'push';
  return {
    baseDir: folder,
    config: CONFIG,
    allowEnvironment: ALLOWED,
    // Its own rule takes a failure without a message for a success.
    errors: (error, { exitCode, stdErr, stdOut }) =>
      error ?? (exitCode === 0 ? undefined : Buffer.concat([...stdOut, ...stdErr])),
    // The one option of ours that names a program; see `receiverOf`.
    ...(args.includes(RECEIVE) ? { unsafe: { allowUnsafePack: true } } : {}),
    ...(network ? { timeout: { block: SILENCE_MS_MAX } } : {}),
    ...(input === undefined ? {} : { input: () => input }),
  };
}

interface ObjectReader {
  add(chunk: Buffer): void;
  /** Throws what taking an object threw, which nobody hears while git still runs. */
  finish(): void;
}

/** What `cat-file --batch` prints: for each name a line with type and size, the bytes, and a line feed. */
function objectReader(take: Take): ObjectReader {
  let chunks: Buffer[] = [];
  let [held, needed] = [0, 0];
  let thrown: { readonly error: unknown } | null = null;
  const takeAll = (): void => {
    const out = Buffer.concat(chunks);
    let at = 0;
    for (let end = out.indexOf('\n'); end !== -1; end = out.indexOf('\n', at)) {
      // A name that is missing is printed as it was asked for, and it may hold spaces.
      const found = /^([0-9a-f]{40,64}) (\w+) (\d+)$/.exec(out.toString('latin1', at, end));
      const [, oid = '', type = '', size = '0'] = found ?? [];
      const next = found === null ? end + 1 : end + 2 + Number(size);
      needed = next - at;
      if (next > out.length) break;
      take(found === null ? null : { oid, type, bytes: out.subarray(end + 1, next - 1) });
      [at, needed] = [next, 0];
    }
    chunks = [out.subarray(at)];
    held = out.length - at;
  };
  return {
    add(chunk) {
      if (thrown !== null) return;
      chunks.push(chunk);
      held += chunk.length;
      // A large object comes in many pieces, which are put together once.
      if (held < needed) return;
      try {
        takeAll();
      } catch (error) {
        thrown = { error };
      }
    },
    finish() {
      if (thrown !== null) throw thrown.error;
    },
  };
}

/** The text of a blob; null for what is no blob and for bytes that are not UTF-8. */
export function textOf(object: GitObject | null | undefined): string | null {
  if (object?.type !== 'blob' || !isUtf8(object.bytes)) return null;
  return object.bytes.toString();
}

/** The lock file that git could not make because it was there already; null when that was not what it complained of. */
export function lockIn(said: string): string | null {
  return /Unable to create '([^'\n]+\.lock)': File exists/.exec(said)?.[1] ?? null;
}

function faultOf(folder: string, { args }: Call, said: string): Error {
  if (/not a git repository|directory that does not exist/.test(said)) return notARepository({ folder });
  const lock = lockIn(said);
  if (lock !== null) return branchLocked({ lock });
  return gitFailed({ command: args.slice(0, 3).join(' '), said: sentenceOf(said) });
}

/** Git's own reason out of everything it printed, without passwords that stand in addresses. */
export function sentenceOf(said: string): string {
  const lines = said
    .split(/[\r\n]+/)
    .map((line) => line.trim().replace(/^!\t\S+\t/, 'error: '))
    .filter((line) => line !== '' && !line.startsWith('error: failed to push some refs'));
  const telling = lines.filter((line) => /^(fatal|error|remote):/.test(line));
  const text = (telling.length > 0 ? telling : lines).join('; ');
  return text.replaceAll(/\/\/[^/\s]*@/g, '//').slice(0, 500) || 'it said nothing';
}
