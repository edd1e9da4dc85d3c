/** How the registry is reached: through git in this repository, or through GitHub's API without a clone of it. */
import type { Settings } from '../../pipelines/settings/settings.ts';
import type { Repository } from '../../registry/store/repository.ts';
import { gitInbox } from '../../registry/store/git-inbox.ts';
import { gitLog } from '../../registry/store/git-log.ts';
import type { Author } from '../../registry/store/git-commit.ts';
import type { GitHubPlace } from '../../registry/store/github-call.ts';
import type { Inbox } from '../../registry/store/inbox.ts';
import type { EventLog } from '../../registry/store/log.ts';
import { apiUnknown } from '../faults.ts';
import type { VerbContext } from './verb.ts';

export interface Transport {
  readonly log: EventLog;
  readonly inbox: Inbox;
}

export interface TransportAsk {
  readonly repository: Repository;
  readonly remote: string | null;
  readonly author: Author;
  readonly through: Settings['registry']['through'];
}

/** @throws apiUnknown */
export async function openTransport(
  context: VerbContext,
  { repository, remote, author, through }: TransportAsk,
): Promise<Transport> {
  if (through === 'git') {
    const place = { folder: repository.top, remote };
    return { log: gitLog({ ...place, author }), inbox: gitInbox(place) };
  }
  const place = await githubPlace(context);
  const { githubLog } = await import('../../registry/store/github-log.ts');
  const { githubInbox } = await import('../../registry/store/github-inbox.ts');
  return { log: githubLog(place), inbox: githubInbox(place) };
}

/** @throws apiUnknown */
export async function githubPlace({ secrets }: Pick<VerbContext, 'secrets'>): Promise<GitHubPlace> {
  const { token, api, repository } = secrets.stores.github;
  const [owner, name, ...more] = repository?.split('/') ?? [];
  if (token === null || owner === undefined || name === undefined || more.length > 0) {
    throw apiUnknown({ found: token === null ? 'no token' : (repository ?? 'no repository') });
  }
  const { Octokit } = await import('@octokit/core');
  const client = new Octokit({ auth: token, baseUrl: api });
  const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
  return { api: client, owner, name, sleep };
}
