/** The pull request that welcomes a repository: settings with every default written out, which change nothing until merged. */
import { SETTINGS_FILE } from '../../pipelines/settings/settings.ts';
import { fileAt } from '../github/contents.ts';
import { propose } from '../github/proposal.ts';
import type { Desk } from './event.ts';

const SETTINGS = `# Fettle: trains, judges, promotes and rolls back the models of this repository.
# Everything here is a comment or a default; nothing runs until a model is named below.
# models:
#   issue-labels:
#     recipe: issue-triage
#     promote: production   # null: a person decides, by \`/fettle promote\`
models: {}
`;

const BODY = `This adds \`${SETTINGS_FILE}\`, in which nothing is switched on. **Nothing changes until this is merged**, and merging it only lets Fettle answer commands.

1. Merge, then name a model in the file.
2. Comment \`/fettle help\` on any issue or pull request to see what can be asked.
3. To have none of it, close this pull request: it does not come again.`;

export async function welcome(
  desk: Desk,
  repository: { readonly owner: string; readonly name: string },
): Promise<void> {
  const place = desk.place(repository);
  if ((await fileAt(place, { path: SETTINGS_FILE, ref: 'HEAD' })) !== null) return;
  await propose(place, {
    branch: 'fettle/welcome',
    title: 'Let Fettle look after the models here',
    body: BODY,
    files: new Map([[SETTINGS_FILE, SETTINGS]]),
  });
}
