/** What a merge will do, tensor by tensor, before a byte of it is written: who goes into what, by which recipe. */
import { ELEMENT_BYTES, type ElementName } from '../tensors/element.ts';
import { mergeUnfit, tensorsUnfit } from '../tensors/faults.ts';
import { shapeText, type TensorShape } from '../tensors/header.ts';
import type { StoredTensor, TensorFile } from '../tensors/safetensors.ts';
import { NEEDS, recipeOf, type Recipe } from './merge-method.ts';
import type { MergeSettings, Parameters } from './merge-settings.ts';

export interface PlannedTensor {
  readonly output: TensorShape;
  /** Without the base, where the method takes it apart from the others. */
  readonly models: readonly StoredTensor[];
  readonly base: StoredTensor | null;
  /** `same`: no floats; all must be equal, and are copied. */
  readonly recipe: Recipe | { readonly kind: 'same' };
}

/** One stretch of layers of the result, and the tensors outside of layers that go with it. */
interface Group {
  readonly models: readonly Member[];
  readonly base: Member | null;
  readonly parameters: Parameters | null;
  readonly layers: number;
  /** The index of its first layer in the result. */
  readonly offset: number;
  readonly outside: 'all' | 'before' | 'after' | 'both-ends' | 'none';
}

interface Member {
  readonly file: TensorFile;
  readonly firstLayer: number;
  readonly parameters: Parameters | null;
}

/**
 * Each slice looks through all tensors of its models: a file of a few thousand slices over a large model would keep a
 * machine busy, and fill its memory, before a byte is written.
 */
const LOOKS_MOST = 2_000_000;

/** Opens what a merge names; each name once. */
export type OpenModel = (name: string) => TensorFile;

/**
 * @param open  gives the same file for the same name
 * @returns     the tensors in the order in which they will be written
 * @throws      mergeUnfit, tensorsUnfit with the tensor's name
 */
export function planMerge(settings: MergeSettings, open: OpenModel): readonly PlannedTensor[] {
  const groups = groupsOf(settings, open);
  if (groups.length > 1) refuseManyLooks(groups);
  return groups.flatMap((group) => plannedIn(settings, group));
}

function refuseManyLooks(groups: readonly Group[]): void {
  const members = groups.flatMap(({ models, base }) => (base === null ? models : [base, ...models]));
  const looks = members.reduce((sum, { file }) => sum + file.tensors.size, 0);
  if (looks <= LOOKS_MOST) return;
  throw mergeUnfit({
    where: 'slices',
    wanted: `at most ${LOOKS_MOST} tensors to look through, counted for each slice and model`,
    found: `${looks} in ${groups.length} slices`,
  });
}

function groupsOf(settings: MergeSettings, open: OpenModel): readonly Group[] {
  const { models, slices } = settings;
  if (models) {
    const layers = Math.max(...models.map(({ model }) => layersIn(open(model))));
    const sources = models.map((model) => ({ ...model, layer_range: [0, layers] as [number, number] }));
    return [
      { ...membersOf(settings, { sources }, open), layers, offset: 0, outside: 'all', parameters: null },
    ];
  }
  let offset = 0;
  return (slices ?? []).map((slice, index, all) => {
    const lengths = new Set(slice.sources.map(({ layer_range: [from, to] }) => to - from));
    const layers = Math.max(...lengths);
    const where = `slices.${index}`;
    if (lengths.size > 1 || layers <= 0) {
      throw mergeUnfit({ where, wanted: 'layer ranges of one length', found: [...lengths].join(' and ') });
    }
    const begin = offset;
    offset += layers;
    const [first, last] = [index === 0, index === all.length - 1];
    const outside = first ? (last ? 'both-ends' : 'before') : last ? 'after' : 'none';
    return {
      ...membersOf(settings, slice, open),
      layers,
      offset: begin,
      outside,
      parameters: slice.parameters ?? null,
    };
  });
}

type Sources = NonNullable<MergeSettings['slices']>[number];

function membersOf(settings: MergeSettings, slice: Sources, open: OpenModel): Pick<Group, 'models' | 'base'> {
  const { merge_method: method } = settings;
  const needs = NEEDS[method];
  const named = slice.base_model ?? settings.base_model ?? null;
  if (needs.base === 'required' && named === null) {
    throw mergeUnfit({ where: 'base_model', wanted: `a base for ${method}`, found: 'none' });
  }
  const members = slice.sources.map(({ model, layer_range: [firstLayer], parameters }) => {
    return { name: model, file: open(model), firstLayer, parameters: parameters ?? null };
  });
  const base = needs.base === 'unused' ? null : named;
  const own = base === null ? undefined : members.find(({ name }) => name === base);
  const models = members.filter((member) => member !== own);
  if (models.length < needs.least || models.length > needs.most) {
    const range = needs.most === Infinity ? `${needs.least} or more` : `${needs.least}`;
    throw mergeUnfit({
      where: 'models',
      wanted: `${range} ${needs.base === 'unused' ? 'models' : 'models besides the base'} for ${method}`,
      found: `${models.length}`,
    });
  }
  const added =
    base === null
      ? null
      : { file: open(base), firstLayer: slice.sources[0]!.layer_range[0], parameters: null };
  return { models, base: own ?? added };
}

const LAYER = /^((?:[^.]+\.)*?)(\d+)\.(.+)$/;

/** `model.layers.12.mlp.up.weight` -> 12 and what stands around it; null outside of layers. */
function layerOf(name: string) {
  const [, before = '', index, after = ''] = LAYER.exec(name) ?? [];
  return index === undefined
    ? null
    : { index: Number(index), at: (layer: number) => `${before}${layer}.${after}` };
}

function layersIn(file: TensorFile): number {
  // As a loop: a file may have more tensors than a call may have arguments.
  let layers = 0;
  for (const name of file.tensors.keys()) layers = Math.max(layers, (layerOf(name)?.index ?? -1) + 1);
  return layers;
}

function plannedIn(settings: MergeSettings, group: Group): readonly PlannedTensor[] {
  const first = (group.base ?? group.models[0])!;
  const names = new Set([first, ...group.models].flatMap((member) => namesIn(member, first, group)));
  return [...names].map((name) => planned(settings, group, name));
}

/** The names that a member gives to the result, as the first member has them. */
function namesIn(member: Member, first: Member, { layers, outside }: Group): readonly string[] {
  return [...member.file.tensors.keys()].flatMap((name) => {
    const layer = layerOf(name);
    if (layer === null) {
      const before = /embed|wte|wpe/.test(name);
      const taken = outside === 'all' || outside === 'both-ends' || outside === (before ? 'before' : 'after');
      return taken ? [name] : [];
    }
    const place = layer.index - member.firstLayer;
    return place >= 0 && place < layers ? [layer.at(place + first.firstLayer)] : [];
  });
}

function planned(settings: MergeSettings, group: Group, name: string): PlannedTensor {
  const first = (group.base ?? group.models[0])!;
  const layer = layerOf(name);
  const place = layer === null ? null : layer.index - first.firstLayer;
  const tensorOf = (member: Member): StoredTensor =>
    found(member, place === null ? name : layer!.at(place + member.firstLayer));
  const base = group.base === null ? null : tensorOf(group.base);
  const models = group.models.map(tensorOf);
  const output = place === null ? name : layer!.at(place + group.offset);
  const t = place === null ? 0 : group.layers > 1 ? place / (group.layers - 1) : 1;
  const shared = [group.parameters, settings.parameters];
  const placeOf = (own: Parameters | null) => ({ tensor: output, t, sources: [own, ...shared] });
  const lead = (base ?? models[0])!;
  refuseOtherShapes(lead, models);
  const asked = { models: group.models.map(({ parameters }) => placeOf(parameters)), all: placeOf(null) };
  const same = !isMerged(lead.type);
  const type = same ? lead.type : (settings.out_dtype ?? settings.dtype ?? lead.type);
  return {
    output: { name: output, type, shape: lead.shape },
    models,
    base,
    recipe: same ? { kind: 'same' } : recipeOf(settings.merge_method, asked),
  };
}

/** A model that stores one of two tied tensors means the other one by it. */
const TIED: Readonly<Record<string, string>> = {
  'lm_head.weight': 'model.embed_tokens.weight',
  'model.embed_tokens.weight': 'lm_head.weight',
};

function found({ file }: Member, name: string): StoredTensor {
  const tensor = file.tensors.get(name) ?? file.tensors.get(TIED[name] ?? '');
  if (tensor !== undefined) return tensor;
  throw tensorsUnfit({ tensor: name, wanted: `it in ${file.path}`, found: 'none of that name' });
}

function refuseOtherShapes(lead: StoredTensor, models: readonly StoredTensor[]): void {
  for (const model of models) {
    if (shapeText(model.shape) !== shapeText(lead.shape)) {
      throw tensorsUnfit({
        tensor: lead.name,
        wanted: `${shapeText(lead.shape)}, as in ${lead.file}`,
        found: `${shapeText(model.shape)} in ${model.file}`,
      });
    }
    if (isMerged(model.type) !== isMerged(lead.type)) {
      throw tensorsUnfit({
        tensor: lead.name,
        wanted: `${lead.type}, as in ${lead.file}`,
        found: `${model.type} in ${model.file}`,
      });
    }
  }
}

function isMerged(type: ElementName): boolean {
  if (type === 'F64') return false;
  return ['F32', 'F16', 'BF16'].includes(type);
}

/** Of the tensors that are written. */
export function sizeOf(tensors: readonly PlannedTensor[]): number {
  return tensors.reduce((sum, { output }) => {
    return sum + output.shape.reduce((product, side) => product * side, ELEMENT_BYTES[output.type]);
  }, 0);
}
