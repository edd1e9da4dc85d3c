/** Everything that can go wrong at the doors, on one page so that it speaks with one voice. */
import { defineFault } from '../registry/base/fault.ts';

export const verbUnknown = defineFault('action/verb-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { found: string; closest: string | null }) => `wanted a verb, found \`${d.found}\``,
  mend: (d) => `${meant(d.closest)}\`fettle help\` lists them all.`,
});

export const optionUnknown = defineFault('action/option-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { verb: string; found: string; closest: string | null }) =>
    `wanted an option of \`fettle ${d.verb}\`, found \`${d.found}\``,
  mend: (d) => `${meant(d.closest)}\`fettle help ${d.verb}\` lists them all.`,
});

export const inputWrong = defineFault('action/input-wrong', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { verb: string; name: string; wanted: string; found: string }) =>
    `\`fettle ${d.verb}\`: wanted ${d.wanted} for ${d.name}, found ${d.found}`,
  mend: (d) => `See \`fettle help ${d.verb}\`.`,
});

export const wordTooMany = defineFault('action/word-too-many', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { verb: string; most: number; found: string }) =>
    `\`fettle ${d.verb}\`: wanted at most ${d.most} words, found \`${d.found}\` too`,
  mend: (d) => `Quote a word that has spaces; see \`fettle help ${d.verb}\`.`,
});

export const exportInTheWay = defineFault('action/export-in-the-way', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { path: string; mark: string }) =>
    `wanted ${d.path} to be free or an earlier export, found a folder without ${d.mark}`,
  mend: 'Name another place with `--to`, or move the folder away.',
});

export const reasonsUntold = defineFault('action/reasons-untold', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; version: string; columns: readonly string[] }) =>
    `wanted a model of issues, which tells what decided a prediction, found \`${d.model}\`, a model of ${d.columns.length === 0 ? 'plain text' : columnsText(d.columns)}`,
  mend: (d) =>
    `\`fettle why ${d.model}@${d.version}\` without more tells why that version was promoted or not; \`fettle predict ${d.model} ${d.columns.length === 0 ? '--title <text>' : '--values <numbers>'}\` what it says.`,
});

export const argumentsUnclosed = defineFault('action/arguments-unclosed', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { found: string; quote: string }) =>
    `wanted every ${d.quote} closed in the input \`arguments\`, found \`${d.found}\``,
  mend: 'Close the quote, or put a backslash before it.',
});

export const switchWrong = defineFault('action/switch-wrong', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { input: string; found: string }) =>
    `wanted true or false for the input \`${d.input}\`, found \`${d.found}\``,
  mend: 'Write `true` or `false`; an input that is left out keeps its default.',
});

export const witnessUnreadable = defineFault('action/witness-unreadable', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { file: string; found: string }) => `wanted a checkpoint in ${d.file}, found ${d.found}`,
  mend: 'Give the file `checkpoint` of the registry branch as somebody keeps it, or a repository that `fettle witness` wrote to.',
});

export const witnessIsSelf = defineFault('action/witness-is-self', {
  audience: 'user',
  retry: 'never',
  says: (d: { where: string; what: string }) => `wanted a witness, found in ${d.where} ${d.what}`,
  mend: 'Name a repository elsewhere, that whoever can rewrite this registry cannot rewrite as well.',
});

export const eventsLeft = defineFault('action/events-left', {
  audience: 'user',
  retry: 'never',
  says: (d: { at: string }) =>
    `wanted it in the log at once, found the log closed to this writer; it was left in ${d.at}`,
  mend: 'It counts once `fettle fold` has taken it up, which a workflow or anybody with the log key can do.',
});

export const reasonTells = defineFault('action/reason-tells', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { found: string }) =>
    `wanted a reason that does not name what is to be forgotten, found \`${d.found}\` in it`,
  mend: 'Say it in other words: the reason stays in the log, which nobody can rewrite.',
});

export const fileUnreadable = defineFault('action/file-unreadable', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { file: string; wanted: string; found: string }) =>
    `wanted ${d.wanted} in ${d.file}, found ${d.found}`,
  mend: 'Give the file that the command before wrote.',
});

export const apiUnknown = defineFault('action/api-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { found: string }) =>
    `wanted GITHUB_TOKEN and GITHUB_REPOSITORY (owner/name) for GitHub’s API, found ${d.found}`,
  mend: 'Pass both to the step. For the registry alone, `registry.through: git` needs neither.',
});

export const issueUnknown = defineFault('action/issue-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { repository: string; issue: number }) =>
    `wanted issue ${d.issue} of ${d.repository}, found none, or none that this token may read`,
  mend: 'Name an issue that is there, and give the token `issues: write`.',
});

export const modelUnnamed = defineFault('action/model-unnamed', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { known: readonly string[]; file: string }) =>
    `wanted the name of a model, found none, and ${d.known.length === 0 ? 'none' : d.known.map((name) => `\`${name}\``).join(', ')} in ${d.file}`,
  mend: (d) =>
    d.known.length === 0
      ? `Set one up under \`models\` in ${d.file}, with \`recipe: issue-triage\` and \`from: github-issues\`.`
      : 'Name one of these.',
});

export const challengerMissing = defineFault('action/challenger-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; version: string }) =>
    `wanted a challenger of \`${d.model}\` on the channel staging or candidate, found none but ${d.version}, which serves production`,
  mend: (d) =>
    `Let another version watch: \`fettle promote ${d.model}@<version> --to staging\`; \`fettle label\` then keeps what both say.`,
});

export const runnerMissing = defineFault('action/runner-missing', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { variables: readonly string[] }) =>
    `wanted a GitHub Actions runner, found no good ${d.variables.join(', ')}`,
  mend: 'This entry is for the Action; at a terminal use `fettle` itself.',
});

export const worldMissing = defineFault('action/world-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { lacks: string }) =>
    `wanted Fettle’s own repository with its tests and packages, found no ${d.lacks}`,
  mend: 'Clone Fettle, run `npm install` there, and `npx fettle world` again: packages come without the stand-in.',
});

export const worldClosed = defineFault('action/world-closed', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { found: string }) => `wanted an open world, found ${d.found}`,
  mend: 'Run `npx fettle world` in another terminal, and wait until it says that it is open.',
});

export const worldRefused = defineFault('action/world-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { found: string }) => `wanted the comment to be taken, found ${d.found}`,
  mend: 'Look at what `npx fettle world` printed: its people and its threads.',
});

export const serviceMisfit = defineFault('action/service-misfit', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { source: string; model: string; version: string }) =>
    `wanted live outcomes of ${d.model}@${d.version} in ${d.source}, found none of that version`,
  mend: 'Give outcomes of the version that serves now; a `version` column tells whose they are.',
});

export const comparisonNone = defineFault('action/comparison-none', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string }) => `wanted a comparison of solvers in ${d.where}, found none`,
  mend: 'Make one with `fettle run quantum-benchmark`; it takes some seconds.',
});

export const demoFolderTaken = defineFault('action/demo-folder-taken', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { folder: string }) =>
    `wanted a folder of an earlier demo, or none, at ${d.folder}; found something else`,
  mend: 'Name another with `fettle demo --at <folder>`; what is there was left as it is.',
});

function meant(near: string | null): string {
  return near === null ? '' : `Did you mean \`${near}\`? `;
}

export const nothingSound = defineFault('action/nothing-sound', {
  audience: 'user',
  retry: 'after-change',
  says: (d: {
    model: string;
    channel: string;
    probes: readonly { readonly version: string; readonly says: string }[];
  }) =>
    `wanted a version of ${d.model} that served ${d.channel} before and is fit to, found ${
      d.probes.length === 0
        ? 'none that served before'
        : d.probes.map(({ version, says }) => `${version}: ${says}`).join('; ')
    }`,
  mend: 'Fetch the files that are missing (`fettle share` where they are), or roll back without `--verify`.',
});

export const nodeTooOld = defineFault('action/node-too-old', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) => `wanted Node ${d.wanted}, found ${d.found}`,
  mend: 'Install it, or run Fettle by `npx --package node@24 --package fettle fettle …`.',
});

/** The first ones by name: a model of pictures has hundreds. */
function columnsText(columns: readonly string[]): string {
  const [first, rest] = [columns.slice(0, 6), columns.length - 6];
  return `the columns ${first.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}
