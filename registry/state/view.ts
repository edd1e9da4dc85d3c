/** State as the files committed beside the log, and back: one file a model, and shards that list the names. */
import * as z from 'zod';
import { digestOf, hexOf } from '../base/digest.ts';
import { canonical } from '../base/json.ts';
import { registryDamaged } from '../faults.ts';
import type { ModelName } from '../schema/model.ts';
import { ModelState, TrustState, type RegistryState } from '../schema/state.ts';
import { UNTRUSTED } from './fold-trust.ts';

const SLUG_LENGTH = 40;

/** What concerns the registry as a whole; there from its first event on. */
const TRUST_PATH = 'state/registry.json';

/** Hashed first, so that no name can clash on a file system that folds case or reserves words. */
export function statePath(model: ModelName): string {
  const hash = hexOf(digestOf(model));
  return `state/${hash.slice(0, 2)}/${hash.slice(0, 12)}-${model.replaceAll('/', '-').slice(0, SLUG_LENGTH)}.json`;
}

function indexPath(model: ModelName): string {
  return `index/${hexOf(digestOf(model)).slice(0, 2)}.json`;
}

/** Where a model's state lies, and where that of the registry as a whole does. */
export function pathsFor(model: ModelName): readonly string[] {
  return [TRUST_PATH, statePath(model)];
}

/** The files for the models named; the index shards they fall into are written whole. */
export function viewOf(state: RegistryState, models: Iterable<ModelName>): ReadonlyMap<string, string> {
  const view = new Map<string, string>();
  if (state.trust.lastSeq >= 0) view.set(TRUST_PATH, `${canonical(state.trust)}\n`);
  const { policy } = state.trust;
  if (policy !== null) view.set(policyPath(policy.policy.version), `${canonical(policy)}\n`);
  const shards = new Map<string, [ModelName, number][]>();
  for (const model of models) {
    const known = state.models.get(model);
    if (known === undefined) continue;
    view.set(statePath(model), `${canonical(known)}\n`);
    shards.set(indexPath(model), []);
  }
  if (shards.size === 0) return view;
  // Each name is hashed once, however many shards are written.
  for (const { model, lastSeq } of state.models.values()) {
    shards.get(indexPath(model))?.push([model, lastSeq]);
  }
  // Model name to the position of its last event, for every model of the shard.
  for (const [path, members] of shards) view.set(path, `${canonical(Object.fromEntries(members))}\n`);
  return view;
}

/** Policies by number: each stays as it was when the next one follows. */
export function policyPath(version: number): string {
  return `policy/${version}.json`;
}

/** @throws registryDamaged when a state file is not what this reducer writes */
export function stateOf(view: ReadonlyMap<string, string>): RegistryState {
  const models = new Map<ModelName, ModelState>();
  const files = [...view].filter(([path]) => path.startsWith('state/') && path !== TRUST_PATH);
  for (const [path, text] of files) {
    const known = parsed(ModelState, text, path);
    models.set(known.model, known);
  }
  const trust = view.get(TRUST_PATH);
  return { trust: trust === undefined ? UNTRUSTED : parsed(TrustState, trust, TRUST_PATH), models };
}

function parsed<T>(schema: z.ZodType<T>, text: string, where: string): T {
  const known = schema.safeParse(jsonOf(text));
  if (known.success) return known.data;
  throw registryDamaged({ where, wanted: 'the state of this fold', found: z.prettifyError(known.error) });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
