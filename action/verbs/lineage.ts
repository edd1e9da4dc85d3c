/** `fettle lineage <model@version>`: where a version comes from, and what became of it. */
import path from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { lineageChart } from '../../registry/report/lineage-chart.ts';
import { lineageDot } from '../../registry/report/lineage-dot.ts';
import { lineageTree } from '../../registry/report/lineage-tree.ts';
import { standAlone } from '../../registry/report/stand-alone.ts';
import { VersionRef } from '../../registry/schema/model.ts';
import { lineageOf } from '../../registry/state/lineage.ts';
import { wantModel } from '../../registry/state/time-travel.ts';
import { defineVerb } from './verb.ts';
import { entriesIn, openReader } from './workplace.ts';

export const lineage = defineVerb({
  name: 'lineage',
  says: 'Tells where a version comes from: data, run, code, parents, and what became of it.',
  words: ['version'],
  input: z.strictObject({
    version: VersionRef.describe('model@version'),
    depth: z.coerce
      .number()
      .pipe(z.int().min(0).max(100))
      .default(1)
      .describe('how many generations of parents are told in full'),
    dot: z.boolean().default(false).describe('print the graph for Graphviz instead'),
    svg: z.string().optional().describe('write a picture of it to this file'),
    narrow: z.boolean().default(false).describe('draw the picture for a phone'),
  }),
  writes: true,
  examples: [
    'fettle lineage digits@1.4.0',
    'fettle lineage digits@1.4.0 --depth 3 --svg lineage.svg',
    'fettle lineage digits@1.4.0 --dot | dot -Tpdf > lineage.pdf',
  ],

  async run(context, { version: { model, version }, depth, dot, svg, narrow }) {
    const ledger = await openReader(context);
    const entries = await entriesIn(ledger);
    wantModel(entries, model);
    const told = lineageOf(entries, { model, version, depth });
    const file = svg === undefined ? null : path.resolve(context.folder, svg);
    if (file !== null && !context.dryRun) {
      await writeDurably(file, standAlone(lineageChart(told, narrow ? 'narrow' : 'wide')));
    }
    const text = dot ? lineageDot(told) : lineageTree(told);
    return {
      data: { ...told, svg: file },
      text: (paint) =>
        file === null ? text : `${text}\n\n${context.dryRun ? 'Would write' : 'Wrote'} ${paint.bold(file)}`,
    };
  },
});
