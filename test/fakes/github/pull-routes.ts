/** Pull requests: kept by the emulator, which knows no git, and told from the real branches. */
import { told } from './git-database.ts';
import type { Answer } from './answers.ts';
import { placeOf, whoOf } from './git-routes.ts';
import { commitsOf, commitThing, filesBetween } from './git-shapes.ts';
import { inside, isThing, numberOf, textOf, thingsOf, type Thing } from './things.ts';
import { asList, keepHead, pageOf, route } from './world.ts';
import type { PullRefs, RepositoryCall, Route, TwinRepository, World } from './world.ts';

export const PULL_ROUTES: readonly Route[] = [
  route('GET', 'pulls', listPulls),
  route('POST', 'pulls', openPull),
  route('GET', 'pulls/{number}', onePull),
  route('PATCH', 'pulls/{number}', changePull),
  route('GET', 'pulls/{number}/files', files),
  route('GET', 'pulls/{number}/commits', commits),
  route('PUT', 'pulls/{number}/merge', merge),
];

/** What the emulator says of it, with where it stands in git. */
export function decorated(world: World, repository: TwinRepository, pull: Thing): Thing {
  const refs = repository.pulls.get(numberOf(pull, 'number'));
  if (refs === undefined) return pull;
  const side = (name: string, sha: string): Thing => ({ ...inside(pull, name), sha });
  const { api } = world;
  return {
    ...pull,
    head: side('head', refs.headSha),
    base: side('base', refs.baseSha),
    merge_commit_sha: refs.mergeSha,
    statuses_url: `${api}/repos/${repository.fullName}/statuses/${refs.headSha}`,
  };
}

/** With its sizes, as GitHub tells of a single one. */
export async function pullThing(world: World, repository: TwinRepository, number: number): Promise<Thing> {
  const found = await world.emulator.get(`/repos/${repository.fullName}/pulls/${number}`);
  if (found === null) return {};
  return withSizes(world, repository, decorated(world, repository, found));
}

async function withSizes(world: World, repository: TwinRepository, pull: Thing): Promise<Thing> {
  const refs = repository.pulls.get(numberOf(pull, 'number'));
  if (refs === undefined) return pull;
  const [changed, list] = [
    await changedFiles(world, repository, refs),
    await ownCommits(world, repository, refs),
  ];
  const sum = (name: string): number => changed.reduce((all, file) => all + Number(file[name]), 0);
  return {
    ...pull,
    commits: list.length,
    changed_files: changed.length,
    additions: sum('additions'),
    deletions: sum('deletions'),
  };
}

async function changedFiles(
  world: World,
  repository: TwinRepository,
  { baseSha, headSha }: PullRefs,
): Promise<readonly Thing[]> {
  const base = (await repository.bare.run(['merge-base', baseSha, headSha])).trim();
  return filesBetween(placeOf({ world, repository }), { base, head: headSha });
}

function ownCommits(world: World, repository: TwinRepository, refs: PullRefs): Promise<readonly string[]> {
  const place = placeOf({ world, repository });
  return commitsOf(place, '--reverse', '--topo-order', refs.headSha, `^${refs.baseSha}`);
}

async function forwarded(call: RepositoryCall, body: unknown = undefined): Promise<Answer> {
  const { world, method, path, query, token } = call;
  const search = query.size === 0 ? '' : `?${query.toString()}`;
  return world.emulator.ask({
    method,
    path: `${path}${search}`,
    token,
    ...(body === undefined ? {} : { body }),
  });
}

async function listPulls(call: RepositoryCall): Promise<Answer> {
  const answer = await forwarded(call);
  const { world, repository } = call;
  return { ...answer, body: thingsOf(answer.body).map((pull) => decorated(world, repository, pull)) };
}

async function onePull({ world, repository, parts }: RepositoryCall): Promise<Answer> {
  const body = await pullThing(world, repository, Number(parts['number']));
  return 'number' in body ? { status: 200, body } : told(404, 'Not Found');
}

async function changePull(call: RepositoryCall): Promise<Answer> {
  const { world, repository, parts, body } = call;
  const refs = repository.pulls.get(Number(parts['number']));
  if (refs !== undefined && body['state'] === 'closed') refs.open = false;
  if (refs !== undefined && body['state'] === 'open' && refs.mergeSha === null) refs.open = true;
  const answer = await forwarded(call, body);
  if (!isThing(answer.body) || answer.status !== 200) return answer;
  return { ...answer, body: await withSizes(world, repository, decorated(world, repository, answer.body)) };
}

function invalid(message: string): Answer {
  const errors = [{ resource: 'PullRequest', code: 'custom', message }];
  return {
    status: 422,
    body: { message: 'Validation Failed', errors, documentation_url: '', status: '422' },
  };
}

/** @source docs.github.com: REST API, "Create a pull request" */
async function openPull(call: RepositoryCall): Promise<Answer> {
  const { world, repository, body } = call;
  const [owner = '', headRef = ''] = textOf(body, 'head').includes(':')
    ? textOf(body, 'head').split(':')
    : [repository.owner, textOf(body, 'head')];
  const headRepository = world.repositories.get(`${owner}/${repository.name}`);
  const baseRef = textOf(body, 'base');
  const [head, base] = await Promise.all([
    headRepository?.bare.ref(`refs/heads/${headRef}`) ?? null,
    repository.bare.ref(`refs/heads/${baseRef}`),
  ]);
  if (headRepository === undefined || head === null) {
    return invalid(`head is invalid: ${textOf(body, 'head')}`);
  }
  if (base === null) return invalid(`base is invalid: ${baseRef}`);
  const same = [...repository.pulls.values()].some(
    (pull) =>
      pull.open &&
      pull.headRepository === headRepository.fullName &&
      pull.headRef === headRef &&
      pull.baseRef === baseRef,
  );
  if (same) return invalid(`A pull request already exists for ${owner}:${headRef}.`);
  if (headRepository !== repository) {
    await repository.bare.run(['fetch', '--quiet', headRepository.bare.folder, head.oid]);
  }
  const refs: PullRefs = {
    headRepository: headRepository.fullName,
    headRef,
    baseRef,
    headSha: head.oid,
    baseSha: base.oid,
    mergeSha: null,
    open: true,
  };
  const list = await ownCommits(world, repository, refs);
  if (list.length === 0) return invalid(`No commits between ${baseRef} and ${headRef}`);
  await mirror(world, headRepository, headRef);
  await mirror(world, repository, baseRef);
  const next = await nextNumber(world, repository);
  await keepHead(repository, next, { head: headRepository, sha: head.oid });
  repository.pulls.set(next, refs);
  const answer = await forwarded(call, body);
  if (!isThing(answer.body) || answer.status !== 201) {
    repository.pulls.delete(next);
    return answer;
  }
  return { ...answer, body: await withSizes(world, repository, decorated(world, repository, answer.body)) };
}

/** The webhook of the opening is sent before its answer, so the number must be known before either. */
async function nextNumber({ emulator }: World, { fullName, pulls }: TwinRepository): Promise<number> {
  const path = `/repos/${fullName}/issues?state=all&per_page=1&sort=created&direction=desc`;
  const { body } = await emulator.ask({ method: 'GET', path });
  const numbers = thingsOf(body).map((issue) => numberOf(issue, 'number'));
  // The emulator lists pull requests apart from issues.
  return Math.max(0, ...numbers, ...pulls.keys()) + 1;
}

/** The emulator wants a branch of that name; where it points at matters to nobody. */
async function mirror({ emulator }: World, repository: TwinRepository, branch: string): Promise<void> {
  const path = `/repos/${repository.fullName}/git`;
  const first = await emulator.get(`${path}/ref/heads/${repository.defaultBranch}`);
  const body = { ref: `refs/heads/${branch}`, sha: textOf(inside(first, 'object'), 'sha') };
  await emulator.ask({ method: 'POST', path: `${path}/refs`, body, token: repository.ownerToken });
}

async function files(call: RepositoryCall): Promise<Answer> {
  const refs = call.repository.pulls.get(Number(call.parts['number']));
  if (refs === undefined) return told(404, 'Not Found');
  return pageOf(call, await changedFiles(call.world, call.repository, refs), asList);
}

async function commits(call: RepositoryCall): Promise<Answer> {
  const refs = call.repository.pulls.get(Number(call.parts['number']));
  if (refs === undefined) return told(404, 'Not Found');
  const all = await ownCommits(call.world, call.repository, refs);
  return pageOf(call, await Promise.all(all.map((sha) => commitThing(placeOf(call), sha))), asList);
}

/** @source docs.github.com: REST API, "Merge a pull request" */
async function merge(call: RepositoryCall): Promise<Answer> {
  const { repository, body, login } = call;
  const number = Number(call.parts['number']);
  const refs = repository.pulls.get(number);
  if (refs === undefined) return told(404, 'Not Found');
  if (!refs.open) return told(405, 'Pull Request is not mergeable');
  const wanted = body['sha'];
  if (wanted !== undefined && wanted !== refs.headSha) {
    return told(409, 'Head branch was modified. Review and try the merge again.');
  }
  const { bare } = repository;
  const base = (await bare.ref(`refs/heads/${refs.baseRef}`))?.oid ?? refs.baseSha;
  const tree = await bare.run(['merge-tree', '--write-tree', base, refs.headSha]).catch(() => null);
  if (tree === null) return told(405, 'Pull Request is not mergeable');
  const parents = body['merge_method'] === 'squash' ? [base] : [base, refs.headSha];
  const title =
    textOf(body, 'commit_title') || `Merge pull request #${number} from ${repository.owner}/${refs.headRef}`;
  const words = parents.flatMap((parent) => ['-p', parent]);
  const who = whoOf(login);
  const sha = (await bare.run(['commit-tree', ...words, '-m', `${title}\n\nBy ${who}`, tree.trim()])).trim();
  await bare.run(['update-ref', `refs/heads/${refs.baseRef}`, sha, base]);
  Object.assign(refs, { mergeSha: sha, open: false });
  const { sha: _, ...rest } = body;
  const answer = await forwarded(call, rest);
  if (answer.status !== 200) return answer;
  return { status: 200, body: { ...(isThing(answer.body) ? answer.body : {}), sha } };
}
