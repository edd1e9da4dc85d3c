/** Brings a candidate before the court: its evidence is gathered from files and history, and recorded with the verdict. */
import manifest from '../../package.json' with { type: 'json' };
import { countOf, decodeDataset, PART, rowsOf, type Dataset } from '../../pipelines/artifacts/dataset.ts';
import { decodeMeasures } from '../../pipelines/artifacts/measures.ts';
import { decodeOutcomes, type Outcomes } from '../../pipelines/artifacts/outcomes.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import type { Performed } from '../../pipelines/engine/perform.ts';
import { askedText, verdictsOf, wantsRerun } from '../../pipelines/gates/court.ts';
import { fileBitsOf } from '../../pipelines/scores/code-length.ts';
import { evidenceFrom, recordedOf, type Gathered } from '../../pipelines/scores/evidence.ts';
import type { ModelSettings } from '../../pipelines/settings/settings.ts';
import type { JudgedCandidate } from '../../registry/decide/register.ts';
import type { ArtifactRef } from '../../registry/schema/artifact.ts';
import type { ModelState, VersionState } from '../../registry/schema/state.ts';
import type { Judged } from '../../registry/schema/verdict.ts';
import type { Planned, TrainAsk, Workshop } from './training.ts';

export interface Judging {
  readonly ask: TrainAsk;
  readonly planned: Planned;
  readonly done: Performed;
  /** Trains a second time, where a verdict hangs on it; gives what was done before too. */
  confirm(): Promise<Performed>;
}

export async function judge(shop: Workshop, judging: Judging): Promise<JudgedCandidate> {
  const { store, commit } = shop;
  const { ask, planned, done } = judging;
  const { model, recipe, settings, approvals = 0, demanded = 0 } = ask;
  const { champion, start } = planned;
  const made = { recipe: recipe.name, done };
  const [data, scored] = [needed(made, 'split', 'dataset'), needed(made, 'evaluate', 'outcomes')];
  const dataset = decodeDataset(await store.get(data.digest));
  const gathered = await gatheredFrom(shop, judging, dataset);
  const { labels } = gathered.candidate;
  const first = recordedOf(gathered);
  const again = wantsRerun(settings.gates, evidenceFrom(first)) ? await judging.confirm() : null;
  const rerun = again === null ? null : await outcomesIn(store, refOf(again, 'evaluate-again', 'outcomes'));
  const recorded = rerun === null ? first : recordedOf({ ...gathered, rerun });
  return {
    model,
    artifacts: { model: needed(made, 'train', 'model'), card: needed(made, 'package', 'card') },
    lineage: {
      run: start.run,
      recipe: recipe.name,
      data: data.digest,
      dataRows: countOf(dataset, PART.train),
      commit,
      code: manifest.version,
      params: start.asked,
      seed: settings.seed,
      parents: champion === null ? [] : [champion.version],
    },
    evaluation: {
      holdout: data.digest,
      outcomes: scored,
      metrics: [...recorded.metrics],
      labels,
      confusion: recorded.confusion.map((row) => [...row]),
    },
    gates: verdictsOf(settings.gates, evidenceFrom(recorded)),
    judged: { asked: askedText(settings.gates), ...recorded.judged },
    against: champion?.version ?? null,
    channel: settings.promote,
    ...(approvals === 0 ? {} : { approvals }),
    ...(demanded === 0 ? {} : { demanded }),
    steps: [...(again ?? done).values()],
  };
}

async function gatheredFrom(
  { store, now }: Workshop,
  { ask: { recipe, settings }, planned: { champion, before }, done }: Judging,
  dataset: Dataset,
): Promise<Gathered> {
  const made = { recipe: recipe.name, done };
  const theirs = await outcomesIn(store, refOf(done, 'evaluate-champion', 'outcomes'));
  return {
    candidate: decodeOutcomes(await store.get(needed(made, 'evaluate', 'outcomes').digest)),
    champion: champion === null || theirs === null ? null : await championOf(champion, theirs, store),
    measures: await measuresIn(store, refOf(done, 'measure', 'measures')),
    folds: await outcomesIn(store, refOf(done, 'cross-validate', 'outcomes')),
    stream: await outcomesIn(store, refOf(done, 'train', 'tested')),
    rows: await rowsFor(settings, dataset, store),
    best: bestOf(before, settings),
    court: { at: now(), championAt: champion?.at ?? null, granted: [...(before?.grants ?? [])] },
  };
}

interface Made {
  readonly recipe: string;
  readonly done: Performed;
}

function refOf(done: Performed, step: string, slot: string): ArtifactRef | null {
  return done.get(step)?.outputs[slot] ?? null;
}

function needed({ recipe, done }: Made, step: string, slot: string): ArtifactRef {
  const ref = refOf(done, step, slot);
  if (ref === null) throw new TypeError(`recipe ${recipe} has no step \`${step}\` that gives \`${slot}\``);
  return ref;
}

async function outcomesIn(store: ArtifactStore, ref: ArtifactRef | null): Promise<Outcomes | null> {
  return ref === null ? null : decodeOutcomes(await store.get(ref.digest));
}

/** Null where the measuring was left out. */
async function measuresIn(store: ArtifactStore, ref: ArtifactRef | null): Promise<Gathered['measures']> {
  return ref === null ? null : decodeMeasures(await store.get(ref.digest));
}

/** Beside its answers: its code length, and the items it was judged on when it was a candidate, as far as they are here. */
async function championOf(
  { version, evaluation, artifacts, forgotten }: VersionState,
  outcomes: Outcomes,
  store: ArtifactStore,
): Promise<Gathered['champion']> {
  const told = evaluation?.metrics.find(({ name }) => name === 'model_bits');
  const file = artifacts['model'];
  const kept = told === undefined && file !== undefined && (await store.has(file.digest));
  const modelBits =
    told === undefined
      ? kept && file !== undefined
        ? fileBitsOf(await store.get(file.digest))
        : null
      : Number(told.value);
  const own = forgotten === null ? (evaluation?.outcomes ?? null) : null;
  const there = own !== null && (await store.has(own.digest));
  const judgedOn = there ? new Set(decodeOutcomes(await store.get(own.digest)).ids) : null;
  return { version, outcomes, modelBits, judgedOn };
}

/** Only where a gate asks for slices: they are recorded, one by one. */
async function rowsFor(
  { gates }: ModelSettings,
  dataset: Dataset,
  store: ArtifactStore,
): Promise<Gathered['rows']> {
  return (gates['slices'] ?? null) === null
    ? null
    : rowsOf(dataset, PART.holdout, (digest) => store.get(digest));
}

/** The best low end of accuracy among the versions that served the channel and were never taken back. */
function bestOf(before: ModelState | undefined, { promote }: ModelSettings): Judged['best'] {
  const served = new Set(
    (before?.tenures ?? []).flatMap(({ channel, version }) =>
      channel === (promote ?? 'production') ? [version] : [],
    ),
  );
  const all = (before?.versions ?? []).flatMap(({ version, evaluation, rolledBack }) => {
    const metric = evaluation?.metrics.find(({ name }) => name === 'accuracy');
    if (!served.has(version) || rolledBack !== null || metric === undefined || metric.n === 0) return [];
    const { value, interval, n } = metric;
    return interval === null ? [] : [{ version, value, low: interval.low, high: interval.high, n }];
  });
  return all.reduce<Judged['best']>(
    (best, one) => (best === null || Number(one.low) > Number(best.low) ? one : best),
    null,
  );
}
