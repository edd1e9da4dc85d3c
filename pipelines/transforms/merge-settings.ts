/** The file that says what is merged and how, as mergekit reads it: its words, and the value of a parameter at a tensor. */
import * as z from 'zod';
import { mergeUnfit } from '../tensors/faults.ts';

const Scalar = z.union([z.boolean(), z.number(), z.string()]);
const Conditional = z.object({
  filter: z.string().nullish(),
  value: z.union([Scalar, z.array(Scalar)]),
});

/** A value, a list that is interpolated over the layers, or values by parts of tensor names. */
const Setting = z.union([Scalar, z.array(Scalar), Conditional, z.array(Conditional)]);
type Setting = z.infer<typeof Setting>;

const Parameters = z.record(z.string(), Setting);
export type Parameters = z.infer<typeof Parameters>;

const Model = z.object({ model: z.string(), parameters: Parameters.nullish() });
const Source = Model.extend({ layer_range: z.tuple([z.int().min(0), z.int().min(0)]) });

const Slice = z.object({
  sources: z.array(Source).min(1),
  base_model: z.string().nullish(),
  parameters: Parameters.nullish(),
});

export const METHODS = [
  'linear',
  'slerp',
  'task_arithmetic',
  'ties',
  'dare_ties',
  'dare_linear',
  'breadcrumbs',
  'breadcrumbs_ties',
  'della',
  'della_linear',
  'model_stock',
  'passthrough',
] as const;
export type Method = (typeof METHODS)[number];

/** How mergekit and PyTorch name the element types. */
const TYPES = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' } as const;
const Type = z.enum(['float32', 'float16', 'bfloat16']).transform((name) => TYPES[name]);

/** `mergekit` names more words than change tensors; those that do and are not done here are refused, the rest may stand. */
const MergeSettings = z.object({
  merge_method: z.enum(METHODS),
  base_model: z.string().nullish(),
  models: z.array(Model).min(1).nullish(),
  slices: z.array(Slice).min(1).nullish(),
  parameters: Parameters.nullish(),
  dtype: Type.nullish(),
  out_dtype: Type.nullish(),
  modules: z.null({ error: 'only `models` or `slices`; merges of several modules are not done' }).optional(),
  tokenizer: z.null({ error: 'no tokenizer; vocabularies are not merged' }).optional(),
  tokenizer_source: z.literal('base', { error: '`base`; vocabularies are not merged' }).nullish(),
});
export type MergeSettings = z.infer<typeof MergeSettings>;

/**
 * @param parsed  what the YAML holds
 * @param where   the file, for the fault
 * @throws        mergeUnfit with the first word that is wrong
 */
export function mergeSettingsOf(parsed: unknown, where: string): MergeSettings {
  const result = MergeSettings.safeParse(parsed);
  if (!result.success) {
    const { path = [], message = '' } = result.error.issues[0] ?? {};
    const word = path.join('.');
    throw mergeUnfit({ where: word === '' ? where : `${where}, ${word}`, wanted: message, found: 'another' });
  }
  const { models, slices } = result.data;
  if ((models ?? null) === null ? (slices ?? null) === null : (slices ?? null) !== null) {
    throw mergeUnfit({ where, wanted: 'one of `models` and `slices`', found: models ? 'both' : 'neither' });
  }
  return result.data;
}

/** Where a parameter is asked for. */
export interface Place {
  readonly tensor: string;
  /** How far along the layers of its slice, 0 to 1; 0 outside of layers. */
  readonly t: number;
  /** From the highest precedence to the lowest. */
  readonly sources: readonly (Parameters | null | undefined)[];
}

/**
 * @returns  what the first source that says something says; undefined when none does
 * @throws   mergeUnfit when a list holds other things than numbers
 */
export function settingAt(name: string, place: Place): boolean | number | undefined {
  for (const source of place.sources) {
    const setting = source?.[name];
    const value = setting === undefined ? undefined : valueOf(name, setting, place);
    if (value !== undefined) return value;
  }
  return undefined;
}

function valueOf(name: string, setting: Setting, place: Place): boolean | number | undefined {
  if (typeof setting === 'boolean') return setting;
  if (typeof setting === 'number' || typeof setting === 'string') return numberOf(name, setting, place);
  const list = Array.isArray(setting) ? setting : [setting];
  if (list.length === 0) return undefined;
  const [scalars, conditions] = [z.array(Scalar).safeParse(list), z.array(Conditional).safeParse(list)];
  if (scalars.success) return interpolated(name, scalars.data, place);
  const { tensor } = place;
  const met = conditions.data?.find(({ filter }) => !filter || filter === '*' || tensor.includes(filter));
  return met === undefined ? undefined : valueOf(name, met.value, place);
}

function interpolated(
  name: string,
  list: readonly (boolean | number | string)[],
  place: Place,
): boolean | number | undefined {
  const scaled = place.t * (list.length - 1);
  const at = Math.floor(scaled);
  const [low = 0, high = low] = list.slice(at, at + 2);
  if (typeof low === 'boolean') return low;
  const rest = scaled - at;
  return (1 - rest) * numberOf(name, low, place) + rest * numberOf(name, high, place);
}

/** YAML reads `1e-3` as a text where mergekit reads a number. */
function numberOf(name: string, value: boolean | number | string, { tensor }: Place): number {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number === 'number' && Number.isFinite(number)) return number;
  throw mergeUnfit({
    where: `parameter ${name} at ${tensor}`,
    wanted: 'a finite number',
    found: String(value),
  });
}
