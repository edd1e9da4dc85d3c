/** `fettle history [model]`: every decision, newest first, with its reason. */
import * as z from 'zod';
import { ModelName } from '../../registry/schema/model.ts';
import type { Decision, ModelState } from '../../registry/schema/state.ts';
import { modelOf } from '../../registry/state/query.ts';
import { defineVerb, type Paint } from './verb.ts';
import { openReader, viewIn } from './workplace.ts';

const MARKS = {
  promoted: 'good',
  refused: 'bad',
  held: 'warn',
  'rolled-back': 'bad',
  retired: 'warn',
  imported: 'dim',
} as const;

export const history = defineVerb({
  name: 'history',
  says: 'Lists every decision, newest first, with its reason.',
  words: ['model'],
  input: z.strictObject({
    model: ModelName.optional().describe('only this model'),
    most: z.coerce.number().pipe(z.int().min(1)).default(20).describe('how many'),
  }),
  writes: false,
  examples: ['fettle history', 'fettle history digits --most 50'],

  async run(context, { model, most }) {
    const { state } = await viewIn(await openReader(context));
    const models = model === undefined ? [...state.models.values()] : [modelOf(state, model)];
    const told = models.flatMap((known) =>
      known.decisions.map((decision) => ({ model: known.model, ...decision })),
    );
    const last = told.sort((a, b) => b.seq - a.seq).slice(0, most);
    return { data: { decisions: last }, text: (paint) => textOf(last, models, paint) };
  },
});

type Told = Decision & Pick<ModelState, 'model'>;

function textOf(decisions: readonly Told[], models: readonly ModelState[], paint: Paint): string {
  if (decisions.length === 0) {
    return models.length === 0 ? 'No models yet.' : 'No decisions yet: no candidate has been judged.';
  }
  return decisions
    .map((decision) => {
      const { at, by, what, model, version, channel, before, waived, reason } = decision;
      const overruled = waived.length === 0 ? '' : paint.warn(` (waived: ${waived.join(', ')})`);
      const where = channel === null ? '' : ` ${channel}`;
      const instead =
        before === null ? '' : paint.dim(what === 'rolled-back' ? ` from ${before}` : ` (before: ${before})`);
      const name = version === null ? model : `${model}@${version}`;
      return [
        `${paint.dim(`${at.slice(0, 16).replace('T', ' ')} UTC`)} ${paint[MARKS[what]](what.padEnd(11))} ${paint.bold(name)}${where}${instead}`,
        `  ${reason}${overruled} ${paint.dim(`— ${by}`)}`,
      ].join('\n');
    })
    .join('\n');
}
