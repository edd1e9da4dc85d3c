/** What others could do to the registry from outside: to its branch, and to the tags that GTO obeys. */
import { FettleError } from '../../registry/base/fault.ts';
import { branchInTheWay } from '../../registry/faults.ts';
import { gitIn } from '../../registry/store/git.ts';
import { branchRules } from '../../registry/store/github-rules.ts';
import { apiUnknown } from '../faults.ts';
import { gtoDrift } from './export-gto.ts';
import type { Finding } from './registry-health.ts';
import { githubPlace } from './transport.ts';
import type { VerbContext } from './verb.ts';
import { counted } from './words.ts';
import type { Ledger } from './workplace.ts';

/** How long an answer of GitHub is worth waiting for here. */
const ANSWER_MS_MAX = 10_000;

/** Without these, whoever may push can remove the branch or put an older one in its place. */
const WANTED = new Map([
  ['deletion', 'restrict deletions'],
  ['non_fast_forward', 'block force pushes'],
]);

/** Under these nobody can append who is not on the list of those whom they let through. */
const HINDERING = new Map([
  ['pull_request', 'require a pull request'],
  ['required_status_checks', 'require status checks'],
  ['required_signatures', 'require signed commits'],
  ['required_deployments', 'require deployments'],
  ['merge_queue', 'require a merge queue'],
  ['creation', 'restrict creations'],
  ['update', 'restrict updates'],
]);

export async function ruleFindings(
  { remote, through }: Pick<Ledger, 'remote' | 'through'>,
  { secrets }: Pick<VerbContext, 'secrets'>,
): Promise<readonly Finding[]> {
  // A branch that is in one clone alone has no rules but those of its folder.
  if (remote === null && through === 'git') return [];
  const note = (says: string): readonly Finding[] => [{ check: 'branch rules', answer: 'note', says }];
  let types: ReadonlySet<string>;
  try {
    const found = await branchRules({
      ...(await githubPlace({ secrets })),
      answerMsMax: ANSWER_MS_MAX,
      patienceMs: 0,
    });
    if (!found.known) return note(`unknown: ${found.why}`);
    ({ types } = found);
  } catch (error) {
    if (!(error instanceof FettleError) || error.code !== apiUnknown.code) throw error;
    return note('unknown: only a token for GitHub’s API in $GITHUB_TOKEN, with $GITHUB_REPOSITORY, can tell');
  }
  const lacking = [...WANTED].filter(([type]) => !types.has(type)).map(([, says]) => says);
  const hindering = [...HINDERING].filter(([type]) => types.has(type)).map(([, says]) => says);
  if (hindering.length > 0) {
    return note(`${hindering.join(', ')}: whoever appends needs to be on the rule’s list of bypasses`);
  }
  if (lacking.length === 0) {
    return [{ check: 'branch rules', answer: 'ok', says: [...WANTED.values()].join(', ') }];
  }
  return note(
    `not there: ${lacking.join(', ')}. Whoever may push can undo the branch, and only pins and witnesses notice; make a ruleset for \`fettle/**\``,
  );
}

/** A branch called as the folder of ours: told before the first append fails of it. */
export async function roomFindings({ repository, remote, through }: Ledger): Promise<readonly Finding[]> {
  if (through !== 'git') return [];
  const here = 'refs/heads/fettle';
  const there = `refs/remotes/${remote ?? ''}/fettle`;
  const asked = ['for-each-ref', '--format=%(refname)', here, ...(remote === null ? [] : [there])];
  const names = (await gitIn(repository.top).print({ args: asked })).split('\n');
  return [
    ...(names.includes(here) ? [branchInTheWay({ branch: 'fettle', remote: null })] : []),
    ...(names.includes(there) ? [branchInTheWay({ branch: 'fettle', remote })] : []),
  ].map(({ message, mend }) => ({ check: 'branch', answer: 'wrong', says: `${message}. ${mend}` }));
}

/** Tags that differ from what the log asks for mislead whoever reads them with GTO; the log itself never reads them. */
export async function tagFindings(ledger: Ledger): Promise<readonly Finding[]> {
  try {
    const { plan, drift } = await gtoDrift(ledger, await ledger.registry.log.entries(0));
    const { missing, moved, extra } = drift;
    // Where none of them is, nobody exports.
    if (missing.length === plan.tags.length) return [];
    const check = 'tags';
    const wrong = moved.length + extra.length;
    if (wrong > 0) {
      const says = `${moved.length} moved, ${extra.length} extra: GTO reads another state than the log’s; \`fettle export --gto --repair\` puts them right`;
      return [{ check, answer: 'wrong', says }];
    }
    if (missing.length === 0) {
      return [{ check, answer: 'ok', says: `${counted(plan.tags.length, 'tag')} for GTO` }];
    }
    const says = `${counted(missing.length, 'tag')} for GTO not made yet; \`fettle export --gto\` makes them`;
    return [{ check, answer: 'note', says }];
  } catch (error) {
    // What keeps the log from being read, or git from being asked, is told of by findings of their own.
    if (error instanceof FettleError) return [];
    throw error;
  }
}
