/** `fettle witness <where>`: has another repository remember how far this registry has come. */
import * as z from 'zod';
import { verifyLog, type Verified } from '../../registry/audit/verify.ts';
import { registryMissing, witnessBusy } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import {
  conflictFiles,
  keptFile,
  testimonyOf,
  type KeepAsk,
  type Testimony,
  type Witness,
} from '../../registry/store/git-witness.ts';
import { witnessUnreadable } from '../faults.ts';
import { expectNothing } from './inspect-log.ts';
import { pinFile } from './secret-folder.ts';
import { defineVerb, EXIT, type Paint, type VerbContext } from './verb.ts';
import { openWitness } from './witnesses.ts';
import { openReader, type Ledger } from './workplace.ts';

export const witness = defineVerb({
  name: 'witness',
  says: 'Has another repository remember the newest checkpoint, so that nobody can cut this log short or rewrite it unseen.',
  words: ['where'],
  input: z.strictObject({
    where: z
      .string()
      .regex(/^[^-]/, 'no option')
      .describe('a git address, a folder or the name of a remote; its branch fettle/witness is written'),
  }),
  writes: true,
  examples: ['fettle witness https://github.com/other/witness.git', 'fettle witness ../witness --dry-run'],

  async run(context, { where }) {
    const ledger = await openReader(context);
    const there = await openWitness(ledger, where, context.folder);
    if (there === null) throw witnessUnreadable({ file: where, found: 'no repository' });
    const told = await persistently(there, () => shownTo(there, ledger, context));
    return {
      data: told,
      text: (paint) => textOf(told, paint),
      exit: told.answer === 'conflict' || told.answer === 'damaged' ? EXIT.damaged : EXIT.done,
    };
  },
});

interface Told {
  readonly where: string;
  /** `kept`: it remembers this now; `known`: it did before. */
  readonly answer: 'kept' | 'known' | 'conflict' | 'damaged';
  readonly events: number;
  readonly before: number | null;
  readonly problems: Verified['problems'];
}

/** Each round is lost to somebody who was shown something meanwhile, and is compared with as well. */
const TRIES = 10;

/** @throws witnessBusy */
async function persistently({ where }: Witness, show: () => Promise<Told | null>): Promise<Told> {
  for (let round = 1; round <= TRIES; round++) {
    const told = await show();
    if (told !== null) return told;
  }
  throw witnessBusy({ where, times: TRIES });
}

/** What a witness alone can find. */
const CONFLICTS: ReadonlySet<string> = new Set(['rollback', 'fork']);

/**
 * Verified first, with what the witness remembers: it never takes a log that does not continue the one it knows.
 *
 * @returns null when the witness was shown something else meanwhile
 */
async function shownTo(there: Witness, ledger: Ledger, context: VerbContext): Promise<Told | null> {
  const { log } = ledger.registry;
  const { tip, testimonies } = await there.kept();
  const snapshot = await log.read([]);
  const pins = await pinFile(ledger.repository, log, ledger.remote);
  const pin = await pins.read();
  const now = snapshot === null ? null : testimonyOf(snapshot.checkpoint);
  if (snapshot === null) expectNothing(log, pins, pin);
  if (snapshot === null || now === null) throw registryMissing({ where: log.where });
  const known = testimonies.find(({ checkpoint }) => checkpoint.origin === snapshot.head.origin) ?? null;
  const verified = await verifyLog({
    log,
    pin,
    extent: 'since-pin',
    witnessed: known === null ? [] : [known.checkpoint],
    now: context.now(),
    readme: readmeOf,
  });
  const problems = verified?.problems ?? [];
  const told = {
    where: there.where,
    problems,
    events: now.checkpoint.size,
    before: known?.checkpoint.size ?? null,
  };
  const conflict = known !== null && problems.some(({ code }) => CONFLICTS.has(code));
  const [answer, files] = answerOf({ conflict, now, known, damaged: problems.length > 0 });
  if (files.size === 0 || context.dryRun) return { ...told, answer };
  const ask: KeepAsk = {
    since: tip,
    files,
    message: `${answer}: ${now.checkpoint.origin} at ${now.checkpoint.size}\n`,
    at: context.now(),
  };
  return (await there.keep(ask)) ? { ...told, answer } : null;
}

interface Compared {
  readonly conflict: boolean;
  readonly damaged: boolean;
  readonly now: Testimony;
  readonly known: Testimony | null;
}

function answerOf({ conflict, damaged, now, known }: Compared): readonly [Told['answer'], KeepAsk['files']] {
  if (conflict && known !== null) return ['conflict', conflictFiles([known, now])];
  if (damaged) return ['damaged', new Map()];
  if (known?.checkpoint.size === now.checkpoint.size) return ['known', new Map()];
  return ['kept', new Map([keptFile(now)])];
}

function textOf({ where, answer, events, before, problems }: Told, paint: Paint): string {
  if (answer === 'known') return `${paint.good('ok')} ${where} remembers all ${events} events already.`;
  if (answer === 'kept') {
    const since =
      before === null ? 'and knew nothing of this registry before' : `which continue the ${before} it knew`;
    return `${paint.good('ok')} ${where} remembers ${events} events now, ${since}.`;
  }
  const lines = problems.map(
    ({ code, where: place, wanted, found }) =>
      `${paint.bad(code)} ${place}: wanted ${wanted}, found ${found}`,
  );
  const next =
    answer === 'conflict'
      ? `Both checkpoints are kept as evidence in the folder conflicts of ${where}, which still vouches for the one it knew.`
      : `Nothing was shown to ${where}: mend this first, see \`fettle doctor\`.`;
  return [...lines, next].join('\n');
}
