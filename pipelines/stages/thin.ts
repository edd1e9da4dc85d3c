/** Dataset -> the same with a few rows to train on left out, drawn by the seed: what a second training learns from. */
import * as z from 'zod';
import { decodeBatch } from '../artifacts/batch.ts';
import { decodeDataset, encodeDataset, PART, type Member } from '../artifacts/dataset.ts';
import { permutation, randomOf } from '../maths/random.ts';
import { defineStage, required } from './stage.ts';

/** One row of so many is left out. Of a label with fewer rows none is, so that no label is lost. */
const ONE_OF = 20;

/**
 * Many learners draw nothing at random: another seed alone would give the same file again, and confirm nothing. Without
 * a twentieth of its rows a training shows whether what it showed hung on a few of them.
 */
export const thin = defineStage({
  name: 'thin',
  version: 1,
  takes: { dataset: required('dataset') },
  gives: { dataset: 'dataset' },
  params: z.strictObject({}),
  reaches: 'nothing',

  async perform({ read, load, write, seed }) {
    const dataset = decodeDataset(await read('dataset'));
    const labels: (readonly string[])[] = [];
    for (const { batch } of dataset.members) {
      labels.push(decodeBatch(await load(batch)).rows.map(({ label }) => label));
    }
    const members = thinned(dataset.members, labels, seed);
    await write('dataset', encodeDataset({ ...dataset, members: [...members] }));
  },
});

interface Place {
  readonly member: number;
  readonly row: number;
}

function thinned(
  members: readonly Member[],
  labels: readonly (readonly string[])[],
  seed: number,
): readonly Member[] {
  const byLabel = new Map<string, Place[]>();
  members.forEach(({ parts }, member) => {
    [...parts].forEach((part, row) => {
      if (part !== PART.train) return;
      const label = labels[member]?.[row] ?? '';
      const known = byLabel.get(label);
      if (known === undefined) byLabel.set(label, [{ member, row }]);
      else known.push({ member, row });
    });
  });
  const random = randomOf(seed);
  const parts = members.map((member) => [...member.parts]);
  for (const label of [...byLabel.keys()].sort()) {
    const places = byLabel.get(label) ?? [];
    const drawn = permutation(places.length, random).subarray(0, Math.floor(places.length / ONE_OF));
    for (const index of drawn) {
      const { member, row } = places[index] ?? { member: -1, row: -1 };
      parts[member]?.splice(row, 1, PART.none);
    }
  }
  return members.map((member, index) => ({ ...member, parts: (parts[index] ?? []).join('') }));
}
