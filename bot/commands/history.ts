/** `/fettle history`: every decision, newest first, with its reason. */
import * as z from 'zod';
import { decisionLine } from '../../registry/report/markdown.ts';
import { deedOf } from '../../registry/report/story.ts';
import { codeSpan, counted, markdown, timeText } from '../../registry/report/words.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { defineCommand } from './command.ts';
import { isReply, lookedAt, modelMeant, NOTHING_YET } from './looking.ts';
import { done } from './told.ts';

export const history = defineCommand({
  name: 'history',
  usage: 'history [model]',
  summary: 'Lists every decision, newest first, with its reason.',
  examples: ['history', 'history digits --most 50'],
  level: 'triage',
  mutates: false,
  input: z.strictObject({
    model: ModelName.optional(),
    most: z.coerce.number('a number').pipe(z.int().min(1).max(50)).default(20),
  }),

  async handle(context, { model, most }) {
    const view = await lookedAt(context);
    if (view === null) return NOTHING_YET;
    const known = modelMeant(view.state, model);
    if (isReply(known)) return known;
    const last = known.decisions.slice(-most).reverse();
    const [newest] = last;
    if (newest === undefined) {
      return done(`Nothing was decided about ${codeSpan(known.model)} yet.`, { model: known.model });
    }
    return done(
      `${codeSpan(known.model)}: ${counted(known.decisions.length, 'decision')}. ` +
        `The last, ${timeText(newest.at)}: ${markdown(deedOf(newest))}.`,
      { model: known.model, details: last.map(decisionLine).join('\n'), next: `/fettle why ${known.model}` },
    );
  },
});
