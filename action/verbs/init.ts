/** `fettle init`: begins a registry and writes settings to start from. */
import { access } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import { SETTINGS_FILE } from '../../pipelines/settings/settings.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { defineVerb } from './verb.ts';
import { openWriter } from './workplace.ts';

const TEMPLATE = `# What Fettle trains here, and what a candidate must show. Every key is told by \`fettle schema\`.
# The registry is pushed to origin where there is one; null keeps it in this clone.
# registry:
#   remote: null

# A store that machines share; without one, models stay in .fettle/artifacts of the clone that made them.
# GitHub's own runners forget everything: a workflow there needs one from its second run on.
# artifacts:
#   releases: true # or oci: { repository: ghcr.io/owner/name }, or s3: { bucket: my-models, region: eu-central-1 }

models: {}
  # A model and how it is trained. Uncomment, name your file, then: fettle run my-model
  #
  # my-model:
  #   recipe: train-and-promote
  #   from: data/latest.csv
  #   columns: { label: label, id: id, at: created_at }
  #   gates:
  #     no-regression: { margin: 0.02 }
  #     metric-floor: { metric: accuracy, floor: 0.8 }
`;

export const init = defineVerb({
  name: 'init',
  says: 'Begins a registry on the branch fettle/registry, and writes settings to start from.',
  words: [],
  input: z.strictObject({}),
  writes: true,
  examples: ['fettle init', 'fettle init --dry-run'],

  async run(context) {
    const { top } = await repositoryAt(context.folder);
    const file = path.join(top, SETTINGS_FILE);
    const hasSettings = await exists(file);
    const settings = await readSettings(top);
    const ledger = await openWriter(context, settings.registry.remote);
    const begun = context.dryRun
      ? await ledger.registry.rehearse(() => [])
      : await ledger.registry.execute(() => []);
    if (!hasSettings && !context.dryRun) await writeDurably(file, TEMPLATE);
    const would = context.dryRun ? 'would be ' : '';
    return {
      data: { begun: begun.length > 0, wroteSettings: !hasSettings, dryRun: context.dryRun, settings: file },
      text: (paint) =>
        [
          begun.length > 0
            ? `A registry ${would}begun on ${ledger.registry.log.where}.`
            : `There is a registry on ${ledger.registry.log.where} already.`,
          hasSettings ? `${SETTINGS_FILE} is there already.` : `${SETTINGS_FILE} ${would}written.`,
          paint.dim('Next: fettle run train-and-promote --from <file.csv> --model <name>'),
        ].join('\n'),
    };
  },
});

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
