/** `fettle log [model]`: the events themselves, newest first, one line each. */
import * as z from 'zod';
import { eventWords } from '../../registry/report/event-words.ts';
import { minuteText, plain } from '../../registry/report/words.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import { EVENT_TYPES } from '../../registry/schema/event.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { Moment, MOMENT_SAYS } from '../../registry/schema/moment.ts';
import { modelOf } from '../../registry/state/query.ts';
import { readBack } from './read-back.ts';
import { defineVerb, type Paint } from './verb.ts';
import { openReader, viewIn } from './workplace.ts';

export const log = defineVerb({
  name: 'log',
  says: 'Lists the events themselves, newest first, one line each.',
  words: ['model'],
  input: z.strictObject({
    model: ModelName.optional().describe('only this model'),
    since: Moment.optional().describe(`from there on: ${MOMENT_SAYS}`),
    until: Moment.optional().describe('up to there and with it, written the same way'),
    type: z.enum(EVENT_TYPES).optional().describe('only events of this type'),
    limit: z.coerce.number().pipe(z.int().min(1)).default(30).describe('how many at most'),
  }),
  writes: false,
  examples: [
    'fettle log',
    'fettle log digits --since 2026-11-20',
    'fettle log --type model.promoted --limit 5',
  ],

  async run(context, { model, since, until, type, limit }) {
    const ledger = await openReader(context);
    const sought = {
      model: model ?? null,
      since: since ?? null,
      until: until ?? null,
      type: type ?? null,
      limit,
    };
    const entries = await readBack(ledger.registry.log, sought);
    // A model that has no such event may be one that does not exist; else nobody needs to read what is now.
    if (model !== undefined && entries.length === 0) modelOf((await viewIn(ledger)).state, model);
    return {
      data: { events: entries.map(({ seq, envelope }) => ({ seq, ...envelope })) },
      text: (paint) => textOf(entries, paint),
    };
  },
});

function textOf(entries: readonly Entry[], paint: Paint): string {
  if (entries.length === 0) return 'No such events.';
  const rows = entries.map((entry) => {
    const { seq, envelope } = entry;
    const { what, change } = eventWords(entry);
    const { at, by, src, subject } = envelope;
    const changed = change === null ? '' : ` ${paint.bold(`(${change})`)}`;
    return [String(seq), minuteText(at), plain(by.login), src.door, plain(subject), `${what}${changed}`];
  });
  return paint.table([['seq', 'when (UTC)', 'who', 'door', 'model', 'what'], ...rows]);
}
