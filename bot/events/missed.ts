/** Looks for comments whose deliveries were missed, as GitHub sends none a second time by itself. */
import * as z from 'zod';
import type { GitHubApi } from '../../registry/store/github-call.ts';
import { commentsSince } from '../github/comments.ts';
import { listOf } from '../github/pages.ts';
import type { Place } from '../github/place.ts';
import type { Delivery } from '../ingress/delivery-log.ts';
import { RepositoryWords } from './foreign.ts';
import { issueComment } from './issue-comment.ts';
import { look } from './look.ts';

export interface LookAsk {
  api(installation?: number): Promise<GitHubApi>;
  place(
    api: GitHubApi,
    ask: { readonly installation: number; readonly owner: string; readonly name: string },
  ): Place;
  readonly since: string;
  /** The hour names a look, so that there is one in each. */
  readonly now: string;
}

/** Clocks differ, and GitHub's own list is a little behind. */
const OVERLAP_MS = 2 * 60_000;

const InstallationTold = z.object({ id: z.int(), suspended_at: z.string().nullish() });

/** @returns how many were taken that had been missed */
export async function missedComments(
  ask: LookAsk,
  take: (delivery: Omit<Delivery, 'at'>) => Promise<boolean>,
): Promise<number> {
  const since = new Date(Date.parse(ask.since) - OVERLAP_MS).toISOString();
  const app = await ask.api();
  // The lists of an app are of no repository.
  const nowhere = { installation: 0, owner: '', name: '' };
  const installations = await listOf(ask.place(app, nowhere), {
    route: 'GET /app/installations',
    parameters: {},
    wide: true,
    item: InstallationTold,
  });
  let taken = 0;
  for (const { id } of installations.filter(({ suspended_at: at }) => (at ?? null) === null)) {
    const api = await ask.api(id);
    const repositories = await listOf(ask.place(api, { ...nowhere, installation: id }), {
      route: 'GET /installation/repositories',
      parameters: {},
      wide: true,
      item: RepositoryWords,
      under: 'repositories',
    });
    for (const repository of repositories) {
      const looked = look.read({ installation: { id }, repository });
      const hour = `look-${repository.id}-${ask.now.slice(0, 13)}`;
      if (looked !== null) await take({ id: hour.replace(':', '-'), name: look.name, ...looked });
      const place = ask.place(api, {
        installation: id,
        owner: repository.owner.login,
        name: repository.name,
      });
      taken += await missedIn(place, { installation: id, repository, since }, take);
    }
  }
  return taken;
}

interface RepositoryAsk {
  readonly installation: number;
  readonly repository: RepositoryWords;
  readonly since: string;
}

async function missedIn(
  place: Place,
  { installation, repository, since }: RepositoryAsk,
  take: (delivery: Omit<Delivery, 'at'>) => Promise<boolean>,
): Promise<number> {
  let taken = 0;
  for (const { thread, user, html_url: url, ...comment } of await commentsSince(place, since)) {
    // One that was edited later is not the one that was made.
    if (comment.created_at < since || comment.created_at !== comment.updated_at) continue;
    const payload = {
      action: 'created',
      installation: { id: installation },
      repository,
      issue: { number: thread, pull_request: url.includes('/pull/') ? {} : null },
      comment: { ...comment, user },
    };
    const routed = issueComment.read(payload);
    if (routed === null) continue;
    if (await take({ id: `comment-${comment.id}`, name: issueComment.name, ...routed })) taken++;
  }
  return taken;
}
