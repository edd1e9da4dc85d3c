/** Every so many events the log says what it folds to, so that a verifier can begin there instead of at event 0. */
import { FettleError } from '../base/fault.ts';
import { signerMissing } from '../faults.ts';
import type { Deed, RegistryEvent } from '../schema/event.ts';
import { isSealDue } from '../schema/seal.ts';
import type { RegistryState } from '../schema/state.ts';
import { folding, REDUCER } from '../state/fold.ts';
import { sealing } from '../state/seal.ts';
import { idemLine, idemPath } from '../store/lay-out.ts';
import type { EventLog, SignedEvents } from '../store/log.ts';
import { policyIn, type Decided } from './commit.ts';
import { bundleFor, keptBundle, type Signers } from './sign.ts';
import { stampedWith, type Stamp } from './stamp.ts';

export interface SealingOptions extends Stamp {
  readonly log: EventLog;
  readonly origin: string;
  readonly signers: Signers;
}

/** What was decided, with the seal that is due after it; costs nothing where none is. */
export async function withSeal(options: SealingOptions, decided: Decided): Promise<Decided> {
  const { snapshot, before, events, bundles } = decided;
  const size = snapshot?.head.size ?? 0;
  if (!isSealDue(size, events.length)) return decided;
  const shards = await shardsAfter(options.log, decided);
  if (shards === null) return decided;
  const state = stateAfter(before, { events, size });
  const body = { size: size + events.length, reducer: REDUCER, state: sealing()(state, shards) };
  const seal = stampedWith(options, [{ type: 'snapshot.sealed', subject: 'registry', body } satisfies Deed]);
  const signed = signedFor(options, { decided, state, seal });
  if (signed === null) return decided;
  return { ...decided, events: [...events, ...seal], bundles: [...bundles, ...signed] };
}

/** @returns null where the log has some of the events already, and would leave them out */
async function shardsAfter(
  log: EventLog,
  { snapshot, events }: Decided,
): Promise<ReadonlyMap<string, string> | null> {
  const idems = [...new Set(events.map(({ idem }) => idem))];
  if (idems.length < events.length) return null;
  if (snapshot !== null && (await log.positions(idems)).size > 0) return null;
  const shards = new Map(snapshot === null ? [] : await log.shards(null));
  for (const [index, idem] of idems.entries()) {
    const path = idemPath(idem);
    shards.set(path, (shards.get(path) ?? '') + idemLine(idem, (snapshot?.head.size ?? 0) + index));
  }
  return shards;
}

function stateAfter(
  before: RegistryState,
  { events, size }: { readonly events: readonly RegistryEvent[]; readonly size: number },
): RegistryState {
  const fold = folding(before);
  let state = before;
  for (const [index, event] of events.entries()) state = fold({ seq: size + index, event });
  return state;
}

interface Signing {
  readonly decided: Decided;
  readonly state: RegistryState;
  readonly seal: readonly RegistryEvent[];
}

/** @returns null where the author's key is not at hand, as for who only folds what others signed; the next mark will do */
function signedFor(
  { signers, origin }: SealingOptions,
  { decided: { snapshot }, state, seal }: Signing,
): readonly SignedEvents[] | null {
  try {
    const ask = { policy: policyIn(state), origin: snapshot?.head.origin ?? origin, events: seal };
    const bundle = bundleFor(signers, ask);
    return bundle === null ? [] : [keptBundle(bundle, seal)];
  } catch (error) {
    if (error instanceof FettleError && error.code === signerMissing.code) return null;
    throw error;
  }
}
