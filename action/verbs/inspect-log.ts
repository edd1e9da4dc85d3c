/** What a writer looks at first: it decides by what lies there, and a seal over the whole log vouches for all of it. */
import type { Pin } from '../../registry/audit/pin.ts';
import { verifyLog } from '../../registry/audit/verify.ts';
import type { Clock } from '../../registry/base/clock.ts';
import { rootOf } from '../../registry/base/merkle.ts';
import { logMoved, registryDamaged } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import type { EventLog, Head } from '../../registry/store/log.ts';
import type { PinFile } from './secret-folder.ts';

export interface Inspecting {
  readonly log: EventLog;
  readonly pins: PinFile;
  readonly now: Clock;
  /** Whether this writer signs anything. */
  readonly signs: boolean;
}

/** A page or a view by another Fettle is written anew by this very writer; a policy that ended is followed by the next. */
const HARMLESS: ReadonlySet<string> = new Set(['readme-differs', 'reducer', 'freeze']);

/** @throws registryDamaged, logMoved */
export function inspectorOf({ log, pins, now, signs }: Inspecting): (head: Head | null) => Promise<void> {
  let last: Pin | null = null;
  return async (head) => {
    const kept = await pins.read();
    if (head === null) return expectNothing(log, pins, kept);
    // Who signs nothing vouches for nothing, but decides by what lies there: what was verified here stays so.
    if (!signs && kept === null) return undefined;
    const pin = last ?? kept;
    const ask = { log, pin, extent: 'since-pin', witnessed: [], now: now(), readme: readmeOf } as const;
    const found = await verifyLog(ask);
    if (found === null) return undefined;
    const worst = found.problems.find(({ code }) => !HARMLESS.has(code));
    if (worst !== undefined) throw registryDamaged(worst);
    if (found.size !== head.size || found.root !== rootOf(head.frontier)) {
      throw logMoved({ expected: `${head.size} events`, found: `${found.size} events` });
    }
    last = found.pin ?? last;
    // A clone that remembers nothing yet is left to `fettle verify`, which says so.
    if (found.verdict === 'ok' && found.pin !== null) await pins.write(found.pin);
    return undefined;
  };
}

/**
 * Whoever deletes a registry does not get another one begun in its place, and its memory written over.
 *
 * @throws registryDamaged
 */
export function expectNothing({ where }: EventLog, { file }: PinFile, pin: Pin | null): void {
  if (pin === null || pin.size === 0) return;
  const wanted = `the ${pin.size} events of ${pin.origin}, verified here before`;
  throw registryDamaged({ where, wanted, found: `none; only without ${file} another is begun` });
}
