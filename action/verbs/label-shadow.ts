/** What champion and challenger said of the same issues before anybody had labelled them, one line each, for the duel. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import * as z from 'zod';
import { codeOf, writeDurably } from '../../pipelines/artifacts/durable.ts';
import { sampleRatioP, type Arm } from '../../pipelines/stats/arms.ts';

const Said = z.strictObject({ version: z.string(), label: z.string(), probability: z.number() });

const ShadowLine = z.strictObject({
  id: z.string(),
  at: z.string(),
  arm: z.enum(['champion', 'challenger']),
  share: z.number(),
  /** Whether it was left to people; lines of before that was known were not. */
  audit: z.boolean().default(false),
  champion: Said,
  challenger: Said,
});
export type ShadowLine = z.infer<typeof ShadowLine>;

export function shadowFile(folder: string, model: string): string {
  return path.join(folder, 'shadow', `${model.replaceAll('/', '--')}.jsonl`);
}

/** None where there is no such file; a line that a crash cut short is left out. */
export async function shadowsIn(file: string): Promise<readonly ShadowLine[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (codeOf(error) === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').flatMap((line) => {
    const parsed = ShadowLine.safeParse(jsonOr(line));
    return parsed.success ? [parsed.data] : [];
  });
}

function jsonOr(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** What was said first counts: the same issue is asked about again in every run until it is labelled. */
export async function keepShadows(
  file: string,
  fresh: readonly ShadowLine[],
): Promise<readonly ShadowLine[]> {
  const before = await shadowsIn(file);
  const key = ({ id, champion, challenger }: ShadowLine): string =>
    `${id} ${champion.version} ${challenger.version}`;
  const known = new Set(before.map(key));
  const all = [...before, ...fresh.filter((line) => !known.has(key(line)))];
  if (all.length > before.length) {
    await writeDurably(file, all.map((line) => `${JSON.stringify(line)}\n`).join(''));
  }
  return all;
}

export interface Arms extends Readonly<Record<Arm, number>> {
  /** Of a split that is sound; null where nothing was split. */
  readonly p: number | null;
}

/** Of one pair of versions at one share. */
export function armsIn(
  lines: readonly ShadowLine[],
  {
    champion,
    challenger,
    share,
  }: { readonly champion: string; readonly challenger: string; readonly share: number },
): Arms {
  const mine = lines.filter(
    (line) =>
      line.champion.version === champion && line.challenger.version === challenger && line.share === share,
  );
  const second = mine.filter(({ arm }) => arm === 'challenger').length;
  const total = mine.length;
  return {
    champion: total - second,
    challenger: second,
    p: share === 0 || total === 0 ? null : sampleRatioP({ challenger: second, total, share }),
  };
}
