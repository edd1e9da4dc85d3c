/** A token can be taken back before its hour is over: then a new one is fetched, and the same is asked once more. */
import type { GitHubApi } from '../../registry/store/github-call.ts';

/** @param renew  gives the client with the new token, which stays */
export function renewingApi(
  api: GitHubApi,
  { known, renew }: { known(): GitHubApi | null; renew(): Promise<GitHubApi> },
): GitHubApi {
  const again = async (ask: (client: GitHubApi) => Promise<unknown>): Promise<unknown> => {
    try {
      return await ask(known() ?? api);
    } catch (error) {
      if (!isUnauthorized(error)) throw error;
      return ask(await renew());
    }
  };
  return {
    request: (route, parameters) => again((client) => client.request(route, parameters)),
    graphql: (query, variables) => again((client) => client.graphql(query, variables)),
  };
}

/** What is answered so was not done. */
function isUnauthorized(error: unknown): boolean {
  return error instanceof Error && 'status' in error && error.status === 401;
}
