/** `fettle watch`: frees what lost machines held, and raises the alarm over models that have gone silent. */
import * as z from 'zod';
import { readSettings } from '../../pipelines/settings/read.ts';
import { decideReaping } from '../../registry/decide/lease.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { spentIn } from '../../registry/state/leases.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { defineVerb, EXIT, type Paint, type Told } from './verb.ts';
import { ago, counted } from './words.ts';
import { decideIn, openWriter, viewIn } from './workplace.ts';

const HOUR_MS = 3_600_000;

interface Watched {
  readonly model: string;
  /** When a run last completed; null where none of those kept did. */
  readonly last: string | null;
  readonly silent: boolean;
  /** Steps that machines elsewhere hold. */
  readonly held: number;
  readonly minutesThisMonth: number;
}

export const watch = defineVerb({
  name: 'watch',
  says: 'Frees steps that lost machines held, and raises the alarm over models that have gone silent.',
  words: [],
  input: z.strictObject({}),
  writes: true,
  examples: ['fettle watch', 'fettle watch --dry-run --json'],

  async run(context) {
    const { top } = await repositoryAt(context.folder);
    const settings = await readSettings(top);
    const ledger = await openWriter(context, settings.registry.remote);
    // A watchdog that looks at what it remembers sees nothing.
    await ledger.registry.log.refresh?.();
    if ((await ledger.registry.log.read([])) === null) return nothingBegun(context.dryRun);
    const now = context.now();
    const reaped = await decideIn(ledger, context, (state) => decideReaping(state, now));
    const lost = reaped.flatMap((event) =>
      event.type === 'lease.ended'
        ? [{ model: event.subject, run: event.body.run, step: event.body.step }]
        : [],
    );
    const { state } = await viewIn(ledger);
    const models = [...state.models.values()]
      .filter(({ retired, runs }) => retired === null && runs.length > 0)
      .map((known) => watched(known, { now, quietMs: settings.compute.quiet * HOUR_MS }));
    const silent = models.some((one) => one.silent);
    return {
      data: { dryRun: context.dryRun, lost, models },
      text: (paint) => textOf({ models, lost: lost.length, now }, paint),
      reason: silent ? 'gone_silent' : lost.length > 0 ? 'machines_lost' : 'all_well',
      exit: silent ? EXIT.refused : EXIT.done,
    };
  },
});

/** A schedule may look here before the first model does. */
function nothingBegun(dryRun: boolean): Told {
  return {
    data: { dryRun, lost: [], models: [] },
    text: () => 'No registry was begun here yet, so there is nothing to watch.',
    reason: 'nothing_begun',
  };
}

/** A run that was asked again and found known says nothing new; only a completed one does. */
function watched(
  known: ModelState,
  { now, quietMs }: { readonly now: string; readonly quietMs: number },
): Watched {
  const ended = known.runs.flatMap(({ outcome, finishedAt }) =>
    outcome?.kind === 'completed' && finishedAt !== null ? [finishedAt] : [],
  );
  const last = ended.sort().at(-1) ?? null;
  return {
    model: known.model,
    last,
    silent: last === null || Date.parse(now) - Date.parse(last) > quietMs,
    held: known.leases.filter(({ end }) => end === null).length,
    minutesThisMonth: Math.round(spentIn(known, now) / 6000) / 10,
  };
}

function textOf(
  { models, lost, now }: { readonly models: readonly Watched[]; readonly lost: number; readonly now: string },
  paint: Paint,
): string {
  const rows = models.map(({ model, last, silent, held, minutesThisMonth }) => [
    model,
    silent ? 'silent' : 'well',
    last === null ? 'never' : ago(last, now),
    String(held),
    minutesThisMonth.toFixed(1),
  ]);
  const silent = models.filter((one) => one.silent);
  return [
    silent.length === 0
      ? paint.good('All well.')
      : paint.bad(
          `${counted(silent.length, 'model')} gone silent: ${silent.map(({ model }) => model).join(', ')}.`,
        ),
    ...(lost === 0 ? [] : [paint.warn(`${counted(lost, 'step')} freed that lost machines held.`)]),
    ...(rows.length === 0
      ? []
      : [paint.table([['model', '', 'last success', 'held', 'minutes this month'], ...rows])]),
  ].join('\n');
}
