/** Runs a recipe that compares solvers, and records what came of it. */
import path from 'node:path';
import manifest from '../../package.json' with { type: 'json' };
import { encodeAttempts, type Attempt, type Attempts } from '../../pipelines/artifacts/attempts.ts';
import { decodeComparison } from '../../pipelines/artifacts/comparison.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import { memoryMemo } from '../../pipelines/artifacts/step-memo.ts';
import { perform, type Performance } from '../../pipelines/engine/perform.ts';
import type { Recipe } from '../../pipelines/engine/pipeline.ts';
import { planOf } from '../../pipelines/engine/plan.ts';
import { decideOptimisation, type OptimisationAsk } from '../../registry/decide/record-optimisation.ts';
import type { Optimisation } from '../../registry/schema/optimisation.ts';
import { comparisonTold } from './comparison-told.ts';
import { lastOptimisation } from './read-back.ts';
import { performanceOf, type Workshop } from './training.ts';
import type { Told, VerbContext } from './verb.ts';
import { readSource } from './workshop.ts';

/** A longer name of a problem is cut from its beginning. */
const NAME_MOST = 100;

export interface ContestAsk {
  readonly recipe: Recipe;
  /** A published problem; undefined for the standing set. */
  readonly from: string | undefined;
  readonly seed: number;
  /** Milliseconds of the processor for each solver on each problem; undefined leaves it to the recipe. */
  readonly budgetMs?: number | undefined;
  /** Of an hour of this machine; undefined where it has no price. */
  readonly hourlyDollars?: number | undefined;
  /** What a machine elsewhere gave on the problem of `from`; undefined where none took part. */
  readonly machine?: MachineRow | undefined;
}

export interface MachineRow extends Pick<Attempts, 'by' | 'says' | 'kind'> {
  readonly attempt: Omit<Attempt, 'problem'>;
}

/** A comparison that was recorded, or was before, or would be. @throws problemUnfit, sourceUnreadable */
export async function contest(context: VerbContext, shop: Workshop, ask: ContestAsk): Promise<Told> {
  const made = await compared(context, performanceOf(shop), ask);
  const recorded = await record(shop, made);
  const notes = [
    ...(context.dryRun ? ['Dry run: nothing was recorded.'] : []),
    ...(recorded || context.dryRun ? [] : ['This comparison was recorded before.']),
    'Next: fettle quantum report --html comparison.html',
  ];
  const { found, run } = made;
  return comparisonTold({ found, notes, data: { dryRun: context.dryRun, run, recorded } });
}

/** The same without a registry: nothing is kept. @throws problemUnfit, sourceUnreadable */
export async function contestAside(context: VerbContext, ask: ContestAsk): Promise<Optimisation> {
  const performance = {
    store: memoryStore(),
    memo: memoryMemo(),
    elapsedMs: () => globalThis.performance.now(),
    watch: (step: string) => context.progress.step(step),
  };
  return (await compared(context, performance, ask)).found;
}

async function compared(
  { folder }: VerbContext,
  performance: Performance,
  { recipe, from, seed, budgetMs, hourlyDollars, machine: row }: ContestAsk,
): Promise<OptimisationAsk> {
  const { store } = performance;
  const source =
    from === undefined ? null : await store.put('source', await readSource(path.resolve(folder, from), from));
  const effort = {
    ...(budgetMs === undefined ? {} : { budgetMs }),
    ...(hourlyDollars === undefined ? {} : { hourlyDollars }),
  };
  const name = from === undefined ? null : path.basename(from).slice(-NAME_MOST);
  const machine =
    row === undefined || name === null ? null : await store.put('attempts', attemptsOf(row, name));
  const inputs = { source, machine };
  const plan = planOf({ recipe, inputs, params: { name, effort }, seed, code: manifest.version });
  const done = await perform(plan.steps, performance);
  const made = [...done.values()].at(-1)?.outputs['comparison'];
  if (made === undefined) throw new TypeError(`recipe ${recipe.name} ends without a comparison`);
  const found = decodeComparison(await store.get(made.digest));
  return { run: plan.run, comparison: made.digest, found };
}

function attemptsOf({ by, says, kind, attempt }: MachineRow, problem: string): Uint8Array {
  return encodeAttempts({ by, says, kind, attempts: [{ problem, ...attempt }] });
}

/** @returns whether it was not recorded before */
async function record({ registry, dryRun }: Workshop, ask: OptimisationAsk): Promise<boolean> {
  const begun = (await registry.log.read([])) !== null;
  const last = begun ? await lastOptimisation(registry.log) : null;
  const deeds = decideOptimisation(ask, last?.body.comparison ?? null);
  if (deeds.length === 0) return false;
  await (dryRun ? registry.rehearse(() => deeds) : registry.execute(() => deeds));
  return !dryRun;
}
