/** Worse nowhere: no label, project, language or length loses what the whole gains. */
import * as z from 'zod';
import { sliceLosses, type SliceLoss } from '../scores/slice-losses.ts';
import { defineGate, points } from './gate.ts';

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
    if (losses.length === 0) {
      return { answer: 'pass', reason: `worse than ${against} on none of ${pairs.length} slices` };
    }
    const told = losses.slice(0, 3).map(lossText);
    const more = losses.length > 3 ? `; and ${losses.length - 3} more` : '';
    return { answer: 'fail', reason: `worse than ${against} on ${told.join('; ')}${more}` };
  },
});

function lossText({ by, value, wins, losses, n, pAdjusted }: SliceLoss): string {
  const p = pAdjusted < 0.0001 ? '< 0.0001' : pAdjusted.toFixed(4);
  const name = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  return `${by} \`${name.replaceAll('`', '’')}\`: ${points((losses - wins) / n)} of ${n} items, adjusted p ${p}`;
}
