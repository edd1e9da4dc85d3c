/** A shelf in memory, filled as runs fill it: sources taken in, split, and scored. */
import { digestOf, type Digest } from '../../registry/base/digest.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { decodeBatch, type Row } from '../../pipelines/artifacts/batch.ts';
import { decodeDataset, rowsOf, PART, type Dataset } from '../../pipelines/artifacts/dataset.ts';
import { memoryStore } from '../../pipelines/artifacts/memory-store.ts';
import { encodeOutcomes, outcomesOf } from '../../pipelines/artifacts/outcomes.ts';
import { forgetRows, type ForgetAsk, type Forgetting } from '../../pipelines/retention/forget.ts';
import { ingest } from '../../pipelines/stages/ingest.ts';
import { split } from '../../pipelines/stages/split.ts';

export const MODEL = ModelName.parse('issues');

export interface Item {
  readonly id: string;
  readonly author: string;
  readonly title: string;
  readonly label: string;
}

/** RFC 4180, every cell quoted. */
export function csvOf(items: readonly Item[], lineEnd = '\n'): string {
  const quoted = (cell: string): string => `"${cell.replaceAll('"', '""')}"`;
  const lines = items.map(({ id, author, title, label }) => [id, author, title, label].map(quoted).join(','));
  return ['id,author,title,label', ...lines, ''].join(lineEnd);
}

const COLUMNS = {
  label: 'label',
  id: 'id',
  at: null,
  group: null,
  title: 'title',
  body: null,
  features: null,
};

export interface Taken {
  readonly source: Digest;
  readonly batch: Digest;
  readonly dataset: Digest;
  readonly outcomes: Digest;
}

export interface Shelf {
  /** Every digest that was put and not removed. */
  readonly digests: Set<Digest>;
  readonly makers: Map<Digest, Set<ModelName>>;
  take(text: string, prior: Digest | null, model?: ModelName): Promise<Taken>;
  bytes(digest: Digest): Promise<Uint8Array>;
  rows(digest: Digest): Promise<readonly Row[]>;
  dataset(digest: Digest): Promise<Dataset>;
  /** Ids of the rows of a dataset, those to train on and those held out. */
  idsIn(digest: Digest): Promise<readonly string[]>;
  forget(change: Partial<ForgetAsk>): Promise<Forgetting>;
}

export function shelf(): Shelf {
  const store = memoryStore();
  const digests = new Set<Digest>();
  const makers = new Map<Digest, Set<ModelName>>();
  const put: typeof store.put = async (kind, bytes) => {
    const ref = await store.put(kind, bytes);
    digests.add(ref.digest);
    return ref;
  };
  const performed = async (
    stage: typeof ingest | typeof split,
    { takes, params }: { takes: Readonly<Record<string, Digest | null>>; params: object },
  ): Promise<Digest> => {
    const made: Digest[] = [];
    const at = (slot: string): Digest => takes[slot] ?? digestOf('nothing');
    await stage.perform(
      {
        seed: 1,
        tell: () => undefined,
        digestOf: at,
        read: (slot) => store.get(at(slot)),
        readIfAny: async (slot) => (takes[slot] == null ? null : store.get(at(slot))),
        load: (digest) => store.get(digest),
        recall: async () => null,
        leave: async () => undefined,
        write: async (_slot, bytes) => void made.push((await put('batch', bytes)).digest),
      },
      params,
    );
    return made[0]!;
  };
  const dataset = async (digest: Digest): Promise<Dataset> => decodeDataset(await store.get(digest));

  return {
    digests,
    makers,
    dataset,
    bytes: (digest) => store.get(digest),
    rows: async (digest) => decodeBatch(await store.get(digest)).rows,
    async idsIn(digest) {
      const found = await dataset(digest);
      const parts = await Promise.all(
        [PART.train, PART.holdout].map((part) => rowsOf(found, part, store.get)),
      );
      return parts.flat().map(({ id }) => id);
    },
    async take(text, prior, model = MODEL) {
      const source = (await put('source', Buffer.from(text))).digest;
      const batch = await performed(ingest, {
        takes: { source },
        params: { name: 'a.csv', columns: COLUMNS },
      });
      const params = { holdout: 0.25, stratify: false, group: null };
      const made = await performed(split, { takes: { batch, prior }, params });
      const held = await rowsOf(await dataset(made), PART.holdout, store.get);
      const items = held.map(({ id, label }, index) => ({
        id,
        truth: label,
        probabilities: [index / 1e4, 0.5],
      }));
      const scored = outcomesOf(items, ['bug', 'feature']);
      const outcomes = (await put('outcomes', encodeOutcomes(scored))).digest;
      const taken = { source, batch, dataset: made, outcomes };
      for (const digest of Object.values(taken)) {
        makers.set(digest, new Set([...(makers.get(digest) ?? []), model]));
      }
      return taken;
    },
    async forget(change) {
      const done = await forgetRows({
        digests: [...digests],
        load: (digest) => store.get(digest),
        kindOf: () => undefined,
        makers: (digest) => makers.get(digest) ?? new Set(),
        idColumns: ['id'],
        gone: new Map(),
        ids: [],
        where: [],
        scope: null,
        keep: put,
        ...change,
      });
      for (const { removed, replacement } of done.rewritten) {
        digests.delete(removed);
        if (replacement !== null) makers.set(replacement, new Set(makers.get(removed)));
      }
      return done;
    },
  };
}
