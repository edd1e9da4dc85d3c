/** What tasks on Amazon Braket cost: a dated table, and the service's own price list where one can be read. */
import { CsvError, parse } from 'csv-parse/sync';
import * as z from 'zod';
import { FettleError } from '../../registry/base/fault.ts';
import { isLoopback } from '../artifacts/address.ts';
import { ask, faultOf, textOf } from '../artifacts/http.ts';
import { PATIENT, patiently, type Patience } from '../artifacts/patience.ts';
import { pricesForeign, serviceRefused } from './faults.ts';
import { microDollarsOf, type MicroDollars } from './money.ts';

/** Of a task and of each of its shots, or of time with a least one. */
export type Price =
  | { readonly by: 'shot'; readonly task: MicroDollars; readonly shot: MicroDollars }
  | { readonly by: 'time'; readonly minute: MicroDollars; readonly leastMs: number };

export interface Prices {
  /** A day, or a year where no day is known, ISO 8601. */
  readonly of: string;
  /** Null where it is not known; nothing is sent then. */
  readonly priceOf: (device: DeviceName) => Price | null;
}

export interface DeviceName {
  /** Such as `eu-north-1`: the region that performs the task. */
  readonly region: string;
  /** The last part of the ARN, such as `Garnet`. */
  readonly name: string;
}

/** A simulator's task is paid for this long at least. */
const LEAST_MS = 3000;

/** As the pages of the service told them in 2025, in dollars; machines that were not told of are left out. */
const TOLD = {
  of: '2025',
  byShot: { Garnet: { task: 0.3, shot: 0.00145 }, 'Forte-1': { task: 0.3, shot: 0.08 } },
  byMinute: { sv1: 0.075, dm1: 0.075 },
} as const;

const TABLE: ReadonlyMap<string, Price> = new Map<string, Price>([
  ...Object.entries(TOLD.byShot).map(([name, { task, shot }]): [string, Price] => [
    name,
    { by: 'shot', task: microDollarsOf(task), shot: microDollarsOf(shot) },
  ]),
  ...Object.entries(TOLD.byMinute).map(([name, minute]): [string, Price] => [
    name,
    { by: 'time', minute: microDollarsOf(minute), leastMs: LEAST_MS },
  ]),
]);

export const TOLD_PRICES: Prices = { of: TOLD.of, priceOf: ({ name }) => TABLE.get(name) ?? null };

const Row = z.record(z.string(), z.string());
type Row = z.infer<typeof Row>;

/** Lines before the one that names the columns. */
const HEAD_LINES = 5;

/**
 * The price list of the service: five lines of metadata, then a table of products.
 *
 * @throws serviceRefused where it is no such list
 */
export function pricesIn(text: string): Prices {
  const lines = text.split('\n');
  const day = lines
    .slice(0, HEAD_LINES)
    .map((line) => /^"?Publication Date"?,"?(\d{4}-\d\d-\d\d)/.exec(line)?.[1])
    .find((found) => found !== undefined);
  const rows = rowsIn(lines.slice(HEAD_LINES).join('\n'));
  if (day === undefined || rows?.[0]?.['PricePerUnit'] === undefined) {
    throw serviceRefused({
      service: 'the price list of Braket',
      wanted: 'have a day and a column `PricePerUnit`',
      found: text.slice(0, 60).replaceAll(/\s+/g, ' '),
    });
  }
  return { of: day, priceOf: (device) => shotPriceIn(rows, device) ?? timePriceIn(rows, device) };
}

/** All services' products of one region take some megabytes. */
const LIST_BYTES_MAX = 64 * 1024 * 1024;

/** Settings come with a repository: a list of somebody else would let them say what a limit of money means. @throws pricesForeign */
export function expectOwnList(url: URL): void {
  const { protocol, hostname } = url;
  const isOwn = protocol === 'https:' && /^pricing\.[a-z0-9-]+\.amazonaws\.com$/.test(hostname);
  if (!isOwn && !isLoopback(url)) throw pricesForeign({ found: url.host });
}

/**
 * The price list at an address, or the dated table where nothing answers there.
 *
 * @throws serviceRefused where something else than a price list answers, storeAddressRefused
 */
export async function pricesAt(
  url: URL | null,
  { now, patience = PATIENT }: { readonly now: string; readonly patience?: Patience | undefined },
): Promise<Prices> {
  if (url === null) return TOLD_PRICES;
  try {
    const text = await patiently(patience, async () => {
      const answer = await ask({ method: 'GET', url });
      if (answer.status === 200) return textOf(answer, LIST_BYTES_MAX);
      throw await faultOf(answer, 'give the prices of Braket', now);
    });
    return pricesIn(text);
  } catch (error) {
    if (error instanceof FettleError && error.retry === 'later') return TOLD_PRICES;
    throw error;
  }
}

/** Null where it is no table. */
function rowsIn(text: string): readonly Row[] | null {
  try {
    return z
      .array(Row)
      .parse(parse(text, { columns: true, skip_empty_lines: true, relax_column_count: true }));
  } catch (error) {
    if (error instanceof CsvError) return null;
    throw error;
  }
}

/** One product and no other may fit; two prices are none. */
function onlyPrice(rows: readonly Row[], wanted: Row): MicroDollars | null {
  const found = rows.filter((row) =>
    Object.entries(wanted).every(([column, value]) => row[column] === value),
  );
  const [row] = found;
  if (row === undefined || found.length !== 1 || row['Currency'] !== 'USD') return null;
  const dollars = Number(row['PricePerUnit']);
  return row['PricePerUnit'] !== '' && Number.isFinite(dollars) && dollars >= 0
    ? microDollarsOf(dollars)
    : null;
}

function shotPriceIn(rows: readonly Row[], { region, name }: DeviceName): Price | null {
  const place = { 'Region Code': region, DeviceName: name };
  const task = onlyPrice(rows, { ...place, 'Product Family': 'Quantum Task' });
  const shot = onlyPrice(rows, { ...place, 'Product Family': 'Quantum Task-Shot' });
  return task === null || shot === null ? null : { by: 'shot', task, shot };
}

function timePriceIn(rows: readonly Row[], { region, name }: DeviceName): Price | null {
  const product = { 'Product Family': 'Simulator Task', operation: 'CompleteTask', Unit: 'minutes' };
  const minute = onlyPrice(rows, { 'Region Code': region, Version: name.toUpperCase(), ...product });
  return minute === null ? null : { by: 'time', minute, leastMs: LEAST_MS };
}
