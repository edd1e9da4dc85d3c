/** Every recipe, by the name that people run it with. */
import type { Recipe, TrainingRecipe } from '../engine/pipeline.ts';
import { issueStream } from './issue-stream.ts';
import { issueTriage } from './issue-triage.ts';
import { trainAndPromote } from './train-and-promote.ts';

export const TRAINING_RECIPES: readonly TrainingRecipe[] = [trainAndPromote, issueTriage, issueStream];

export function trainingNamed(name: string): TrainingRecipe | null {
  return TRAINING_RECIPES.find((recipe) => recipe.name === name) ?? null;
}

/** Those that compare solvers, and make no model: whoever only reads settings need not load every solver. */
export async function comparingRecipes(): Promise<readonly Recipe[]> {
  const { quantumBenchmark } = await import('./quantum-benchmark.ts');
  return [quantumBenchmark];
}

export async function everyRecipe(): Promise<readonly Recipe[]> {
  const { forgeNano } = await import('./forge-nano.ts');
  return [...TRAINING_RECIPES, ...(await comparingRecipes()), forgeNano];
}
