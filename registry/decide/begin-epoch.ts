/** The log goes on in a tree without its old lines: one event says what they come to, and the same commit takes them out. */
import { nothingToCompact, registryDamaged, registryMissing } from '../faults.ts';
import type { Deed, EventOf } from '../schema/event.ts';
import { isSealedPath, sealOfFiles } from '../schema/seal.ts';
import type { RegistryState } from '../schema/state.ts';
import { REDUCER } from '../state/fold.ts';
import { stateOf } from '../state/view.ts';
import { HEAD_PATH, parseHead, SEGMENT_SIZE } from '../store/lay-out.ts';
import type { EventLog, Head, Snapshot } from '../store/log.ts';
import { commit, policyIn, type CommitOptions } from './commit.ts';
import { bundleFor, keptBundle } from './sign.ts';
import { stampedWith, type Stamp } from './stamp.ts';

export interface EpochOptions extends CommitOptions, Stamp {
  readonly log: EventLog;
  readonly inspect?: (head: Head | null) => Promise<void>;
}

export type EpochBegun = EventOf<'epoch.begun'>['body'];

/**
 * @returns what the event says
 * @throws registryMissing, registryDamaged, nothingToCompact, logMoved, signerMissing, and whatever the log throws
 */
export async function beginEpoch(options: EpochOptions): Promise<EpochBegun> {
  const planned = await planEpoch(options);
  const { snapshot, before, body, files } = planned;
  const events = stampedWith(options, [{ type: 'epoch.begun', subject: 'registry', body } satisfies Deed]);
  const policy = policyIn(before);
  const { origin } = snapshot.head;
  const bundle = bundleFor(options.signers, { policy, origin, events });
  await commit(options, {
    snapshot,
    before,
    events,
    bundles: bundle === null ? [] : [keptBundle(bundle, events)],
    epoch: { files, policy: policy?.version ?? 0 },
  });
  return body;
}

export interface EpochPlan {
  readonly snapshot: Snapshot;
  readonly before: RegistryState;
  readonly body: EpochBegun;
  /** What it begins on. */
  readonly files: ReadonlyMap<string, string>;
}

/** The same without writing. */
export async function planEpoch({ log, inspect }: Pick<EpochOptions, 'log' | 'inspect'>): Promise<EpochPlan> {
  const snapshot = await log.read();
  if (snapshot === null) throw registryMissing({ where: log.where });
  const { head, view } = snapshot;
  await inspect?.(head);
  expectOwnFold(head);
  expectEnough(head, (await log.epoch(null)).get(HEAD_PATH));
  const files = new Map([...[...view].filter(([path]) => isSealedPath(path)), ...(await log.shards(null))]);
  const { epoch, size, frontier, reducer } = head;
  const body = { epoch: epoch + 1, size, reducer, state: sealOfFiles(files), frontier: [...frontier] };
  return { snapshot, before: stateOf(view), body, files };
}

/** What another fold made is made anew by the next decision, and would not be what lies in the epoch's folder. */
function expectOwnFold({ reducer }: Head): void {
  if (reducer === REDUCER) return;
  const found = `one by fold ${reducer}; the next decision writes it anew`;
  throw registryDamaged({ where: HEAD_PATH, wanted: `a view by fold ${REDUCER}`, found });
}

function expectEnough({ size }: Head, text: string | undefined): void {
  const events = size - (text === undefined ? 0 : parseHead(text).size);
  if (events >= SEGMENT_SIZE) return;
  throw nothingToCompact({
    found: `${events} events since the last began, where a file holds ${SEGMENT_SIZE}`,
  });
}
