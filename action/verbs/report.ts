/** `fettle report`: one page that tells everything, as HTML or Markdown. */
import { pathToFileURL } from 'node:url';
import path from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { markdownOf } from '../../registry/report/markdown.ts';
import { pageOf } from '../../registry/report/page.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { modelOf } from '../../registry/state/query.ts';
import { defineVerb } from './verb.ts';
import { hideShelf, openReader, shelfIn, viewIn } from './workplace.ts';

export const report = defineVerb({
  name: 'report',
  says: 'Writes one self-contained page with pictures, or prints Markdown.',
  words: ['model'],
  input: z.strictObject({
    model: ModelName.optional().describe('only this model (Markdown)'),
    out: z.string().optional().describe('where to write the page; else .fettle/report.html'),
    markdown: z.boolean().default(false).describe('print Markdown instead, as for a job summary'),
  }),
  writes: true,
  examples: ['fettle report', 'fettle report --out report.html', 'fettle report digits --markdown'],

  async run(context, { model, out, markdown }) {
    const ledger = await openReader(context);
    const { state, origin, size } = await viewIn(ledger);
    if (model !== undefined) modelOf(state, model);
    const told = markdownOf(state, model === undefined ? {} : { model });
    if (markdown) return { data: { markdown: told }, text: () => told, summary: told };

    const shelf = shelfIn(ledger.repository);
    const file =
      out === undefined ? path.join(shelf.folder, 'report.html') : path.resolve(context.folder, out);
    const title = path.basename(ledger.repository.top);
    const page = pageOf(state, { title, origin, size, madeAt: context.now() });
    if (!context.dryRun) {
      if (out === undefined) await hideShelf(shelf);
      await writeDurably(file, page);
    }
    return {
      data: { file, sizeBytes: Buffer.byteLength(page), dryRun: context.dryRun },
      text: (paint) =>
        `${context.dryRun ? 'Would write' : 'Wrote'} ${paint.bold(file)}\n${paint.dim(pathToFileURL(file).href)}`,
      summary: told,
    };
  },
});
