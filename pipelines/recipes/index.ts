/** Every recipe, by the name that people run it with. */
import type { Recipe } from '../engine/pipeline.ts';
import { issueStream } from './issue-stream.ts';
import { issueTriage } from './issue-triage.ts';
import { trainAndPromote } from './train-and-promote.ts';

export const RECIPES: readonly Recipe[] = [trainAndPromote, issueTriage, issueStream];

export function recipeNamed(name: string): Recipe | null {
  return RECIPES.find((recipe) => recipe.name === name) ?? null;
}
