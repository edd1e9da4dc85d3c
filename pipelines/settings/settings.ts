/** What may stand in .github/fettle.yml: the schema, from which its JSON Schema and its defaults come. */
import * as z from 'zod';
import { Channel, ModelName } from '../../registry/schema/model.ts';
import { ArtifactSettings } from '../artifacts/chosen-store.ts';
import { ComputeSettings, Minutes } from './compute.ts';
import { GATES } from '../gates/index.ts';
import type { TrainingRecipe } from '../engine/pipeline.ts';
import { TRAINING_RECIPES } from '../recipes/index.ts';
import { RegistrySettings, SETTINGS_FILE } from './registry-settings.ts';
import { Columns } from '../stages/ingest.ts';
import { BotSettings } from './bot.ts';
import { Criteria } from './criteria.ts';
import { QuantumSettings } from './quantum.ts';
import { TriageSettings } from './triage.ts';

export { SETTINGS_FILE };

/** A gate's parameters by its name; `null` turns a gate off. */
const Gates = z.strictObject(
  Object.fromEntries(
    GATES.map((gate) => [
      gate.name,
      gate.params
        .nullable()
        .prefault(gate.standard ? {} : null)
        .describe(`${gate.says} ${gate.standard ? '`null` turns it off.' : 'Off unless it is named.'}`),
    ]),
  ),
);

/** Gates whose evidence takes a step of its own. */
const COSTLY = GATES.filter(({ needs }) => needs.length > 0).map(({ name }) => name);

const CheckSettings = z.strictObject({
  minutes: Minutes.nullable()
    .default(null)
    .describe('minutes that the checks of one command may take, by what they took before; null: no limit'),
  optional: z
    .array(z.enum(COSTLY))
    .default([])
    .describe('gates that may be left out where these minutes are short; no other gate ever is'),
});

/** The settings of a model trained by this recipe, with the recipe's own defaults. */
function modelSettingsOf({ name, defaults, learner }: TrainingRecipe) {
  return z.strictObject({
    recipe: z.literal(name),
    from: z
      .string()
      .nullable()
      .default(null)
      .describe(
        'the source to read when `--from` names none: a file, or `github-issues` for those of GITHUB_REPOSITORY',
      ),
    columns: Columns.prefault(defaults.columns).describe('which column plays which part'),
    holdout: z
      .number()
      .gt(0)
      .max(0.9)
      .default(defaults.holdout)
      .describe('share of every batch that is held out for ever, its newest rows'),
    stratify: z
      .boolean()
      .default(defaults.stratify)
      .describe('hold out the share of every label on its own, where labels come in seasons'),
    seed: z.int().min(0).max(0xffffffff).default(1).describe('the same seed gives the same model'),
    learner: learner.prefault({ ...defaults.learner }).describe('how the model learns'),
    gates: Gates.prefault(defaults.gates).describe('what a candidate must pass'),
    criteria: Criteria.nullable()
      .default(null)
      .describe('what a candidate must show, on one line, over the parameters of `gates`'),
    checks: CheckSettings.prefault({}).describe('how long checks may take, and which may be left out'),
    promote: Channel.nullable()
      .default('production')
      .describe('where a candidate serves when every gate passed; null leaves it to people'),
    triage: TriageSettings.prefault({}).describe(
      'what a model of issues may do on GitHub, and what it learns from there',
    ),
  });
}

const [first, ...others] = TRAINING_RECIPES.map(modelSettingsOf);
if (first === undefined) throw new TypeError('there is no recipe');

export const ModelSettings = z.discriminatedUnion('recipe', [first, ...others]);
export type ModelSettings = z.infer<typeof ModelSettings>;

export const Settings = z.strictObject({
  $schema: z.string().optional(),
  registry: RegistrySettings.prefault({}),
  artifacts: ArtifactSettings.prefault({}).describe(
    'the store that machines share, beside the folder .fettle/artifacts of each',
  ),
  bot: BotSettings.prefault({}).describe('who may ask what of the bot, and what it does by itself'),
  compute: ComputeSettings.prefault({}).describe('what runs may cost, and where their heavy steps run'),
  quantum: QuantumSettings.prefault({}).describe('machines elsewhere that run circuits'),
  models: z.record(ModelName, ModelSettings).prefault({}).describe('every model, by name'),
});
export type Settings = z.infer<typeof Settings>;

/** The schema that editors check the file with. */
export function settingsSchema(): Readonly<Record<string, unknown>> {
  return z.toJSONSchema(Settings, { io: 'input' });
}
