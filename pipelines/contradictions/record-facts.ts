/** What versions and the runs that made them say of files, data and scores, as facts. */
import { decimal } from '../../registry/base/decimal.ts';
import type { StepRecord } from '../../registry/schema/run.ts';
import type { EvaluationState, ModelState, RunState, VersionState } from '../../registry/schema/state.ts';
import { STAGES } from '../stages/index.ts';
import { eventAt, factOf, type Fact } from './fact.ts';

/** What other steps give is not decided by their digests alone. */
const FIXED = new Set(STAGES.filter(({ reaches }) => reaches === 'nothing').map(({ name }) => name));

/** What a version is recorded to be trained and scored on, by the slot of its run that gives it. */
const JUDGED_BY: Readonly<Record<string, string>> = {
  'split.dataset': 'data',
  'evaluate.outcomes': 'outcomes',
};

/** Scores that the file and the items alone decide. */
const SCORES = ['accuracy', 'macro_f1'];

export function recordFacts(known: ModelState): readonly Fact[] {
  return [
    ...known.versions.flatMap((version) => versionFacts(known.model, version)),
    ...known.runs.flatMap((run) => [...stepFacts(run), ...madeFacts(known, run)]),
  ];
}

interface Value {
  readonly of: string;
  readonly value: string;
  readonly says: string;
  readonly where: string;
}

function valueOf({ of, value, says, where }: Value, rank: 'told' | 'counted' = 'told'): Fact {
  return factOf({ says, where, rank }, { kind: 'value', of, value });
}

/** `sha256:0123456789ab` */
function short(digest: string): string {
  return digest.slice(0, 19);
}

function versionFacts(model: ModelState['model'], known: VersionState): readonly Fact[] {
  const { version, seq, artifacts, lineage, evaluation } = known;
  const [ref, where] = [`${model}@${version}`, eventAt(seq)];
  const files = Object.entries(artifacts).map(([name, { digest }]) =>
    valueOf({
      of: `${ref} file ${name}`,
      value: digest,
      says: `the file ${name} of ${ref} was registered as ${short(digest)}`,
      where,
    }),
  );
  const data = lineage?.data ?? null;
  return [
    ...files,
    ...(data === null
      ? []
      : [valueOf({ of: `${ref} data`, value: data, says: `${ref} was trained on ${short(data)}`, where })]),
    ...(evaluation === null
      ? []
      : [
          outcomesFact(ref, evaluation),
          ...countFacts(ref, evaluation),
          ...fileFacts(ref, known, evaluation),
        ]),
    ...stopFacts(model, known),
  ];
}

function outcomesFact(ref: string, { outcomes: { digest } }: EvaluationState): Fact {
  const says = `${ref} is recorded to be scored by ${short(digest)}`;
  return valueOf({ of: `${ref} outcomes`, value: digest, says, where: `evaluation of ${ref}` });
}

/** What the evaluation tells beside what its own table of items comes to. */
function countFacts(ref: string, { metrics, confusion }: EvaluationState): readonly Fact[] {
  const accuracy = metrics.find(({ name }) => name === 'accuracy');
  const items = confusion.flat().reduce((sum, count) => sum + count, 0);
  const right = confusion.reduce((sum, row, place) => sum + (row[place] ?? 0), 0);
  if (accuracy === undefined || items === 0) return [];
  const where = `evaluation of ${ref}`;
  const share = { of: `${ref} accuracy`, where };
  const count = { of: `${ref} items`, where };
  const { value, n } = accuracy;
  const counted = decimal(right / items);
  return [
    valueOf({ ...share, value, says: `${ref} is told to be ${value} accurate` }),
    valueOf({ ...share, value: counted, says: `${right} of ${items} items of ${ref} were right` }, 'counted'),
    valueOf({ ...count, value: String(n), says: `the accuracy of ${ref} is told of ${n} items` }),
    valueOf(
      { ...count, value: String(items), says: `${items} items stand in the table of ${ref}` },
      'counted',
    ),
  ];
}

/** The same file on the same items has the same scores, whatever number it is registered under. */
function fileFacts(
  ref: string,
  { artifacts }: VersionState,
  { metrics, holdout }: EvaluationState,
): readonly Fact[] {
  const file = artifacts['model'];
  if (file === undefined) return [];
  const scores = metrics.filter(({ name }) => SCORES.includes(name));
  return scores.map(({ name, value }) =>
    valueOf({
      of: `${name} of ${file.digest} on ${holdout}`,
      value,
      says: `${name} of ${ref} is ${value}`,
      where: `evaluation of ${ref}`,
    }),
  );
}

function stopFacts(model: ModelState['model'], { version, verdict }: VersionState): readonly Fact[] {
  const stopped = (verdict?.gates ?? []).filter(({ answer }) => answer !== 'pass');
  return stopped.map(({ gate, answer, reason }) =>
    factOf(
      {
        says: `${gate} said ${answer} to ${model}@${version}: ${reason}`,
        where: `verdict on ${model}@${version}`,
        rank: 'gates',
        guards: true,
      },
      { kind: 'stopped-by', model, version, gate },
    ),
  );
}

interface Output {
  readonly record: StepRecord;
  readonly slot: string;
  readonly value: string;
}

function outputsOf({ records }: RunState): readonly Output[] {
  return records.flatMap((record) =>
    Object.entries(record.outputs).map(([slot, { digest }]) => ({ record, slot, value: digest })),
  );
}

/** Steps of equal digests give equal outputs, on whatever machine. */
function stepFacts(run: RunState): readonly Fact[] {
  const fixed = outputsOf(run).filter(({ record }) => FIXED.has(record.stage));
  return fixed.map(({ record: { step, digest }, slot, value }) =>
    valueOf({
      of: `step ${digest} slot ${slot}`,
      value,
      says: `step ${step} of ${run.run} gave ${slot} ${short(value)}`,
      where: `run ${run.run}`,
    }),
  );
}

/** A version's files, data and outcomes are those that its run gave. */
function madeFacts({ model, versions }: ModelState, run: RunState): readonly Fact[] {
  if (run.outcome?.kind !== 'completed') return [];
  const outputs = outputsOf(run);
  const made = versions.filter(({ lineage }) => lineage?.run === run.run);
  return made.flatMap(({ version, artifacts }) =>
    outputs.flatMap(({ record: { step }, slot, value }) => {
      const isFile =
        Object.hasOwn(artifacts, slot) && outputs.filter((one) => one.slot === slot).length === 1;
      const part = JUDGED_BY[`${step}.${slot}`] ?? (isFile ? `file ${slot}` : null);
      if (part === null) return [];
      const ref = `${model}@${version}`;
      const says = `step ${step} of ${run.run}, which made ${ref}, gave ${short(value)}`;
      return [valueOf({ of: `${ref} ${part}`, value, says, where: `run ${run.run}` })];
    }),
  );
}
