/** `fettle demo`: the whole story on real data, in a repository of its own: twelve batches, a poisoned one, a bad day. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import type { ModelState, VersionState } from '../../registry/schema/state.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { modelOf } from '../../registry/state/query.ts';
import { batchesOf, outcomesInService, BAD_DAY, POISONED } from './demo-data.ts';
import { openDemoFolder } from './demo-folder.ts';
import { observe } from './observe.ts';
import { report } from './report.ts';
import { run } from './run.ts';
import { fateOf } from './training.ts';
import { defineVerb, type Paint, type Told, type VerbContext } from './verb.ts';
import { verify } from './verify.ts';
import { counted, metricText } from './words.ts';
import { openReader, shelfIn, viewIn } from './workplace.ts';

const DIGITS = ModelName.parse('digits');
const DATA = new URL('../demo/digits.csv.gz', import.meta.url);

export const demo = defineVerb({
  name: 'demo',
  says: 'Shows the whole story on handwritten digits, in a fresh repository of its own.',
  words: [],
  input: z.strictObject({
    at: z
      .string()
      .optional()
      .describe('folder for the demo’s repository; else one below the system’s temporary folder'),
    fresh: z.boolean().default(false).describe('begin again, rather than go on where the last demo stopped'),
  }),
  writes: false,
  examples: ['fettle demo', 'fettle demo --fresh'],

  async run(context, { at, fresh }) {
    const bytes = await readFile(DATA);
    const folder = await openDemoFolder({
      at: at === undefined ? null : path.resolve(context.folder, at),
      fresh,
      data: bytes,
    });
    const inside: VerbContext = { ...context, folder: folder.work, dryRun: false };
    const batches = batchesOf(bytes);
    for (const { name, csv } of batches) {
      const file = path.join(folder.work, 'data', name);
      await writeDurably(file, csv);
      context.progress.say(
        `${name}: ${counted(csv.split('\n').length - 2, 'row')}${name === POISONED ? ', labels shuffled' : ''}`,
      );
      context.progress.say(`  ${headOf(await run.run(inside, { recipe: 'digits', from: file }))}`);
      const bad = name === BAD_DAY ? await serveBadly(inside, bytes) : null;
      if (bad !== null) context.progress.say(`  ${headOf(bad)}`);
    }
    const checked = await verify.run(inside, { artifacts: true });
    await report.run(inside, {});
    return tell(inside, folder, checked);
  },
});

function headOf(told: Told): string {
  return (told.text(PLAIN).split('\n')[0] ?? '').trim();
}

const same = (text: string): string => text;
const PLAIN: Paint = { bold: same, dim: same, good: same, bad: same, warn: same, table: () => '' };

/**
 * The version that serves is fed pixels in the wrong order, as by a wrong build of its server: live answers fall. The
 * day comes once: a demo that goes on after it leaves the versions that came later alone.
 */
async function serveBadly(context: VerbContext, bytes: Uint8Array): Promise<Told | null> {
  const ledger = await openReader(context);
  const known = modelOf((await viewIn(ledger)).state, DIGITS);
  if (known.versions.some(({ rolledBack }) => rolledBack !== null)) return null;
  const csv = await outcomesInService(bytes, known, shelfIn(ledger.repository).store);
  const file = path.join(context.folder, 'data', 'live-outcomes.csv');
  await writeDurably(file, csv);
  return observe.run(context, { model: DIGITS, from: file });
}

async function tell(
  context: VerbContext,
  folder: { readonly top: string; readonly work: string },
  checked: Told,
): Promise<Told> {
  const ledger = await openReader(context);
  const { state, size } = await viewIn(ledger);
  const known = modelOf(state, DIGITS);
  const page = path.join(shelfIn(ledger.repository).folder, 'report.html');
  return {
    data: {
      folder: folder.work,
      page,
      events: size,
      verified: checked.exit === 0 || checked.exit === undefined,
      serving: known.serving,
      versions: known.versions.map((version) => ({
        version: version.version,
        model: version.artifacts['model']?.digest ?? null,
        answer: version.verdict?.answer ?? null,
        rolledBack: version.rolledBack !== null,
      })),
      decisions: known.decisions,
    },
    text: (paint) => textOf({ known, work: folder.work, page, checked }, paint),
  };
}

interface Ending {
  readonly known: ModelState;
  readonly work: string;
  readonly page: string;
  readonly checked: Told;
}

function textOf({ known, work, page, checked }: Ending, paint: Paint): string {
  const rows = known.versions.map((version) => [
    version.version,
    metricText(version, 'accuracy'),
    String(version.lineage?.dataRows ?? ''),
    storyOf(version, known),
    reasonFor(version, known),
  ]);
  return [
    '',
    paint.table([['version', 'accuracy (95% CI)', 'trained on', 'decision', 'reason'], ...rows]),
    '',
    checked.text(paint),
    `The page: ${paint.bold(page)}`,
    `          ${paint.dim(pathToFileURL(page).href)}`,
    '',
    'Try next:',
    `  npx fettle status -C ${work}`,
    `  npx fettle compare digits@1.0.0 digits@${known.serving.production ?? '1.1.0'} -C ${work}`,
    `  npx fettle rollback digits --dry-run -C ${work}`,
  ].join('\n');
}

function storyOf(version: VersionState, known: ModelState): string {
  if (version.rolledBack !== null) return 'rolled back';
  return fateOf({ version, model: known, closed: null });
}

/** The clause that decided, without the rest of its numbers, which `fettle history` has. */
function reasonFor(version: VersionState, known: ModelState): string {
  const decisions = known.decisions.filter((one) =>
    one.what === 'rolled-back' ? one.before === version.version : one.version === version.version,
  );
  const told = decisions.at(-1)?.reason ?? '';
  return told.split('; ')[0] ?? '';
}
