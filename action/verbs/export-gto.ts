/** The tags that GTO reads: made where they are missing, compared, or put right. */
import { driftOf, type Drift } from '../../registry/exports/gto-drift.ts';
import { planGtoTags, type Commits, type GtoPlan } from '../../registry/exports/gto.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import { gitIn, type Git } from '../../registry/store/git.ts';
import {
  commitsAmong,
  hashOf,
  readTags,
  registryCommits,
  tagOid,
  writeTags,
  type RefTag,
  type TagChange,
} from '../../registry/store/tags.ts';
import { EXIT, type Paint, type Told, type VerbContext } from './verb.ts';
import { counted } from './words.ts';
import type { Ledger } from './workplace.ts';

interface GtoAsk {
  readonly entries: readonly Entry[];
  readonly check: boolean;
  readonly repair: boolean;
}

export async function exportGto(context: VerbContext, ledger: Ledger, ask: GtoAsk): Promise<Told> {
  const { plan, drift } = await gtoDrift(ledger, ask.entries);
  const writes = !ask.check && !context.dryRun;
  if (writes) await writeTags(gitIn(ledger.repository.top), changeFor(drift, ask.repair));
  return toldOf({ plan, drift, ask, dryRun: context.dryRun });
}

/** The tags that the log asks for, and how those that are here differ from them. */
export async function gtoDrift(
  ledger: Ledger,
  entries: readonly Entry[],
): Promise<{ readonly plan: GtoPlan; readonly drift: Drift }> {
  const git = gitIn(ledger.repository.top);
  const found = new Map((await readTags(git)).map((tag) => [tag.name, tag]));
  const plan = planGtoTags(entries, await commitsFor(git, ledger, { entries, found }));
  const hash = await hashOf(git);
  const models = new Set(entries.map(({ envelope }) => envelope.subject));
  return { plan, drift: driftOf({ plan, models, found, oidOf: (tag) => tagOid(hash, tag) }) };
}

function changeFor({ missing, moved, extra }: Drift, repair: boolean): TagChange {
  if (!repair) return { make: missing, replace: [], remove: [] };
  return {
    make: missing,
    replace: moved.map(({ tag, found }) => ({ tag, was: found.oid })),
    remove: extra.map(({ name, oid }) => ({ name, was: oid })),
  };
}

export interface Here {
  readonly entries: readonly Entry[];
  readonly found: ReadonlyMap<string, RefTag>;
}

export async function commitsFor(git: Git, ledger: Ledger, { entries, found }: Here): Promise<Commits> {
  const asked = entries.flatMap(({ event }) => {
    if (event?.type === 'model.imported') return [event.body.commit];
    return event?.type === 'model.registered' ? [event.body.lineage.commit ?? ''] : [];
  });
  const here = await commitsAmong(git, asked);
  const head = (await ledger.registry.log.read())?.head;
  const branch = head === undefined ? [] : await registryCommits(git, head);
  return {
    secondsOf: (commit) => here.get(commit) ?? null,
    introducing: (seq) => {
      // The sizes only grow: the first commit whose log is longer than the position brought it in.
      let [low, high] = [0, branch.length];
      while (low < high) {
        const middle = Math.floor((low + high) / 2);
        if ((branch[middle]?.size ?? 0) > seq) high = middle;
        else low = middle + 1;
      }
      return branch[low]?.commit ?? null;
    },
    tagged: (name) => found.get(name)?.target ?? null,
  };
}

interface Outcome {
  readonly plan: GtoPlan;
  readonly drift: Drift;
  readonly ask: GtoAsk;
  readonly dryRun: boolean;
}

function toldOf(outcome: Outcome): Told {
  const { plan, drift, ask, dryRun } = outcome;
  const { missing, moved, extra } = drift;
  const wrong = ask.check ? missing.length + moved.length + extra.length : moved.length + extra.length;
  const open = wrong > 0 && !ask.repair;
  return {
    data: {
      tags: plan.tags.length,
      made: ask.check || dryRun ? 0 : missing.length,
      missing: missing.map(({ name }) => name),
      moved: moved.map(({ tag, found }) => ({ name: tag.name, found: found.oid })),
      extra: extra.map(({ name, oid }) => ({ name, found: oid })),
      repaired: ask.repair && !dryRun,
      skipped: plan.skipped,
      dryRun,
    },
    text: (paint) => textOf(outcome, paint),
    ...(open ? { exit: EXIT.refused } : {}),
  };
}

/** Longer lists of one kind are cut. */
const SHOWN = 20;

function textOf({ plan, drift, ask, dryRun }: Outcome, paint: Paint): string {
  const { missing, moved, extra } = drift;
  const warnings = plan.skipped.map(({ what, why }) => paint.warn(`skipped ${what}: ${why}`));
  const differing = [
    ...listed(
      'moved',
      moved.map(({ tag, found }) => `${tag.name} (now ${found.oid.slice(0, 12)})`),
    ),
    ...listed(
      'extra',
      extra.map(({ name, oid }) => `${name} (now ${oid.slice(0, 12)})`),
    ),
  ];
  const all = counted(plan.tags.length, 'tag');
  if (ask.check) {
    const lines = [
      ...listed(
        'missing',
        missing.map(({ name }) => name),
      ),
      ...differing,
    ];
    const says =
      lines.length === 0
        ? paint.good(`All ${all} are as the log asks for.`)
        : paint.bad(`${missing.length} missing, ${moved.length} moved, ${extra.length} extra, of ${all}.`);
    const next = lines.length === 0 ? [] : ['Put them right: fettle export --gto --repair'];
    return [...warnings, ...lines, says, ...next].join('\n');
  }
  const made = `${dryRun ? 'Would make' : 'Made'} ${counted(missing.length, 'tag')} of ${all}`;
  if (differing.length === 0) {
    const next = missing.length === 0 ? [] : [paint.dim('Share them: git push <remote> --tags')];
    return [...warnings, `${made}.`, ...next].join('\n');
  }
  const fixed = dryRun ? 'would be put right' : 'put right';
  const end = ask.repair
    ? `${made}; ${moved.length + extra.length} others ${fixed}. Each was the object named here.`
    : `${made}; the others differ and are left alone. Put them right: fettle export --gto --repair`;
  return [...warnings, ...differing, end].join('\n');
}

function listed(what: string, names: readonly string[]): readonly string[] {
  const lines = names.slice(0, SHOWN).map((name) => `${what} ${name}`);
  return names.length > SHOWN ? [...lines, `and ${names.length - SHOWN} more ${what}`] : lines;
}
