/** A rollback that is probed before and after it: it ends on a version that served before and is fit to, or changes nothing. */
import type { Channel, Version } from '../../registry/schema/model.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { trustedBefore, versionOf } from '../../registry/state/query.ts';
import { nothingSound } from '../faults.ts';
import type { Probe } from './probe.ts';

export interface Steps {
  /** The model as it is now. */
  read(): Promise<ModelState>;
  /** Lets a version serve again, in one commit; only if the other one serves. */
  flip(to: Version, from: Version | null): Promise<void>;
  probe(known: ModelState, version: Version): Promise<Probe>;
}

export interface Verified {
  readonly to: Version;
  /** Commits that were made: one, unless what was probed broke while it was put into service. */
  readonly flips: number;
  readonly probes: readonly Probe[];
}

/**
 * Probes the versions that served before, newest first, and flips to the first that is sound; probes it again in
 * service, and goes on to the next where it is not.
 *
 * @param steps  what is done for real
 * @param ask    `to`: this version and no other; null: whichever is sound
 * @returns      the version that serves, sound when last looked at
 * @throws       nothingSound when none is: where nothing was flipped yet, nothing has changed
 */
export async function rollBackVerified(
  steps: Steps,
  { channel, to }: { readonly channel: Channel; readonly to: Version | null },
): Promise<Verified> {
  const probes: Probe[] = [];
  const probed = async (known: ModelState, version: Version): Promise<boolean> => {
    const probe = await steps.probe(known, version);
    probes.push(probe);
    return probe.sound;
  };
  const start = await steps.read();
  const order = to === null ? trustedBefore(start, channel) : [versionOf(start, to).version];
  let [flips, serving] = [0, start.serving[channel] ?? null];
  for (const version of order) {
    if (!(await probed(start, version))) continue;
    await steps.flip(version, serving);
    flips += 1;
    const after = await steps.read();
    serving = after.serving[channel] ?? null;
    // Another writer may have been faster: what serves is what counts.
    if (serving !== null && (await probed(after, serving))) return { to: serving, flips, probes };
  }
  // Nothing older is fit: where something was flipped, what served at first is put back if it is.
  const first = start.serving[channel] ?? null;
  if (flips > 0 && first !== null && (await probed(await steps.read(), first))) {
    await steps.flip(first, serving);
    return { to: first, flips: flips + 1, probes };
  }
  throw nothingSound({ model: start.model, channel, probes });
}
