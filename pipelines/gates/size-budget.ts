/** The model's file fits where it is served. */
import * as z from 'zod';
import { grouped } from '../../registry/report/words.ts';
import { defineGate } from './gate.ts';

const Params = z.strictObject({
  most: z.int().min(1).default(10_000_000).describe('bytes of the model file'),
});

export const sizeBudget = defineGate({
  name: 'size-budget',
  rail: 'tactical',
  says: 'The model file is small enough.',
  needs: ['measure'],
  params: Params,

  judge({ metrics }, { most }) {
    const size = metrics.find(({ name }) => name === 'size');
    if (size === undefined) return { answer: 'investigate', reason: 'the model’s size was not measured' };
    const sizeBytes = Number(size.value);
    const numbers = { wanted: `at most ${grouped(most)} bytes`, found: `${grouped(sizeBytes)} bytes` };
    if (sizeBytes <= most) {
      return { answer: 'pass', reason: `${grouped(sizeBytes)} bytes, budget ${grouped(most)}`, ...numbers };
    }
    const reason = `${grouped(sizeBytes)} bytes, wanted at most ${grouped(most)}`;
    return { answer: 'fail', reason, ...numbers };
  },
});
