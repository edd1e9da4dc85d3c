/** Notices what moved in a repository, however it was moved, and tells of it as `push` and `pull_request.synchronize`. */
import { NO_OBJECT } from './bare-repository.ts';
import { placeOf } from './git-routes.ts';
import { commitsOf, commitThing } from './git-shapes.ts';
import { pullThing } from './pull-routes.ts';
import { inside, isThing, textOf, type Thing } from './things.ts';
import { keepHead, repositoryThing, userNamed, type TwinRepository, type World } from './world.ts';

interface Moved {
  readonly ref: string;
  readonly before: string;
  readonly after: string;
}

const lanes = new WeakMap<TwinRepository, Promise<void>>();

/** @param login  who did whatever was done since the last call */
export function noticePushes(world: World, repository: TwinRepository, login: string): Promise<void> {
  const before = lanes.get(repository) ?? Promise.resolve();
  const next = before.then(() => notice(world, repository, login));
  lanes.set(repository, next);
  return next;
}

async function notice(world: World, repository: TwinRepository, login: string): Promise<void> {
  const now = await refsOf(repository);
  const moved: Moved[] = [];
  for (const ref of new Set([...repository.known.keys(), ...now.keys()])) {
    const [before, after] = [repository.known.get(ref) ?? NO_OBJECT, now.get(ref) ?? NO_OBJECT];
    if (before !== after && /^refs\/(heads|tags)\//.test(ref)) moved.push({ ref, before, after });
  }
  repository.known = now;
  if (moved.length === 0) return;
  const told = Promise.all(moved.map((one) => tellOf(world, { repository, login, moved: one })));
  world.track(told);
  await told;
}

export async function refsOf({ bare }: TwinRepository): Promise<ReadonlyMap<string, string>> {
  return new Map((await bare.refs('refs/')).map(({ ref, oid }) => [ref, oid]));
}

interface Told {
  readonly repository: TwinRepository;
  readonly login: string;
  readonly moved: Moved;
}

async function tellOf(world: World, told: Told): Promise<void> {
  const { repository, moved } = told;
  const payload = await pushPayload(world, told);
  world.tell({ name: 'push', payload, repository: repository.fullName });
  for (const base of world.repositories.values()) {
    for (const [number, pull] of base.pulls) {
      const { headRepository, headRef, open } = pull;
      const mine = open && headRepository === repository.fullName && `refs/heads/${headRef}` === moved.ref;
      if (!mine || moved.after === NO_OBJECT) continue;
      await keepHead(base, number, { head: repository, sha: moved.after });
      pull.headSha = moved.after;
      const payloadOfPull = {
        action: 'synchronize',
        number,
        before: moved.before,
        after: moved.after,
        pull_request: await pullThing(world, base, number),
        repository: await repositoryThing(world, base.fullName),
        sender: payload['sender'],
      };
      world.tell({ name: 'pull_request', payload: payloadOfPull, repository: base.fullName });
    }
  }
}

/** @source docs.github.com: Webhook events and payloads, "push" */
async function pushPayload(world: World, { repository, login, moved }: Told): Promise<Thing> {
  const { ref, before, after } = moved;
  const place = placeOf({ world, repository });
  const [created, deleted] = [before === NO_OBJECT, after === NO_OBJECT];
  const commit = deleted ? null : await repository.bare.object(`${after}^{commit}`);
  const limit = '--max-count=20';
  const list =
    commit === null
      ? []
      : await commitsOf(place, '--reverse', limit, after, ...(created ? [] : [`^${before}`]));
  const commits = await Promise.all(list.map(async (sha) => pushedCommit(world, repository, sha)));
  const lost = created || deleted ? [] : await commitsOf(place, '--max-count=1', before, `^${after}`);
  const thing = await repositoryThing(world, repository.fullName);
  const seconds = (name: string): number => Math.floor(Date.parse(textOf(thing, name) || world.now()) / 1000);
  return {
    ref,
    before,
    after,
    created,
    deleted,
    forced: lost.length > 0,
    base_ref: null,
    compare: `${world.origin}/${repository.fullName}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits,
    head_commit: commits.at(-1) ?? null,
    repository: {
      ...thing,
      created_at: seconds('created_at'),
      pushed_at: seconds('pushed_at'),
      master_branch: repository.defaultBranch,
      stargazers: 0,
    },
    pusher: { name: login, email: `${login}@users.noreply.github.com` },
    sender: await userNamed(world, login),
  };
}

async function pushedCommit(world: World, repository: TwinRepository, sha: string): Promise<Thing> {
  const place = placeOf({ world, repository });
  const { commit, html_url } = await commitThing(place, sha);
  const out = await repository.bare.run([
    'diff-tree',
    '-r',
    '--root',
    '--no-commit-id',
    '--name-status',
    '-z',
    sha,
  ]);
  const words = out.split('\0');
  const named = (state: string): readonly string[] =>
    words.flatMap((word, index) => (index % 2 === 0 && word === state ? [words[index + 1] ?? ''] : []));
  const { author, committer, message, tree } = isThing(commit) ? commit : {};
  return {
    id: sha,
    tree_id: textOf(tree, 'sha'),
    distinct: true,
    message,
    timestamp: textOf(inside({ committer }, 'committer'), 'date'),
    url: html_url,
    author,
    committer,
    added: named('A'),
    removed: named('D'),
    modified: named('M'),
  };
}
