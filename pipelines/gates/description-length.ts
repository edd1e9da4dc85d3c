/** Shorter than what serves: model and labels together take fewer bits, so that a gain is not bought with size. */
import * as z from 'zod';
import { grouped } from '../../registry/report/words.ts';
import type { CodeLength } from '../scores/code-length.ts';
import { defineGate } from './gate.ts';

const Params = z.strictObject({
  shorter: z
    .int()
    .min(-1_000_000_000)
    .max(1_000_000_000)
    .default(0)
    .describe('bits that model and labels together must be shorter; below 0, bits that they may be longer'),
});

export const descriptionLength = defineGate({
  name: 'description-length',
  rail: 'strategic',
  says: 'Model and held-out labels together take fewer bits than with the version that serves.',
  standard: false,
  needs: ['measure'],
  params: Params,

  judge({ against, bits }, { shorter }) {
    if (against === null) {
      return { answer: 'pass', reason: 'nothing serves yet, so there is nothing to be shorter than' };
    }
    if (bits === null) {
      return { answer: 'investigate', reason: `the code lengths beside ${against} are not known` };
    }
    const [mine, theirs] = [totalOf(bits.candidate), totalOf(bits.champion)];
    const difference = mine - theirs;
    const told = `${bitsText(difference)} beside ${against}: model ${grouped(bits.candidate.model)} bits and labels ${grouped(Math.round(bits.candidate.data))}, were ${grouped(bits.champion.model)} and ${grouped(Math.round(bits.champion.data))}`;
    return {
      answer: difference <= -shorter ? 'pass' : 'fail',
      reason: told,
      wanted: `at most ${bitsText(-shorter)}`,
      found: bitsText(difference),
    };
  },
});

function totalOf({ model, data }: CodeLength): number {
  return model + data;
}

function bitsText(bits: number): string {
  const whole = Math.round(bits);
  return `${whole < 0 ? '−' : '+'}${grouped(Math.abs(whole))} bits`;
}
