/** Recipe and inputs -> steps that each know their digest. Pure: nothing is read, nothing is performed. */
import { digestOfValue, hexOf, type Digest } from '../../registry/base/digest.ts';
import type { ArtifactKind, ArtifactRef } from '../../registry/schema/artifact.ts';
import { RunId } from '../../registry/schema/run.ts';
import { slotMismatch } from '../faults.ts';
import type { Stage } from '../stages/stage.ts';
import type { Recipe, Step } from './pipeline.ts';

export interface PlanAsk {
  readonly recipe: Recipe;
  readonly inputs: Readonly<Record<string, ArtifactRef | null>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly seed: number;
  /** Version of the code that will perform it. */
  readonly code: string;
}

/** Where a slot's bytes come from: an input of the run, or a slot of an earlier step. */
export type Origin =
  | { readonly from: 'input'; readonly artifact: ArtifactRef }
  | { readonly from: 'step'; readonly step: string; readonly slot: string };

export interface PlannedStep {
  readonly name: string;
  readonly stage: Stage;
  readonly params: Readonly<Record<string, unknown>>;
  readonly seed: number;
  readonly takes: Readonly<Record<string, Origin>>;
  /** Of stage, its version, parameters, seed, inputs and code: equal digests give equal outputs. */
  readonly digest: Digest;
}

export interface Plan {
  readonly run: RunId;
  readonly recipe: string;
  readonly digest: Digest;
  readonly steps: readonly PlannedStep[];
  /** Planned as the steps are, with a seed of their own; the run is named without them. */
  readonly confirmation: readonly PlannedStep[];
}

/** @throws slotMismatch when a step is handed another kind than it takes, or nothing where it needs something */
export function planOf(ask: PlanAsk): Plan {
  const params = textOf(ask.recipe.params.parse(ask.params));
  const { name, steps: asked, confirmation: confirming = [] } = ask.recipe;
  const steps = planAfter(ask, asked, { params, earlier: [] });
  const again = { ...ask, seed: ask.seed + 1 };
  const confirmation = planAfter(again, confirming, { params, earlier: steps });
  const digest = digestOfValue({ recipe: name, steps: steps.map((step) => step.digest) });
  const run = RunId.parse(`run-${hexOf(digest).slice(0, 16)}`);
  return { run, recipe: name, digest, steps, confirmation };
}

interface SoFar {
  readonly params: Readonly<Record<string, unknown>>;
  readonly earlier: readonly PlannedStep[];
}

function planAfter(ask: PlanAsk, asked: readonly Step[], { params, earlier }: SoFar): readonly PlannedStep[] {
  const known = [...earlier];
  for (const step of asked) {
    if (step.onlyWith !== undefined && (ask.inputs[step.onlyWith] ?? null) === null) continue;
    known.push(planStep(ask, step, { params, earlier: known }));
  }
  return known.slice(earlier.length);
}

function planStep(ask: PlanAsk, step: Step, { params: all, earlier }: SoFar): PlannedStep {
  const { stage } = step;
  const params = Object.fromEntries(step.params.map((name) => [name, all[name] ?? null]));
  const takes: Record<string, Origin> = {};
  for (const [slot, { kind, required }] of Object.entries(stage.takes)) {
    const origin = originOf(ask, step.takes[slot], earlier);
    if (origin === null && !required) continue;
    const found = origin === null ? 'nothing' : kindOf(origin, earlier);
    if (origin === null || found !== kind) throw slotMismatch({ step: step.name, slot, wanted: kind, found });
    takes[slot] = origin;
  }
  const planned = { name: step.name, stage, params, seed: ask.seed, takes };
  return { ...planned, digest: digestOfStep(planned, { code: ask.code, earlier }) };
}

/** Equal for two steps just when they must give equal outputs. */
export function digestOfStep(
  { stage, params, seed, takes }: Omit<PlannedStep, 'digest'>,
  { code, earlier }: { readonly code: string; readonly earlier: readonly PlannedStep[] },
): Digest {
  return digestOfValue({
    stage: stage.name,
    version: stage.version,
    params: JSON.stringify(params),
    seed,
    code,
    takes: Object.fromEntries(
      Object.entries(takes).map(([slot, origin]) => [slot, identityOf(origin, earlier)]),
    ),
  });
}

function originOf(ask: PlanAsk, path: string | undefined, earlier: readonly PlannedStep[]): Origin | null {
  const [step = '', slot = ''] = (path ?? '').split('.');
  if (step === 'input') {
    const artifact = ask.inputs[slot] ?? null;
    return artifact === null ? null : { from: 'input', artifact };
  }
  return earlier.some(({ name }) => name === step) ? { from: 'step', step, slot } : null;
}

function kindOf(origin: Origin, earlier: readonly PlannedStep[]): ArtifactKind | 'nothing' {
  if (origin.from === 'input') return origin.artifact.kind;
  return earlier.find(({ name }) => name === origin.step)?.stage.gives[origin.slot] ?? 'nothing';
}

/** Outputs are named by the step that makes them, so that the whole plan is known before anything is performed. */
function identityOf(origin: Origin, earlier: readonly PlannedStep[]): readonly string[] {
  if (origin.from === 'input') return [origin.artifact.digest];
  const maker = earlier.find(({ name }) => name === origin.step);
  return [maker?.digest ?? '', origin.slot];
}

/** Numbers may be fractions, which canonical JSON refuses: parameters are compared as JSON text with sorted keys. */
function textOf(params: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(params).sort(([a], [b]) => (a < b ? -1 : 1)));
}
