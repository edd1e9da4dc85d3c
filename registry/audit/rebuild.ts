/** Everything that is derived, made anew from the log alone: what a repair puts in place of what was lost or edited. */
import { FettleError } from '../base/fault.ts';
import { historyMissing, registryDamaged } from '../faults.ts';
import type { Entry } from '../schema/entry.ts';
import { sealOfFiles } from '../schema/seal.ts';
import type { RegistryState } from '../schema/state.ts';
import { EMPTY, evolve, REDUCER } from '../state/fold.ts';
import { viewOf } from '../state/view.ts';
import { FROM_START, inspectLog, type Inspection } from '../store/check-log.ts';
import { epochFiles, filesInEpoch, firstKeptAfter } from '../store/epoch.ts';
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
import type { Base } from './from-seal.ts';
import { stayed } from './past.ts';
import { pinnedRoot, type Pin } from './pin.ts';
import { folderProblems, fromEpoch, headBefore, policiesOf } from './verify-epoch.ts';
import { verifyTrust } from './verify-trust.ts';

export interface RebuildAsk {
  readonly look: Look;
  /** The files that left the tree when epochs began; null where the history at hand does not reach back to them. */
  readonly past: ReadonlyMap<string, string> | null;
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
  'epoch',
]);

/**
 * @throws registryDamaged when the log itself is: its lines are nobody's to make up; historyMissing where the pin lies
 * before all that can be read
 */
export function rebuild(ask: RebuildAsk): Rebuilt {
  const { look, past, pin, seal, tell } = ask;
  const base = past === null ? baseIn(ask) : null;
  const all = new Map([...stayed(look.files), ...(past ?? [])]);
  const inspected = inspectLog(all, {
    where: 'the log',
    from: base?.known ?? FROM_START,
    sizes: pin === null ? [] : [pin.size],
    begun: base?.begun ?? null,
  });
  const { head: found, entries, problems } = inspected;
  const fatal = [...look.problems, ...problems].find(isBeyondRepair);
  if (found === null || fatal !== undefined) {
    throw registryDamaged(fatal ?? { where: 'the log', wanted: 'a beginning', found: 'none' });
  }
  expectWhole(look, found);
  const head = { ...found, reducer: REDUCER };
  const state = entries.reduce(evolve, base?.state ?? EMPTY);
  const kept = keptSeal(inspected, head, { files: all, pin, base });
  const files = new Map<string, string>([
    [FORMAT_PATH, FORMAT_TEXT],
    [HEAD_PATH, headText(head)],
    [CHECKPOINT_PATH, kept ?? seal(checkpointFor(head), state, entries.at(-1)?.envelope.at ?? '')],
    ...keptOfLog(inspected, head, look),
    ...epochOf(inspected, head, { look, base }),
    ...viewOf(state, state.models.keys()),
    ...tell(state, head),
    ...shardsOf(entries, base),
    ...policiesOf(inspected, base),
  ]);
  const paths = new Set([...files.keys(), ...look.files.keys()]);
  return {
    head,
    files,
    mended: [...paths].filter((path) => files.get(path) !== look.files.get(path)).sort(),
  };
}

/** Where history ends at the newest epoch: its folder, as far as the line by which it began vouches for it below. */
function baseIn({ look, pin }: RebuildAsk): Base {
  const begin = fromEpoch(look);
  if (begin.base === null) throw registryDamaged(begin.problem);
  const { size } = begin.base.known;
  if (pin === null || pin.size >= size) return begin.base;
  throw historyMissing({ where: 'the log', what: `the events from ${pin.size} to ${size}` });
}

/** Lines and bundles of the newest epoch; those before are history's to keep. */
function keptOfLog({ begun, entries }: Inspection, head: Head, { files }: Look): readonly [string, string][] {
  const first = begun?.seq ?? 0;
  const bundles = entries.flatMap(({ seq, bundle }) =>
    bundle === null || seq < first ? [] : [attachmentPath(bundle)],
  );
  const paths = [...segmentPaths(firstKeptAfter(first), head.size), ...new Set(bundles)];
  return paths.map((path) => [path, files.get(path) ?? '']);
}

interface Epoch {
  readonly look: Look;
  readonly base: Base | null;
}

/** As it lies there where it is whole, for another fold may have made it; else made anew. @throws registryDamaged */
function epochOf(
  { begun, entries }: Inspection,
  { origin }: Head,
  { look, base }: Epoch,
): ReadonlyMap<string, string> {
  if (begun === null) return new Map();
  const there = filesInEpoch(look.files);
  const before = headBefore(begun, origin);
  const flaws = folderProblems(begun, { epoch: there, origin });
  if (flaws.length === 0) return epochFiles(before, there);
  const earlier = entries.filter(({ seq }) => seq < begun.seq);
  const state = earlier.reduce(evolve, base?.state ?? EMPTY);
  const made = new Map([...viewOf(state, state.models.keys()), ...shardsOf(earlier, base)]);
  if (base !== null || sealOfFiles(made) !== begun.body.state) {
    throw registryDamaged(flaws[0] ?? { where: 'epoch', wanted: begun.body.state, found: sealOfFiles(made) });
  }
  return epochFiles(before, made);
}

function shardsOf(entries: readonly Entry[], base: Base | null): ReadonlyMap<string, string> {
  const shards = new Map(base?.known.shards ?? []);
  for (const { seq, envelope } of entries) {
    const path = idemPath(envelope.idem);
    shards.set(path, (shards.get(path) ?? '') + idemLine(envelope.idem, seq));
  }
  return shards;
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
  { files, pin, base }: Keeping,
): string | null {
  const begin = { policy: base?.policy ?? null, state: base?.state ?? EMPTY };
  const { policy, problems: flaws } = verifyTrust({ entries, files, head, ...begin });
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

interface Keeping {
  readonly files: ReadonlyMap<string, string>;
  readonly pin: Pin | null;
  readonly base: Base | null;
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

/** A view file that is no text can be written anew; a line of the log cannot. */
function isBeyondRepair({ code, where }: Problem): boolean {
  return BEYOND_REPAIR.has(code) && !(code === 'text' && isViewPath(where));
}
