/** The pull request that welcomes a repository: settings and workflows, which change nothing until merged. */
import { SETTINGS_FILE } from '../../pipelines/settings/settings.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { githubRefused } from '../faults.ts';
import { fileAt } from '../github/contents.ts';
import type { Place } from '../github/place.ts';
import { propose } from '../github/proposal.ts';
import { callersOf, type WorkflowSource } from './callers.ts';
import type { Desk } from './event.ts';

const SETTINGS = `# Fettle: trains, judges, promotes and rolls back the models of this repository.
# Everything here is a comment or a default; nothing is trained until a model is named below.
# models:
#   issue-labels:
#     recipe: issue-triage
#     promote: production   # null: a person decides, by \`/fettle promote\`
models: {}
`;

const OWN_WORKFLOWS = `# What comments start.
bot:
  workflows:
    train: fettle-train.yml
    benchmark: fettle-benchmark.yml
`;

const REFUSED = `The app may not propose workflows here: it has no permission \`workflows: write\`. Give it that and install it anew, or add them by hand:`;

/** Whether the workflows come too, and if not, why. */
type Workflows = { readonly source: WorkflowSource; readonly brought: boolean } | { readonly source: null };

function bodyOf(workflows: Workflows): string {
  const brought = workflows.source !== null && workflows.brought;
  return [
    `This adds \`${SETTINGS_FILE}\`, in which nothing is switched on${brought ? ', and workflows of some lines each that call Fettle’s' : ''}. **Nothing changes until this is merged.** ${
      brought
        ? 'Merged, Fettle answers commands; `fettle-learn` looks every six hours and `fettle-watch` once a day, and both end at once while no model is named.'
        : 'Merging it only lets Fettle answer commands.'
    }`,
    '',
    '1. Merge, then name a model in the file.',
    '2. Comment `/fettle help` on any issue or pull request to see what can be asked.',
    '3. To have none of it, close this pull request: it does not come again.',
    ...(brought ? [] : ['', byHand(workflows.source)]),
  ].join('\n');
}

/** What nobody may do for them. */
function byHand(source: WorkflowSource | null): string {
  if (source === null) {
    return 'Nothing is trained by comment until workflows are there: call those of Fettle’s repository from `.github/workflows`, and name them under `bot: { workflows: … }` in the settings where they are not called `train.yml` and `benchmark.yml`.';
  }
  const files = [...callersOf(source)].map(
    ([file, text]) =>
      `<details><summary><code>${file}</code></summary>\n\n\`\`\`yaml\n${text}\`\`\`\n\n</details>`,
  );
  const settings = `<details><summary><code>${SETTINGS_FILE}</code>, at its end</summary>\n\n\`\`\`yaml\n${OWN_WORKFLOWS}\`\`\`\n\n</details>`;
  return [REFUSED, '', ...files, settings].join('\n');
}

export async function welcome(
  desk: Desk,
  repository: { readonly owner: string; readonly name: string },
): Promise<void> {
  const place = desk.place(repository);
  if ((await fileAt(place, { path: SETTINGS_FILE, ref: 'HEAD' })) !== null) return;
  const source = desk.workflows;
  if (source === null) return proposed(place, { source });
  try {
    await proposed(place, { source, brought: true });
  } catch (error) {
    // GitHub says no more than that the app may not; a tree with workflows is what most apps may not make.
    if (!(error instanceof FettleError) || error.code !== githubRefused.code) throw error;
    await proposed(place, { source, brought: false });
  }
}

async function proposed(place: Place, workflows: Workflows): Promise<void> {
  const brought = workflows.source !== null && workflows.brought;
  const callers = brought ? callersOf(workflows.source) : new Map<string, string>();
  await propose(place, {
    branch: 'fettle/welcome',
    title: 'Let Fettle look after the models here',
    body: bodyOf(workflows),
    files: new Map([[SETTINGS_FILE, brought ? SETTINGS + OWN_WORKFLOWS : SETTINGS], ...callers]),
  });
}
