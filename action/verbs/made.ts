/** What jobs of a matrix handed on: of each row only what its own step was to give, and only the bytes it names. */
import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import { folderStore, placeOf } from '../../pipelines/artifacts/folder-store.ts';
import { folderMemo, type StepOutputs } from '../../pipelines/artifacts/step-memo.ts';
import type { PlannedStep } from '../../pipelines/engine/plan.ts';
import { codeOf } from '../../pipelines/artifacts/durable.ts';
import { hexOf } from '../../registry/base/digest.ts';
import { canonical } from '../../registry/base/json.ts';
import type { ModelName } from '../../registry/schema/model.ts';
import type { RunId } from '../../registry/schema/run.ts';
import { leaseOf } from '../../registry/state/leases.ts';
import { gives } from './elsewhere-memo.ts';
import { beginRun, type TrainAsk, type Workshop } from './training.ts';

/** One job of the matrix: `train.yml` names what it hands on so. */
interface Row {
  readonly name: string;
  readonly model: ModelName;
  readonly run: RunId;
  readonly step: PlannedStep;
}

/** What the rows started from, fetched by its number: it lies beside theirs and is not looked at. */
const PLAN = 'fettle-plan';

export interface Admitted {
  readonly admitted: readonly string[];
  /** What was left where it lies, and why. */
  readonly leftOut: readonly string[];
}

/**
 * The rows follow from the plan that is made here anew, never from what a job says of itself. A row gives its own step
 * and no other: with the memo of a later one it would decide how good its model is.
 *
 * @param folder  one folder for each row, named as its artifact
 */
export async function admitMade(
  shop: Workshop,
  asks: readonly TrainAsk[],
  folder: string,
): Promise<Admitted> {
  // What their machines said under their leases was pushed meanwhile.
  await shop.registry.log.refresh?.();
  const rows = new Map<string, Row>();
  for (const ask of asks) for (const row of await rowsOf(shop, ask)) rows.set(row.name, row);
  const [admitted, leftOut] = [new Array<string>(), new Array<string>()];
  for (const name of (await namesIn(folder)).toSorted()) {
    if (name === PLAN) continue;
    const row = rows.get(name);
    if (row === undefined) {
      leftOut.push(`${name}: no row of this plan`);
      continue;
    }
    const found = await outputsOf(shop, row, path.join(folder, name));
    if (typeof found === 'string') leftOut.push(`${name}: ${found}`);
    else {
      for (const file of await strangersIn(path.join(folder, name), row, found)) {
        leftOut.push(`${name}: ${file} is not what ${row.step.name} gives`);
      }
      admitted.push(name);
    }
  }
  return { admitted, leftOut };
}

async function rowsOf(shop: Workshop, ask: TrainAsk): Promise<readonly Row[]> {
  const begun = await beginRun(shop, ask);
  if (begun.known) return [];
  const { run, steps } = begun.planned.plan;
  return steps
    .filter(({ stage }) => stage.heavy === true)
    .map((step) => ({ name: `fettle-made-${run}-${step.name}`, model: ask.model, run, step }));
}

/** @returns what the step gave, which is kept here now; or why it was not taken */
async function outputsOf(shop: Workshop, row: Row, folder: string): Promise<StepOutputs | string> {
  const { step } = row;
  const made = await readable(() => folderMemo(path.join(folder, 'steps')).get(step.digest));
  // The digest of a step is that of its inputs, parameters and code: what was made of others has another name.
  if (made === null) return `nothing of step ${step.name} of this plan`;
  if (!gives(step, made)) return `not what ${step.name} gives`;
  if (!(await isAsReturned(shop, row, made))) return 'no such result was given back under its lease';
  const from = folderStore(path.join(folder, 'artifacts'));
  for (const { kind, digest, sizeBytes } of Object.values(made.outputs)) {
    const bytes = await readable(() => from.get(digest));
    if (bytes === null || bytes.byteLength !== sizeBytes) return `no bytes that are ${digest}`;
    await shop.store.put(kind, bytes);
  }
  await shop.memo.put(step.digest, made);
  return made;
}

/** What was said under the lease is in the log, where nobody says it differently afterwards. */
async function isAsReturned(
  { registry }: Workshop,
  { model, run, step }: Row,
  made: StepOutputs,
): Promise<boolean> {
  const view = await registry.readModel(model);
  const end = leaseOf(view?.state.models.get(model), run, step.name)?.end ?? null;
  // Of a row that said nothing there, the step is performed again rather than taken from whoever used its name.
  if (end?.kind !== 'performed') return false;
  return canonical(end.record.outputs) === canonical(made.outputs);
}

/** Null where nothing can be read that is as it should be, whatever lies in its place. */
async function readable<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) !== null) return null;
    throw error;
  }
}

/** Files beside those that the row was to hand on. */
async function strangersIn(
  folder: string,
  { step }: Row,
  { outputs }: StepOutputs,
): Promise<readonly string[]> {
  const wanted = new Set([
    path.join('steps', `${hexOf(step.digest)}.json`),
    ...Object.values(outputs).map(({ digest }) => path.join('artifacts', placeOf(digest))),
  ]);
  const found: string[] = [];
  for (const file of await readdir(folder, { recursive: true })) {
    if (!wanted.has(file) && !(await lstat(path.join(folder, file))).isDirectory()) found.push(file);
  }
  return found.toSorted();
}

/** None where no job handed on anything. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
