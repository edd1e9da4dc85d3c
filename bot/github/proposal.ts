/** A pull request of the app's own: a branch with some files on top of the default branch. */
import * as z from 'zod';
import { callsTo, rest } from './call.ts';
import type { Place } from './place.ts';

export interface ProposalAsk {
  readonly branch: string;
  readonly title: string;
  readonly body: string;
  readonly files: ReadonlyMap<string, string>;
}

const Sha = z.object({ data: z.object({ sha: z.string() }) });
const Commit = z.object({ data: z.object({ tree: z.object({ sha: z.string() }) }) });
const Ref = z.object({ data: z.object({ object: z.object({ sha: z.string() }) }) });
const Repository = z.object({
  data: z.object({ default_branch: z.string(), archived: z.boolean().nullish() }),
});
const Pulls = z.object({ data: z.array(z.object({ number: z.int() })) });
const Done = z.object({ status: z.int() });

/** @returns false where it was proposed before, whatever became of it, or where nothing can be proposed */
export async function propose(place: Place, ask: ProposalAsk): Promise<boolean> {
  const calls = callsTo(place);
  const { data } = await calls.get(rest('GET /repos/{owner}/{repo}', {}, Repository));
  const base = data.default_branch;
  const head = await calls.find(
    rest('GET /repos/{owner}/{repo}/git/ref/{ref}', { ref: `heads/${base}` }, Ref),
  );
  if (data.archived === true || head === null) return false;
  const mine = `${place.owner}:${ask.branch}`;
  const before = await calls.get(
    rest('GET /repos/{owner}/{repo}/pulls', { state: 'all', head: mine, per_page: 1 }, Pulls),
  );
  if (before.data.length > 0) return false;
  const parent = head.data.object.sha;
  const below = await calls.get(
    rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', { commit_sha: parent }, Commit),
  );
  const entries = { base_tree: below.data.tree.sha, tree: [...ask.files].map(entryOf) };
  const tree = await calls.get(rest('POST /repos/{owner}/{repo}/git/trees', entries, Sha));
  const commit = await calls.get(
    rest(
      'POST /repos/{owner}/{repo}/git/commits',
      { message: `${ask.title}\n`, tree: tree.data.sha, parents: [parent] },
      Sha,
    ),
  );
  const ref = `refs/heads/${ask.branch}`;
  const made = await calls.attempt(
    rest('POST /repos/{owner}/{repo}/git/refs', { ref, sha: commit.data.sha }, Done),
  );
  // Left by a visit that was cut off before it made the pull request.
  if (!made.ok && made.verdict.kind !== 'exists') throw calls.faultFor(made.verdict);
  const words = { title: ask.title, body: ask.body, head: ask.branch, base };
  const opened = await calls.attempt(rest('POST /repos/{owner}/{repo}/pulls', words, Done));
  if (!opened.ok) throw calls.faultFor(opened.verdict);
  return true;
}

function entryOf([path, content]: readonly [string, string]) {
  return { path, mode: '100644', type: 'blob', content };
}
