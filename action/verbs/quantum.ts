/** `fettle quantum report`: the last comparison of solvers that the registry holds, and a page of it with pictures. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { comparisonPage } from '../../registry/report/comparison-page.ts';
import { comparisonMarkdown } from '../../registry/report/comparison-markdown.ts';
import { comparisonNone } from '../faults.ts';
import { comparisonTold } from './comparison-told.ts';
import { lastOptimisation } from './read-back.ts';
import { defineVerb } from './verb.ts';
import { openReader, viewIn } from './workplace.ts';

export const quantum = defineVerb({
  name: 'quantum',
  says: 'Shows how the solvers did when they were last compared, and whether anything quantum has an advantage.',
  words: ['what'],
  input: z.strictObject({
    what: z.enum(['report']).describe('`report`: the last comparison that was recorded'),
    html: z.string().optional().describe('write it to this file too, as a page with pictures'),
    markdown: z.boolean().default(false).describe('print Markdown instead, as for a job summary'),
  }),
  writes: true,
  examples: ['fettle quantum report', 'fettle quantum report --html comparison.html'],

  async run(context, { html, markdown }) {
    const ledger = await openReader(context);
    const { origin } = await viewIn(ledger);
    const last = await lastOptimisation(ledger.registry.log);
    if (last === null) throw comparisonNone({ where: ledger.registry.log.where });
    const { at, by, body } = last;
    const { found, run } = body;
    const file = html === undefined ? null : path.resolve(context.folder, html);
    if (file !== null && !context.dryRun) await writeDurably(file, comparisonPage(found, { origin, at }));
    const notes = [
      `Recorded by ${by.login} at ${at}${run === null ? '' : ` as ${run}`}.`,
      ...(file === null ? [] : [`${context.dryRun ? 'Would write' : 'Wrote'} ${pathToFileURL(file).href}`]),
    ];
    const data = { at, by: by.login, run, comparison: body.comparison, file, dryRun: context.dryRun };
    const told = comparisonTold({ found, data, notes });
    return markdown ? { ...told, text: () => comparisonMarkdown(found) } : told;
  },
});
