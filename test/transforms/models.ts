/** Small models in files, and the numbers in them, for tests of merging and compressing. */
import { rmSync } from 'node:fs';
import path from 'node:path';
import type { LayOut } from '../../pipelines/kernels/space.ts';
import { randomOf, type Random } from '../../pipelines/maths/random.ts';
import { numbersOf, type ElementName } from '../../pipelines/tensors/element.ts';
import { countOf } from '../../pipelines/tensors/header.ts';
import { merge } from '../../pipelines/transforms/merge.ts';
import { mergeSettingsOf } from '../../pipelines/transforms/merge-settings.ts';
import { createTensors, openTensors } from '../../pipelines/tensors/safetensors.ts';

export type Values = Readonly<
  Record<string, { readonly shape: readonly number[]; readonly values: readonly number[] }>
>;

export const one = (
  values: readonly number[],
  name = 'w',
  shape: readonly number[] = [values.length],
): Values => {
  return { [name]: { shape, values } };
};

/** Merges models that lie in a folder by their names. @returns what the merged file holds */
export async function merged(
  folder: string,
  config: unknown,
  {
    seed = 1,
    ...room
  }: { readonly seed?: number; readonly memoryBytes?: number; readonly lay?: LayOut } = {},
): Promise<Readonly<Record<string, Float64Array>>> {
  const target = path.join(folder, 'merged.safetensors');
  const settings = mergeSettingsOf(config, 'config.yml');
  await merge({
    settings,
    pathOf: (model) => path.join(folder, `${model}.safetensors`),
    target,
    seed,
    ...room,
  });
  return valuesIn(target);
}

export function gaussian(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random.nextFloat())) * Math.cos(2 * Math.PI * random.nextFloat());
}

export function bytesOf(type: ElementName, values: readonly number[]): Uint8Array {
  if (type === 'F32') return new Uint8Array(Float32Array.from(values).buffer);
  if (type === 'F16') return new Uint8Array(Float16Array.from(values).buffer);
  if (type === 'F64') return new Uint8Array(Float64Array.from(values).buffer);
  if (type === 'I64') return new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
  // Cut off, not rounded: only numbers that are brain floats already may be given.
  const upper = new Uint32Array(Float32Array.from(values).buffer).map((bits) => bits >>> 16);
  return new Uint8Array(Uint16Array.from(upper).buffer);
}

/** @returns the file */
export function modelIn(folder: string, name: string, tensors: Values, type: ElementName = 'F32'): string {
  const file = path.join(folder, `${name}.safetensors`);
  const shapes = Object.entries(tensors).map(([tensor, { shape }]) => ({ name: tensor, type, shape }));
  rmSync(file, { force: true });
  const writer = createTensors(file, shapes);
  for (const { values } of Object.values(tensors)) writer.write(bytesOf(type, values));
  writer.close();
  return file;
}

export function valuesIn(file: string): Readonly<Record<string, Float64Array>> {
  const opened = openTensors(file);
  const found = [...opened.tensors].map(([name, tensor]) => {
    const bytes = new Uint8Array(tensor.end - tensor.begin);
    tensor.read(bytes);
    return [name, numbersOf(tensor.type, bytes)] as const;
  });
  opened.close();
  return Object.fromEntries(found);
}

/** The tensors of a Llama of two layers, as transformers names them. */
const LLAMA: Readonly<Record<string, readonly number[]>> = {
  'model.embed_tokens.weight': [24, 16],
  ...Object.fromEntries(
    [0, 1].flatMap((layer) => {
      const at = `model.layers.${layer}`;
      return [
        [`${at}.input_layernorm.weight`, [16]],
        [`${at}.mlp.down_proj.weight`, [16, 20]],
        [`${at}.mlp.gate_proj.weight`, [20, 16]],
        [`${at}.mlp.up_proj.weight`, [20, 16]],
        [`${at}.post_attention_layernorm.weight`, [16]],
        [`${at}.self_attn.k_proj.weight`, [16, 16]],
        [`${at}.self_attn.o_proj.weight`, [16, 16]],
        [`${at}.self_attn.q_proj.weight`, [16, 16]],
        [`${at}.self_attn.v_proj.weight`, [16, 16]],
      ];
    }),
  ),
  'model.norm.weight': [16],
  'lm_head.weight': [24, 16],
};

export const LLAMA_CONFIG = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  hidden_size: 16,
  intermediate_size: 20,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 2,
  vocab_size: 24,
  tie_word_embeddings: false,
  torch_dtype: 'float32',
};

/** A base and models that moved a little away from it. @returns their files, the base's first */
export function llamas(folder: string, count: number): readonly string[] {
  const random = randomOf(11);
  const drawn = (scale: number): number => gaussian(random) * scale;
  const base = Object.entries(LLAMA).map(([name, shape]) => {
    return [
      name,
      { shape, values: Array.from({ length: countOf(shape) }, () => Math.fround(drawn(1))) },
    ] as const;
  });
  return Array.from({ length: count + 1 }, (_, index) => {
    const tensors = base.map(([name, { shape, values }]) => {
      const own = values.map((value) => (index === 0 ? value : Math.fround(value + drawn(0.1))));
      return [name, { shape, values: own }] as const;
    });
    return modelIn(folder, `model-${index}`, Object.fromEntries(tensors));
  });
}
