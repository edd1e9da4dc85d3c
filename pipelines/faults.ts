/** Everything that can go wrong in the hall of pipelines, on one page so that it speaks with one voice. */
import { defineFault } from '../registry/base/fault.ts';

// Learning and classifying

export const examplesUnfit = defineFault('pipelines/examples-unfit', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) => `wanted ${d.wanted}, found ${d.found}`,
  mend: 'Give the recipe more labelled rows, or leave out the labels that have too few.',
});

export const columnsTooMany = defineFault('pipelines/columns-too-many', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { most: number; found: number }) =>
    `wanted at most ${d.most} columns to keep the shortest of, found ${d.found}`,
  mend: 'Take `keep` out of the settings of the learner, or columns out of the source.',
});

export const inputMisfit = defineFault('pipelines/input-misfit', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) => `wanted ${d.wanted} as a model's input, found ${d.found}`,
  mend: 'Give the input in the form that the model was trained on; its `fettle.features` metadata names it.',
});

export const notAClassifier = defineFault('pipelines/not-a-classifier', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) =>
    `wanted a classifier made by Fettle with ${d.wanted}, found ${d.found}`,
  mend: 'Name a model that `fettle run` has trained.',
});

export const exportDisagrees = defineFault('pipelines/export-disagrees', {
  audience: 'operator',
  retry: 'never',
  says: (d: { difference: number; most: number; rows: number }) =>
    `wanted the exported model within ${d.most} of the trained one on ${d.rows} rows, found a difference of ${d.difference}`,
  mend: 'The export is wrong, not your data; report this with the recipe and the version of onnxruntime-node.',
});

// Sources

export const sourceUnknown = defineFault('pipelines/source-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { source: string; endings: readonly string[] }) =>
    `wanted a source ending in ${d.endings.join(', ')}, found \`${d.source}\``,
  mend: 'Convert the file, or give it the ending of what it is.',
});

export const sourceNotNamed = defineFault('pipelines/source-not-named', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { recipe: string; file: string }) =>
    `wanted a source for \`${d.recipe}\`, found neither \`--from\` nor a \`from\` in ${d.file}`,
  mend: (d) => `Name one: \`fettle run ${d.recipe} --from <file>\`.`,
});

export const sourceUnreadable = defineFault('pipelines/source-unreadable', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { source: string; said: string }) => `wanted to read \`${d.source}\`, found: ${d.said}`,
  mend: 'Check the path and its permissions; paths are relative to the folder you are in.',
});

export const sourceForgotten = defineFault('pipelines/source-forgotten', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { source: string }) =>
    `wanted a source with nothing in it that was forgotten, found \`${d.source}\` with rows that were`,
  mend: 'Take the rows out of the file too, and run the same command again.',
});

export const sourceEmpty = defineFault('pipelines/source-empty', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { source: string }) => `wanted rows in \`${d.source}\`, found it empty`,
  mend: 'Check that the export that made the file ran to its end.',
});

export const sourceMisshapen = defineFault('pipelines/source-misshapen', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { source: string; line: number; wanted: string; found: string }) =>
    `${d.source}, line ${d.line}: wanted ${d.wanted}, found ${d.found}`,
  mend: 'Mend the source there and run the same command again; nothing of it was taken in.',
});

export const columnMissing = defineFault('pipelines/column-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { source: string; column: string; role: string; columns: readonly string[] }) =>
    `${d.source}: wanted a column \`${d.column}\` (${d.role}), found ${d.columns.map((name) => `\`${name}\``).join(', ')}`,
  mend: (d) => `Rename the column, or say which one it is under \`columns.${d.role}\` in .github/fettle.yml.`,
});

export const groupMissing = defineFault('pipelines/group-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { group: string }) => `wanted rows of the group \`${d.group}\`, found none in the batch`,
  mend: 'Check the column that names the group.',
});

export const groupTaken = defineFault('pipelines/group-taken', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; wanted: string; found: string }) =>
    `wanted ${d.model} for the group ${d.wanted}, found that it learns from the group ${d.found}`,
  mend: 'Two groups make one model name: rename one of them in the source, or run them under two names with `--model`.',
});

export const singleClass = defineFault('pipelines/single-class', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { label: string; rows: number }) =>
    `wanted at least two labels to tell apart, found only \`${d.label}\` on all ${d.rows} rows to train on`,
  mend: 'Give rows of other labels; a model of one label would say it of everything.',
});

export const nothingToHoldOut = defineFault('pipelines/nothing-to-hold-out', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { rows: number; share: number }) =>
    `wanted rows both to train on and to hold out (share ${d.share}), found ${d.rows} rows in all`,
  mend: 'Give more rows, or another share under `holdout` in .github/fettle.yml.',
});

export const inputChanged = defineFault('pipelines/input-changed', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) =>
    `wanted a batch with the inputs of the batches before it (${d.wanted}), found ${d.found}`,
  mend: 'Give the same columns as before, or train a model of another name on the new ones.',
});

export const evidenceThin = defineFault('pipelines/evidence-thin', {
  audience: 'user',
  retry: 'later',
  says: (d: {
    model: string;
    labels: number;
    corrections: number;
    wanted: { labels: number; corrections: number };
  }) =>
    `wanted ${d.wanted.labels} new labels, ${d.wanted.corrections} corrections, a new label or drift before ${d.model} is trained again, found ${d.labels} new labels and ${d.corrections} corrections`,
  mend: 'Nothing is to be done: they are kept on GitHub, and taken in once they are enough. `triage.retrain` in .github/fettle.yml says how many.',
});

export const metricUnknown = defineFault('pipelines/metric-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { found: string; known: readonly string[] }) =>
    `wanted one of the metrics ${d.known.join(', ')}, found \`${d.found}\``,
  mend: 'Name one of these; those of a label are written as `f1:bug`.',
});

// Artifacts

export const artifactNotWritten = defineFault('pipelines/artifact-not-written', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { path: string; sizeBytes: number; said: string }) =>
    `wanted to write ${d.sizeBytes} bytes to ${d.path}, found: ${d.said}`,
  mend: 'Make room or give write permission, then run the same command again: finished steps are kept.',
});

export const artifactMissing = defineFault('pipelines/artifact-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { digest: string; where: string }) =>
    `wanted artifact ${d.digest}, found no such bytes in ${d.where}`,
  mend: 'Run `fettle share` on the machine that made it, copy its `.fettle/artifacts`, or run the recipe again: it gives the same bytes.',
});

export const artifactDamaged = defineFault('pipelines/artifact-damaged', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { digest: string; found: string; path: string }) =>
    `wanted bytes of ${d.digest} at ${d.path}, found bytes of ${d.found}`,
  mend: (d) => `Delete ${d.path} and run the recipe again: it makes the same bytes anew.`,
});

export const artifactMisshapen = defineFault('pipelines/artifact-misshapen', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) =>
    `wanted an artifact of format ${d.wanted}, found ${d.found}`,
  mend: 'A newer Fettle may have made it: update, or run the recipe again.',
});

export const artifactIsPointer = defineFault('pipelines/artifact-is-pointer', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string }) => `wanted a file's own bytes in ${d.where}, found a Git LFS pointer to them`,
  mend: 'Fetch the file itself with `git lfs pull` where it was taken from, then run the same command again.',
});

export const artifactForged = defineFault('pipelines/artifact-forged', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { digest: string; found: string; where: string }) =>
    `wanted bytes of ${d.digest} from ${d.where}, found bytes of ${d.found}`,
  mend: 'Nothing of it was used. Find out who changed it there, delete it, and put it anew from a machine that has it.',
});

export const artifactWrongSize = defineFault('pipelines/artifact-wrong-size', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { digest: string; wanted: number; found: string; where: string }) =>
    `wanted ${d.wanted} bytes of ${d.digest} from ${d.where}, found ${d.found}`,
  mend: 'Nothing of it was used. Delete it there, and put it anew from a machine that has it.',
});

export const artifactTooLarge = defineFault('pipelines/artifact-too-large', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { sizeBytes: number; most: number; where: string }) =>
    `wanted at most ${d.most} bytes for one artifact in ${d.where}, found ${d.sizeBytes}`,
  mend: 'Keep artifacts of this size in `oci` or `s3` under `artifacts` in .github/fettle.yml.',
});

// Shared stores

export const storeUnreachable = defineFault('pipelines/store-unreachable', {
  audience: 'operator',
  retry: 'later',
  says: (d: { where: string; said: string; waitMs: number | null }) =>
    `wanted an answer of ${d.where}, found: ${d.said}`,
  mend: 'Check the network, then run the same command again: what is done is kept, and `.fettle/artifacts` needs no network.',
});

export const storeRefused = defineFault('pipelines/store-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where: string; wanted: string; found: string }) =>
    `wanted ${d.where} to ${d.wanted}, found: ${d.found}`,
  mend: 'Check the settings under `artifacts` in .github/fettle.yml and what the credentials in the environment may do.',
});

export const storeAddressRefused = defineFault('pipelines/store-address-refused', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) => `wanted ${d.wanted} to keep artifacts at, found ${d.found}`,
  mend: 'Give an https: address under `artifacts` in .github/fettle.yml; http: is for this machine alone.',
});

export const storeNotChosen = defineFault('pipelines/store-not-chosen', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { file: string }) => `wanted a store that machines share, found none in ${d.file}`,
  mend: (d) => `Name one under \`artifacts\` in ${d.file}: \`oci\`, \`s3\` or \`releases\`.`,
});

export const storeNotTold = defineFault('pipelines/store-not-told', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { store: string; variables: readonly string[] }) =>
    `wanted ${d.variables.join(', ')} in the environment for the store \`${d.store}\`, found it missing`,
  mend: 'Set it for this command; in a workflow, under `env` of the step.',
});

// Plans

export const slotMismatch = defineFault('pipelines/slot-mismatch', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { step: string; slot: string; wanted: string; found: string }) =>
    `step \`${d.step}\` wanted ${d.wanted} in its slot \`${d.slot}\`, found ${d.found}`,
  mend: 'Mend the recipe: neighbouring steps must hand on what the next one takes.',
});

export const stageBrokePromise = defineFault('pipelines/stage-broke-promise', {
  audience: 'operator',
  retry: 'never',
  says: (d: { stage: string; slot: string; found: string }) =>
    `stage \`${d.stage}\` promised its slot \`${d.slot}\`, found ${d.found}`,
  mend: 'The stage is at fault, not your data; report this with the command that led here.',
});

export const planMisshapen = defineFault('pipelines/plan-misshapen', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) => `wanted ${d.wanted}, found ${d.found}`,
  mend: 'Plan it again with the Fettle that will perform it: `fettle plan`.',
});

export const stepUnknown = defineFault('pipelines/step-unknown', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { run: string; step: string; known: readonly string[] }) =>
    `wanted a step of ${d.run}, found \`${d.step}\`; it has ${d.known.join(', ')}`,
  mend: 'Name one of these.',
});

export const budgetSpent = defineFault('pipelines/budget-spent', {
  audience: 'user',
  retry: 'later',
  says: (d: { model: string; month: string; spent: string; estimate: string; budget: string }) =>
    `wanted ${d.model} to stay within ${d.budget} in ${d.month}, found ${d.spent} spent and about ${d.estimate} to come`,
  mend: 'Wait for the next month, or raise `compute.minutes` in .github/fettle.yml.',
});

// Runners

export const jobNotOver = defineFault('pipelines/job-not-over', {
  audience: 'operator',
  retry: 'later',
  says: (d: { run: string; step: string; state: string }) =>
    `wanted what \`${d.step}\` of ${d.run} left, found the job ${d.state}`,
  mend: 'Ask again when it is over; a job that failed leaves nothing but its log.',
});

export const jobLeftNothing = defineFault('pipelines/job-left-nothing', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { run: string; step: string; where: string }) =>
    `wanted the record of \`${d.step}\` of ${d.run} in the registry, found none though ${d.where} ended well`,
  mend: 'Look at its log: it must run `fettle stage` and be allowed to write the registry.',
});

export const jobLost = defineFault('pipelines/job-lost', {
  audience: 'operator',
  retry: 'after-change',
  says: (d: { run: string; step: string; workflow: string; ticket: string }) =>
    `wanted a run of ${d.workflow} with ${d.ticket} in its name for \`${d.step}\` of ${d.run}, found none`,
  mend: 'Let the workflow’s `run-name` hold its input `ticket`, as that of Fettle does.',
});

// Problems and their solvers

export const problemUnfit = defineFault('pipelines/problem-unfit', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { where?: string; wanted: string; found: string }) =>
    `${d.where ?? 'the problem'}: wanted ${d.wanted}, found ${d.found}`,
  mend: 'Mend that number; all must be finite and every variable counted. Where there are too many, choose annealing.',
});

export const packageMissing = defineFault('pipelines/package-missing', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { name: string; does: string }) =>
    `wanted the package \`${d.name}\`, which ${d.does}, found that it is not installed`,
  mend: (d) => `Install it with \`npm install ${d.name}\`, or choose what needs no package.`,
});

export const comparisonUnfair = defineFault('pipelines/comparison-unfair', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { wanted: string; found: string }) => `a comparison wants ${d.wanted}, found ${d.found}`,
  mend: 'Compare again with all of them: without the truth and without chance nobody can tell what an answer is worth.',
});

export const constraintImpossible = defineFault('pipelines/constraint-impossible', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { constraint: number; wanted: string; low: number; high: number }) =>
    `wanted constraint ${d.constraint} to reach ${d.wanted}, found that it stays within ${d.low} to ${d.high}`,
  mend: 'No choice of bits meets it; loosen its bound or take it out.',
});

export const jobImpossible = defineFault('pipelines/job-impossible', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { job: string; wanted: string; known: readonly string[] }) =>
    `wanted a runner for ${d.job} among ${d.wanted}, found ${d.known.join(', ') || 'none'}`,
  mend: 'Name that label under `compute.runners`, or another one for the step under `compute.labels`.',
});

// Settings

export const settingsMisshapen = defineFault('pipelines/settings-misshapen', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { file: string; line: number; column: number; wanted: string; found: string }) =>
    `${d.file}:${d.line}:${d.column}: wanted ${d.wanted}, found ${d.found}`,
  mend: 'Mend that line; `fettle schema` prints everything that may stand there.',
});

export const modelNotSet = defineFault('pipelines/model-not-set', {
  audience: 'user',
  retry: 'after-change',
  says: (d: { model: string; known: readonly string[]; file: string }) =>
    `wanted a recipe, or a model that ${d.file} sets up, found \`${d.model}\`; there are ${
      d.known.length === 0 ? 'none' : d.known.map((name) => `\`${name}\``).join(', ')
    }`,
  mend: (d) => `Add \`${d.model}\` under \`models\` in ${d.file}, or name one of these.`,
});
