/** `fettle import`: versions and promotions that another registry recorded. */
import * as z from 'zod';
import { readSettings } from '../../pipelines/settings/read.ts';
import { readImport, type Import, type Unread } from '../../registry/decide/import-gto.ts';
import { planGtoTags } from '../../registry/exports/gto.ts';
import { logMoved } from '../../registry/faults.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import type { RegistryEvent } from '../../registry/schema/event.ts';
import { Channel, CHANNELS } from '../../registry/schema/model.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { foldEntries } from '../../registry/state/fold.ts';
import { gitIn } from '../../registry/store/git.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { readTags } from '../../registry/store/tags.ts';
import { inputWrong } from '../faults.ts';
import { commitsFor } from './export-gto.ts';
import { defineVerb, type Paint } from './verb.ts';
import { counted } from './words.ts';
import { openWriter } from './workplace.ts';

const StageWord = z
  .string()
  .regex(/^[^=]+=[^=]+$/, 'stage=channel, such as prod=production')
  .transform((text) => {
    const [stage = '', channel] = text.split('=');
    return { stage, channel };
  })
  .pipe(z.strictObject({ stage: z.string(), channel: Channel }));

export const importVerb = defineVerb({
  name: 'import',
  says: 'Takes in the versions and promotions that the GTO tags of this repository record.',
  words: [],
  input: z.strictObject({
    gto: z.boolean().default(false).describe('from annotated tags, as GTO makes them'),
    stage: z.array(StageWord).default([]).describe('which channel a stage is, such as prod=production'),
  }),
  writes: true,
  examples: ['fettle import --gto --dry-run', 'fettle import --gto --stage prod=production'],

  async run(context, { gto, stage }) {
    if (!gto) {
      throw inputWrong({ verb: 'import', name: 'the source', wanted: '`--gto`', found: 'none' });
    }
    const { top } = await repositoryAt(context.folder);
    const ledger = await openWriter(context, (await readSettings(top)).registry.remote);
    const git = gitIn(top);
    const entries = await ledger.registry.log.entries(0);
    const found = new Map((await readTags(git)).map((tag) => [tag.name, tag]));
    const plan = planGtoTags(entries, await commitsFor(git, ledger, { entries, found }));
    const ask = {
      tags: [...found.values()].flatMap(({ name, target, annotated, seconds, tagger }) =>
        annotated && target !== null ? [{ name, commit: target, seconds, tagger }] : [],
      ),
      known: new Set(plan.tags.map(({ name }) => name)),
      channels: new Map([
        ...CHANNELS.map((channel): [string, Channel] => [channel, channel]),
        ...stage.map((one): [string, Channel] => [one.stage, one.channel]),
      ]),
    };
    const told: { read: Import } = { read: { deeds: [], unread: [] } };
    const decide = (state: RegistryState): Import['deeds'] => {
      expectSame(state, entries);
      told.read = readImport(state, ask);
      return told.read.deeds;
    };
    const { registry } = ledger;
    const done = context.dryRun ? await registry.rehearse(decide) : await registry.execute(decide);
    const events = done.filter(({ type }) => type === 'model.imported');
    const { unread } = told.read;
    return {
      data: { imported: events.length, unread, dryRun: context.dryRun, tags: events.map(tagOf) },
      text: (paint) => textOf({ events, unread, dryRun: context.dryRun }, paint),
    };
  },
});

/** Which tags are known was read from the whole log: what came in since could have been one of them. @throws logMoved */
function expectSame(state: RegistryState, entries: readonly Entry[]): void {
  const sizeOf = (one: RegistryState): number =>
    Math.max(0, ...[...one.models.values()].map(({ lastSeq }) => lastSeq + 1));
  const [expected, found] = [sizeOf(foldEntries(entries)), sizeOf(state)];
  if (expected !== found) throw logMoved({ expected: `${expected} events`, found: `${found} events` });
}

function tagOf(event: RegistryEvent): string {
  return event.type === 'model.imported' ? event.body.tag : '';
}

interface Done {
  readonly events: readonly RegistryEvent[];
  readonly unread: readonly Unread[];
  readonly dryRun: boolean;
}

/** Longer lists of what was not read are cut. */
const SHOWN = 20;

function textOf({ events, unread, dryRun }: Done, paint: Paint): string {
  const models = new Set(events.map(({ subject }) => subject)).size;
  const more = unread.length > SHOWN ? [`and ${unread.length - SHOWN} more`] : [];
  const warnings = unread.slice(0, SHOWN).map(({ tag, why }) => paint.warn(`not read: ${tag}: ${why}`));
  const says =
    events.length === 0
      ? 'No new tags: the registry has all that it can read.'
      : `${dryRun ? 'Would import' : 'Imported'} ${counted(events.length, 'tag')} of ${counted(models, 'model')}.`;
  return [...warnings, ...more, says].join('\n');
}
