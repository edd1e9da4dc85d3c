/** Which checks are made when the minutes for them are short: by what they took before, and by how often they said no. */
import * as z from 'zod';
import { chosenChecks, type Check } from '../../pipelines/choices/checks.ts';
import { GATES } from '../../pipelines/gates/index.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { tookOf } from './durations.ts';
import { runsAsked, type LeftOut, type TrainAsk, type Workshop } from './training.ts';

const MINUTE_MS = 60_000;

/** For what cannot be searched whole. */
const ASK = { seed: 1, flips: 5_000_000 };

/** Values are whole numbers of these. */
const VALUE_UNIT = 1000;

/** A check of one of the runs. */
interface RunCheck extends Check {
  readonly ask: TrainAsk;
  /** Of the gate, or of the step that no gate asks for. */
  readonly title: string;
  readonly steps: readonly string[];
  readonly record: Stops;
}

/** How often it said anything but yes. */
interface Stops {
  readonly stopped: number;
  readonly judged: number;
}

/**
 * The asks with what does not fit into the minutes taken out of them. A gate is left out only where the settings call it
 * optional; a step that no gate asks for, always. What was never timed here is made, so that it is. A run that was begun
 * by the same words leaves out what it left out then.
 */
export async function withinMinutes(
  { registry }: Workshop,
  asks: readonly TrainAsk[],
  minutes: number | null,
): Promise<readonly TrainAsk[]> {
  if (minutes === null) return asks;
  const models = (await registry.read())?.state.models;
  const settled = asks.map((ask) => ({ ask, before: leftBefore(models?.get(ask.model), ask, minutes) }));
  const open = settled.flatMap(({ ask, before }) => (before === null ? [ask] : []));
  const chosen = chosenOf(open, { models, minutes });
  return settled.map(({ ask, before }) => {
    const names = before ?? chosen.get(ask) ?? [];
    if (names.length === 0) return ask;
    const known = models?.get(ask.model);
    // Settings may have changed since, and a record that nobody signed may tell anything.
    const all = checksOf(ask, known).filter(({ title, required }) => !required && names.includes(title));
    return without(ask, {
      minutes,
      leftOut: all.map((check) => ({ name: check.title, why: whyOf(check, known, minutes) })),
    });
  });
}

/** What a run of the same words left out: nothing where it made every check; null where there was none. */
function leftBefore(known: ModelState | undefined, ask: TrainAsk, minutes: number): readonly string[] | null {
  for (const { asked } of runsAsked(known, ask)) {
    const words = asked['checks'];
    if (words === undefined) return [];
    const told = Told.safeParse(jsonOr(words));
    if (told.success && told.data.minutes === minutes) return told.data.leftOut;
  }
  return null;
}

function jsonOr(words: string): unknown {
  try {
    return JSON.parse(words);
  } catch {
    return null;
  }
}

const Told = z.object({ minutes: z.number(), leftOut: z.array(z.string()) });

interface Within {
  readonly models: ReadonlyMap<string, ModelState> | undefined;
  readonly minutes: number;
}

function chosenOf(
  asks: readonly TrainAsk[],
  { models, minutes }: Within,
): ReadonlyMap<TrainAsk, readonly string[]> {
  const checks = asks.flatMap((ask) => checksOf(ask, models?.get(ask.model)));
  const costs = new Map(
    checks.flatMap(({ ask, steps }) =>
      steps.flatMap((step) => {
        const ms = tookOf(models?.get(ask.model), step);
        return ms === null ? [] : [[taskOf(ask, step), ms] as const];
      }),
    ),
  );
  const { leftOut } = chosenChecks({ checks, costs, budget: minutes * MINUTE_MS }, ASK);
  const gone = checks.filter(({ name }) => leftOut.includes(name));
  return new Map(asks.map((ask) => [ask, gone.flatMap((check) => (check.ask === ask ? [check.title] : []))]));
}

function taskOf({ model }: TrainAsk, step: string): string {
  return `${model} ${step}`;
}

/** Gates that need such a step, and the steps that none of them needs. */
function checksOf(ask: TrainAsk, known: ModelState | undefined): readonly RunCheck[] {
  const { recipe, settings } = ask;
  const steps = recipe.steps.filter(({ check }) => check === true).map(({ name }) => name);
  const gates = GATES.filter(({ name }) => (settings.gates[name] ?? null) !== null)
    .map(({ name, needs }) => ({ title: name, steps: needs.filter((step) => steps.includes(step)) }))
    .filter((gate) => gate.steps.length > 0);
  const free = steps.filter((step) => !gates.some((gate) => gate.steps.includes(step)));
  const optional: readonly string[] = settings.checks.optional;
  return [...gates, ...free.map((step) => ({ title: step, steps: [step] }))].map(({ title, steps: mine }) => {
    const record = free.includes(title) ? silence(known) : recordOf(known, title);
    return {
      ask,
      title,
      steps: mine,
      record,
      name: taskOf(ask, title),
      needs: mine.map((step) => taskOf(ask, step)),
      required: !free.includes(title) && !optional.includes(title),
      // Laplace's rule: what was never asked may yet say no.
      value: Math.max(1, Math.round((VALUE_UNIT * (record.stopped + 1)) / (record.judged + 2))),
    };
  });
}

function verdictsOf(known: ModelState | undefined) {
  return (known?.versions ?? []).flatMap(({ verdict }) => (verdict === null ? [] : [verdict.gates]));
}

/** Of the candidates that the gate was asked about: one that it was left out for tells nothing of it. */
function recordOf(known: ModelState | undefined, gate: string): Stops {
  const answers = verdictsOf(known).flatMap((gates) => gates.filter((one) => one.gate === gate));
  return { stopped: answers.filter(({ answer }) => answer !== 'pass').length, judged: answers.length };
}

/** A step that no gate asks for stops nobody. */
function silence(known: ModelState | undefined): Stops {
  return { stopped: 0, judged: verdictsOf(known).length };
}

function whyOf({ steps, record }: RunCheck, known: ModelState | undefined, minutes: number): string {
  const ms = steps.reduce((sum, step) => sum + (tookOf(known, step) ?? 0), 0);
  const said = `said no to ${record.stopped} of ${record.judged} candidates`;
  return `it takes ${(ms / MINUTE_MS).toFixed(2)} minutes and ${said}; checks may take ${minutes}`;
}

/** Gates that are left out are not asked, and steps that no gate asks for then are not performed. */
function without(ask: TrainAsk, checks: { minutes: number; leftOut: readonly LeftOut[] }): TrainAsk {
  const names = new Set(checks.leftOut.map(({ name }) => name));
  const gates = Object.fromEntries(
    Object.entries(ask.settings.gates).map(([name, params]) => [name, names.has(name) ? null : params]),
  );
  const settings = { ...ask.settings, gates };
  const left = checksOf(ask, undefined).filter(({ title }) => !names.has(title));
  const kept = new Set(left.flatMap(({ steps }) => steps));
  const steps = ask.recipe.steps.filter(({ name, check }) => check !== true || kept.has(name));
  return { ...ask, settings, recipe: { ...ask.recipe, steps }, checks };
}
