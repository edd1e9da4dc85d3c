/** `fettle blame <model> [channel]`: who served when, by whose word, on what evidence, and why it ended. */
import path from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import {
  cameText,
  endedText,
  evidenceText,
  lastedText,
  stoppedText,
} from '../../registry/report/service-words.ts';
import { serviceChart } from '../../registry/report/service-chart.ts';
import { standAlone } from '../../registry/report/stand-alone.ts';
import { minuteText, plain } from '../../registry/report/words.ts';
import { CHANNELS, Channel, ModelName } from '../../registry/schema/model.ts';
import { Moment, MOMENT_SAYS } from '../../registry/schema/moment.ts';
import { servicesOf, servingAt, type Service, type ServiceRecord } from '../../registry/state/services.ts';
import { thenAt, wantModel } from '../../registry/state/time-travel.ts';
import { defineVerb, type Paint } from './verb.ts';
import { entriesIn, openReader } from './workplace.ts';

export const blame = defineVerb({
  name: 'blame',
  says: 'Tells who served when, by whose word, on what evidence, and why it ended.',
  words: ['model', 'channel'],
  input: z.strictObject({
    model: ModelName.describe('the model'),
    channel: Channel.optional().describe('only this channel'),
    at: Moment.optional().describe(`only what served then: ${MOMENT_SAYS}`),
    svg: z.string().optional().describe('write a picture of it to this file'),
    narrow: z.boolean().default(false).describe('draw the picture for a phone'),
  }),
  writes: true,
  examples: [
    'fettle blame digits',
    'fettle blame digits production --at 2026-11-20',
    'fettle blame digits --svg service.svg',
  ],

  async run(context, { model, channel, at, svg, narrow }) {
    const ledger = await openReader(context);
    const entries = await entriesIn(ledger);
    wantModel(entries, model);
    const all = servicesOf(entries, model);
    const record = channel === undefined ? all : onChannel(all, channel);
    const then = at === undefined ? null : thenAt(entries, at);
    const told = then === null ? record.services : servingAt(record, then.seq);
    const now = context.now();
    const asOf = then === null ? {} : { asOf: { seq: then.seq, at: then.at } };
    const file = svg === undefined ? null : path.resolve(context.folder, svg);
    if (file !== null && !context.dryRun) {
      await writeDurably(
        file,
        standAlone(serviceChart(record, { now, breadth: narrow ? 'narrow' : 'wide' })),
      );
    }
    return {
      data: { model, ...asOf, services: told, stopped: then === null ? record.stopped : [], svg: file },
      text: (paint) =>
        [
          textOf({ ...record, services: told }, { paint, now, once: then !== null }),
          ...(file === null ? [] : [`\n${context.dryRun ? 'Would write' : 'Wrote'} ${paint.bold(file)}`]),
        ].join('\n'),
    };
  },
});

function onChannel(record: ServiceRecord, channel: Channel): ServiceRecord {
  return { ...record, services: record.services.filter((service) => service.channel === channel) };
}

interface Telling {
  readonly paint: Paint;
  readonly now: string;
  /** Told is what served at one moment, rather than all that ever did. */
  readonly once: boolean;
}

function textOf({ model, services, stopped }: ServiceRecord, { paint, now, once }: Telling): string {
  if (services.length === 0) {
    return once ? `Nothing of ${model} served then.` : `No version of ${model} has served there yet.`;
  }
  const parts = CHANNELS.toReversed().flatMap((channel) => {
    const there = services.filter((service) => service.channel === channel);
    return there.length === 0 ? [] : [channelText(`${model} on ${channel}`, there, { paint, now, once })];
  });
  const refused = once
    ? []
    : stopped
        .toReversed()
        .map((one) => `${paint.dim(minuteText(one.at))} ${one.version.padEnd(9)} ${plain(stoppedText(one))}`);
  const last = refused.length === 0 ? [] : [`${paint.bold('stopped by the gates')}\n${refused.join('\n')}`];
  return [...parts, ...last].join('\n\n');
}

/** Newest first; two lines each below the first, because reasons are long and terminals are narrow. */
function channelText(title: string, services: readonly Service[], { paint, now }: Telling): string {
  const blocks = services.toReversed().map((service) => {
    const { version, from, ended } = service;
    const name = ended === null ? paint.good(version.padEnd(9)) : version.padEnd(9);
    const begun = minuteText(from.at);
    const when =
      ended === null ? `${begun} UTC to now`.padEnd(39) : `${begun} to ${minuteText(ended.at)} UTC`;
    const why = plain(endedText(service));
    const evidence = plain(evidenceText(service));
    const bad = ended?.how === 'rolled back' ? paint.bad : paint.dim;
    return [
      `${paint.bold(name)} ${when}  ${lastedText(service, now).padEnd(8)} ${plain(cameText(service))}`,
      ...(evidence === '' ? [] : [`          ${evidence}`]),
      ...(why === '' ? [] : [`          ${bad(why)}`]),
    ].join('\n');
  });
  return `${paint.bold(title)}\n${blocks.join('\n')}`;
}
