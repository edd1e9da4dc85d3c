/** What gates judge by: the candidate's outcomes beside the champion's on the same items, with their metrics. */
import { decimal, type Decimal } from '../../registry/base/decimal.ts';
import type { Metric } from '../../registry/schema/metric.ts';
import type { Judged } from '../../registry/schema/verdict.ts';
import type { Row } from '../artifacts/batch.ts';
import type { Measures } from '../artifacts/measures.ts';
import type { Outcomes } from '../artifacts/outcomes.ts';
import { bootstrapDifference, bootstrapMacroF1, type Estimate } from '../stats/bootstrap.ts';
import { calibrationErrorOf, confusionOf } from '../stats/classification.ts';
import { pairedCountOf, type PairedCount } from '../stats/compare.ts';
import { wilson } from '../stats/interval.ts';
import { prequentialOf } from '../stats/prequential.ts';
import type { Spent } from '../stats/spending.ts';
import { labelBitsOf, type CodeLength } from './code-length.ts';
import { BOOTSTRAP, comparisonFrom, type Comparison, type Difference, type Paired } from './comparison.ts';
import { slicePairs, type SlicePair } from './slice-losses.ts';

const DAY_MS = 86_400_000;

/** The second look draws other resamples, and more of them. */
const AGAIN = { resamples: 4000, seed: 19_47 } as const;

/** Of more slices than this the largest are judged. */
const SLICES_MOST = 200;

/** All of it follows from what the log records of a judgement, so that whoever judges again sees the same. */
export interface Evidence {
  readonly labels: readonly string[];
  /** Row: true label, column: predicted; both in the order of the labels. */
  readonly confusion: readonly (readonly number[])[];
  readonly metrics: readonly Metric[];
  /** The version that serves; null when none does. */
  readonly against: string | null;
  /** Beside that version, on identical items; null when none serves or no item was scored by both. */
  readonly comparison: Comparison | null;
  /** The same items looked at a second time; null when there is no comparison. */
  readonly again: SecondLook | null;
  /** Beside that version, slice by slice; none where no item was scored by both, or no gate asked. */
  readonly slices: readonly SlicePair[];
  /** Both versions' code lengths over the same items; null where one of them is not known. */
  readonly bits: { readonly candidate: CodeLength; readonly champion: CodeLength } | null;
  readonly best: Judged['best'];
  /** When it is judged, and what candidates before it were granted of the budget of false promotions. */
  readonly court: Court;
}

export interface SecondLook {
  readonly macroF1: Difference;
  /** Items that no verdict had used before; null where it is not known which they are. */
  readonly fresh: PairedCount | null;
  /** A second training with another seed on the same items; null where there is none, left out in records of before. */
  readonly retrained?: Comparison | null;
}

export interface Court {
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly championMs: number | null;
  readonly before: readonly Spent[];
}

interface Champion {
  readonly version: string;
  readonly outcomes: Outcomes;
  /** Bits of its file; null where they are not known. */
  readonly modelBits?: number | null;
  /** Items that it was judged on itself; null where they are not known. */
  readonly judgedOn?: ReadonlySet<string> | null;
}

export interface Gathered {
  readonly candidate: Outcomes;
  readonly champion: Champion | null;
  readonly measures: Measures | null;
  /** What a second training with another seed answered; null, or left out, where none was called for. */
  readonly rerun?: Outcomes | null;
  /** Out-of-fold outcomes, where the recipe cross-validates. */
  readonly folds: Outcomes | null;
  /** What was asked before it was told, in that order, where the recipe learns label by label. */
  readonly stream: Outcomes | null;
  /** The held-out rows, by which slices are cut; null where no gate asks for slices. */
  readonly rows: readonly Row[] | null;
  readonly best?: Judged['best'];
  readonly court: Judged['court'];
}

/** What the log keeps of a judgement beside the gates' answers. */
export interface Recorded {
  readonly labels: readonly string[];
  readonly confusion: readonly (readonly number[])[];
  readonly metrics: readonly Metric[];
  readonly against: string | null;
  readonly judged: Omit<Judged, 'asked'>;
}

/** Everything is rounded here, once: gates judge by what is recorded, digit by digit. */
export function recordedOf(gathered: Gathered): Recorded {
  const { candidate, champion, measures, folds, stream, rows, court, best = null, rerun = null } = gathered;
  const paired = champion === null ? null : pairedOf(candidate, champion.outcomes);
  const beside = paired === null || paired.truth.length === 0 ? null : paired;
  return {
    labels: candidate.labels,
    confusion: confusionRows(candidate),
    metrics: [
      ...metricsOf(candidate),
      ...costsOf(measures),
      ...(folds === null ? [] : foldMetricsOf(folds)),
      ...streamMetricsOf(stream),
    ],
    against: champion?.version ?? null,
    judged: {
      paired: beside === null ? null : pairedRecord(beside),
      again: beside === null || champion === null ? null : secondLook(beside, champion, rerun),
      slices:
        champion === null || rows === null ? [] : largest(slicePairs(candidate, champion.outcomes, rows)),
      bits: beside === null || champion === null ? null : bitsOf({ candidate, champion, measures, beside }),
      best,
      court,
    },
  };
}

export function evidenceOf(gathered: Gathered): Evidence {
  return evidenceFrom(recordedOf(gathered));
}

/** The evidence as it was judged, from what the log says of it. */
export function evidenceFrom({ judged, ...recorded }: Recorded): Evidence {
  const { paired, again, slices, bits, best, court } = judged;
  return {
    ...recorded,
    comparison: paired === null ? null : comparedIn(paired),
    again: again === null ? null : lookIn(again),
    slices,
    bits: bits === null ? null : { candidate: lengthOf(bits.candidate), champion: lengthOf(bits.champion) },
    best,
    court: {
      nowMs: Date.parse(court.at),
      championMs: court.championAt === null ? null : Date.parse(court.championAt),
      // A day counts from its beginning to the end of the thirtieth after it.
      before: court.granted.map(({ day, judged: count, alpha }) => {
        return { atMs: Date.parse(day) + DAY_MS, judged: count, alpha: Number(alpha) };
      }),
    },
  };
}

function comparedIn({ n, wins, losses, macroF1 }: PairedRecord): Comparison {
  return comparisonFrom({ n, wins, losses, macroF1: numbersOf(macroF1) });
}

function lookIn({ macroF1, fresh, retrained }: NonNullable<Judged['again']>): SecondLook {
  const look = { macroF1: numbersOf(macroF1), fresh };
  if (retrained === undefined) return look;
  return { ...look, retrained: retrained === null ? null : comparedIn(retrained) };
}

function pairedRecord(beside: Paired): PairedRecord {
  const counts = pairedCountOf(beside);
  const macroF1 = differenceOf(beside, BOOTSTRAP);
  return {
    ...counts,
    accuracy: ends(comparisonFrom({ ...counts, macroF1 }).accuracy),
    macroF1: ends(macroF1),
  };
}

type PairedRecord = NonNullable<Judged['paired']>;
type Ends = PairedRecord['macroF1'];

function ends({ estimate, low, high }: Estimate): Ends {
  return { estimate: decimal(estimate), low: decimal(low), high: decimal(high) };
}

/** Whether the interval that is told of accuracy is the one that its counts give. */
export function isPairSound({ judged: { paired, again } }: Recorded): boolean {
  return [paired, again?.retrained ?? null].every(
    (one) =>
      one === null ||
      JSON.stringify(ends(comparedIn(one).accuracy)) === JSON.stringify(ends(numbersOf(one.accuracy))),
  );
}

function numbersOf({ estimate, low, high }: Ends): Difference {
  return { estimate: Number(estimate), low: Number(low), high: Number(high) };
}

function lengthOf({ model, data }: { readonly model: string; readonly data: string }): CodeLength {
  return { model: Number(model), data: Number(data) };
}

function differenceOf(
  paired: Paired,
  drawn: { readonly resamples: number; readonly seed: number },
): Estimate {
  return bootstrapDifference(paired, { classCount: paired.labels.length, ...drawn });
}

function secondLook(paired: Paired, champion: Champion, rerun: Outcomes | null): Judged['again'] {
  const { outcomes, judgedOn = null } = champion;
  const fresh =
    judgedOn === null ? [] : [...paired.ids.keys()].filter((place) => !judgedOn.has(paired.ids[place] ?? ''));
  const only = (list: readonly number[]): number[] => fresh.map((place) => list[place] ?? 0);
  return {
    seed: AGAIN.seed,
    macroF1: ends(differenceOf(paired, AGAIN)),
    fresh:
      judgedOn === null
        ? null
        : pairedCountOf({
            truth: only(paired.truth),
            champion: only(paired.champion),
            candidate: only(paired.candidate),
          }),
    retrained: rerun === null ? null : pairedRecord(pairedOf(rerun, outcomes)),
  };
}

function largest(pairs: readonly SlicePair[]): SlicePair[] {
  if (pairs.length <= SLICES_MOST) return [...pairs];
  const least = pairs.map(({ n }) => n).sort((a, b) => b - a)[SLICES_MOST - 1] ?? 0;
  return pairs.filter(({ n }) => n >= least).slice(0, SLICES_MOST);
}

interface Coding extends Pick<Gathered, 'candidate' | 'measures'> {
  readonly champion: Champion;
  readonly beside: Paired;
}

function bitsOf({ candidate, champion, measures, beside }: Coding): Judged['bits'] {
  const [mine, theirs] = [measures?.modelBits ?? null, champion.modelBits ?? null];
  if (mine === null || theirs === null) return null;
  const dataOf = (outcomes: Outcomes): Decimal => {
    const placeOf = new Map(outcomes.ids.map((id, place) => [id, place]));
    return decimal(
      labelBitsOf(
        outcomes,
        beside.ids.map((id) => placeOf.get(id) ?? 0),
      ),
      3,
    );
  };
  return {
    candidate: { model: decimal(mine, 0), data: dataOf(candidate) },
    champion: { model: decimal(theirs, 0), data: dataOf(champion.outcomes) },
  };
}

/** Accuracy with Wilson's interval, macro-F1 with a bootstrap interval, the calibration error, and the labels' code length. */
export function metricsOf(outcomes: Outcomes): readonly Metric[] {
  const { truth, predicted, probabilities, labels } = outcomes;
  const n = truth.length;
  if (n === 0) return [];
  const right = truth.filter((label, index) => label === predicted[index]).length;
  const share = wilson({ successes: right, trials: n });
  const f1 = bootstrapMacroF1({ truth, predicted }, { classCount: labels.length, ...BOOTSTRAP });
  const ece = calibrationErrorOf({ truth, probabilities, classCount: labels.length });
  return [
    ratio({ name: 'accuracy', value: right / n, n, interval: { ...share, method: 'wilson' } }),
    ratio({ name: 'macro_f1', value: f1.estimate, n, interval: { ...f1, method: 'bootstrap' } }),
    { ...ratio({ name: 'ece', value: ece, n, interval: null }), better: 'lower' },
    bitsMetric('data_bits', labelBitsOf(outcomes), n),
  ];
}

/** Row: truth; column: predicted; both in the order of the labels. */
export function confusionRows({ truth, predicted, labels }: Outcomes): number[][] {
  const { counts, classCount } = confusionOf({ truth, predicted, classCount: labels.length });
  return labels.map((_, row) => [...counts.subarray(row * classCount, (row + 1) * classCount)]);
}

interface Measured {
  readonly name: string;
  readonly value: number;
  readonly n: number;
  readonly interval: { readonly low: number; readonly high: number; readonly method: string } | null;
}

function ratio({ name, value, n, interval }: Measured): Metric {
  const ends =
    interval === null
      ? null
      : { low: decimal(interval.low), high: decimal(interval.high), method: interval.method };
  return { name, value: decimal(value), unit: 'ratio', better: 'higher', n, interval: ends };
}

function bitsMetric(name: string, bits: number, n: number): Metric {
  return { name, value: decimal(bits, 3), unit: 'bits', better: 'lower', n, interval: null };
}

function foldMetricsOf(folds: Outcomes): readonly Metric[] {
  const { truth, predicted, labels } = folds;
  const f1 = bootstrapMacroF1({ truth, predicted }, { classCount: labels.length, ...BOOTSTRAP });
  const interval = { low: f1.low, high: f1.high, method: 'bootstrap' };
  return [ratio({ name: 'cv_macro_f1', value: f1.estimate, n: truth.length, interval })];
}

/** The last two hundred or so count. */
const FADING = 0.995;

function streamMetricsOf(stream: Outcomes | null): readonly Metric[] {
  if (stream === null || stream.truth.length === 0) return [];
  const { truth, predicted, labels } = stream;
  const { accuracy, macroF1 } = prequentialOf({ truth, predicted, classCount: labels.length }, FADING);
  const n = truth.length;
  return [
    ratio({ name: 'prequential_accuracy', value: accuracy, n, interval: null }),
    ratio({ name: 'prequential_macro_f1', value: macroF1, n, interval: null }),
  ];
}

function costsOf(measures: Gathered['measures']): readonly Metric[] {
  if (measures === null) return [];
  const { sizeBytes, latency, modelBits } = measures;
  const cost = { better: 'lower', interval: null } as const;
  return [
    { name: 'size', value: decimal(sizeBytes, 0), unit: 'bytes', n: 1, ...cost },
    { name: 'latency_p99', value: decimal(latency.p99Ms, 3), unit: 'ms', n: latency.n, ...cost },
    ...(modelBits === undefined ? [] : [bitsMetric('model_bits', modelBits, 1)]),
  ];
}

/** Brings both to one list of labels and to the items that both have. */
export function pairedOf(candidate: Outcomes, champion: Outcomes): Paired {
  const labels = [...new Set([...candidate.labels, ...champion.labels])].sort();
  const placeOf = new Map(labels.map((label, index) => [label, index]));
  const places = (known: readonly string[]) => known.map((label) => placeOf.get(label) ?? 0);
  const [mine, theirs] = [places(candidate.labels), places(champion.labels)];
  const rowOf = new Map(champion.ids.map((id, row) => [id, row]));
  const shared = candidate.ids.flatMap((id, row) => {
    const other = rowOf.get(id);
    return other === undefined ? [] : [{ row, other }];
  });
  return {
    labels,
    ids: shared.map(({ row }) => candidate.ids[row] ?? ''),
    truth: shared.map(({ row }) => mine[candidate.truth[row] ?? 0] ?? 0),
    candidate: shared.map(({ row }) => mine[candidate.predicted[row] ?? 0] ?? 0),
    champion: shared.map(({ other }) => theirs[champion.predicted[other] ?? 0] ?? 0),
  };
}
