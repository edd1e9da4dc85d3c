/** `fettle compare <a> <b>`: two versions on the items that both were scored on. */
import * as z from 'zod';
import { decodeOutcomes, type Outcomes } from '../../pipelines/artifacts/outcomes.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { comparisonOf, type Comparison, type Difference } from '../../pipelines/scores/comparison.ts';
import { pairedOf } from '../../pipelines/scores/evidence.ts';
import { points, signedPoints } from '../../registry/report/words.ts';
import { VersionRef } from '../../registry/schema/model.ts';
import type { VersionState } from '../../registry/schema/state.ts';
import { nothingShared, versionNotJudged } from '../../registry/faults.ts';
import { modelOf, outcomesLeft, versionOf } from '../../registry/state/query.ts';
import { defineVerb, type Paint } from './verb.ts';
import { openReader, openShelf, viewIn } from './workplace.ts';

export const compare = defineVerb({
  name: 'compare',
  says: 'Compares two versions on the items that both were scored on, with intervals.',
  words: ['before', 'after'],
  input: z.strictObject({
    before: VersionRef.describe('model@version'),
    after: VersionRef.describe('model@version'),
  }),
  writes: false,
  examples: ['fettle compare digits@1.3.0 digits@1.4.0'],

  async run(context, { before, after }) {
    const ledger = await openReader(context);
    const { state } = await viewIn(ledger);
    const { store } = await openShelf(context, ledger.repository);
    const [a, b] = [before, after].map((ref) => versionOf(modelOf(state, ref.model), ref.version));
    if (a === undefined || b === undefined) throw new TypeError('two versions were asked for');
    const names = { before: `${before.model}@${before.version}`, after: `${after.model}@${after.version}` };
    const outcomes = [await outcomesOf(a, before, store), await outcomesOf(b, after, store)] as const;
    const compared = comparisonOf(pairedOf(outcomes[1], outcomes[0]));
    if (compared === null) throw nothingShared(names);
    return { data: { ...names, ...compared }, text: (paint) => textOf(names, compared, paint) };
  },
});

async function outcomesOf(
  version: VersionState,
  { model }: VersionRef,
  store: ArtifactStore,
): Promise<Outcomes> {
  const digest = outcomesLeft(version);
  if (digest === null) throw versionNotJudged({ model, version: version.version });
  return decodeOutcomes(await store.get(digest));
}

interface Names {
  readonly before: string;
  readonly after: string;
}

function textOf({ before, after }: Names, compared: Comparison, paint: Paint): string {
  const { n, wins, losses, accuracy, macroF1, pBetter, pWorse, detectable } = compared;
  return [
    `${paint.bold(after)} beside ${paint.bold(before)} on ${n} items: ${verdictOf(compared, paint)}`,
    paint.table([
      ['', 'difference', '95% interval'],
      ['accuracy', signedPoints(accuracy.estimate), interval(accuracy)],
      ['macro-F1', signedPoints(macroF1.estimate), interval(macroF1)],
    ]),
    `${wins} items only ${after} had right, ${losses} only ${before}; ` +
      `exact McNemar p(better) ${pBetter.toFixed(4)}, p(worse) ${pWorse.toFixed(4)}`,
    paint.dim(`These items show differences of ${points(detectable)} or more with 80% power.`),
  ].join('\n');
}

function verdictOf({ pBetter, pWorse }: Comparison, paint: Paint): string {
  if (pBetter <= 0.025) return paint.good('better');
  return pWorse <= 0.025 ? paint.bad('worse') : paint.warn('no difference shown');
}

function interval({ low, high }: Difference): string {
  return `${signedPoints(low)} to ${signedPoints(high)}`;
}
