/** Files of a repository as the API tells them, at a branch or a commit. */
import * as z from 'zod';
import { callsTo, graph, rest } from './call.ts';
import { listOf } from './pages.ts';
import type { Place } from './place.ts';

const Blob = z.object({ text: z.string().nullish() }).nullable();
const Both = z.object({ repository: z.record(z.string(), Blob) });

/** GitHub takes the first of these that is there. */
const CODEOWNERS = ['.github/CODEOWNERS', 'CODEOWNERS', 'docs/CODEOWNERS'] as const;

export interface Rules {
  readonly settings: string | null;
  readonly codeowners: string | null;
}

/** The files that say who may do what, of the default branch and of one moment, in one call. */
export async function rulesOf(place: Place, settingsFile: string): Promise<Rules> {
  const paths = [settingsFile, ...CODEOWNERS];
  const parts = paths.map((_, index) => `f${index}: object(expression: $p${index}) { ... on Blob { text } }`);
  const words = paths.map((_, index) => `$p${index}: String!`).join(', ');
  const query = `query FettleRules($owner: String!, $name: String!, ${words}) {
  repository(owner: $owner, name: $name) { ${parts.join(' ')} }
}`;
  const { owner, name } = place;
  const expressions = Object.fromEntries(paths.map((path, index) => [`p${index}`, `HEAD:${path}`]));
  const { repository } = await callsTo(place).get(graph(query, { owner, name, ...expressions }, Both));
  const [settings, ...owners] = paths.map((_, index) => repository[`f${index}`]?.text ?? null);
  return { settings: settings ?? null, codeowners: owners.find((text) => text !== null) ?? null };
}

const File = z.object({
  data: z.object({ content: z.string(), encoding: z.string(), sha: z.string() }),
});

/** Null where there is no such file. */
export async function fileAt(
  place: Place,
  { path, ref }: { readonly path: string; readonly ref: string },
): Promise<string | null> {
  const route = 'GET /repos/{owner}/{repo}/contents/{path}';
  const found = await callsTo(place).find(rest(route, { path, ref }, File));
  return found === null ? null : Buffer.from(found.data.content, 'base64').toString('utf8');
}

const Pull = z.object({
  data: z.object({
    head: z.object({ sha: z.string(), repo: z.object({ id: z.int() }).nullable() }),
    base: z.object({ ref: z.string(), repo: z.object({ id: z.int() }) }),
  }),
});

export interface PullSeen {
  readonly headSha: string;
  readonly baseRef: string;
  readonly fromFork: boolean;
}

/** A head whose repository is gone counts as a fork. */
export async function pullAt(place: Place, number: number): Promise<PullSeen> {
  const route = 'GET /repos/{owner}/{repo}/pulls/{pull_number}';
  const { data } = await callsTo(place).get(rest(route, { pull_number: number }, Pull));
  const { head, base } = data;
  return { headSha: head.sha, baseRef: base.ref, fromFork: head.repo?.id !== base.repo.id };
}

export async function filesOfPull(place: Place, number: number): Promise<readonly string[]> {
  const files = await listOf(place, {
    route: 'GET /repos/{owner}/{repo}/pulls/{pull_number}/files',
    parameters: { pull_number: number },
    item: z.object({ filename: z.string() }),
  });
  return files.map(({ filename }) => filename);
}
