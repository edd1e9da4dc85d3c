/** The words that most payloads share, as GitHub has them. */
import * as z from 'zod';
import type { Repository } from '../github/place.ts';

export const Installation = z.object({ id: z.int() });

export const RepositoryWords = z.object({
  id: z.int(),
  name: z.string(),
  owner: z.object({ login: z.string() }),
  default_branch: z.string(),
  archived: z.boolean().nullish(),
});
export type RepositoryWords = z.infer<typeof RepositoryWords>;

export const Account = z.object({ id: z.int(), login: z.string(), type: z.string() });

export function repositoryOf({ id, name, owner, default_branch: branch }: RepositoryWords): Repository {
  return { id, name, owner: owner.login, defaultBranch: branch };
}

export function laneOf({ repository }: { readonly repository: { readonly id: number } }): string {
  return String(repository.id);
}
