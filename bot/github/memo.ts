/** Remembers what GitHub said of things that are named by what they hold: such an answer is the same for ever. */
import * as z from 'zod';
import type { GitHubApi } from '../../registry/store/github-call.ts';

export interface Memo {
  readonly answers: Map<string, unknown>;
}

const MOST = 400;

/** A path within an object that is named so is as fixed as the object. */
const FIXED = /^([0-9a-f]{40}|[0-9a-f]{64})(:.*)?$/;

const TREE = 'GET /repos/{owner}/{repo}/git/trees/{tree_sha}';
const BLOB = 'GET /repos/{owner}/{repo}/git/blobs/{file_sha}';

export function rememberingApi(api: GitHubApi, memo: Memo): GitHubApi {
  return {
    request(route, { request, ...parameters }) {
      const ask = (): Promise<unknown> => api.request(route, { ...parameters, request });
      const sha = parameters[route === TREE ? 'tree_sha' : route === BLOB ? 'file_sha' : ''];
      return isFixed(sha) ? remembered(memo, JSON.stringify([route, parameters]), ask) : ask();
    },
    graphql(query, { request, ...variables }) {
      const ask = (): Promise<unknown> => api.graphql(query, { ...variables, request });
      const { owner: _owner, name: _name, ...expressions } = variables;
      const named = Object.values(expressions);
      const fixed = named.length > 0 && named.every(isFixed) && query.startsWith('query ');
      return fixed ? remembered(memo, JSON.stringify([query, variables]), ask) : ask();
    },
  };
}

function isFixed(value: unknown): boolean {
  return typeof value === 'string' && FIXED.test(value);
}

async function remembered({ answers }: Memo, key: string, ask: () => Promise<unknown>): Promise<unknown> {
  if (answers.has(key)) {
    const known = answers.get(key);
    // The one that was used last is forgotten last.
    answers.delete(key);
    answers.set(key, known);
    return known;
  }
  const answer = await ask();
  // What is not there may only not be there yet.
  if (lacksSomething(answer)) return answer;
  answers.set(key, answer);
  const [oldest] = answers.keys();
  if (answers.size > MOST && oldest !== undefined) answers.delete(oldest);
  return answer;
}

const Found = z.object({ repository: z.record(z.string(), z.unknown()) });

function lacksSomething(answer: unknown): boolean {
  const found = Found.safeParse(answer);
  return found.success && Object.values(found.data.repository).includes(null);
}
