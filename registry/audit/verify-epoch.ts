/** Holds what an epoch left in the tree against the line by which it began, and begins there where no history is. */
import { canonical } from '../base/json.ts';
import type { Entry } from '../schema/entry.ts';
import type { SignedPolicy } from '../schema/policy.ts';
import { isSealedPath, sealOfFiles } from '../schema/seal.ts';
import { REDUCER } from '../state/fold.ts';
import { policyPath, stateOf } from '../state/view.ts';
import type { Begun, Inspection } from '../store/check-log.ts';
import { filesInEpoch, isEpochPath, leaves } from '../store/epoch.ts';
import { attachmentPath, HEAD_PATH, headText, parseHead, saysOf } from '../store/lay-out.ts';
import type { Look, Problem } from '../store/log.ts';
import type { Base } from './from-seal.ts';

type Files = ReadonlyMap<string, string>;

export interface EpochAsk {
  readonly look: Look;
  readonly found: Inspection;
  readonly base: Base | null;
  /** The folder of the newest epoch, whole; null where nothing in it has changed. */
  readonly epoch: Files | null;
}

/** What is wrong with the folder of the newest epoch, and with what left the tree or did not. */
export function epochProblems({ look, found, base, epoch }: EpochAsk): readonly Problem[] {
  const { begun, head, entries } = found;
  const begins = begun === null ? null : { size: begun.seq, policy: policyAt(begun, entries, base) };
  const kept = new Set(
    entries.flatMap(({ seq, bundle }) =>
      begins !== null && seq >= begins.size && bundle !== null ? [attachmentPath(bundle)] : [],
    ),
  );
  const isToLeave = (path: string): boolean => begins !== null && leaves(path, begins) && !kept.has(path);
  // The folder is compared whole.
  const gone = look.gone.filter((path) => !isToLeave(path) && (begun === null || !isEpochPath(path)));
  return [
    ...folderProblems(begun, { epoch, origin: head?.origin ?? '' }),
    ...gone.map((where) => ({ code: 'gone', where, wanted: 'a file', found: 'none' })),
    ...[...look.files.keys()]
      .filter(isToLeave)
      .map((where) => ({ code: 'unexpected-file', where, wanted: 'no such file', found: 'one' })),
  ];
}

/** Version of the policy in force where the epoch begins. */
function policyAt(
  { seq }: Pick<Begun, 'seq'>,
  entries: readonly Entry[],
  base: Pick<Base, 'policy'> | null,
): number {
  const changes = entries.flatMap((entry) =>
    entry.event?.type === 'policy.changed' && entry.seq < seq ? [entry.event.body.policy.version] : [],
  );
  return changes.at(-1) ?? base?.policy?.policy.version ?? 0;
}

/** Those in force at the base and since; of the ones before the newest epoch, only the last stays in the tree. */
export function policiesOf(
  { entries, begun }: Inspection,
  base: Pick<Base, 'policy'> | null,
): ReadonlyMap<string, string> {
  const first = begun === null ? 0 : policyAt(begun, entries, base);
  const brought = entries.flatMap(({ event }) => (event?.type === 'policy.changed' ? [event.body] : []));
  const all = [...(base === null || base.policy === null ? [] : [base.policy]), ...brought];
  return new Map(all.filter(({ policy }) => policy.version >= first).map(policyFile));
}

function policyFile(signed: SignedPolicy): [string, string] {
  return [policyPath(signed.policy.version), `${canonical(signed)}\n`];
}

interface Folder {
  readonly epoch: Files | null;
  readonly origin: string;
}

/** Of the folder against the line by which the epoch began. */
export function folderProblems(begun: Begun | null, { epoch, origin }: Folder): readonly Problem[] {
  if (begun === null) {
    if (epoch === null || epoch.size === 0) return [];
    return [{ code: 'epoch', where: 'epoch', wanted: 'what was there before', found: 'other files' }];
  }
  const files = epoch ?? new Map<string, string>();
  const strange = [...files.keys()].filter((path) => path !== HEAD_PATH && !isSealedPath(path));
  const sealed = sealOfFiles(files);
  const head = headText(headBefore(begun, origin));
  return [
    ...(files.get(HEAD_PATH) === head
      ? []
      : [{ code: 'epoch', where: `epoch/${HEAD_PATH}`, wanted: canonical(head), found: 'other text' }]),
    ...(sealed === begun.body.state
      ? []
      : [{ code: 'epoch', where: 'epoch', wanted: begun.body.state, found: sealed }]),
    ...strange.map((path) => ({
      code: 'unexpected-file',
      where: `epoch/${path}`,
      wanted: 'no such file',
      found: 'one',
    })),
  ];
}

/** The last head of the epoch before. */
export function headBefore({ prev, body }: Begun, origin: string): Parameters<typeof headText>[0] {
  const { epoch, size, frontier, reducer } = body;
  return { origin, epoch: epoch - 1, size, prev, frontier, reducer };
}

export type FromEpoch =
  | { readonly base: Base; readonly look: Look }
  /** Where another Fettle folded what is there, and nobody can go on from it. */
  | { readonly base: null; readonly problem: Problem };

/** The tree alone: what the epoch begins on is an earlier look, and the rest is what has changed since. */
export function fromEpoch(look: Look): FromEpoch {
  const epoch = filesInEpoch(look.files);
  try {
    const { origin, epoch: number, size, prev, frontier, reducer } = parseHead(epoch.get(HEAD_PATH) ?? '');
    if (reducer !== REDUCER) return { base: null, problem: otherFold(reducer) };
    const state = stateOf(epoch);
    const { policy } = state.trust;
    const shards = new Map([...epoch].filter(([path]) => path.startsWith('idem/')));
    const known = { size, prev, frontier, shards };
    const base: Base = { known, state, begun: { origin, epoch: number }, policy, whole: true, by: 'epoch' };
    const inForce = policy === null ? [] : [policyFile(policy)];
    const before = new Map([...[...epoch].filter(([path]) => isSealedPath(path)), ...inForce]);
    const files = new Map([...look.files].filter(([path, text]) => before.get(path) !== text));
    const gone = [...before.keys()].filter((path) => !look.files.has(path));
    return { base, look: { ...look, before, files, gone: [...look.gone, ...gone] } };
  } catch (error) {
    const problem = {
      code: 'epoch',
      where: 'epoch',
      wanted: 'what an epoch begins on',
      found: saysOf(error),
    };
    return { base: null, problem };
  }
}

function otherFold(reducer: number): Problem {
  const found = `one by fold ${reducer}, and a history that does not reach back before it`;
  return { code: 'reducer', where: 'epoch', wanted: `a view by fold ${REDUCER}`, found };
}
