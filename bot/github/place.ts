/** A repository as the app reaches it: GitHub's API with the token of an installation, counted and held to a budget. */
import type { GitHubApi, GitHubPlace } from '../../registry/store/github-call.ts';
import type { Budget } from './budget.ts';

export interface Repository {
  readonly id: number;
  readonly owner: string;
  readonly name: string;
  readonly defaultBranch: string;
}

/** Who the app is, which is how it knows its own comments. */
export interface Self {
  /** `fettle[bot]`. */
  readonly login: string;
  readonly slug: string;
}

/** What the app asked of GitHub, for the metrics and for tests that count. */
export interface Asked {
  calls: number;
  /** Calls that make content, which GitHub counts by the minute and by the hour. */
  writes: number;
}

/** Reactions and tokens are no content. */
const CONTENT_FREE = /\/(reactions|access_tokens|cancel)\b/;

export function isContent(route: string): boolean {
  return !/^(GET|HEAD) /.test(route) && !CONTENT_FREE.test(route);
}

/** @param budget  of the installation */
export function countedApi(api: GitHubApi, { asked, budget }: { asked: Asked; budget: Budget }): GitHubApi {
  const spend = async (content: boolean): Promise<void> => {
    asked.calls++;
    if (!content) return;
    asked.writes++;
    await budget.spend();
  };
  return {
    async request(route, parameters) {
      await spend(isContent(route));
      return api.request(route, parameters);
    },
    async graphql(query, variables) {
      await spend(/^\s*mutation\b/.test(query));
      return api.graphql(query, variables);
    },
  };
}

export type Place = GitHubPlace;
