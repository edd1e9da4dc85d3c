/** Every recipe, by the name that people run it with. */
import type { Recipe, TrainingRecipe } from '../engine/pipeline.ts';
import { forgeNano } from './forge-nano.ts';
import { issueStream } from './issue-stream.ts';
import { issueTriage } from './issue-triage.ts';
import { quantumBenchmark } from './quantum-benchmark.ts';
import { trainAndPromote } from './train-and-promote.ts';

export const TRAINING_RECIPES: readonly TrainingRecipe[] = [trainAndPromote, issueTriage, issueStream];

/** Those that compare solvers, and make no model. */
const COMPARING_RECIPES: readonly Recipe[] = [quantumBenchmark];

export const RECIPES: readonly Recipe[] = [...TRAINING_RECIPES, ...COMPARING_RECIPES, forgeNano];

export function trainingNamed(name: string): TrainingRecipe | null {
  return TRAINING_RECIPES.find((recipe) => recipe.name === name) ?? null;
}

export function comparingNamed(name: string): Recipe | null {
  return COMPARING_RECIPES.find((recipe) => recipe.name === name) ?? null;
}
