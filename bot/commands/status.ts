/** `/fettle status`: what serves where, what waits for people, and what is closed. */
import * as z from 'zod';
import { versionsTable } from '../../registry/report/markdown.ts';
import { champion, metricNamed, newestWord, servingIn } from '../../registry/report/story.ts';
import { counted, shareText } from '../../registry/report/words.ts';
import { ModelName } from '../../registry/schema/model.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { proposalsIn, type Proposal } from '../policy/proposals.ts';
import { defineCommand } from './command.ts';
import { isReply, lookedAt, modelMeant } from './looking.ts';
import { closedNotes, done, named, proposalsTable, servingTable } from './told.ts';

export const status = defineCommand({
  name: 'status',
  usage: 'status [model]',
  summary: 'Shows what serves where, what waits for people, and what is closed.',
  examples: ['status', 'status digits'],
  level: 'triage',
  mutates: false,
  input: z.strictObject({ model: ModelName.optional() }),

  async handle(context, { model }) {
    const view = await lookedAt(context);
    const all = [...(view?.state.models.values() ?? [])];
    if (view === null || all.length === 0) {
      return done('No model has been trained yet.', { next: '/fettle train' });
    }
    const found = model === undefined ? null : modelMeant(view.state, model);
    if (found !== null && isReply(found)) return found;
    const models = found === null ? all.toSorted((a, b) => b.lastSeq - a.lastSeq).slice(0, 50) : [found];
    const proposals = proposalsIn(view.state, context.settings).filter(
      (one) => found === null || one.model === found.model,
    );
    const closed = closedNotes(view.state.trust, models);
    const [one] = models;
    return done(one !== undefined && models.length === 1 ? verdictOf(one) : `${verdictOfAll(models)}`, {
      model: models.length === 1 ? (one?.model ?? null) : null,
      details: [
        ...closed.map((note) => `> ${note}\n`),
        servingTable(models),
        ...(proposals.length === 0 ? [] : ['', proposalsTable(proposals.slice(0, 20))]),
        ...(found === null ? [] : ['', ...versionsTable(found)]),
        ...(all.length > models.length && found === null
          ? ['', `_${counted(all.length - models.length, 'more model')} left out._`]
          : []),
      ].join('\n'),
      next: nextOf(proposals, one),
    });
  },
});

function verdictOf(known: ModelState): string {
  const version = champion(known);
  if (version === null) {
    const [elsewhere] = servingIn(known);
    const where = elsewhere === undefined ? '' : ` ${elsewhere[1]} serves ${elsewhere[0]}.`;
    return `Nothing serves production yet.${where} ${newestWord(known)}`.trim();
  }
  const accuracy = metricNamed(version, 'accuracy');
  const score =
    accuracy === null ? '' : `: accuracy ${shareText(accuracy)} on ${counted(accuracy.n, 'item')}`;
  return `**${named(known.model, version.version)} serves production**${score}. ${newestWord(known)}`.trim();
}

function verdictOfAll(models: readonly ModelState[]): string {
  const serving = models.filter((known) => champion(known) !== null).length;
  return `**${serving} of ${counted(models.length, 'model')}** ${serving === 1 ? 'serves' : 'serve'} production.`;
}

function nextOf([waiting]: readonly Proposal[], known: ModelState | undefined): string | null {
  if (waiting !== undefined) return `/fettle approve ${waiting.id}`;
  return known === undefined ? null : `/fettle why ${known.model}`;
}
