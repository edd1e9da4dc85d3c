/** Everything that is derived, made anew from the log alone: what a repair puts in place of what was lost or edited. */
import { FettleError } from '../base/fault.ts';
import { canonical } from '../base/json.ts';
import { registryDamaged } from '../faults.ts';
import type { RegistryState } from '../schema/state.ts';
import { EMPTY, evolve, REDUCER } from '../state/fold.ts';
import { policyPath, viewOf } from '../state/view.ts';
import { FROM_START, inspectLog, type Inspection } from '../store/check-log.ts';
import {
  attachmentPath,
  CHECKPOINT_PATH,
  checkpointFor,
  FORMAT_PATH,
  FORMAT_TEXT,
  HEAD_PATH,
  headText,
  idemLine,
  idemPath,
  isViewPath,
  parseHead,
  segmentPaths,
} from '../store/lay-out.ts';
import type { Head, Look, Problem } from '../store/log.ts';
import { checkpointOf, parseNote, type Checkpoint } from '../trust/note.ts';
import { pinnedRoot, type Pin } from './pin.ts';
import { verifyTrust } from './verify-trust.ts';

export interface RebuildAsk {
  readonly look: Look;
  /** What was verified last; null on a machine that never did. */
  readonly pin: Pin | null;
  /** The text of the checkpoint file. */
  readonly seal: (checkpoint: Checkpoint, state: RegistryState, time: string) => string;
  readonly tell: (state: RegistryState, place: Pick<Head, 'origin' | 'size'>) => ReadonlyMap<string, string>;
}

export interface Rebuilt {
  readonly head: Head;
  /** All files of the registry, whole. */
  readonly files: ReadonlyMap<string, string>;
  /** Paths that differ from what lies there. */
  readonly mended: readonly string[];
}

/** What concerns a line of the log, or a signature that nobody can make again. */
const BEYOND_REPAIR: ReadonlySet<string> = new Set([
  'line',
  'canonical',
  'seq',
  'chain',
  'segment',
  'log',
  'bundle',
  'text',
]);

/** @throws registryDamaged when the log itself is: its lines are nobody's to make up */
export function rebuild({ look, pin, seal, tell }: RebuildAsk): Rebuilt {
  const asked = { where: 'the log', from: FROM_START, sizes: pin === null ? [] : [pin.size], begun: null };
  const inspected = inspectLog(look.files, asked);
  const { head: found, entries, problems } = inspected;
  const fatal = [...look.problems, ...problems].find(isBeyondRepair);
  if (found === null || fatal !== undefined) {
    throw registryDamaged(fatal ?? { where: 'the log', wanted: 'a beginning', found: 'none' });
  }
  expectWhole(look, found);
  const head = { ...found, reducer: REDUCER };
  const state = entries.reduce(evolve, EMPTY);
  const kept = keptSeal(inspected, head, { look, pin });
  const unchanged = [...segmentPaths(0, head.size), ...bundlePaths(entries)];
  const files = new Map<string, string>([
    [FORMAT_PATH, FORMAT_TEXT],
    [HEAD_PATH, headText(head)],
    [CHECKPOINT_PATH, kept ?? seal(checkpointFor(head), state, entries.at(-1)?.envelope.at ?? '')],
    ...unchanged.map((path): [string, string] => [path, look.files.get(path) ?? '']),
    ...viewOf(state, state.models.keys()),
    ...tell(state, head),
  ]);
  for (const { seq, envelope, event } of entries) {
    const path = idemPath(envelope.idem);
    files.set(path, (files.get(path) ?? '') + idemLine(envelope.idem, seq));
    if (event?.type !== 'policy.changed') continue;
    files.set(policyPath(event.body.policy.version), `${canonical(event.body)}\n`);
  }
  const all = new Set([...files.keys(), ...look.files.keys()]);
  return { head, files, mended: [...all].filter((path) => files.get(path) !== look.files.get(path)).sort() };
}

/**
 * The checkpoint as it lies there, where it is good. A new seal is made only over what was verified here before:
 * otherwise a repair would sign for whatever somebody without a key has added.
 *
 * @returns null when it may be made anew
 * @throws registryDamaged
 */
function keptSeal(
  { entries, problems, roots }: Inspection,
  head: Head,
  { look, pin }: Pick<RebuildAsk, 'look' | 'pin'>,
): string | null {
  const { files } = look;
  const { policy, problems: flaws } = verifyTrust({ entries, files, head, policy: null, state: EMPTY });
  const flaw = flaws.find(({ code }) => code !== 'seal');
  if (flaw !== undefined) throw registryDamaged(flaw);
  const pinned = pin !== null && pin.origin === head.origin && roots.get(pin.size) === pinnedRoot(pin);
  if (pin !== null && !pinned) throw registryDamaged(otherThan(pin));
  if (policy === null) return null;
  const broken = [...problems, ...flaws].find(({ code }) => code === 'checkpoint' || code === 'seal');
  if (broken === undefined) return files.get(CHECKPOINT_PATH) ?? null;
  if (pinned && pin.size === head.size) return null;
  throw registryDamaged(broken);
}

function otherThan(pin: Pin): Omit<Problem, 'code'> {
  const wanted = `the ${pin.size} events of root ${pinnedRoot(pin).slice(0, 12)}, verified here before`;
  return { where: 'the log', wanted, found: 'others or fewer' };
}

/** A lost segment leaves a log that is whole in itself; only what was derived from it still knows of the rest. */
function expectWhole({ files }: Look, { size }: Head): void {
  const told = [
    claimOf(files.get(HEAD_PATH)),
    checkpointOf(parseNote(files.get(CHECKPOINT_PATH) ?? '')?.body ?? ''),
  ];
  const more = told.find((one) => one !== null && one.size > size);
  if (more === undefined || more === null) return;
  throw registryDamaged({ where: 'the log', wanted: `${more.size} events`, found: `${size}` });
}

function claimOf(text: string | undefined): Head | null {
  try {
    return parseHead(text ?? '');
  } catch (error) {
    if (error instanceof FettleError) return null;
    throw error;
  }
}

function bundlePaths(
  entries: readonly { readonly bundle: Parameters<typeof attachmentPath>[0] | null }[],
): readonly string[] {
  return [...new Set(entries.flatMap(({ bundle }) => (bundle === null ? [] : [attachmentPath(bundle)])))];
}

/** A view file that is no text can be written anew; a line of the log cannot. */
function isBeyondRepair({ code, where }: Problem): boolean {
  return BEYOND_REPAIR.has(code) && !(code === 'text' && isViewPath(where));
}
