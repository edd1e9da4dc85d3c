/** Two versions on live issues, paired: which of them had the label that people gave, and what that is evidence of. */
import { SAMPLE_RATIO_ALPHA } from '../../pipelines/stats/arms.ts';
import { confidenceSequence } from '../../pipelines/stats/confidence-sequence.ts';
import { duelEvidence } from '../../pipelines/stats/duel.ts';
import type { Interval } from '../../pipelines/stats/interval.ts';
import { itemsNeeded } from '../../pipelines/stats/power.ts';
import { armsIn, type Arms, type ShadowLine } from './label-shadow.ts';

/** The label that people gave last, by the id of the issue. */
export type Said = ReadonlyMap<string, string>;

export interface Between {
  readonly model: string;
  readonly champion: string;
  readonly challenger: string;
  /** Chance of ever calling an equal challenger better. */
  readonly alpha: number;
}

export interface Duel extends Between {
  /** Issues of the pair that were left to people, and those of them that people have labelled. */
  readonly left: number;
  readonly n: number;
  readonly wins: number;
  readonly losses: number;
  /** Challenger minus champion: share of right labels, with an interval that holds however often one looks. */
  readonly accuracy: number;
  readonly interval: Interval;
  readonly evidence: { readonly better: number; readonly worse: number; readonly wanted: number };
  /** Issues in all that would show the difference that was seen; null where none was seen. */
  readonly needed: number | null;
  readonly arms: Arms;
  readonly verdict: 'better' | 'worse' | 'undecided' | 'suspect';
}

/**
 * Only issues that were left to people count: elsewhere people see what a version said, and speak up where it errs.
 *
 * @param lines  what was said before anybody had labelled the issue
 */
export function duelOf(lines: readonly ShadowLine[], said: Said, { model, alpha, ...names }: Between): Duel {
  const pair = lines.filter(
    (line) => line.champion.version === names.champion && line.challenger.version === names.challenger,
  );
  const left = pair.filter(({ audit }) => audit);
  const heard = left.filter(({ id }) => (said.get(id) ?? '') !== '');
  const right = (line: ShadowLine, who: 'champion' | 'challenger'): boolean =>
    line[who].label === said.get(line.id);
  const wins = heard.filter((line) => right(line, 'challenger') && !right(line, 'champion')).length;
  const losses = heard.filter((line) => right(line, 'champion') && !right(line, 'challenger')).length;
  const n = heard.length;
  const accuracy = n === 0 ? 0 : (wins - losses) / n;
  const share = pair.at(-1)?.share ?? 0;
  const arms = armsIn(pair, { ...names, share });
  const evidence = {
    better: duelEvidence({ wins, losses }),
    worse: duelEvidence({ wins: losses, losses: wins }),
    wanted: 1 / alpha,
  };
  const suspect = arms.p !== null && arms.p < SAMPLE_RATIO_ALPHA;
  return {
    model,
    ...names,
    left: left.length,
    n,
    wins,
    losses,
    accuracy,
    interval: confidenceSequence({ wins, losses, n }, alpha),
    alpha,
    evidence,
    needed:
      accuracy === 0 ? null : itemsNeeded(Math.abs(accuracy), { discordance: (wins + losses) / n, alpha }),
    arms,
    verdict: suspect ? 'suspect' : verdictOf(evidence),
  };
}

function verdictOf({ better, worse, wanted }: Duel['evidence']): Duel['verdict'] {
  if (better >= wanted) return 'better';
  return worse >= wanted ? 'worse' : 'undecided';
}
