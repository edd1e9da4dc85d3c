/** The test could have seen a difference that matters: enough items, and some of every label. */
import * as z from 'zod';
import { points } from '../../registry/report/words.ts';
import { detectableOf } from '../scores/comparison.ts';
import { defineGate } from './gate.ts';

const Params = z.strictObject({
  least: z.int().min(1).default(100).describe('held-out items in all'),
  leastPerLabel: z.int().min(0).default(5).describe('held-out items of every label'),
  effect: z
    .number()
    .gt(0)
    .max(1)
    .default(0.1)
    .describe('difference of accuracy, as a share, that must be visible with 80% power'),
});

export const enoughSamples = defineGate({
  name: 'enough-samples',
  rail: 'tactical',
  says: 'Enough held-out items to see a difference that matters.',
  params: Params,

  judge({ labels, confusion, comparison }, { least, leastPerLabel, effect }) {
    const supports = confusion.map((row) => row.reduce((sum, count) => sum + count, 0));
    const n = supports.reduce((sum, support) => sum + support, 0);
    if (n < least) {
      const told = { wanted: `${least} items`, found: `${n} items` };
      return { ...thin(`${n} held-out items, wanted at least ${least}`), ...told };
    }
    const scarce = supports.findIndex((support) => support < leastPerLabel);
    if (scarce >= 0) {
      const found = `${supports[scarce] ?? 0} held-out items of label \`${labels[scarce] ?? ''}\``;
      const told = { wanted: `${leastPerLabel} of every label`, found: `${supports[scarce] ?? 0} of one` };
      return { ...thin(`${found}, wanted at least ${leastPerLabel}`), ...told };
    }
    // Before anything serves no discordance is known; a tenth is what unlike classifiers commonly show.
    const visible = comparison === null ? detectableOf(n, 0.1) : comparison.detectable;
    const told = { wanted: `${points(effect)} visible`, found: `${points(visible)} visible` };
    if (visible > effect) {
      const reason = `${n} held-out items show only ${points(visible)} or more, wanted ${points(effect)}`;
      return { ...thin(reason), ...told };
    }
    const reason = `${n} held-out items show ${points(visible)} or more with 80% power`;
    return { answer: 'pass', reason, ...told };
  },
});

function thin(reason: string) {
  return { answer: 'investigate', reason } as const;
}
