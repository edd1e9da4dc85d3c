/** State as the files committed beside the log, and back: one file a model, and shards that list the names. */
import * as z from 'zod';
import { digestOf, hexOf } from '../base/digest.ts';
import { canonical } from '../base/json.ts';
import { registryDamaged } from '../faults.ts';
import type { ModelName } from '../schema/model.ts';
import { ModelState, type RegistryState } from '../schema/state.ts';

const SLUG_LENGTH = 40;

/** Hashed first, so that no name can clash on a file system that folds case or reserves words. */
export function statePath(model: ModelName): string {
  const hash = hexOf(digestOf(model));
  return `state/${hash.slice(0, 2)}/${hash.slice(0, 12)}-${model.replaceAll('/', '-').slice(0, SLUG_LENGTH)}.json`;
}

function indexPath(model: ModelName): string {
  return `index/${hexOf(digestOf(model)).slice(0, 2)}.json`;
}

/** The files for the models named; the index shards they fall into are written whole. */
export function viewOf(state: RegistryState, models: Iterable<ModelName>): ReadonlyMap<string, string> {
  const view = new Map<string, string>();
  for (const model of models) {
    const known = state.models.get(model);
    if (known === undefined) continue;
    view.set(statePath(model), `${canonical(known)}\n`);
    view.set(indexPath(model), shardOf(state, indexPath(model)));
  }
  return view;
}

/** Model name to the position of its last event, for every model of the shard. */
function shardOf(state: RegistryState, path: string): string {
  const members = [...state.models.values()].filter(({ model }) => indexPath(model) === path);
  return `${canonical(Object.fromEntries(members.map(({ model, lastSeq }) => [model, lastSeq])))}\n`;
}

/** @throws registryDamaged when a state file is not what this reducer writes */
export function stateOf(view: ReadonlyMap<string, string>): RegistryState {
  const models = new Map<ModelName, ModelState>();
  const files = [...view].filter(([path]) => path.startsWith('state/'));
  for (const [path, text] of files) {
    const known = ModelState.safeParse(jsonOf(text));
    if (!known.success) {
      throw registryDamaged({ where: path, wanted: 'a model state', found: z.prettifyError(known.error) });
    }
    models.set(known.data.model, known.data);
  }
  return { models };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
