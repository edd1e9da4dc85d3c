/** Worse nowhere: no label, project, language or length loses what the whole gains. */
import * as z from 'zod';
import { points } from '../../registry/report/words.ts';
import { sliceLosses, type SliceLoss } from '../scores/slice-losses.ts';
import { defineGate, pText } from './gate.ts';

const Params = z.strictObject({
  q: z
    .number()
    .gt(0)
    .max(0.5)
    .default(0.05)
    .describe('expected share of false ones among the slices that are called worse'),
});

/** `fail`: worse on some slice, by the exact McNemar test adjusted over all of them. `pass`: on none. */
export const slices = defineGate({
  name: 'slices',
  rail: 'analytical',
  says: 'Worse on no slice of the items: no label, project, author, length, language or template.',
  standard: false,
  params: Params,

  judge({ against, slices: pairs }, { q }) {
    if (against === null) {
      return { answer: 'pass', reason: 'nothing serves yet, so there is nothing to fall behind' };
    }
    if (pairs.length === 0) {
      return { answer: 'investigate', reason: `no slice of 20 items or more was scored by ${against} too` };
    }
    const losses = sliceLosses(pairs, q);
    const numbers = {
      wanted: `worse on none, at q ${q}`,
      found: `worse on ${losses.length} of ${pairs.length} slices`,
    };
    if (losses.length === 0) {
      return {
        answer: 'pass',
        reason: `worse than ${against} on none of ${pairs.length} slices`,
        ...numbers,
      };
    }
    const told = losses.slice(0, 3).map(lossText);
    const more = losses.length > 3 ? `; and ${losses.length - 3} more` : '';
    return { answer: 'fail', reason: `worse than ${against} on ${told.join('; ')}${more}`, ...numbers };
  },
});

function lossText({ by, value, wins, losses, n, pAdjusted }: SliceLoss): string {
  const name = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return `${by} \`${name.replaceAll('`', '’')}\`: ${points((losses - wins) / n)} of ${n} items, adjusted p ${pText(pAdjusted)}`;
}
