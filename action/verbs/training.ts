/** Trains one candidate of one model and records what came of it: the hall's work brought to the registry. */
import manifest from '../../package.json' with { type: 'json' };
import type { Checkpoints } from '../../pipelines/artifacts/checkpoints.ts';
import { decodeOutcomes } from '../../pipelines/artifacts/outcomes.ts';
import type { StepMemo } from '../../pipelines/artifacts/step-memo.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { perform, type Performance, type Performed, type StepWatch } from '../../pipelines/engine/perform.ts';
import type { TrainingRecipe } from '../../pipelines/engine/pipeline.ts';
import { planOf, type Plan, type PlannedStep } from '../../pipelines/engine/plan.ts';
import { groupTaken } from '../../pipelines/faults.ts';
import type { ModelSettings } from '../../pipelines/settings/settings.ts';
import type { Clock } from '../../registry/base/clock.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { decideRegistration } from '../../registry/decide/register.ts';
import { decideRunFailure, decideRunStart, type RunStart } from '../../registry/decide/record-run.ts';
import type { Decide, Registry } from '../../registry/decide/execute.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import { EMPTY, evolve } from '../../registry/state/fold.ts';
import type { ArtifactRef } from '../../registry/schema/artifact.ts';
import { closureOver, type Closure } from '../../registry/report/story.ts';
import type { Channel, ModelName } from '../../registry/schema/model.ts';
import type { ModelState, RegistryState, RunState, VersionState } from '../../registry/schema/state.ts';
import { answerOf } from '../../registry/schema/verdict.ts';
import { servingOf } from '../../registry/state/query.ts';
import { memoWithElsewhere } from './elsewhere-memo.ts';
import { judge } from './judging.ts';
import { rowsIn, scoredOf, type Scored } from './scored.ts';

export interface Workshop {
  readonly registry: Registry;
  readonly store: ArtifactStore;
  readonly memo: StepMemo;
  readonly checkpoints: Checkpoints;
  /** Commit of the repository's code; null before its first. */
  readonly commit: string | null;
  /** Trains and judges, but records nothing. */
  readonly dryRun: boolean;
  readonly now: Clock;
  watch(step: string): StepWatch;
  /** @throws budgetSpent when the model may not take the time of another run */
  checkBudget(model: ModelName, known: ModelState | undefined): void;
}

export interface TrainAsk {
  readonly model: ModelName;
  readonly recipe: TrainingRecipe;
  readonly settings: ModelSettings;
  readonly source: { readonly name: string; readonly artifact: ArtifactRef };
  /** Only the rows of this group; null takes all. */
  readonly group: string | null;
  /** How many people the settings want to agree first; none where left out. */
  readonly approvals?: number;
  /** How many the words of this run want; none where left out. */
  readonly demanded?: number;
  /** What is not checked because the minutes for it are short; everything is where left out. */
  readonly checks?: ShortChecks;
}

export interface ShortChecks {
  readonly minutes: number;
  /** At least one. */
  readonly leftOut: readonly LeftOut[];
}

/** A gate that is not asked, or a step that no gate asks for. */
export interface LeftOut {
  readonly name: string;
  readonly why: string;
}

export interface Trained {
  readonly version: VersionState;
  readonly model: ModelState;
  /** True when this very run was recorded before and nothing was done. */
  readonly known: boolean;
  readonly tookMs: number;
  /** What keeps the gates from promoting into its channel; null where nothing does. */
  readonly closed: Closed | null;
  /** What the folds say in full; null where the recipe does not cross-validate, or nothing was done. */
  readonly folds: Scored | null;
  readonly leftOut: readonly LeftOut[];
}

interface Closed extends Closure {
  readonly channel: Channel;
}

/** A run that has begun: its source was taken in and its beginning recorded. */
export interface Begun {
  readonly known: false;
  readonly state: RegistryState;
  readonly planned: Planned;
  readonly taken: Performed;
  /** The workshop's, and what machines elsewhere performed. */
  readonly memo: StepMemo;
}

export interface Planned {
  readonly plan: Plan;
  readonly before: ModelState | undefined;
  readonly champion: VersionState | null;
  readonly start: RunStart;
}

/** @throws budgetSpent, and whatever the first stage finds wrong with the source; no trace is left then */
export async function beginRun(
  shop: Workshop,
  ask: TrainAsk,
): Promise<Begun | (Trained & { readonly known: true })> {
  const state = (await shop.registry.read())?.state ?? EMPTY;
  const before = state.models.get(ask.model);
  checkGroup(before, ask);
  const earlier = earlierRun(before, ask);
  if (before !== undefined && earlier !== null) {
    const closed = closedFor(state, before, ask);
    const leftOut = ask.checks?.leftOut ?? [];
    return { version: earlier, model: before, known: true, tookMs: 0, closed, folds: null, leftOut };
  }

  shop.checkBudget(ask.model, before);
  const planned = planRun(ask, before);
  const memo = memoWithElsewhere(shop.memo, { state, model: ask.model, plan: planned.plan });
  // A source that cannot be taken in leaves no trace: the run begins once its rows are known to be good.
  const taken = await perform(planned.plan.steps.slice(0, 1), performanceOf({ ...shop, memo }));
  await record(shop, (now) => decideRunStart(now, planned.start));
  return { known: false, state, planned, taken, memo };
}

/** @throws whatever a stage finds wrong with its input; nothing is promoted then, and the run is recorded as failed */
export async function trainCandidate(shop: Workshop, ask: TrainAsk): Promise<Trained> {
  const began = globalThis.performance.now();
  const begun = await beginRun(shop, ask);
  if (begun.known) return begun;
  const { state, planned, taken, memo } = begun;
  const others = planned.plan.steps.slice(1);
  const done = await performOrRecord(shop, planned, () =>
    perform(others, performanceOf({ ...shop, memo }), taken),
  );
  const confirm = (): Promise<Performed> =>
    performOrRecord(shop, planned, () =>
      perform(planned.plan.confirmation, performanceOf({ ...shop, memo }), done),
    );
  const candidate = await judge(shop, { ask, planned, done, confirm });
  const events = await record(shop, (now) => decideRegistration(now, candidate));

  const after = shop.dryRun ? rehearsed(state, events) : ((await shop.registry.read())?.state ?? state);
  const model = after.models.get(ask.model);
  const version = model?.versions.find(({ lineage }) => lineage?.run === planned.plan.run);
  if (model === undefined || version === undefined) {
    throw new TypeError(`${planned.plan.run} is not in the registry`);
  }
  const folds = await foldsOf(shop, done);
  const tookMs = Math.round(globalThis.performance.now() - began);
  const leftOut = ask.checks?.leftOut ?? [];
  return { version, model, known: false, tookMs, closed: closedFor(after, model, ask), folds, leftOut };
}

function closedFor({ trust }: RegistryState, model: ModelState, { settings }: TrainAsk): Closed | null {
  const { promote: channel } = settings;
  const closure = channel === null ? null : closureOver(trust, model, channel);
  return channel === null || closure === null ? null : { ...closure, channel };
}

async function foldsOf({ store }: Workshop, done: Performed): Promise<Scored | null> {
  const outcomes = done.get('cross-validate')?.outputs['outcomes'];
  const dataset = done.get('split')?.outputs['dataset'];
  if (outcomes === undefined || dataset === undefined) return null;
  const rows = await rowsIn(dataset.digest, store);
  return scoredOf(decodeOutcomes(await store.get(outcomes.digest)), rows);
}

/** Names of groups are shortened to model names, and two may come out the same. @throws groupTaken */
function checkGroup(before: ModelState | undefined, { model, group }: TrainAsk): void {
  const found = before?.versions.at(-1)?.lineage?.params['group'];
  const wanted = JSON.stringify(group);
  if (found !== undefined && found !== wanted) throw groupTaken({ model, wanted, found });
}

function record({ registry, dryRun }: Workshop, decide: Decide): Promise<readonly RegistryEvent[]> {
  return dryRun ? registry.rehearse(decide) : registry.execute(decide);
}

function rehearsed(state: RegistryState, events: readonly RegistryEvent[]): RegistryState {
  return events.reduce((now, event) => evolve(now, { seq: 0, event }), state);
}

/** The first step of every training recipe, by which sources are taken in. */
export function ingestOf(ask: TrainAsk): PlannedStep {
  const [first] = planRun(ask, undefined).plan.steps;
  if (first === undefined) throw new TypeError(`recipe ${ask.recipe.name} has no steps`);
  return first;
}

/** The version that the same recipe made of the same source with the same words, if it is among the last runs. */
function earlierRun(before: ModelState | undefined, ask: TrainAsk): VersionState | null {
  const run = runsAsked(before, ask).find(
    ({ outcome, asked }) => outcome?.kind === 'completed' && asked['checks'] === askedOf(ask)['checks'],
  );
  if (run === undefined) return null;
  return before?.versions.find(({ lineage }) => lineage?.run === run.run) ?? null;
}

/** Runs of the same recipe on the same source by the same words, whatever was left out of them. */
export function runsAsked(before: ModelState | undefined, ask: TrainAsk): readonly RunState[] {
  const { checks: _, ...words } = askedOf(ask);
  return (before?.runs ?? []).filter(({ recipe, inputs, asked: { checks: _left, ...asked } }) => {
    const { digest } = ask.source.artifact;
    const isSource = inputs.some((input) => input.name === 'source' && input.digest === digest);
    return recipe === ask.recipe.name && isSource && JSON.stringify(sorted(asked)) === JSON.stringify(words);
  });
}

/** The words of the run as text, for the record; fractions are no JSON numbers there. */
function askedOf({ settings, source, group, checks }: TrainAsk): Record<string, string> {
  const { columns, holdout, stratify, seed, learner } = settings;
  const words = { source: source.name, group, columns, holdout, stratify, seed, learner };
  const short = checks === undefined ? {} : { checks: checkWords(checks) };
  return sorted(
    Object.fromEntries(
      Object.entries({ ...words, ...short }).map(([name, value]) => [name, JSON.stringify(value)]),
    ),
  );
}

/** What the record keeps of them. */
function checkWords({ minutes, leftOut }: ShortChecks) {
  return { minutes, leftOut: leftOut.map(({ name }) => name) };
}

function sorted(words: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(words).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function planRun(ask: TrainAsk, before: ModelState | undefined): Planned {
  const { model, recipe, settings, source, group } = ask;
  const { columns, holdout, stratify, learner, seed } = settings;
  const champion = servingOf(before, settings.promote ?? 'production');
  const data = before?.data ?? null;
  const prior = data === null ? null : { kind: 'dataset' as const, digest: data, sizeBytes: 0 };
  const inputs = { source: source.artifact, prior, champion: champion?.artifacts['model'] ?? null };
  const params = { name: source.name, columns, holdout, stratify, group, learner };
  const plan = planOf({ recipe, inputs, params, seed, code: manifest.version });
  const { digest, sizeBytes } = source.artifact;
  return {
    plan,
    before,
    champion,
    start: {
      model,
      run: plan.run,
      recipe: recipe.name,
      asked: askedOf(ask),
      inputs: [{ name: 'source', digest, sizeBytes }],
      steps: plan.steps.map(({ name }) => name),
    },
  };
}

export function performanceOf({ store, memo, checkpoints, watch }: Workshop): Performance {
  return { store, memo, checkpoints, watch, elapsedMs: () => globalThis.performance.now() };
}

async function performOrRecord(
  shop: Workshop,
  { start }: Planned,
  work: () => Promise<Performed>,
): Promise<Performed> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof FettleError) {
      const outcome = { kind: 'failed' as const, fault: error.code, says: error.message, step: null };
      const failure = { model: start.model, run: start.run, outcome, steps: [] };
      // The fault itself is what people must see; that it could not be recorded too would only hide it.
      await record(shop, (now) => decideRunFailure(now, failure)).catch(() => undefined);
    }
    throw error;
  }
}

export type Fate = 'serves' | 'served' | 'passed' | 'held' | 'refused';

/** What became of a candidate, in a word. */
export function fateOf({ version, model, closed }: Pick<Trained, 'version' | 'model' | 'closed'>): Fate {
  if (Object.values(model.serving).includes(version.version)) return 'serves';
  if (model.tenures.some((tenure) => tenure.version === version.version)) return 'served';
  const answer = answerOf(version.verdict?.gates ?? []);
  if (answer === 'pass') return closed === null ? 'passed' : 'held';
  return answer === 'fail' ? 'refused' : 'held';
}
