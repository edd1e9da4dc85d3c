/** `fettle init`: begins a registry and writes settings to start from. */
import { access } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import { SETTINGS_FILE } from '../../pipelines/settings/settings.ts';
import { BRANCH, tipsOf } from '../../registry/store/git-tip.ts';
import { gitIn } from '../../registry/store/git.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { defineVerb } from './verb.ts';
import { openWriter, type Ledger } from './workplace.ts';

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
    // A remote that was added since may have a registry of its own; one that does not answer is told of by who writes.
    const heard = await hears(ledger);
    const begun = context.dryRun
      ? await ledger.registry.rehearse(() => [])
      : await ledger.registry.execute(() => []);
    if (!hasSettings && !context.dryRun) await writeDurably(file, TEMPLATE);
    const would = context.dryRun ? 'would be ' : '';
    const shared = begun.length > 0 ? null : await sharing(ledger, heard);
    return {
      data: {
        begun: begun.length > 0,
        wroteSettings: !hasSettings,
        dryRun: context.dryRun,
        settings: file,
        shared,
      },
      text: (paint) =>
        [
          begun.length > 0
            ? `A registry ${would}begun on ${ledger.registry.log.where}.`
            : thereText(ledger, shared),
          hasSettings ? `${SETTINGS_FILE} is there already.` : `${SETTINGS_FILE} ${would}written.`,
          paint.dim('Next: fettle run train-and-promote --from <file.csv> --model <name>'),
        ].join('\n'),
    };
  },
});

async function hears({ registry }: Ledger): Promise<boolean> {
  try {
    await registry.log.refresh?.();
    return true;
  } catch {
    return false;
  }
}

/** Whether the remote has the registry that is here; null where it is pushed to none. */
type Sharing = 'yes' | 'not-yet' | 'unknown';

async function sharing({ repository, remote, through }: Ledger, heard: boolean): Promise<Sharing | null> {
  if (remote === null || through !== 'git') return null;
  const { tracked } = await tipsOf({ git: gitIn(repository.top), remote });
  if (tracked !== null) return 'yes';
  return heard ? 'not-yet' : 'unknown';
}

function thereText({ registry, remote }: Ledger, shared: Sharing | null): string {
  if (shared === null || shared === 'yes') return `There is a registry on ${registry.log.where} already.`;
  const here = `There is a registry on the branch ${BRANCH} of this clone already`;
  return shared === 'not-yet'
    ? `${here}, and none on ${remote} yet: the next event that is recorded brings all of it there.`
    : `${here}; ${remote} did not answer whether it has it too.`;
}

async function exists(file: string): Promise<boolean> {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
