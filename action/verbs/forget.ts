/** `fettle forget`: takes an item's or a person's rows out of every stored file, and says so in the log. */
import * as z from 'zod';
import { forgetRows, type Forgetting, type Rewritten } from '../../pipelines/retention/forget.ts';
import { readSettings } from '../../pipelines/settings/read.ts';
import { artifactHistoryOf, lastLeft, type ArtifactHistory } from '../../registry/audit/artifact-history.ts';
import { digestOf, type Digest } from '../../registry/base/digest.ts';
import { decideForgetting, type Tombstone } from '../../registry/decide/forget.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import { ModelName } from '../../registry/schema/model.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { outcomesLeft } from '../../registry/state/query.ts';
import { repositoryAt } from '../../registry/store/repository.ts';
import { reasonTells } from '../faults.ts';
import { forgettingText, type Forgot } from './forget-told.ts';
import { defineVerb, type VerbContext } from './verb.ts';
import { decideIn, openWriter, shelfIn, viewIn, type Ledger, type Shelf } from './workplace.ts';

const CellWord = z
  .string()
  .regex(/^[^=]+=.+$/, 'column=value, such as author=octocat')
  .transform((text) => {
    const at = text.indexOf('=');
    return { column: text.slice(0, at), value: text.slice(at + 1).trim() };
  });

const Input = z.strictObject({
  item: z.array(z.string().trim().min(1)).default([]).describe('id of a row'),
  where: z
    .array(CellWord)
    .default([])
    .describe('every row with this value in this column, such as author=octocat'),
  model: ModelName.optional().describe('only what this model was made from, where ids are used by several'),
  reason: z
    .string()
    .min(1)
    .max(1000)
    .default('asked for by the person concerned')
    .describe('why, for the record; names nobody, because the record is never rewritten'),
});
type Input = z.infer<typeof Input>;

/** Events in one commit. */
const AT_ONCE = 200;

export const forget = defineVerb({
  name: 'forget',
  says: 'Takes a person’s or an item’s rows out of every stored file, for good, and records that it was done.',
  words: [],
  input: Input,
  writes: true,
  examples: [
    'fettle forget --item 4711 --dry-run',
    'fettle forget --where author=octocat --reason "asked for by mail"',
    'fettle forget',
  ],

  async run(context, input) {
    checkReason(input);
    const { top } = await repositoryAt(context.folder);
    const ledger = await openWriter(context, (await readSettings(top)).registry.remote);
    const { state } = await viewIn(ledger);
    const entries = await ledger.registry.log.entries(0);
    const history = artifactHistoryOf(entries);
    const shelf = shelfIn(ledger.repository);
    const here = await shelf.contents.digests();

    const forgetting = await forgetRows(await askOf({ context, input, history, entries, shelf }, here));
    const known = here.filter((digest) => history.gone.has(digest));
    const told = { context, ledger, shelf, input };
    const removed = context.dryRun ? known : await settle(told, { forgetting, history });
    const forgot: Forgot = {
      ...forgetting,
      unfinished: known.length,
      removed: context.dryRun ? 0 : removed.length,
      trained: trainedOn({ forgetting, history, state, known }),
      namedInLog: namingEvents(entries, input),
      elsewhere: await elsewhereOf(state, { here, history }),
      dryRun: context.dryRun,
      asked: input.item.length + input.where.length > 0,
    };
    return { data: forgot, text: (paint) => forgettingText(forgot, paint) };
  },
});

/** @throws reasonTells: what is written to the log can never be taken out of it */
function checkReason({ item, where, reason }: Input): void {
  const words = [...item, ...where.map(({ value }) => value)];
  const told = words.find((word) => tells(reason, word));
  if (told !== undefined) throw reasonTells({ found: told });
}

/** Events are for ever: who is named in one, as a group or as whoever decided, must be told that he stays there. */
function namingEvents(entries: readonly Entry[], { item, where }: Input): number {
  // A mere number stands in nearly every event and names nobody there.
  const words = [...item, ...where.map(({ value }) => value)].filter((word) => /\p{L}/u.test(word));
  if (words.length === 0) return 0;
  return entries.filter(({ envelope }) => {
    const text = JSON.stringify(envelope);
    return words.some((word) => tells(text, word));
  }).length;
}

function tells(reason: string, word: string): boolean {
  const [text, part] = [reason.toLowerCase(), word.toLowerCase()];
  const isPart = (letter: string | undefined): boolean =>
    letter !== undefined && /[\p{L}\p{N}]/u.test(letter);
  for (let at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + 1)) {
    if (!isPart(text[at - 1]) && !isPart(text[at + part.length])) return true;
  }
  return false;
}

interface Gathered {
  readonly context: VerbContext;
  readonly input: Input;
  readonly history: ArtifactHistory;
  readonly entries: readonly Entry[];
  readonly shelf: Shelf;
}

async function askOf(
  { context, input, history, entries, shelf }: Gathered,
  here: readonly Digest[],
): Promise<Parameters<typeof forgetRows>[0]> {
  const steps = await shelf.memos.kinds();
  const nobody: ReadonlySet<ModelName> = new Set();
  return {
    digests: here,
    load: (digest) => shelf.store.get(digest),
    kindOf: (digest) => steps.get(digest) ?? history.kinds.get(digest),
    makers: (digest) => history.makers.get(digest) ?? nobody,
    idColumns: idColumnsIn(entries),
    gone: history.gone,
    ids: input.item,
    where: input.where,
    scope: input.model === undefined ? null : new Set([input.model]),
    keep: async (kind, bytes) =>
      context.dryRun
        ? { kind, digest: digestOf(bytes), sizeBytes: bytes.byteLength }
        : shelf.store.put(kind, bytes),
  };
}

const WithId = z.object({ id: z.string().nullable() });

/** The columns that runs were ever told to take ids from. */
function idColumnsIn(entries: readonly Entry[]): readonly string[] {
  const columns = new Set(['id']);
  for (const { event } of entries) {
    if (event?.type !== 'run.started') continue;
    const found = WithId.safeParse(jsonOf(event.body.asked['columns'] ?? ''));
    if (found.success && found.data.id !== null) columns.add(found.data.id);
  }
  return [...columns];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

interface Settling {
  readonly context: VerbContext;
  readonly ledger: Ledger;
  readonly shelf: Shelf;
  readonly input: Input;
}

/**
 * First the log, then the bytes: whoever is stopped in between finds in the log what is left to remove.
 *
 * @returns what was removed
 */
async function settle(
  { context, ledger, shelf, input }: Settling,
  { forgetting, history }: { readonly forgetting: Forgetting; readonly history: ArtifactHistory },
): Promise<readonly Digest[]> {
  const tombstones = forgetting.rewritten.map(tombstoneOf);
  for (let at = 0; at < tombstones.length; at += AT_ONCE) {
    const some = tombstones.slice(at, at + AT_ONCE);
    const ask = { tombstones: some, reason: input.reason };
    await decideIn(ledger, context, (state) => decideForgetting(state, ask));
  }
  const gone = new Set([...history.gone.keys(), ...tombstones.map(({ removed }) => removed)]);
  await shelf.memos.removeNaming(gone);
  const there = (await shelf.contents.digests()).filter((digest) => gone.has(digest));
  for (const digest of there) await shelf.contents.remove(digest);
  await shelf.contents.removeLeftovers();
  await shelf.checkpoints.clear();
  return there;
}

function tombstoneOf({ kind, removed, replacement, rows }: Rewritten): Tombstone {
  return { kind, removed, replacement, rows };
}

interface Judged {
  readonly forgetting: Forgetting;
  readonly history: ArtifactHistory;
  readonly state: RegistryState;
  /** Replaced before, and still here when this began. */
  readonly known: readonly Digest[];
}

/** A model cannot unlearn: whoever forgets must know which ones were trained on the rows. */
function trainedOn({ forgetting, history, state, known }: Judged): Forgot['trained'] {
  const { gone } = history;
  const rewritten = forgetting.rewritten.filter(({ trained }) => trained).map(({ removed }) => removed);
  const touched = new Set<Digest | null>([...rewritten, ...known]);
  return history.trained
    .filter(({ data }) => touched.has(data) || touched.has(lastLeft(gone, data)))
    .map(({ model, version }) => {
      const serving = Object.entries(state.models.get(model)?.serving ?? {});
      const channels = serving.flatMap(([channel, one]) => (one === version ? [channel] : []));
      return { model, version, serves: channels };
    });
}

/** What the models name that lies on another machine: nobody has looked into it here. */
async function elsewhereOf(
  { models }: RegistryState,
  { here, history }: { readonly here: readonly Digest[]; readonly history: ArtifactHistory },
): Promise<number> {
  const lying = new Set(here);
  const named = [...models.values()].flatMap(({ versions, data, runs }) => [
    ...versions.flatMap((version) => [version.lineage?.data ?? null, outcomesLeft(version)]),
    ...runs.flatMap(({ inputs }) => inputs.map(({ digest }) => digest)),
    data,
  ]);
  const left = named.map((digest) => (digest === null ? null : lastLeft(history.gone, digest)));
  const missing = left.filter((digest) => digest !== null && !lying.has(digest));
  return new Set(missing).size;
}
