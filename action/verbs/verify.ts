/** `fettle verify`: compares everything that lies there with what the log says, and with what was seen before. */
import * as z from 'zod';
import { artifactMissing } from '../../pipelines/faults.ts';
import { artifactHistoryOf, lastLeft } from '../../registry/audit/artifact-history.ts';
import { verifyLog, type Verified } from '../../registry/audit/verify.ts';
import type { Digest } from '../../registry/base/digest.ts';
import { FettleError } from '../../registry/base/fault.ts';
import { historyMissing, registryMissing } from '../../registry/faults.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import type { EventLog, Problem } from '../../registry/store/log.ts';
import { expectNothing } from './inspect-log.ts';
import { pinFile } from './secret-folder.ts';
import { defineVerb, EXIT, type Paint } from './verb.ts';
import { witnessedOf } from './witnesses.ts';
import { counted } from './words.ts';
import { openReader, openShelf, type Shelf } from './workplace.ts';

export const verify = defineVerb({
  name: 'verify',
  says: 'Checks the chain, the signatures, every derived file and the files of what serves, since the last time or from the start.',
  words: [],
  input: z.strictObject({
    all: z
      .boolean()
      .default(false)
      .describe('from the first event, not only what came since the last time or since a seal'),
    artifacts: z
      .boolean()
      .default(false)
      .describe('check the bytes of every version in the view and of its data, not only of those in service'),
    witness: z
      .array(z.string())
      .default([])
      .describe('a file with a checkpoint that somebody else remembers, or a repository'),
    seals: z
      .boolean()
      .default(false)
      .describe('with --all: make the files of every seal on the way anew, not only of the newest'),
    strict: z.boolean().default(false).describe('end when a witness that the settings name cannot be asked'),
  }),
  writes: false,
  examples: ['fettle verify', 'fettle verify --all --artifacts', 'fettle verify --witness theirs.txt'],

  async run(context, { all, artifacts, witness, seals, strict }) {
    const ledger = await openReader(context);
    const { registry, repository } = ledger;
    const { log } = registry;
    const pins = await pinFile(repository, log, ledger.remote);
    const pin = await pins.read();
    const { checkpoints, silent } = await witnessedOf(context, ledger, {
      given: witness,
      unreachable: strict ? 'thrown' : 'told',
      // What is verified would not be what the witness speaks of.
      behind: 'thrown',
    });
    const verified = await verifyLog({
      log,
      pin,
      extent: all ? 'all' : 'since-pin',
      ...(seals ? { seals: 'every' } : {}),
      witnessed: checkpoints,
      now: context.now(),
      readme: readmeOf,
    });
    if (verified === null) {
      expectNothing(log, pins, pin);
      throw registryMissing({ where: log.where });
    }
    const bytes: BytesFound =
      verified.state === null
        ? { problems: [], elsewhere: [] }
        : await bytesOf(verified.state, {
            shelf: await openShelf(context, repository),
            all: artifacts,
            gone: () => goneIn(log, verified.epoch),
          });
    const problems = [...verified.problems, ...bytes.problems];
    const { elsewhere } = bytes;
    const verdict = problems.length === 0 ? verified.verdict : 'DAMAGED';
    if (verified.pin !== null && problems.length === 0) await pins.write(verified.pin);
    const { size, root, read, sealed, epoch, signed } = verified;
    // Of an intended beginning that another forestalled, nothing was remembered.
    const before = verified.verdict === 'UNPINNED' ? null : (pin?.size ?? null);
    return {
      data: {
        verdict,
        events: size,
        root,
        read,
        /** Where it began instead of at event 0, because somebody trusted remembers a seal of what was before. */
        sealed,
        /** Where it began because an epoch begins there: those before were not read. */
        epoch,
        signed,
        pinnedBefore: before,
        problems,
        elsewhere,
        witnesses: { asked: checkpoints.length, silent },
      },
      text: (paint) => textOf({ ...verified, verdict, problems, elsewhere, silent, before, all }, paint),
      exit: EXITS[verdict],
    };
  },
});

const EXITS = { ok: EXIT.done, UNPINNED: EXIT.refused, DAMAGED: EXIT.damaged } as const;

interface BytesFound {
  readonly problems: readonly Problem[];
  /** Files that lie on another machine, by version and name. */
  readonly elsewhere: readonly string[];
}

interface BytesAsk {
  readonly shelf: Shelf;
  /** Of every version in the view, and what it was made from. */
  readonly all: boolean;
  /** What was forgotten, by what took its place; read only when something is missing. */
  gone(): Promise<ReadonlyMap<Digest, Digest | null>>;
}

/** Of what serves, or of all: wrong bytes are always a problem; bytes that are not here are one only when asked for. */
async function bytesOf(state: RegistryState, { shelf, all, gone }: BytesAsk): Promise<BytesFound> {
  const problems: Problem[] = [];
  const elsewhere: string[] = [];
  let forgotten: ReadonlyMap<Digest, Digest | null> | null = null;
  for (const { where, digest } of wantedBytes(state, all)) {
    if ((await faultOf(shelf, digest)) === null) continue;
    // What was forgotten may be missing, but what took its place may not.
    forgotten ??= await gone();
    const left = lastLeft(forgotten, digest);
    const fault = left === null ? null : await faultOf(shelf, left);
    if (fault === null) continue;
    if (fault.code === artifactMissing.code && !all) elsewhere.push(where);
    else problems.push({ code: 'artifact', where, wanted: left ?? digest, found: fault.message });
  }
  return { problems, elsewhere };
}

/** What was forgotten in an epoch that history does not reach is not known to have been. */
async function goneIn(log: EventLog, epoch: number | null): Promise<ReadonlyMap<Digest, Digest | null>> {
  const entries = await log.entries(0).catch((error: unknown) => {
    const isCut = error instanceof FettleError && error.code === historyMissing.code;
    return isCut && epoch !== null ? log.entries(epoch) : Promise.reject(error);
  });
  return artifactHistoryOf(entries).gone;
}

interface WantedBytes {
  readonly where: string;
  readonly digest: Digest;
}

function wantedBytes({ models }: RegistryState, all: boolean): readonly WantedBytes[] {
  return [...models.values()].flatMap(({ model, versions, serving }) => {
    const served = new Set(Object.values(serving));
    const chosen = versions.filter(({ version }) => all || served.has(version));
    return chosen.flatMap(({ version, artifacts, lineage, evaluation }) => {
      const files = Object.entries(artifacts).map(([name, { digest }]) => ({ name, digest }));
      const data = lineage === null ? [] : [{ name: 'data', digest: lineage.data }];
      const outcomes = evaluation === null ? [] : [{ name: 'outcomes', digest: evaluation.outcomes.digest }];
      const wanted = all ? [...files, ...data, ...outcomes] : files;
      return wanted.map(({ name, digest }) => ({ where: `${model}@${version} ${name}`, digest }));
    });
  });
}

/** What lies here is looked at itself: reading would mend it from the shared store without a word. */
async function faultOf({ local, store }: Shelf, digest: Digest): Promise<FettleError | null> {
  try {
    await ((await local.has(digest)) ? local : store).get(digest);
    return null;
  } catch (error) {
    if (error instanceof FettleError) return error;
    throw error;
  }
}

interface Shown extends Verified {
  readonly elsewhere: readonly string[];
  readonly silent: readonly string[];
  readonly before: number | null;
  /** Whether everything was asked for. */
  readonly all: boolean;
}

function textOf(
  { verdict, problems, elsewhere, silent, size, root, read, sealed, epoch, signed, before, all }: Shown,
  paint: Paint,
): string {
  if (verdict === 'DAMAGED') {
    const lines = problems.map(
      ({ code, where, wanted, found }) => `${paint.bad(code)} ${where}: wanted ${wanted}, found ${found}`,
    );
    const next = `${counted(problems.length, 'problem')} found. Nothing was pinned. \`fettle doctor\` says what can be mended.`;
    return [...lines, next].join('\n');
  }
  const agree = `chain, positions, canonical form, Merkle root, ${signed ? 'signatures, ' : ''}and every derived file agree`;
  const since = beginsText({ read, size, sealed, epoch, before });
  const found = `${counted(size, 'event')}${since}: ${agree}.`;
  const more = [
    ...silent.map((one) => paint.warn(`No word of a witness: ${one}.`)),
    ...(elsewhere.length === 0
      ? []
      : [`${counted(elsewhere.length, 'file')} of what serves lie on another machine.`]),
    ...unreadText({ sealed, epoch, all }).map(paint.dim),
    ...(signed ? [] : [paint.dim('No policy asks for signatures; `fettle policy init` begins one.')]),
  ];
  if (verdict === 'ok') return [`${paint.good('ok')} ${found}`, ...more].join('\n');
  return [
    `${paint.warn('UNPINNED')} ${found}`,
    `Nothing remembers this registry here yet, so a log cut short or rewritten whole would look the same.`,
    `Compare the root with another clone's (${root ?? ''}), or name a witness (\`fettle witness\`); from now on this clone remembers it.`,
    ...more,
  ].join('\n');
}

function beginsText({
  read,
  size,
  sealed,
  epoch,
  before,
}: Pick<Shown, 'read' | 'size' | 'sealed' | 'epoch' | 'before'>): string {
  if (read === size) return '';
  if (epoch !== null) return `, ${read} of them since the newest epoch began`;
  if (sealed !== null) return `, ${read} of them since the last seal that is remembered elsewhere`;
  return before === null ? '' : `, ${read} of them since it was last verified here`;
}

function unreadText({ sealed, epoch, all }: Pick<Shown, 'sealed' | 'epoch' | 'all'>): readonly string[] {
  const unread = sealed ?? epoch;
  if (unread === null) return [];
  const how = all
    ? 'history was cut off before them, and `git fetch --unshallow origin fettle/registry` brings it'
    : '`fettle verify --all` reads them too';
  return [`The ${counted(unread, 'event')} up to there were not read; ${how}.`];
}
