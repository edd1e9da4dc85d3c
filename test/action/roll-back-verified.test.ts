import { beforeAll, describe, expect, it } from 'vitest';
import { probeOf } from '../../action/verbs/probe.ts';
import { rollBackVerified, type Steps } from '../../action/verbs/roll-back-verified.ts';
import { nothingSound } from '../../action/faults.ts';
import { encodeBatch, type Row } from '../../pipelines/artifacts/batch.ts';
import { datasetOf, encodeDataset } from '../../pipelines/artifacts/dataset.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import { encodeOutcomes, outcomesOf } from '../../pipelines/artifacts/outcomes.ts';
import type { ArtifactStore } from '../../pipelines/artifacts/store.ts';
import { artifactMissing } from '../../pipelines/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { openClassifier } from '../../pipelines/models/classifier.ts';
import { exportClassifier } from '../../pipelines/models/export.ts';
import { FeatureSpec } from '../../pipelines/models/features.ts';
import { SoftmaxParams, softmaxRegression } from '../../pipelines/models/softmax-regression.ts';
import type { Digest } from '../../registry/base/digest.ts';
import { decideRollBack } from '../../registry/decide/roll-back.ts';
import { coolsUntil } from '../../registry/state/query.ts';
import { Version } from '../../registry/schema/model.ts';
import { versionOf } from '../../registry/state/query.ts';
import { clouds } from '../conformance/learner.ts';
import { candidate, DIGITS, register, registryOn, stateOfDigits, ticking } from '../fixtures/registry.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';

const DENSE = FeatureSpec.parse({ kind: 'dense', columns: ['a', 'b', 'c', 'd', 'e'] });
const VERSIONS = 5;

interface Made {
  readonly word: string;
  readonly artifacts: Awaited<ReturnType<ArtifactStore['put']>>[];
}

/** Five real models, each with its own held-out items and what it said of them. */
async function models(store: ArtifactStore): Promise<readonly Made[]> {
  const made: Made[] = [];
  for (let seed = 1; seed <= VERSIONS; seed++) {
    const learned = softmaxRegression.learn({
      examples: clouds(seed),
      params: SoftmaxParams.parse({}),
      seed,
    });
    const bytes = exportClassifier(learned.model, DENSE);
    const random = randomOf(seed);
    const rows: Row[] = Array.from({ length: 24 }, (_, index) => {
      const input = Array.from({ length: 5 }, () => random.nextFloat() * 2);
      return { id: `${seed}-${index}`, at: '', label: 'red', group: '', input };
    });
    const input = { kind: 'dense' as const, columns: ['a', 'b', 'c', 'd', 'e'] };
    const batch = await store.put('batch', encodeBatch({ input, rows }));
    const member = { batch: batch.digest, parts: 'h'.repeat(24), contents: [], ids: [] };
    const data = await store.put('dataset', encodeDataset(datasetOf(input, [member])));
    const classifier = await openClassifier(bytes);
    const items = [];
    for (const { id, label, input: values } of rows) {
      items.push({ id, truth: label, probabilities: (await classifier.predict(values)).probabilities });
    }
    await classifier.close();
    const outcomes = await store.put('outcomes', encodeOutcomes(outcomesOf(items, classifier.labels)));
    made.push({ word: String(seed), artifacts: [await store.put('onnx', bytes), data, outcomes] });
  }
  return made;
}

type Ill = 'missing' | 'cut' | 'another';

/** A store whose files go bad as they are told to. */
function failing(store: ArtifactStore, ill: Map<Digest, Ill>, other: Digest): ArtifactStore {
  return {
    ...store,
    async get(digest) {
      const how = ill.get(digest);
      if (how === 'missing') throw artifactMissing({ digest, where: 'memory' });
      const bytes = await store.get(how === 'another' ? other : digest);
      return how === 'cut' ? bytes.slice(0, bytes.length / 2) : bytes;
    },
  };
}

describe('a verified rollback', () => {
  const store = memoryStore();
  let made: readonly Made[] = [];
  beforeAll(async () => {
    made = await models(store);
  });

  async function world(ill: Map<Digest, Ill>) {
    const log = memoryLog();
    const registry = registryOn(log);
    for (const { word, artifacts } of made) {
      const [model, data, outcomes] = artifacts as [
        Made['artifacts'][0],
        Made['artifacts'][0],
        Made['artifacts'][0],
      ];
      const plain = candidate(word, 'pass');
      await register(registry, {
        ...plain,
        artifacts: { model },
        lineage: { ...plain.lineage, data: data.digest },
        evaluation: { ...plain.evaluation, holdout: data.digest, outcomes },
      });
    }
    const shelf = failing(store, ill, made[VERSIONS - 1]?.artifacts[0]?.digest as Digest);
    const ask = {
      model: DIGITS,
      channel: 'production',
      automatic: false,
      reason: 'a test',
      evidence: null,
    } as const;
    const steps: Steps = {
      read: () => stateOfDigits(registry),
      flip: async (to, from) => {
        await registry.execute((state) => decideRollBack(state, { ...ask, to, from }));
      },
      probe: (known, version) => probeOf(versionOf(known, version), shelf),
    };
    return { registry, steps, log };
  }

  const fileOf = (index: number): Digest => made[index]?.artifacts[0]?.digest as Digest;

  it('takes the version before, in one commit, after it answered its items as recorded', async () => {
    const { registry, steps, log } = await world(new Map());
    const before = (await log.read())?.head.size ?? 0;
    const found = await rollBackVerified(steps, { channel: 'production', to: null });
    expect(found).toMatchObject({ to: '1.3.0', flips: 1 });
    expect(found.probes).toMatchObject([
      { version: '1.3.0', sound: true, items: 24 },
      { version: '1.3.0', sound: true, items: 24 },
    ]);
    expect((await log.read())?.head.size).toBe(before + 1);
    expect((await stateOfDigits(registry)).serving.production).toBe('1.3.0');
  });

  // Of four earlier versions up to three are ill, each in one of three ways; in a quarter of the trials the chosen one
  // goes bad in the very moment of the flip.
  it('ends on a sound version that served before, in each of 200 injected failures', async () => {
    const random = randomOf(2026);
    const kinds: readonly Ill[] = ['missing', 'cut', 'another'];
    let ended = 0;
    for (let trial = 0; trial < 200; trial++) {
      const ill = new Map<Digest, Ill>();
      const well = random.nextBelow(VERSIONS - 1);
      for (let index = 0; index < VERSIONS - 1; index++) {
        if (index !== well && random.nextBelow(2) === 0) {
          ill.set(fileOf(index), kinds[random.nextBelow(3)] ?? 'cut');
        }
      }
      const { steps, registry } = await world(ill);
      const breaks = trial % 4 === 0;
      const sound = Array.from({ length: VERSIONS - 1 }, (_, index) => index).filter(
        (index) => !ill.has(fileOf(index)),
      );
      let broken = 0;
      const found = await rollBackVerified(
        {
          ...steps,
          flip: async (to, from) => {
            await steps.flip(to, from);
            // Not the last one that is sound: then there would be nothing to go back to but what failed.
            if (breaks && broken === 0 && sound.length > 1) {
              ill.set(fileOf(Number(to.split('.')[1])), kinds[trial % 3] ?? 'cut');
              broken += 1;
            }
          },
        },
        { channel: 'production', to: null },
      );
      const known = await stateOfDigits(registry);
      expect(known.serving.production).toBe(found.to);
      expect((await steps.probe(known, found.to)).sound).toBe(true);
      expect(known.tenures.some(({ version, by }) => version === found.to && by === 'promotion')).toBe(true);
      expect(found.flips).toBe(1 + broken);
      ended += 1;
    }
    expect(ended).toBe(200);
  });

  it('changes nothing where no version is fit, and says of each why', async () => {
    const ill = new Map([0, 1, 2, 3].map((index) => [fileOf(index), 'missing' as const]));
    const { steps, registry } = await world(ill);
    await expect(rollBackVerified(steps, { channel: 'production', to: null })).rejects.toThrowFault(
      nothingSound,
    );
    expect((await stateOfDigits(registry)).serving.production).toBe('1.4.0');
    const named = rollBackVerified(steps, { channel: 'production', to: Version.parse('1.1.0') });
    await expect(named).rejects.toThrow(/1\.1\.0: wanted artifact/);
  });

  it('puts back what served at first where everything else went bad', async () => {
    const ill = new Map([0, 1, 2].map((index) => [fileOf(index), 'cut' as const]));
    const { steps, registry } = await world(ill);
    const flip: Steps['flip'] = async (to, from) => {
      await steps.flip(to, from);
      ill.set(fileOf(3), 'cut');
    };
    const found = await rollBackVerified({ ...steps, flip }, { channel: 'production', to: null });
    expect(found).toMatchObject({ to: '1.4.0', flips: 2 });
    expect((await stateOfDigits(registry)).serving.production).toBe('1.4.0');
  });

  it('is itself rolled back by naming the version that was taken back', async () => {
    const { steps, registry } = await world(new Map());
    await rollBackVerified(steps, { channel: 'production', to: null });
    const again = await rollBackVerified(steps, { channel: 'production', to: Version.parse('1.4.0') });
    expect(again).toMatchObject({ to: '1.4.0', flips: 1 });
    const known = await stateOfDigits(registry);
    expect(versionOf(known, Version.parse('1.4.0')).rolledBack).toBeNull();
    expect(versionOf(known, Version.parse('1.3.0')).rolledBack).toBe('a test');
  });
});

describe('the cool-down of automatic rollbacks', () => {
  const HOUR = 3_600_000;

  it('leaves a channel alone for a while, whoever asks automatically, and never a person', async () => {
    const registry = registryOn(memoryLog(), { now: ticking(Date.UTC(2026, 10, 21)) });
    for (const word of ['a', 'b', 'c']) await register(registry, candidate(word, 'pass'));
    const ask = {
      model: DIGITS,
      channel: 'production',
      to: null,
      from: null,
      reason: 'a test',
      evidence: null,
    } as const;
    const at = (hours: number) => ({
      ms: 24 * HOUR,
      now: new Date(Date.UTC(2026, 10, 21) + hours * HOUR).toISOString(),
    });
    const back = async (automatic: boolean, hours: number) =>
      (await registry.execute((state) => decideRollBack(state, { ...ask, automatic, coolDown: at(hours) })))
        .length;
    expect(await back(true, 0.1)).toBe(1);
    expect(await back(true, 1)).toBe(0);
    expect(await back(true, 23)).toBe(0);
    const known = await stateOfDigits(registry);
    expect(coolsUntil(known, 'production', at(1))).toMatch(/^2026-11-22T00:00/);
    expect(coolsUntil(known, 'staging', at(1))).toBeNull();
    // A clock that was set back does not freeze it for ever.
    expect(coolsUntil(known, 'production', at(-48))).toBeNull();
    expect(await back(false, 1)).toBe(1);
    expect(known.serving.production).toBe('1.1.0');
  });
});
