/** Everything that is derived, made anew from the log alone: what a repair puts in place of what was lost or edited. */
import { canonical } from '../base/json.ts';
import { registryDamaged } from '../faults.ts';
import type { RegistryState } from '../schema/state.ts';
import { EMPTY, evolve, REDUCER } from '../state/fold.ts';
import { policyPath, viewOf } from '../state/view.ts';
import { FROM_START, inspectLog } from '../store/check-log.ts';
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
  segmentPaths,
} from '../store/lay-out.ts';
import type { Head, Look, Problem } from '../store/log.ts';
import type { Checkpoint } from '../trust/note.ts';

export interface RebuildAsk {
  readonly look: Look;
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
export function rebuild({ look, seal, tell }: RebuildAsk): Rebuilt {
  const asked = { where: 'the log', from: FROM_START, sizes: [], begun: null };
  const { head: found, entries, problems } = inspectLog(look.files, asked);
  const fatal = [...look.problems, ...problems].find(isBeyondRepair);
  if (found === null || fatal !== undefined) {
    throw registryDamaged(fatal ?? { where: 'the log', wanted: 'a beginning', found: 'none' });
  }
  const head = { ...found, reducer: REDUCER };
  const state = entries.reduce(evolve, EMPTY);
  const kept = [...segmentPaths(0, head.size), ...bundlePaths(entries)];
  const files = new Map<string, string>([
    [FORMAT_PATH, FORMAT_TEXT],
    [HEAD_PATH, headText(head)],
    [CHECKPOINT_PATH, seal(checkpointFor(head), state, entries.at(-1)?.envelope.at ?? '')],
    ...kept.map((path): [string, string] => [path, look.files.get(path) ?? '']),
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

function bundlePaths(
  entries: readonly { readonly bundle: Parameters<typeof attachmentPath>[0] | null }[],
): readonly string[] {
  return [...new Set(entries.flatMap(({ bundle }) => (bundle === null ? [] : [attachmentPath(bundle)])))];
}

/** A view file that is no text can be written anew; a line of the log cannot. */
function isBeyondRepair({ code, where }: Problem): boolean {
  return BEYOND_REPAIR.has(code) && !(code === 'text' && isViewPath(where));
}
