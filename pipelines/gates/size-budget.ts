/** The model's file fits where it is served. */
import * as z from 'zod';
import { grouped } from '../../registry/report/words.ts';
import { defineGate } from './gate.ts';

const Params = z.strictObject({
  most: z.int().min(1).default(10_000_000).describe('bytes of the model file'),
});

export const sizeBudget = defineGate({
  name: 'size-budget',
  says: 'The model file is small enough.',
  params: Params,

  judge({ measures }, { most }) {
    if (measures === null) return { answer: 'investigate', reason: 'the model’s size was not measured' };
    const { sizeBytes } = measures;
    if (sizeBytes <= most) {
      return { answer: 'pass', reason: `${grouped(sizeBytes)} bytes, budget ${grouped(most)}` };
    }
    return { answer: 'fail', reason: `${grouped(sizeBytes)} bytes, wanted at most ${grouped(most)}` };
  },
});
