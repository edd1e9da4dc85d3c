/** Which rules GitHub enforces on the registry's branch, whether it is there yet or not. */
import * as z from 'zod';
import { callsTo, rest, type GitHubPlace } from './github-call.ts';
import { BRANCH } from './git-tip.ts';

const Rules = z.object({ data: z.array(z.object({ type: z.string() })) });

export type BranchRules =
  | { readonly known: true; readonly types: ReadonlySet<string> }
  | { readonly known: false; readonly why: string };

/** Asked once and never waited for: nothing depends on the answer. */
export async function branchRules(place: GitHubPlace): Promise<BranchRules> {
  const asked = { branch: BRANCH, per_page: 100 };
  const ask = rest('GET /repos/{owner}/{repo}/rules/branches/{branch}', asked, Rules);
  const reply = await callsTo(place)
    .attempt(ask)
    .catch((error: unknown) => String(error));
  if (typeof reply === 'string') return { known: false, why: reply };
  if (!reply.ok) return { known: false, why: reply.verdict.said };
  return { known: true, types: new Set(reply.value.data.map(({ type }) => type)) };
}
