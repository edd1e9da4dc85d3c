/** Measures what is done to files of tensors: in a process of its own, so that its memory is that of nothing else. */
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { createTensors } from '../../pipelines/tensors/safetensors.ts';
import { CODECS } from '../../pipelines/codecs/index.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { atLeast, atMost, type Figure } from './figure.ts';

const NAMES = ['base', 'a', 'b', 'c'] as const;

interface Size {
  readonly tensors: number;
  readonly shape: readonly [number, number];
  readonly type: 'F32' | 'BF16';
}

/** Models whose weights differ from the base's by up to a tenth of them. */
function writeModels(folder: string, { tensors, shape, type }: Size): void {
  const count = shape[0] * shape[1];
  for (const [model, name] of NAMES.entries()) {
    const names = Array.from({ length: tensors }, (_, index) => `layers.${index}.weight`);
    const writer = createTensors(
      path.join(folder, `${name}.safetensors`),
      names.map((tensor) => ({ name: tensor, type, shape })),
    );
    let own = model * 7919 + 1;
    const values = new Float32Array(count);
    const bits = new Uint32Array(values.buffer);
    const brains = new Uint16Array(count);
    for (let tensor = 0; tensor < tensors; tensor++) {
      let shared = tensor * 31 + 17;
      for (let at = 0; at < count; at++) {
        shared = (Math.imul(shared, 1664525) + 1013904223) >>> 0;
        own = (Math.imul(own, 1664525) + 1013904223) >>> 0;
        values[at] = shared / 2 ** 32 - 0.5 + (model === 0 ? 0 : (own / 2 ** 32 - 0.5) * 0.1);
      }
      brains.forEach((_, at) => (brains[at] = bits[at]! >>> 16));
      writer.write(new Uint8Array(type === 'F32' ? values.buffer : brains.buffer));
    }
    writer.close();
  }
}

const TIES = `merge_method: ties
base_model: base.safetensors
models:
  - {model: a.safetensors, parameters: {weight: 1, density: 0.2}}
  - {model: b.safetensors, parameters: {weight: 0.7, density: 0.2}}
  - {model: c.safetensors, parameters: {weight: 0.5, density: 0.2}}
`;

/** Merges as often as it is told, and prints the seconds of each and the most memory that was resident. */
const CHILD = `
import { readFileSync, statSync, rmSync } from 'node:fs';
import { parse } from 'yaml';
import { merge } from './pipelines/transforms/merge.ts';
import { mergeSettingsOf } from './pipelines/transforms/merge-settings.ts';
const [folder, times] = process.argv.slice(-2);
const settings = mergeSettingsOf(parse(readFileSync(folder + '/ties.yml', 'utf8')), 'ties.yml');
const seconds = [];
const cpu = [];
for (let time = 0; time < Number(times); time++) {
  const began = performance.now();
  const before = process.cpuUsage();
  await merge({ settings, pathOf: (model) => folder + '/' + model, target: folder + '/out.safetensors', seed: 0 });
  seconds.push((performance.now() - began) / 1000);
  const { user, system } = process.cpuUsage(before);
  cpu.push((user + system) / 1e6);
}
console.log(JSON.stringify({ seconds, cpu, rssMb: process.resourceUsage().maxRSS / 1024 }));
`;

const Measured = z.object({ seconds: z.array(z.number()), cpu: z.array(z.number()), rssMb: z.number() });

function measured(folder: string, times: number): z.infer<typeof Measured> {
  const top = path.resolve(import.meta.dirname, '../..');
  const words = ['--input-type=module', '--eval', CHILD, folder, String(times)];
  const { stdout, stderr } = spawnSync(process.execPath, words, { cwd: top, encoding: 'utf8' });
  if (stdout === '') throw new Error(stderr);
  return Measured.parse(JSON.parse(stdout));
}

/**
 * What writing the same bytes takes, flushed as the merge flushes them: a disk that is slow today is not the merge's.
 */
function writingS(folder: string): number {
  const bytes = readFileSync(path.join(folder, 'out.safetensors'));
  const file = path.join(folder, 'flushed');
  const began = performance.now();
  writeFileSync(file, bytes, { flush: true });
  const seconds = (performance.now() - began) / 1000;
  rmSync(file);
  return seconds;
}

/** @param folder  with room for 1 GB, or for 10 GB with `large` */
export function measureMerges(folder: string, large: boolean): readonly Figure[] {
  writeModels(folder, { tensors: 25, shape: [1000, 2000], type: 'F32' });
  writeFileSync(path.join(folder, 'ties.yml'), TIES);
  const { seconds, cpu, rssMb } = measured(folder, 5);
  const best = Math.min(...seconds);
  const flush = writingS(folder);
  const figures = [
    atMost(
      'merge: TIES of 3 models of 50 M floats, with flush to disk, best of 5 (wall)',
      { value: best, target: 0.65, unit: 's' },
      `${Math.min(...cpu).toFixed(2)} s of CPU; writing and flushing the result alone ${flush.toFixed(2)} s`,
    ),
    atMost('merge: the same, resident', { value: rssMb, target: 300, unit: 'MB', digits: 0 }),
  ];
  if (!large) return figures;
  for (const name of NAMES) rmSync(path.join(folder, `${name}.safetensors`));
  writeModels(folder, { tensors: 60, shape: [4096, 4096], type: 'BF16' });
  const billion = measured(folder, 1);
  return [
    ...figures,
    atMost(
      'merge: TIES of 3 models of 1.0 G brain floats (wall)',
      { value: billion.seconds[0] ?? Infinity, target: 30, unit: 's' },
      `${(billion.cpu[0] ?? 0).toFixed(1)} s of CPU`,
    ),
    atMost('merge: the same, resident', { value: billion.rssMb, target: 1000, unit: 'MB', digits: 0 }),
  ];
}

/** Decibels that each codec must keep of normal weights. */
const KEPT_DB: Readonly<Record<string, number>> = {
  ternary: 6.8,
  trellis: 10.4,
  seedlm: 12.6,
  int4: 18.6,
  int8: 43,
};

/** Each codec on normal weights: what it keeps at how many bits, from the bytes that it gives, and how fast it is. */
export function measureCodecs(): readonly Figure[] {
  return CODECS.map((codec) => {
    const random = randomOf(5);
    const count = codec.name === 'seedlm' ? 2 ** 16 : 2 ** 20;
    const weights = Float32Array.from({ length: count }, () => {
      const radius = Math.sqrt(-2 * Math.log(1 - random.nextFloat()));
      return 0.02 * radius * Math.cos(2 * Math.PI * random.nextFloat());
    });
    const [parts, encodeS] = cpuOf(() => codec.encode(weights));
    const bytes = Object.fromEntries(parts.map((part) => [part.name, part.bytes]));
    const [decoded, decodeS] = cpuOf(() => codec.decode(bytes, count));
    const energy = weights.reduce((sum, value) => sum + value ** 2, 0);
    const noise = weights.reduce((sum, value, at) => sum + (value - decoded[at]!) ** 2, 0);
    const bits = (8 * parts.reduce((sum, part) => sum + part.bytes.length, 0)) / count;
    const speed = (seconds: number): string => `${(count / seconds / 1e6).toFixed(2)} M/s`;
    return atLeast(
      `codec ${codec.name}: SNR on normal weights at ${bits.toFixed(3)} bits`,
      { value: 10 * Math.log10(energy / noise), target: KEPT_DB[codec.name] ?? 0, unit: 'dB' },
      `encodes ${speed(encodeS)}, decodes ${speed(decodeS)} (CPU)`,
    );
  });
}

function cpuOf<T>(act: () => T): readonly [T, number] {
  const began = process.cpuUsage();
  const found = act();
  const { user, system } = process.cpuUsage(began);
  return [found, (user + system) / 1e6];
}
