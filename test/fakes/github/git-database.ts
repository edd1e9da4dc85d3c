/** REST of the GitHub stand-in: the git database of one repository, in the shapes that GitHub documents. */
import { NO_OBJECT, type Bare } from './bare-repository.ts';
import type { Answer, Caller, Repository } from './answers.ts';

export interface RestCall {
  readonly method: string;
  /** Below `/repos/<owner>/<repo>/`, decoded. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: Readonly<Record<string, unknown>>;
  /** Where this call came in, for links to other pages. */
  readonly url: string;
}

type Handler = (repository: Repository, call: RestCall, rest: string) => Promise<Answer>;

const HANDLERS: readonly (readonly [method: string, path: RegExp, handler: Handler])[] = [
  ['GET', /^git\/ref\/(.+)$/, readRef],
  ['GET', /^git\/matching-refs\/(.*)$/, matchingRefs],
  ['POST', /^git\/refs()$/, createRef],
  ['DELETE', /^git\/refs\/(.+)$/, deleteRef],
  ['GET', /^rules\/branches\/(.+)$/, readRules],
  ['GET', /^git\/blobs\/([0-9a-f]+)$/, readBlob],
  ['POST', /^git\/blobs()$/, createBlob],
  ['GET', /^git\/trees\/(.+)$/, readTree],
  ['POST', /^git\/trees()$/, createTree],
  ['POST', /^git\/commits()$/, createCommit],
];

export async function answerRest(repository: Repository, caller: Caller, call: RestCall): Promise<Answer> {
  for (const [method, pattern, handler] of HANDLERS) {
    const found = call.method === method ? pattern.exec(call.path) : null;
    if (found === null) continue;
    if (caller.may === 'none') return told(404, 'Not Found');
    if (method !== 'GET' && caller.may !== 'write') {
      return told(403, 'Resource not accessible by integration');
    }
    return handler(repository, call, found[1] ?? '');
  }
  return told(404, 'Not Found');
}

export function told(status: number, message: string): Answer {
  return { status, body: { message, documentation_url: 'https://docs.github.com/rest' } };
}

function refBody({ ref, oid, type }: { ref: string; oid: string; type: string }): object {
  return { ref, node_id: `REF_${ref}`, url: '', object: { type, sha: oid, url: '' } };
}

async function refNamed(bare: Bare, ref: string): Promise<object | null> {
  const found = await bare.ref(ref);
  return found === null ? null : refBody(found);
}

async function readRef({ bare }: Repository, _: RestCall, rest: string): Promise<Answer> {
  const body = await refNamed(bare, `refs/${rest}`);
  return body === null ? told(404, 'Not Found') : { status: 200, body };
}

async function matchingRefs({ bare }: Repository, call: RestCall, rest: string): Promise<Answer> {
  const all = await bare.refs(`refs/${rest}`);
  const size = Math.min(Number(call.query.get('per_page') ?? 30), 100);
  const page = Number(call.query.get('page') ?? 1);
  const body = all.slice((page - 1) * size, page * size).map(refBody);
  if (page * size >= all.length) return { status: 200, body };
  const next = new URL(call.url);
  next.searchParams.set('page', String(page + 1));
  return { status: 200, body, headers: { link: `<${next.href}>; rel="next"` } };
}

async function createRef(repository: Repository, { body }: RestCall): Promise<Answer> {
  const { bare } = repository;
  const [ref, sha] = [String(body['ref']), String(body['sha'])];
  const rule = repository.rule(ref);
  if (rule !== null) return told(422, `Repository rule violations found\n\n${rule}`);
  if ((await bare.object(sha)) === null) return told(422, 'Object does not exist');
  try {
    await bare.run(['update-ref', ref, sha, NO_OBJECT]);
  } catch {
    const there = await refNamed(bare, ref);
    return told(422, there === null ? 'Reference cannot be created' : 'Reference already exists');
  }
  return { status: 201, body: refBody({ ref, oid: sha, type: 'commit' }) };
}

async function deleteRef(repository: Repository, _: RestCall, rest: string): Promise<Answer> {
  const { bare } = repository;
  const ref = `refs/${rest}`;
  const rule = repository.rule(ref);
  if (rule !== null) return told(422, `Repository rule violations found\n\n${rule}`);
  if ((await refNamed(bare, ref)) === null) return told(422, 'Reference does not exist');
  await bare.run(['update-ref', '-d', ref]);
  return { status: 204, body: null };
}

/** Answers for branches that are not there, too. */
async function readRules({ rules }: Repository, _: RestCall, rest: string): Promise<Answer> {
  const source = { ruleset_source_type: 'Repository', ruleset_source: 'octo/models', ruleset_id: 42 };
  return { status: 200, body: (rules[rest] ?? []).map((type) => ({ type, ...source })) };
}

async function readBlob({ bare }: Repository, _: RestCall, rest: string): Promise<Answer> {
  const object = await bare.object(rest);
  if (object?.type !== 'blob') return told(404, 'Not Found');
  // GitHub breaks the lines of base64.
  const content = object.bytes.toString('base64').replaceAll(/.{60}/g, '$&\n');
  const { length: size } = object.bytes;
  return { status: 200, body: { sha: rest, node_id: '', size, url: '', content, encoding: 'base64' } };
}

async function createBlob({ bare }: Repository, { body }: RestCall): Promise<Answer> {
  const encoding = body['encoding'] === 'base64' ? 'base64' : 'utf8';
  const bytes = Buffer.from(String(body['content']), encoding);
  const sha = (await bare.run(['hash-object', '-w', '--stdin'], bytes)).trim();
  return { status: 201, body: { sha, url: '' } };
}

async function readTree(repository: Repository, { query }: RestCall, rest: string): Promise<Answer> {
  const recursive = query.has('recursive');
  const found = await repository.bare.object(`${rest}^{tree}`);
  if (found === null) return told(404, 'Not Found');
  const all = await repository.bare.tree(found.oid, ...(recursive ? ['-r', '-t'] : []));
  const shown = all.slice(0, repository.treeEntriesMax);
  const tree = shown.map(({ mode, type, oid, size, path }) => ({
    path,
    mode,
    type,
    sha: oid,
    size,
    url: '',
  }));
  return { status: 200, body: { sha: found.oid, url: '', tree, truncated: shown.length < all.length } };
}

interface NewEntry {
  readonly path: string;
  readonly mode: string;
  readonly content?: string;
  readonly sha?: string | null;
}

async function createTree({ bare }: Repository, { body }: RestCall): Promise<Answer> {
  const entries = body['tree'] as readonly NewEntry[];
  const base = body['base_tree'];
  const files = new Map<string, Buffer>();
  for (const { path, mode, content, sha } of entries) {
    if (sha === null) continue;
    if (mode !== '100644') throw new Error('the stand-in makes plain files only');
    const bytes = content === undefined ? (await bare.object(String(sha)))?.bytes : Buffer.from(content);
    if (bytes === undefined) return told(422, 'GitRPC::BadObjectState');
    files.set(path, bytes);
  }
  const who = 'Stand-in <stand-in@github.invalid>';
  const parent =
    typeof base === 'string' ? (await bare.run(['commit-tree', '-m', 'base', base])).trim() : null;
  const gone = entries.filter(({ sha }) => sha === null).map(({ path }) => path);
  const commit = await bare.commit({ parent, message: 'tree', who, files, gone });
  const sha = (await bare.run(['rev-parse', `${commit}^{tree}`])).trim();
  return { status: 201, body: { sha, url: '', truncated: false, tree: [] } };
}

interface Person {
  readonly name: string;
  readonly email: string;
  readonly date?: string;
}

async function createCommit({ bare }: Repository, { body }: RestCall): Promise<Answer> {
  const now = new Date().toISOString();
  const person = (given: unknown): string => {
    const { name, email, date } = (given ?? { name: 'octocat', email: 'octocat@github.com' }) as Person;
    return `${name} <${email}> ${Math.floor(Date.parse(date ?? now) / 1000)} +0000`;
  };
  const text = [
    `tree ${String(body['tree'])}`,
    ...((body['parents'] ?? []) as readonly string[]).map((parent) => `parent ${parent}`),
    `author ${person(body['author'])}`,
    `committer ${person(body['committer'] ?? body['author'])}`,
    '',
    String(body['message']),
  ].join('\n');
  const sha = (await bare.run(['hash-object', '-t', 'commit', '-w', '--stdin'], text)).trim();
  return { status: 201, body: { sha, url: '' } };
}
