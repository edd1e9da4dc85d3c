/** Which models of a merge are taken: the best by their scores that are not alike, as many as are asked for. */
import { readFile } from 'node:fs/promises';
import * as z from 'zod';
import { chosenParents } from '../../pipelines/choices/parents.ts';
import { mergeUnfit } from '../../pipelines/tensors/faults.ts';
import { likenessBetween } from '../../pipelines/transforms/likeness.ts';
import type { MergeSettings } from '../../pipelines/transforms/merge-settings.ts';
import { openWeights } from '../../pipelines/transforms/weights.ts';
import { fileUnreadable } from '../faults.ts';

const Scores = z.record(z.string(), z.number());

/** For more models than can be searched whole. */
const ASK = { seed: 1, flips: 20_000_000 };

export interface ChooseAsk {
  readonly count: number;
  readonly diversity: number;
  /** A JSON file: a score for each model, higher is better; null: all are as good. */
  readonly scores: string | null;
  pathOf(model: string): string;
}

export interface Choice {
  readonly settings: MergeSettings;
  readonly chosen: readonly string[];
  readonly leftOut: readonly string[];
  readonly worth: number;
  readonly proven: boolean;
}

/** The base, where it is listed among the models, is not chosen among: it stays. @throws mergeUnfit, fileUnreadable */
export async function chooseModels(settings: MergeSettings, ask: ChooseAsk): Promise<Choice> {
  const base = settings.base_model ?? null;
  const listed = settings.models ?? null;
  if (listed === null) {
    throw mergeUnfit({ where: '--choose', wanted: 'a configuration of `models`', found: '`slices`' });
  }
  const names = listed.map(({ model }) => model).filter((model) => model !== base);
  const scores = await scoresOf(names, ask.scores);
  const opened = [...names, ...(base === null ? [] : [base])].map((name) => ({
    name,
    file: openWeights(ask.pathOf(name)),
  }));
  try {
    const all = opened.map(({ name, file }) => ({ name, weights: file.weights }));
    const likeness = likenessBetween(all.slice(0, names.length), all[names.length] ?? null);
    const { count, diversity } = ask;
    const { chosen, worth, proven } = chosenParents({ scores, likeness, count, diversity }, ASK);
    const kept = new Set(chosen.map((place) => names[place]));
    return {
      settings: { ...settings, models: listed.filter(({ model }) => model === base || kept.has(model)) },
      chosen: names.filter((name) => kept.has(name)),
      leftOut: names.filter((name) => !kept.has(name)),
      worth,
      proven,
    };
  } finally {
    for (const { file } of opened) file.close();
  }
}

async function scoresOf(names: readonly string[], file: string | null): Promise<readonly number[]> {
  if (file === null) return names.map(() => 0);
  const wanted = `a JSON object with a score for each of ${names.join(', ')}`;
  const told = await readFile(file, 'utf8')
    .then((text): unknown => JSON.parse(text))
    .catch((error: unknown) => {
      throw fileUnreadable({ file, wanted, found: String(error) });
    });
  const read = Scores.safeParse(told);
  const scores = read.success ? read.data : {};
  return names.map((name) => {
    const score = Object.hasOwn(scores, name) ? scores[name] : undefined;
    if (score === undefined) throw fileUnreadable({ file, wanted, found: `none for ${name}` });
    return score;
  });
}
