/** Branches, commits, comparisons and contents, answered from the same bare repository that git clones. */
import { told } from './git-database.ts';
import type { Answer } from './answers.ts';
import {
  comparison,
  commitsOf,
  commitThing,
  filesBetween,
  gitCommitThing,
  type Place,
} from './git-shapes.ts';
import { textOf, type Thing } from './things.ts';
import { asList, commitNamed, pageOf, route, type RepositoryCall, type Route } from './world.ts';

const NOT_FOUND = told(404, 'Not Found');

export const GIT_ROUTES: readonly Route[] = [
  route('PATCH', 'git/refs/{ref*}', updateRef),
  route('GET', 'git/commits/{sha}', oneGitCommit),
  route('GET', 'branches', branches),
  route('GET', 'branches/{name*}', oneBranch),
  route('GET', 'commits', commits),
  route('GET', 'commits/{ref*}', oneCommit),
  route('GET', 'compare/{range*}', compare),
  route('GET', 'contents/{path*}', contents),
  route('GET', 'contents/?', contents),
  route('PUT', 'contents/{path*}', putContents),
  route('DELETE', 'contents/{path*}', deleteContents),
];

export function placeOf({ world, repository }: Pick<RepositoryCall, 'world' | 'repository'>): Place {
  const { bare, fullName } = repository;
  return { api: world.api, origin: world.origin, fullName, bare };
}

export function whoOf(login: string): string {
  return `${login} <${login}@users.noreply.github.com>`;
}

async function updateRef({ repository, parts, body }: RepositoryCall): Promise<Answer> {
  const { bare } = repository;
  const ref = `refs/${parts['ref'] ?? ''}`;
  const sha = textOf(body, 'sha');
  const rule = repository.rule(ref);
  if (rule !== null) return told(422, `Repository rule violations found\n\n${rule}`);
  const [before, after] = [await bare.ref(ref), await bare.object(sha)];
  if (before === null) return told(422, 'Reference does not exist');
  if (after === null) return told(422, 'Object does not exist');
  if (body['force'] !== true && !(await isAncestor(repository, { old: before.oid, next: sha }))) {
    return told(422, 'Update is not a fast forward');
  }
  try {
    await bare.run(['update-ref', ref, sha, before.oid]);
  } catch {
    return told(409, 'Reference cannot be updated');
  }
  return {
    status: 200,
    body: { ref, node_id: `REF_${ref}`, url: '', object: { type: after.type, sha, url: '' } },
  };
}

async function isAncestor(
  { bare }: RepositoryCall['repository'],
  { old, next }: { old: string; next: string },
): Promise<boolean> {
  const missing = await bare.run(['rev-list', '--max-count=1', old, `^${next}`]);
  return missing.trim() === '';
}

async function oneGitCommit(call: RepositoryCall): Promise<Answer> {
  const sha = call.parts['sha'] ?? '';
  const found = await call.repository.bare.object(sha);
  return found?.type === 'commit'
    ? { status: 200, body: await gitCommitThing(placeOf(call), sha) }
    : NOT_FOUND;
}

async function branches(call: RepositoryCall): Promise<Answer> {
  const refs = await call.repository.bare.refs('refs/heads/');
  const all = refs.map(({ ref, oid }) => shortBranch(call, ref.slice('refs/heads/'.length), oid));
  return pageOf(call, all, asList);
}

function shortBranch({ world, repository }: RepositoryCall, name: string, sha: string): Thing {
  const url = `${world.api}/repos/${repository.fullName}/commits/${sha}`;
  return { name, commit: { sha, url }, protected: repository.rule(`refs/heads/${name}`) !== null };
}

async function oneBranch(call: RepositoryCall): Promise<Answer> {
  const name = call.parts['name'] ?? '';
  const found = await call.repository.bare.ref(`refs/heads/${name}`);
  if (found === null) return told(404, 'Branch not found');
  const url = `${call.world.api}/repos/${call.repository.fullName}/branches/${name}`;
  const body = {
    ...shortBranch(call, name, found.oid),
    commit: await commitThing(placeOf(call), found.oid),
    _links: { html: `${call.world.origin}/${call.repository.fullName}/tree/${name}`, self: url },
    protection: { enabled: false },
    protection_url: `${url}/protection`,
  };
  return { status: 200, body };
}

async function commits(call: RepositoryCall): Promise<Answer> {
  const { repository, query } = call;
  const from = await commitNamed(repository.bare, query.get('sha') ?? repository.defaultBranch);
  if (from === null) return query.has('sha') ? NOT_FOUND : told(409, 'Git Repository is empty.');
  const path = query.get('path');
  const [since, until] = [query.get('since'), query.get('until')];
  const all = await commitsOf(
    placeOf(call),
    ...(since === null ? [] : [`--since=${since}`]),
    ...(until === null ? [] : [`--until=${until}`]),
    from,
    ...(path === null ? [] : ['--', path]),
  );
  const page = pageOf(call, all, asList);
  const shown = (page.body as readonly string[]).map((sha) => commitThing(placeOf(call), sha));
  return { ...page, body: await Promise.all(shown) };
}

async function oneCommit(call: RepositoryCall): Promise<Answer> {
  const { bare } = call.repository;
  const sha = await commitNamed(bare, call.parts['ref'] ?? '');
  if (sha === null) return told(422, `No commit found for SHA: ${call.parts['ref']}`);
  const thing = await commitThing(placeOf(call), sha);
  const parent = (await bare.object(`${sha}^`))?.oid ?? EMPTY_TREE;
  const files = await filesBetween(placeOf(call), { base: parent, head: sha });
  const sum = (name: string): number => files.reduce((all, file) => all + Number(file[name]), 0);
  const stats = { additions: sum('additions'), deletions: sum('deletions'), total: sum('changes') };
  return { status: 200, body: { ...thing, stats, files } };
}

/** Known to every git. */
const EMPTY_TREE = '4b825dc642cb6eb9a060e54bf8d69288fbee4904';

async function compare(call: RepositoryCall): Promise<Answer> {
  const { bare } = call.repository;
  const [from = '', to = ''] = (call.parts['range'] ?? '').split('...');
  const [base, head] = await Promise.all([from, to].map((name) => commitNamed(bare, name)));
  if (typeof base !== 'string' || typeof head !== 'string') return NOT_FOUND;
  return { status: 200, body: await comparison(placeOf(call), { base, head }) };
}

// Contents

async function contents(call: RepositoryCall): Promise<Answer> {
  const { repository, query } = call;
  const path = (call.parts['path'] ?? '').replace(/\/$/, '');
  const sha = await commitNamed(repository.bare, query.get('ref') ?? repository.defaultBranch);
  if (sha === null) return told(404, `No commit found for the ref ${query.get('ref')}`);
  const found = await repository.bare.object(path === '' ? `${sha}^{tree}` : `${sha}:${path}`);
  if (found === null) return NOT_FOUND;
  if (found.type === 'tree') {
    const entries = await repository.bare.tree(found.oid);
    const body = entries.map((entry) => {
      const { oid, size, type } = entry;
      return entryThing(call, { path: path === '' ? entry.path : `${path}/${entry.path}`, oid, size, type });
    });
    return { status: 200, body };
  }
  if (call.accept.includes('raw')) return { status: 200, body: found.bytes };
  const { oid, bytes } = found;
  const thing = entryThing(call, { path, oid, size: bytes.length, type: 'blob' });
  const content = bytes.toString('base64').replaceAll(/.{60}/g, '$&\n');
  return { status: 200, body: { ...thing, content, encoding: 'base64' } };
}

interface Entry {
  readonly path: string;
  readonly oid: string;
  readonly size: number;
  readonly type: string;
}

function entryThing({ world, repository, query }: RepositoryCall, { path, oid, size, type }: Entry): Thing {
  const ref = query.get('ref') ?? repository.defaultBranch;
  const repo = `${world.api}/repos/${repository.fullName}`;
  const url = `${repo}/contents/${encodeURI(path)}?ref=${ref}`;
  const html = `${world.origin}/${repository.fullName}/blob/${ref}/${encodeURI(path)}`;
  const git = `${repo}/git/${type}s/${oid}`;
  return {
    type: type === 'tree' ? 'dir' : 'file',
    name: path.split('/').at(-1),
    path,
    sha: oid,
    size,
    url,
    html_url: html,
    git_url: git,
    download_url: type === 'tree' ? null : html.replace('/blob/', '/raw/'),
    _links: { self: url, git, html },
  };
}

function putContents(call: RepositoryCall): Promise<Answer> {
  return changeContents(call, Buffer.from(textOf(call.body, 'content'), 'base64'));
}

function deleteContents(call: RepositoryCall): Promise<Answer> {
  return changeContents(call, null);
}

/** @source docs.github.com: REST API, "Create or update file contents" */
async function changeContents(call: RepositoryCall, bytes: Buffer | null): Promise<Answer> {
  const { repository, body, login } = call;
  const { bare } = repository;
  const path = call.parts['path'] ?? '';
  const branch = textOf(body, 'branch') || repository.defaultBranch;
  const ref = `refs/heads/${branch}`;
  const rule = repository.rule(ref);
  if (rule !== null) return told(409, `Repository rule violations found\n\n${rule}`);
  const head = await bare.ref(ref);
  if (head === null) return told(404, `Branch ${branch} not found`);
  const there = await bare.object(`${head.oid}:${path}`);
  const given = textOf(body, 'sha');
  if (there === null && bytes === null) return NOT_FOUND;
  if (there !== null && given === '') return told(422, `Invalid request.\n\n"sha" wasn't supplied.`);
  if (there !== null && given !== there.oid) return told(409, `${path} does not match ${given}`);
  const commit = await bare.commit({
    parent: head.oid,
    message: textOf(body, 'message'),
    who: whoOf(login),
    files: new Map(bytes === null ? [] : [[path, bytes]]),
    gone: bytes === null ? [path] : [],
  });
  try {
    await bare.run(['update-ref', ref, commit, head.oid]);
  } catch {
    return told(409, `is at ${(await bare.ref(ref))?.oid} but expected ${head.oid}`);
  }
  const oid = (await bare.object(`${commit}:${path}`))?.oid ?? '';
  const content = bytes === null ? null : entryThing(call, { path, oid, size: bytes.length, type: 'blob' });
  const made = await gitCommitThing(placeOf(call), commit);
  return { status: there === null ? 201 : 200, body: { content, commit: made } };
}
