/** A real bare repository behind the GitHub stand-in: git's own plumbing keeps the objects and compares the refs. */
import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';

export interface GitObject {
  readonly oid: string;
  readonly type: string;
  readonly bytes: Buffer;
}

export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly oid: string;
  readonly size: number;
  readonly path: string;
}

export interface Bare {
  readonly folder: string;
  /** Rejects with what git said. */
  run(args: readonly string[], input?: string | Buffer): Promise<string>;
  /** Null where there is no such thing. */
  object(expression: string): Promise<GitObject | null>;
  /** Without looking for it among all refs. */
  ref(ref: string): Promise<{ ref: string; oid: string; type: string } | null>;
  tree(oid: string, ...options: readonly string[]): Promise<readonly TreeEntry[]>;
  /** Refs that begin so, in order. */
  refs(prefix: string): Promise<readonly { ref: string; oid: string; type: string }[]>;
  /** A commit that no ref names yet. */
  commit(draft: Draft): Promise<string>;
  close(): void;
}

export interface Draft {
  readonly parent: string | null;
  readonly message: string;
  readonly who: string;
  readonly files: ReadonlyMap<string, Buffer>;
  readonly gone: readonly string[];
}

const WHO = {
  GIT_AUTHOR_NAME: 'GitHub',
  GIT_AUTHOR_EMAIL: 'noreply@github.com',
  GIT_COMMITTER_NAME: 'GitHub',
  GIT_COMMITTER_EMAIL: 'noreply@github.com',
};

export const NO_OBJECT = '0'.repeat(40);

export function bareAt(folder: string): Bare {
  const objects = objectReader(folder);
  const run = (args: readonly string[], input: string | Buffer = ''): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = spawn('git', ['-c', 'core.fsync=none', ...args], {
        cwd: folder,
        env: { ...process.env, ...WHO },
      });
      const [out, said]: [Buffer[], Buffer[]] = [[], []];
      child.stdout.on('data', (chunk) => out.push(chunk));
      child.stderr.on('data', (chunk) => said.push(chunk));
      child.stdin.on('error', () => undefined);
      child.on('error', reject);
      child.on('close', (code) => {
        if (code === 0) resolve(Buffer.concat(out).toString());
        else reject(new Error(Buffer.concat(said).toString().trim()));
      });
      child.stdin.end(input);
    });
  return {
    folder,
    run,
    object: objects.read,
    close: objects.close,

    async tree(oid, ...options) {
      const out = await run(['ls-tree', '-z', '-l', '--full-tree', ...options, oid]);
      const lines = out.split('\0').filter((line) => line !== '');
      return lines.map((line) => {
        const tab = line.indexOf('\t');
        const [mode = '', type = '', name = '', size = ''] = line.slice(0, tab).split(/ +/);
        return { mode, type, oid: name, size: Number(size) || 0, path: line.slice(tab + 1) };
      });
    },

    async ref(ref) {
      const found = await objects.read(ref);
      return found === null ? null : { ref, oid: found.oid, type: found.type };
    },

    async refs(prefix) {
      const out = await run(['for-each-ref', '--format=%(refname) %(objectname) %(objecttype)']);
      const all = out.split('\n').map((line) => line.split(' '));
      return all
        .filter(([ref = '']) => ref !== '' && ref.startsWith(prefix))
        .map(([ref = '', oid = '', type = '']) => ({ ref, oid, type }));
    },

    async commit({ parent, message, who, files, gone }) {
      const data = (bytes: Buffer): Buffer =>
        Buffer.concat([Buffer.from(`data ${bytes.length}\n`), bytes, Buffer.from('\n')]);
      const branch = `refs/stand-in/${crypto.randomUUID()}`;
      const stream = Buffer.concat([
        Buffer.from(`commit ${branch}\nmark :1\nauthor ${who} now\ncommitter ${who} now\n`),
        data(Buffer.from(message)),
        Buffer.from(parent === null ? '' : `from ${parent}\n`),
        ...gone.map((path) => Buffer.from(`D ${path}\n`)),
        ...[...files].flatMap(([path, bytes]) => [Buffer.from(`M 100644 inline ${path}\n`), data(bytes)]),
        Buffer.from(`\nget-mark :1\nreset ${branch}\nfrom ${NO_OBJECT}\n\ndone\n`),
      ]);
      return (await run(['fast-import', '--quiet', '--done', '--date-format=now'], stream)).trim();
    },
  };
}

/** One process for all reads: a query asks for fifty objects, and fifty processes would be the whole of its time. */
function objectReader(folder: string): Pick<Bare, 'close'> & { read: Bare['object'] } {
  let child: ChildProcessWithoutNullStreams | null = null;
  let pending = Buffer.alloc(0);
  const waiting: ((object: GitObject | null) => void)[] = [];

  const take = (): boolean => {
    const end = pending.indexOf('\n');
    if (end < 0 || waiting.length === 0) return false;
    const found = /^([0-9a-f]{40}) (\w+) (\d+)$/.exec(pending.toString('utf8', 0, end));
    const from = end + 1;
    const size = Number(found?.[3] ?? -1);
    if (found !== null && pending.length < from + size + 1) return false;
    const bytes = Buffer.from(pending.subarray(from, from + Math.max(size, 0)));
    pending = pending.subarray(from + size + 1);
    waiting.shift()?.(found === null ? null : { oid: found[1] ?? '', type: found[2] ?? '', bytes });
    return true;
  };

  return {
    read(expression) {
      if (child === null) {
        child = spawn('git', ['cat-file', '--batch'], { cwd: folder });
        child.stdout.on('data', (chunk: Buffer) => {
          pending = Buffer.concat([pending, chunk]);
          while (take());
        });
      }
      const { stdin } = child;
      return new Promise((resolve) => {
        waiting.push(resolve);
        stdin.write(`${expression}\n`);
      });
    },
    close: () => void child?.kill(),
  };
}
