/** `fettle audit [model]`: is every score what its files show? Metrics are computed anew, and models run again. */
import * as z from 'zod';
import { decodeDataset, PART, rowsOf } from '../../pipelines/artifacts/dataset.ts';
import {
  decodeOutcomes,
  encodeOutcomes,
  outcomesOf,
  type Outcomes,
} from '../../pipelines/artifacts/outcomes.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { openClassifier } from '../../pipelines/models/classifier.ts';
import { findingsOf, type Claim, type Finding } from '../../pipelines/scores/honesty.ts';
import type { Digest } from '../../registry/base/digest.ts';
import { ModelName } from '../../registry/schema/model.ts';
import type { VersionState } from '../../registry/schema/state.ts';
import { modelOf } from '../../registry/state/query.ts';
import { defineVerb, EXIT, type Paint } from './verb.ts';
import { counted } from './words.ts';
import { openReader, openShelf, viewIn } from './workplace.ts';

export const audit = defineVerb({
  name: 'audit',
  says: 'Computes every score anew from its files, runs the models again, and tells what does not agree.',
  words: ['model'],
  input: z.strictObject({
    model: ModelName.optional().describe('only this model'),
    quick: z.boolean().default(false).describe('do not run the models again'),
  }),
  writes: false,
  examples: ['fettle audit', 'fettle audit digits --quick'],

  async run(context, { model, quick }) {
    const ledger = await openReader(context);
    const { state } = await viewIn(ledger);
    const { store } = await openShelf(context, ledger.repository);
    const models = model === undefined ? [...state.models.values()] : [modelOf(state, model)];
    const audited: Audited[] = [];
    for (const { model: name, versions } of models) {
      const claims = versions.flatMap(claimOf);
      for (const version of versions) {
        const step = context.progress.step(`${name}@${version.version}`);
        const one = await auditOf(version, { store, quick, claims });
        audited.push({ ...one, model: name });
        step.end(one.skipped ?? counted(one.findings.length, 'finding'));
      }
    }
    const findings = audited.flatMap((one) =>
      one.findings.map((finding) => ({ model: one.model, ...finding })),
    );
    return {
      data: {
        versions: audited.length,
        examined: audited.filter(({ skipped }) => skipped === null).length,
        skipped: audited.flatMap(({ model: name, version, skipped }) =>
          skipped === null ? [] : [{ model: name, version, why: skipped }],
        ),
        findings,
      },
      text: (paint) => textOf(audited, paint),
      exit: findings.length === 0 ? EXIT.done : EXIT.refused,
    };
  },
});

interface Audited {
  readonly model: ModelName;
  readonly version: string;
  readonly findings: readonly Finding[];
  /** Why it was not examined; null when it was. */
  readonly skipped: string | null;
}

/** What the version says of itself; nothing for one that was imported. */
function claimOf({ version, artifacts, evaluation }: VersionState): readonly Claim[] {
  const model = artifacts['model'];
  if (model === undefined || evaluation === null) return [];
  const { outcomes, metrics } = evaluation;
  return [{ version, model: model.digest, outcomes: outcomes.digest, metrics }];
}

interface Auditing {
  readonly store: ArtifactStore;
  readonly quick: boolean;
  readonly claims: readonly Claim[];
}

async function auditOf(
  version: VersionState,
  { store, quick, claims }: Auditing,
): Promise<Omit<Audited, 'model'>> {
  const name = version.version;
  const [claim] = claimOf(version);
  const skip = (skipped: string) => ({ version: name, findings: [], skipped });
  if (claim === undefined) return skip('it was never scored here');
  if (version.forgotten !== null) return skip('rows of it were forgotten');
  const kept = async (digest: Digest): Promise<Uint8Array | null> =>
    (await store.has(digest)) ? store.get(digest) : null;
  const bytes = await kept(claim.outcomes);
  const recorded = bytes === null ? null : decodeOutcomes(bytes);
  const data = version.lineage === null ? null : await kept(version.lineage.data);
  const dataset = data === null ? null : decodeDataset(data);
  const batchesThere =
    dataset !== null &&
    (await Promise.all(dataset.members.map(({ batch }) => store.has(batch)))).every(Boolean);
  const load = (digest: Digest): Promise<Uint8Array> => store.get(digest);
  const trainedOn =
    dataset === null || !batchesThere
      ? null
      : new Set((await rowsOf(dataset, PART.train, load)).map(({ id }) => id));
  const model = quick || !batchesThere ? null : await kept(claim.model);
  const again =
    model === null || dataset === null
      ? null
      : await scoredAgain(model, await rowsOf(dataset, PART.holdout, load));
  const others = claims.filter((other) => other.version !== name);
  return {
    version: name,
    findings: findingsOf({ ...claim, recorded, again, trainedOn }, others),
    skipped: null,
  };
}

async function scoredAgain(model: Uint8Array, rows: Awaited<ReturnType<typeof rowsOf>>): Promise<Outcomes> {
  const classifier = await openClassifier(model);
  try {
    const items = [];
    for (const { id, label, input } of rows) {
      items.push({ id, truth: label, probabilities: (await classifier.predict(input)).probabilities });
    }
    // As bytes and back, so that both have gone through the same rounding.
    return decodeOutcomes(encodeOutcomes(outcomesOf(items, classifier.labels)));
  } finally {
    await classifier.close();
  }
}

function textOf(audited: readonly Audited[], paint: Paint): string {
  const examined = audited.filter(({ skipped }) => skipped === null);
  const lines = audited.flatMap(({ model, findings }) =>
    findings.map(
      ({ version, code, wanted, found }) =>
        `${paint.bad(code)} ${model}@${version}: wanted ${wanted}, found ${found}`,
    ),
  );
  const skipped = audited.flatMap(({ model, version, skipped: why }) =>
    why === null ? [] : [paint.dim(`${model}@${version} was not examined: ${why}.`)],
  );
  const [count, all] = [lines.length, counted(examined.length, 'version')];
  const head =
    count === 0
      ? examined.length === 0
        ? 'No version could be examined.'
        : `${paint.good('ok')} ${all}: every score is what its files show.`
      : `${counted(count, 'finding')} in ${all}.`;
  return [...lines, ...skipped, head].join('\n');
}
