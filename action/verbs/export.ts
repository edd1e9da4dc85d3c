/** `fettle export`: the registry as files and tags that other tools read. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { writeDurably } from '../../pipelines/artifacts/durable.ts';
import { historyOf } from '../../registry/exports/history.ts';
import { jsonlOf } from '../../registry/exports/jsonl.ts';
import { mlflowFiles } from '../../registry/exports/mlflow.ts';
import { openLineageOf } from '../../registry/exports/openlineage.ts';
import { sqliteTables } from '../../registry/exports/sqlite-rows.ts';
import { writeSqlite } from '../../registry/exports/sqlite-file.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import { exportInTheWay, inputWrong } from '../faults.ts';
import { exportGto } from './export-gto.ts';
import { defineVerb, type Told, type VerbContext } from './verb.ts';
import { hideShelf, openReader, shelfIn, viewIn, type Ledger } from './workplace.ts';

const FORMATS = ['jsonl', 'sqlite', 'openlineage', 'mlflow', 'gto'] as const;
type Format = (typeof FORMATS)[number];

const DEFAULTS = {
  jsonl: 'registry.jsonl',
  sqlite: 'registry.sqlite',
  openlineage: 'openlineage.jsonl',
  mlflow: 'mlruns',
} as const;

const Input = z.strictObject({
  jsonl: z.boolean().default(false).describe('one JSON object a line, one line an event'),
  sqlite: z.boolean().default(false).describe('one SQLite file'),
  openlineage: z.boolean().default(false).describe('OpenLineage run events, one a line'),
  mlflow: z.boolean().default(false).describe("a folder that MLflow's file store reads"),
  gto: z.boolean().default(false).describe('annotated tags in this repository, as GTO reads them'),
  to: z.string().optional().describe('where to; else below .fettle/exports; - prints lines'),
  check: z.boolean().default(false).describe('with --gto: only say which tags are missing, extra or moved'),
  repair: z.boolean().default(false).describe('with --gto: put moved tags back and take extra ones away'),
});
type Input = z.output<typeof Input>;

export const exportVerb = defineVerb({
  name: 'export',
  says: 'Writes the registry for other tools: JSON lines, SQLite, OpenLineage, MLflow or GTO tags.',
  words: [],
  input: Input,
  writes: true,
  examples: ['fettle export --sqlite', 'fettle export --jsonl --to - | head', 'fettle export --gto --check'],

  async run(context, input) {
    const format = formatOf(input);
    const ledger = await openReader(context);
    await viewIn(ledger);
    const entries = await ledger.registry.log.entries(0);
    if (format === 'gto') return exportGto(context, ledger, { entries, ...input });
    return exportFile(context, ledger, { entries, format, to: input.to });
  },
});

/** @throws inputWrong */
function formatOf(input: Input): Format {
  const asked = FORMATS.filter((format) => input[format]);
  const [format] = asked;
  const wrong = (name: string, wanted: string, found: string): Error =>
    inputWrong({ verb: 'export', name, wanted, found });
  if (format === undefined || asked.length > 1) {
    const found = asked.map((one) => `\`--${one}\``).join(' and ') || 'none';
    throw wrong('the format', `exactly one of ${FORMATS.map((one) => `--${one}`).join(', ')}`, found);
  }
  if (format === 'gto' && input.to !== undefined) throw wrong('--to', 'no place, for tags have none', 'one');
  if (format !== 'gto' && input.check) throw wrong('--check', 'it with --gto', `it with --${format}`);
  if (format !== 'gto' && input.repair) throw wrong('--repair', 'it with --gto', `it with --${format}`);
  if (input.check && input.repair) throw wrong('--repair', 'either it or --check', 'both');
  if (input.to === '-' && (format === 'sqlite' || format === 'mlflow')) {
    throw wrong('--to', `a path, for --${format} is not made of lines`, '`-`');
  }
  return format;
}

interface FileAsk {
  readonly entries: readonly Entry[];
  readonly format: Exclude<Format, 'gto'>;
  readonly to: string | undefined;
}

async function exportFile(context: VerbContext, ledger: Ledger, ask: FileAsk): Promise<Told> {
  const { entries, format, to } = ask;
  if (to === '-') {
    const lines = linesOf(entries, format);
    return { data: { lines }, text: () => lines.trimEnd() };
  }
  const shelf = shelfIn(ledger.repository);
  const target =
    to === undefined
      ? path.join(shelf.folder, 'exports', DEFAULTS[format])
      : path.resolve(context.folder, to);
  if (!context.dryRun) {
    if (to === undefined) await hideShelf(shelf);
    if (format === 'mlflow') await writeStore(target, entries);
    else if (format === 'sqlite') await writeDatabase(target, entries);
    else await writeDurably(target, linesOf(entries, format));
  }
  return {
    data: { format, to: target, events: entries.length, dryRun: context.dryRun },
    text: (paint) =>
      `${context.dryRun ? 'Would write' : 'Wrote'} ${entries.length} events as ${format} to ${paint.bold(target)}`,
  };
}

function linesOf(entries: readonly Entry[], format: FileAsk['format']): string {
  return format === 'openlineage' ? openLineageOf(entries) : jsonlOf(entries);
}

async function writeDatabase(target: string, entries: readonly Entry[]): Promise<void> {
  const aside = await asideOf(target);
  try {
    const file = path.join(aside, 'making.sqlite');
    writeSqlite(file, sqliteTables(entries));
    await writeDurably(target, await readFile(file));
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

/** Says that the folder was made here and may be made anew. */
const MARK = '.fettle-export';

/** @throws exportInTheWay */
async function writeStore(target: string, entries: readonly Entry[]): Promise<void> {
  const before = existsSync(target);
  if (before && !existsSync(path.join(target, MARK))) throw exportInTheWay({ path: target, mark: MARK });
  const aside = await asideOf(target);
  try {
    const fresh = path.join(aside, 'fresh');
    const files = mlflowFiles(historyOf(entries), pathToFileURL(target).href);
    for (const { path: file, text } of [...files, { path: MARK, text: 'mlflow\n' }]) {
      const at = path.join(fresh, file);
      await mkdir(path.dirname(at), { recursive: true });
      await writeFile(at, text);
    }
    if (before) await rename(target, path.join(aside, 'old'));
    await rename(fresh, target);
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}

async function asideOf(target: string): Promise<string> {
  await mkdir(path.dirname(target), { recursive: true });
  return mkdtemp(path.join(path.dirname(target), '.tmp-export-'));
}
