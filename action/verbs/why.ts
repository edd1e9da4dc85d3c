/** `fettle why <model[@version]>`: why a version stands where it stands, derived again; or what decided a prediction. */
import * as z from 'zod';
import { lastVersion } from '../../registry/state/query.ts';
import { Channel, ModelOrVersion } from '../../registry/schema/model.ts';
import { defineVerb } from './verb.ts';
import { decisionTold } from './why-decision.ts';
import { predictionTold } from './why-prediction.ts';
import { modelIn, openReader, openShelf } from './workplace.ts';

export const why = defineVerb({
  name: 'why',
  says: 'Derives again why a version was promoted, held, refused or rolled back; or tells what decided a prediction.',
  words: ['subject'],
  input: z.strictObject({
    subject: ModelOrVersion.describe('a model, or model@version for another version than the newest'),
    title: z.string().optional().describe('an issue’s title: why it is labelled as it is'),
    body: z.string().optional().describe('an issue’s body'),
    file: z
      .string()
      .optional()
      .describe('an issue as a file: its first line is the title, the rest the body'),
    project: z.string().optional().describe('whose issue it is, where one model is for several projects'),
    label: z.string().optional().describe('why this label, and not another; the likeliest unless told'),
    on: Channel.default('production').describe('the channel whose version predicts'),
  }),
  writes: false,
  examples: [
    'fettle why digits@1.4.0',
    'fettle why issue-triage --project facebook/react --title "App crashes on start" --body "Steps: …"',
    'fettle why issue-triage@1.0.0 --file issue.md --label bug',
  ],

  async run(context, { subject, on, ...issue }) {
    const { model, version } = subject;
    const ledger = await openReader(context);
    const known = await modelIn(ledger, model);
    if (Object.values(issue).every((one) => one === undefined)) {
      return decisionTold(ledger.registry.log, known, version ?? lastVersion(known)?.version ?? null);
    }
    const { store } = await openShelf(context, ledger.repository);
    return predictionTold(context, { known, version, on, store, ...issue });
  },
});
