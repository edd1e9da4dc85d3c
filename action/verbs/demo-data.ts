/** The demo's data: 1,797 handwritten digits as twelve batches in their published order, one poisoned, one bad day. */
import { gunzipSync } from 'node:zlib';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { randomOf, shuffle } from '../../pipelines/maths/random.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { openVersion } from './service.ts';

const BATCHES = 12;
/** The first batch is larger: a holdout must be there before anything can be judged. */
const FIRST_ROWS = 477;
const PIXELS = 64;
const SEED = 7;

/** Its labels are shuffled among its rows. */
export const POISONED = 'batch-07.csv';
/** After it, the version that serves is served badly. */
export const BAD_DAY = 'batch-10.csv';
const LIVE_ROWS = 120;

export interface DemoBatch {
  readonly name: string;
  readonly csv: string;
}

export function batchesOf(packed: Uint8Array): readonly DemoBatch[] {
  const rows = rowsOf(packed);
  const share = (rows.length - FIRST_ROWS) / (BATCHES - 1);
  return Array.from({ length: BATCHES }, (_, index) => {
    const [from, to] = [index - 1, index].map((part) =>
      part < 0 ? 0 : FIRST_ROWS + Math.round(part * share),
    );
    const name = `batch-${String(index + 1).padStart(2, '0')}.csv`;
    const mine = rows.slice(from, to);
    return { name, csv: csvOf(name === POISONED ? poisoned(mine) : mine, `${from ?? 0}`) };
  });
}

function rowsOf(packed: Uint8Array): readonly (readonly string[])[] {
  const text = gunzipSync(packed).toString('utf8').trim();
  return text.split('\n').map((line) => line.trim().split(','));
}

function csvOf(rows: readonly (readonly string[])[], from: string): string {
  const header = ['id', ...Array.from({ length: PIXELS }, (_, pixel) => `p${pixel}`), 'label'].join(',');
  const lines = rows.map((cells, index) => [`digit-${Number(from) + index + 1}`, ...cells].join(','));
  return [header, ...lines, ''].join('\n');
}

function poisoned(rows: readonly (readonly string[])[]): readonly (readonly string[])[] {
  const labels = rows.map((cells) => cells.at(-1) ?? '');
  shuffle(labels, randomOf(SEED));
  return rows.map((cells, index) => [...cells.slice(0, PIXELS), labels[index] ?? '']);
}

/**
 * What became known of the answers that the serving version gave when its server fed it pixels column by column
 * instead of row by row: real answers of the real file, wrong for a reason that no holdout can see.
 */
export async function outcomesInService(
  packed: Uint8Array,
  known: ModelState,
  store: ArtifactStore,
): Promise<string> {
  const { version, classifier } = await openVersion(known, { channel: 'production', version: null }, store);
  try {
    const lines = ['id,version,predicted,label'];
    for (const [index, cells] of rowsOf(packed).slice(0, LIVE_ROWS).entries()) {
      const pixels = cells.slice(0, PIXELS).map(Number);
      const { label } = await classifier.predict(
        pixels.map((_, at) => pixels[(at % 8) * 8 + Math.floor(at / 8)] ?? 0),
      );
      lines.push(`live-${index + 1},${version.version},${label},${cells[PIXELS] ?? ''}`);
    }
    return `${lines.join('\n')}\n`;
  } finally {
    await classifier.close();
  }
}
