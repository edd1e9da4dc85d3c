/** Where candidates are trained, and what is asked of it: the words of `fettle run` against the settings. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { decodeBatch } from '../../pipelines/artifacts/batch.ts';
import { memoryCheckpoints } from '../../pipelines/artifacts/checkpoints.ts';
import { memoryMemo } from '../../pipelines/artifacts/step-memo.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { perform } from '../../pipelines/engine/perform.ts';
import { modelNotSet, sourceForgotten, sourceNotNamed, sourceUnreadable } from '../../pipelines/faults.ts';
import { everyRecipe, trainingNamed } from '../../pipelines/recipes/index.ts';
import { checkBudget } from '../../pipelines/settings/compute.ts';
import { peopleFirst } from '../../pipelines/settings/people.ts';
import { Criteria, criteriaAsk, gatesWith } from '../../pipelines/settings/criteria.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import { ModelSettings, SETTINGS_FILE, type Settings } from '../../pipelines/settings/settings.ts';
import { digestOf } from '../../registry/base/digest.ts';
import type { ArtifactRef } from '../../registry/schema/artifact.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { leftOf } from '../../registry/state/query.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { withinMinutes } from './checks.ts';
import { fedSource, GITHUB_ISSUES, type Fed } from './fed-source.ts';
import { ingestOf, performanceOf, type TrainAsk, type Workshop } from './training.ts';
import type { VerbContext } from './verb.ts';
import { hideShelf, openShelf, openWriter, type Ledger, type Shelf } from './workplace.ts';

export const RunInput = z.strictObject({
  recipe: z.string().describe('a recipe, or a model that the settings name'),
  from: z.string().optional().describe('file to take in; else the `from` of the settings'),
  model: ModelName.optional().describe('name of the model, where it is not the recipe’s own'),
  seed: z.coerce.number().pipe(z.int().min(0)).optional().describe('another seed than that of the settings'),
  criteria: Criteria.optional(),
  minutesMost: z.coerce
    .number()
    .pipe(z.number().min(0))
    .optional()
    .describe('minutes that checks may take, in place of those of the settings; optional ones are left out'),
});
export type RunInput = z.infer<typeof RunInput>;

export interface OpenWorkshop {
  readonly shop: Workshop;
  readonly shelf: Shelf;
  readonly ledger: Ledger;
  readonly settings: Settings;
  /** Top of the repository. */
  readonly top: string;
}

export async function openWorkshop(context: VerbContext): Promise<OpenWorkshop> {
  const { top } = await repositoryAt(context.folder);
  const settings = await readSettings(top);
  const ledger = await openWriter(context, settings.registry.remote);
  const shelf = await openShelf(context, ledger.repository);
  // A rehearsal trains and judges for real, but in memory: neither artifacts nor events are kept.
  const kept = context.dryRun
    ? { store: memoryOver(shelf.store), memo: memoryMemo(), checkpoints: memoryCheckpoints() }
    : shelf;
  if (!context.dryRun) await hideShelf(shelf);
  const shop: Workshop = {
    ...kept,
    registry: ledger.registry,
    commit: await ledger.repository.commit(),
    dryRun: context.dryRun,
    now: context.now,
    watch: (step) => context.progress.step(step),
    checkBudget: (model, known) => checkBudget(settings.compute, { model, known, now: context.now() }),
  };
  return { shop, shelf, ledger, settings, top };
}

interface Asking {
  readonly context: VerbContext;
  readonly input: RunInput;
  readonly settings: Settings;
  /** Top of the repository. */
  readonly top: string;
}

/** One ask, or one for each group where the settings name the column that groups. */
export async function asksOf(
  shop: Workshop,
  { context, input, settings, top }: Asking,
): Promise<readonly TrainAsk[]> {
  const { name, chosen } = await choose(input, settings);
  const from = input.from ?? chosen.from;
  if (from === null) throw sourceNotNamed({ recipe: input.recipe, file: SETTINGS_FILE });
  const recipe = trainingNamed(chosen.recipe);
  if (recipe === null) throw new TypeError(`the settings let recipe ${chosen.recipe} through`);

  const source = await sourceFor(shop, { context, input, top, from, name, chosen });
  const artifact = await takeSource(shop, { context, model: name, from, bytes: source.bytes });
  const gates = gatesWith(chosen.gates, input.criteria ?? chosen.criteria);
  const seeded = { ...chosen, gates, seed: input.seed ?? chosen.seed };
  const ask = {
    recipe,
    settings: seeded,
    source: { name: source.name, artifact },
    model: name,
    group: null,
    approvals: peopleFirst(settings, { model: name, channel: chosen.promote }),
    demanded: criteriaAsk(input.criteria ?? null).approvals,
  };
  const minutes = input.minutesMost ?? chosen.checks.minutes;
  if (chosen.columns.group === null) return withinMinutes(shop, [ask], minutes);

  const groups = await groupsOf(shop, ask);
  const all = groups.map((group) => ({ ...ask, group, model: ModelName.parse(`${name}/${slugOf(group)}`) }));
  return withinMinutes(shop, all, minutes);
}

/** A model of the settings by its name; else the recipe itself with its defaults. @throws modelNotSet */
async function choose(
  { recipe, model }: RunInput,
  { models }: Settings,
): Promise<{ name: ModelName; chosen: ModelSettings }> {
  const named = ModelName.safeParse(model ?? recipe);
  if (named.success) {
    // A model may be called as a member that every object has.
    const set = Object.hasOwn(models, named.data) ? models[named.data] : undefined;
    if (set !== undefined) return { name: named.data, chosen: set };
    if (trainingNamed(recipe) !== null) return { name: named.data, chosen: ModelSettings.parse({ recipe }) };
  }
  // A recipe that makes no model is none to whoever plans training.
  const known = [...Object.keys(models), ...(await everyRecipe()).map(({ name }) => name)].filter(
    (name) => name !== recipe,
  );
  throw modelNotSet({ model: recipe, known, file: SETTINGS_FILE });
}

interface Taking {
  readonly context: VerbContext;
  readonly model: ModelName;
  readonly from: string;
  readonly bytes: Uint8Array;
}

/** A file of which rows were forgotten stays where people keep it; it must not bring them back. @throws sourceForgotten */
async function takeSource(
  { registry, store }: Workshop,
  { context, model, from, bytes }: Taking,
): Promise<ArtifactRef> {
  const view = await registry.readModel(model);
  const digest = digestOf(bytes);
  const left = view === null ? digest : leftOf(view.state.trust, digest);
  if (left === digest) return store.put('source', bytes);
  if (left === null || !(await store.has(left))) throw sourceForgotten({ source: from });
  context.progress.say(
    `Rows of ${from} were forgotten: what is left of it is taken in. Take them out of the file too.`,
  );
  return { kind: 'source', digest: left, sizeBytes: (await store.get(left)).byteLength };
}

interface Sourcing extends Omit<Asking, 'settings'> {
  readonly from: string;
  readonly name: ModelName;
  readonly chosen: ModelSettings;
}

async function sourceFor(
  { registry, store }: Workshop,
  { context, input, top, from, name, chosen }: Sourcing,
): Promise<Fed> {
  if (from === GITHUB_ISSUES) {
    const known = (await registry.readModel(name))?.state.models.get(name);
    return fedSource(context, { known, chosen, store });
  }
  // A path on the command line starts where the person is; one of the settings, at the repository's top.
  const file = path.resolve(input.from === undefined ? top : context.folder, from);
  return { name: path.basename(from), bytes: await readSource(file, from) };
}

/** @param told  the file as the person named it. @throws sourceUnreadable */
export async function readSource(file: string, told: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (error) {
    throw sourceUnreadable(
      { source: told, said: error instanceof Error ? error.message : String(error) },
      error,
    );
  }
}

/** The groups in the order of their names, from the batch that every group's run shares. */
async function groupsOf(shop: Workshop, ask: TrainAsk): Promise<readonly string[]> {
  const taken = await perform([ingestOf(ask)], performanceOf(shop));
  const batch = taken.get('ingest')?.outputs['batch'];
  if (batch === undefined) throw new TypeError(`recipe ${ask.recipe.name} does not begin with \`ingest\``);
  const { rows } = decodeBatch(await shop.store.get(batch.digest));
  return [...new Set(rows.map(({ group }) => group))].sort();
}

function slugOf(group: string): string {
  return (
    group
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '') || 'none'
  );
}

/** Reads what the shelf has; writes only to memory. */
function memoryOver(shelf: ArtifactStore): ArtifactStore {
  const memory = memoryStore();
  return {
    where: shelf.where,
    put: memory.put,
    has: async (digest) => (await memory.has(digest)) || shelf.has(digest),
    get: async (digest) => ((await memory.has(digest)) ? memory.get(digest) : shelf.get(digest)),
    putFile: memory.putFile,
    getFile: async (digest, file) => ((await memory.has(digest)) ? memory : shelf).getFile(digest, file),
  };
}
