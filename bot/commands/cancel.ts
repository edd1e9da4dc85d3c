/** `/fettle cancel`: ends a run of Fettle's workflows, and no other. */
import type { Run } from '../github/runs.ts';
import * as z from 'zod';
import { codeSpan } from '../../registry/report/words.ts';
import { defineCommand, type Command } from './command.ts';
import { guarded } from './guard.ts';
import { done, refused } from './told.ts';

const RunNumber = z
  .string()
  .regex(/^[1-9]\d{0,15}$/, 'the number of a run, as its address ends')
  .transform(Number);

export const cancel: Command = defineCommand({
  name: 'cancel',
  usage: 'cancel <run>',
  summary: 'Cancels a run that Fettle started; what it made so far is kept, and nothing of it serves.',
  examples: ['cancel 19000000001'],
  level: 'write',
  mutates: true,
  input: z.strictObject({ run: RunNumber }),

  async handle(context, { run }) {
    const { outside, dryRun } = context;
    const runs = await outside.runs();
    const found = runs.find(({ id }) => id === run);
    const going = runs.filter(({ conclusion }) => conclusion === null).slice(0, 10);
    if (found === undefined) {
      return refused('not_found', `No run of Fettle’s has the number ${run}.`, { details: listOf(going) });
    }
    if (found.conclusion !== null) {
      return done(`Run ${run} is over already: ${codeSpan(found.conclusion)}.`, { reason: 'nothing_to_do' });
    }
    if (dryRun) return done(`Run ${run} would be cancelled. Nothing was changed.`, { reason: 'noop_ready' });
    const question = `Run ${run} (${codeSpan(found.name)}) will be cancelled.`;
    return guarded(context, { command: cancel, lock: `RUN.${run}`, question }, async () =>
      (await outside.cancel(run))
        ? done(`**Run ${run} is being cancelled.**`, { details: listOf([found]) })
        : done(`Run ${run} was over before it could be cancelled.`, { reason: 'nothing_to_do' }),
    );
  },
});

function listOf(runs: readonly Run[]): string {
  if (runs.length === 0) return 'No run is going on.';
  return runs.map(({ id, name, status }) => `- ${id}: ${codeSpan(name)}, ${codeSpan(status)}`).join('\n');
}
