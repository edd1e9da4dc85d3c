/** GraphQL of the GitHub stand-in: GitHub's own schema, cut to what is used, answered from a bare repository. */
import { readFileSync } from 'node:fs';
import { buildSchema, graphql, GraphQLError } from 'graphql';
import { NO_OBJECT, type Bare, type GitObject } from './bare-repository.ts';
import type { Caller, Repository } from './answers.ts';

const SCHEMA = buildSchema(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'));

/** As GitHub does: longer texts are cut off. */
const TEXT_BYTES_MAX = 512_000;

interface Asked {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

type Resolved = Readonly<Record<string, unknown>> | null;

/** What is not about git. */
export interface Around {
  readonly login: string;
  minimize(subject: string): void;
}

const NOBODY: Around = { login: 'octocat', minimize: () => undefined };

/** @returns the body of an answer with status 200 */
export async function answerQuery(
  repository: Repository,
  caller: Caller,
  asked: Asked,
  around: Around = NOBODY,
): Promise<object> {
  const result = await graphql({
    schema: SCHEMA,
    source: asked.query,
    rootValue: { ...rootFor(repository, caller), ...rootAround(around) },
    variableValues: asked.variables ?? {},
  });
  const data = result.data === undefined ? {} : { data: result.data };
  if (result.errors === undefined) return data;
  const errors = result.errors.map(({ message, path, locations, extensions, originalError }) => {
    if (originalError !== undefined && !(originalError instanceof GraphQLError)) throw originalError;
    return { ...extensions, path, locations, message };
  });
  return { ...data, errors };
}

function failure(type: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { type } });
}

function rootAround({ login, minimize }: Around): object {
  return {
    viewer: () => ({ login }),
    minimizeComment: ({ input }: { input: { subjectId: string; classifier: string } }) => {
      minimize(input.subjectId);
      return { minimizedComment: { isMinimized: true, minimizedReason: input.classifier.toLowerCase() } };
    },
  };
}

function rootFor(repository: Repository, caller: Caller): object {
  const { bare } = repository;
  return {
    repository: ({ owner, name }: { owner: string; name: string }) => {
      const known = `${owner}/${name}` === repository.fullName && caller.may !== 'none';
      if (known) return repositoryOf(repository);
      throw failure('NOT_FOUND', `Could not resolve to a Repository with the name '${owner}/${name}'.`);
    },
    createCommitOnBranch: ({ input }: { input: CommitInput }) => createCommit(repository, caller, input),
    updateRefs: ({ input }: { input: RefsInput }) => updateRefs(repository, caller, input, bare),
  };
}

function repositoryOf({ bare, id }: Repository): Resolved {
  return {
    id,
    ref: async ({ qualifiedName }: { qualifiedName: string }) => {
      const found = await bare.ref(qualifiedName);
      if (found === null) return null;
      const name = qualifiedName.slice('refs/heads/'.length);
      const target = async (): Promise<Resolved> => objectOf(bare, await bare.object(found.oid));
      return { id: `REF_${name}`, name, prefix: 'refs/heads/', target };
    },
    object: async ({ expression, oid }: { expression?: string; oid?: string }) =>
      objectOf(bare, await bare.object(expression ?? oid ?? '')),
  };
}

function objectOf(bare: Bare, object: GitObject | null): Resolved {
  if (object === null) return null;
  const { oid, type, bytes } = object;
  const basics = { id: `ID_${oid}`, oid };
  if (type === 'blob') return { __typename: 'Blob', ...basics, ...blobOf(bytes) };
  if (type === 'tree') return { __typename: 'Tree', ...basics, entries: () => entriesOf(bare, oid) };
  if (type === 'commit') return { __typename: 'Commit', ...basics, ...commitOf(bare, oid, bytes) };
  return { __typename: 'Tag', ...basics };
}

function blobOf(bytes: Buffer): Readonly<Record<string, unknown>> {
  const isBinary = bytes.subarray(0, 8000).includes(0);
  const isTruncated = !isBinary && bytes.length > TEXT_BYTES_MAX;
  const text = isBinary ? null : bytes.subarray(0, TEXT_BYTES_MAX).toString();
  return { byteSize: bytes.length, isBinary, isTruncated, text };
}

async function entriesOf(bare: Bare, tree: string): Promise<readonly Resolved[]> {
  const entries = await bare.tree(tree);
  return entries.map(({ mode, type, oid, path }) => ({
    name: path,
    mode: Number.parseInt(mode, 8),
    type,
    oid,
    // What a submodule points at lies in another repository.
    object: async () => (type === 'commit' ? null : objectOf(bare, await bare.object(oid))),
  }));
}

function commitOf(bare: Bare, oid: string, bytes: Buffer): Readonly<Record<string, unknown>> {
  const [head = ''] = bytes.toString().split('\n\n', 1);
  return {
    tree: async () => objectOf(bare, await bare.object(`${oid}^{tree}`)),
    parents: () => {
      const lines = head.split('\n').filter((line) => line.startsWith('parent '));
      const nodes = lines.map(async (line) =>
        objectOf(bare, await bare.object(line.slice('parent '.length))),
      );
      return { totalCount: lines.length, nodes };
    },
    history: async ({ first, after, path }: { first?: number; after?: string; path?: string }) => {
      if (first === undefined || first > 100) throw new GraphQLError('You must provide a `first` up to 100');
      const from = Number(after ?? 0);
      const out = await bare.run([
        'rev-list',
        `--skip=${from}`,
        `--max-count=${first + 1}`,
        oid,
        ...(path === undefined ? [] : ['--', path]),
      ]);
      const oids = out.split('\n').filter((line) => line !== '');
      const shown = oids.slice(0, first);
      const nodes = shown.map(async (one) => objectOf(bare, await bare.object(one)));
      const pageInfo = { hasNextPage: oids.length > first, endCursor: String(from + shown.length) };
      return { nodes, pageInfo };
    },
  };
}

// Mutations

interface CommitInput {
  readonly branch: { readonly repositoryNameWithOwner?: string; readonly branchName?: string };
  readonly expectedHeadOid: string;
  readonly message: { readonly headline: string; readonly body?: string };
  readonly fileChanges?: {
    readonly additions?: readonly { readonly path: string; readonly contents: string }[];
    readonly deletions?: readonly { readonly path: string }[];
  };
}

async function createCommit(repository: Repository, caller: Caller, input: CommitInput): Promise<Resolved> {
  const { bare } = repository;
  const { branchName = '', repositoryNameWithOwner } = input.branch;
  if (repositoryNameWithOwner !== repository.fullName || caller.may === 'none') {
    throw failure('NOT_FOUND', `Could not resolve to a Repository with the name.`);
  }
  if (caller.may !== 'write') throw failure('FORBIDDEN', 'Resource not accessible by integration');
  const ref = `refs/heads/${branchName}`;
  const found = await bare.ref(ref);
  if (found === null) throw failure('NOT_FOUND', `Could not resolve to a node of branch ${branchName}.`);
  const rule = repository.rule(ref);
  if (rule !== null) throw failure('UNPROCESSABLE', `Repository rule violations found\n\n${rule}`);
  const stale = (): GraphQLError =>
    failure(
      'STALE_DATA',
      `Expected branch to point to "${input.expectedHeadOid}" but it did not.  Pull and try again.`,
    );
  if (found.oid !== input.expectedHeadOid) throw stale();
  const { headline, body } = input.message;
  const additions = input.fileChanges?.additions ?? [];
  const commit = await bare.commit({
    parent: found.oid,
    message: body === undefined ? headline : `${headline}\n\n${body}`,
    who: caller.who,
    files: new Map(additions.map(({ path, contents }) => [path, Buffer.from(contents, 'base64')])),
    gone: (input.fileChanges?.deletions ?? []).map(({ path }) => path),
  });
  try {
    await bare.run(['update-ref', ref, commit, found.oid]);
  } catch {
    throw stale();
  }
  return { clientMutationId: null, commit: objectOf(bare, await bare.object(commit)) };
}

interface RefsInput {
  readonly repositoryId: string;
  readonly refUpdates: readonly {
    readonly name: string;
    readonly beforeOid?: string;
    readonly afterOid: string;
    readonly force?: boolean;
  }[];
}

/** All refs or none, by one transaction of git. */
async function updateRefs(
  repository: Repository,
  caller: Caller,
  { repositoryId, refUpdates }: RefsInput,
  bare: Bare,
): Promise<Resolved> {
  if (repositoryId !== repository.id) throw failure('NOT_FOUND', 'Could not resolve to a node');
  if (caller.may !== 'write' || repository.withoutUpdateRefs) {
    throw failure('FORBIDDEN', 'Resource not accessible by integration');
  }
  const lines: string[] = [];
  for (const { name, beforeOid, afterOid, force } of refUpdates) {
    const rule = repository.rule(name);
    if (rule !== null) throw failure('UNPROCESSABLE', `Repository rule violations found\n\n${rule}`);
    if (afterOid !== NO_OBJECT && beforeOid !== NO_OBJECT && force !== true) {
      throw new Error('the stand-in moves no ref by this mutation without force');
    }
    if (afterOid === NO_OBJECT) lines.push(`delete ${name}${beforeOid === undefined ? '' : ` ${beforeOid}`}`);
    else lines.push(`update ${name} ${afterOid}${beforeOid === undefined ? '' : ` ${beforeOid}`}`);
  }
  try {
    await bare.run(['update-ref', '--stdin'], `start\n${lines.join('\n')}\nprepare\ncommit\n`);
  } catch (error) {
    throw failure('UNPROCESSABLE', `Reference update failed: ${error instanceof Error ? error.message : ''}`);
  }
  return { clientMutationId: null };
}
