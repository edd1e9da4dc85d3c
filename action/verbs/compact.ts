/** `fettle compact`: begins a new epoch of the log, so that the branch's tree holds no more than is worked with. */
import * as z from 'zod';
import { verifyLog } from '../../registry/audit/verify.ts';
import type { EpochPlan } from '../../registry/decide/begin-epoch.ts';
import { nothingToCompact, registryDamaged, registryMissing } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { epochFiles, isEpochPath, leaves } from '../../registry/store/epoch.ts';
import { pinFile } from './secret-folder.ts';
import { defineVerb, type Paint, type VerbContext } from './verb.ts';
import { bytesText, counted } from './words.ts';
import { openReader, type Ledger } from './workplace.ts';

export const compact = defineVerb({
  name: 'compact',
  says: 'Begins a new epoch: old lines of the log leave the branch’s tree, and stay in its history.',
  words: [],
  input: z.strictObject({}),
  writes: true,
  examples: ['fettle compact --dry-run', 'fettle compact'],

  async run(context) {
    const ledger = await openReader(context);
    const { registry } = ledger;
    await expectSound(context, ledger);
    const plan = await registry.planEpoch();
    const look = await registry.log.look(null);
    const told = { ...leavingOf(look?.files ?? new Map(), plan), dryRun: context.dryRun };
    if (!context.dryRun) await registry.beginEpoch();
    return { data: told, text: (paint) => textOf(told, paint) };
  },
});

/** The page for people is written anew with the epoch, and a policy that ended is followed by the next. */
const HARMLESS: ReadonlySet<string> = new Set(['readme-differs', 'freeze']);

/** What leaves the tree is looked at less often from then on: all that can be read is verified first. */
async function expectSound({ now }: VerbContext, { registry, repository, remote }: Ledger): Promise<void> {
  const { log } = registry;
  const pin = await (await pinFile(repository, log, remote)).read();
  const ask = { log, pin, extent: 'all', witnessed: [], now: now(), readme: readmeOf } as const;
  const found = await verifyLog(ask);
  if (found === null) throw registryMissing({ where: log.where });
  const worst = found.problems.find(({ code }) => !HARMLESS.has(code));
  if (worst !== undefined) throw registryDamaged(worst);
}

interface Amount {
  readonly files: number;
  readonly bytes: number;
}

interface Leaving {
  readonly epoch: number;
  /** Before the epoch, whose lines left the tree but for those in the file that goes on. */
  readonly events: number;
  readonly left: Amount;
  readonly treeBefore: Amount;
  readonly treeAfter: Amount;
}

/** @throws nothingToCompact */
function leavingOf(
  files: ReadonlyMap<string, string>,
  { snapshot, before, body, files: begins }: EpochPlan,
): Leaving {
  const place = { size: body.size, policy: before.trust.policy?.policy.version ?? 0 };
  const left = [...files].filter(([path]) => leaves(path, place));
  const stays = [...files].filter(([path]) => !leaves(path, place) && !isEpochPath(path));
  const [treeBefore, treeAfter] = [
    amountOf(files),
    amountOf([...stays, ...epochFiles(snapshot.head, begins)]),
  ];
  if (treeAfter.bytes >= treeBefore.bytes) {
    const found = `${bytesText(treeBefore.bytes)} in the tree, which would become ${bytesText(treeAfter.bytes)}`;
    throw nothingToCompact({ found });
  }
  return { epoch: body.epoch, events: body.size, left: amountOf(left), treeBefore, treeAfter };
}

function amountOf(files: Iterable<readonly [string, string]>): Amount {
  const sizes = [...files].map(([, text]) => Buffer.byteLength(text));
  return { files: sizes.length, bytes: sizes.reduce((sum, size) => sum + size, 0) };
}

function textOf(
  { epoch, events, left, treeBefore, treeAfter, dryRun }: Leaving & { readonly dryRun: boolean },
  paint: Paint,
): string {
  const amount = ({ files, bytes }: Amount): string => `${counted(files, 'file')} of ${bytesText(bytes)}`;
  const [begins, leave, holds] = dryRun
    ? ['Would begin', 'would leave', 'would hold']
    : ['Began', 'left', 'holds'];
  return [
    `${begins} ${paint.bold(`epoch ${epoch}`)} after ${counted(events, 'event')}: ${amount(left)} ${leave} the tree, and history keeps them.`,
    `The tree held ${amount(treeBefore)}, and ${holds} ${amount(treeAfter)}.`,
    paint.dim('Every event can still be asked for, where the branch’s whole history is fetched.'),
  ].join('\n');
}
