import { describe, expect, it } from 'vitest';
import { artifactHistoryOf, lastLeft } from '../../registry/audit/artifact-history.ts';
import { verifyLog } from '../../registry/audit/verify.ts';
import { digestOf, type Digest } from '../../registry/base/digest.ts';
import { decideForgetting, type Tombstone } from '../../registry/decide/forget.ts';
import type { Registry } from '../../registry/decide/execute.ts';
import { KEPT } from '../../registry/schema/state.ts';
import { leftOf, outcomesLeft } from '../../registry/state/query.ts';
import { memoryLog } from '../../registry/store/memory-log.ts';
import { candidate, register, registryOn, stateOfDigits } from '../fixtures/registry.ts';

const REASON = 'asked for';

function tombstone(kind: Tombstone['kind'], removed: string, replacement: string | null): Tombstone {
  const left = replacement === null ? null : digestOf(replacement);
  return { kind, removed: digestOf(removed), replacement: left, rows: 2 };
}

function forget(registry: Registry, ...tombstones: readonly Tombstone[]) {
  return registry.execute((state) => decideForgetting(state, { tombstones, reason: REASON }));
}

function opened(): Registry {
  return registryOn(memoryLog(), { tell: () => new Map([['README.md', '']]) });
}

describe('what was forgotten', () => {
  it('is trained on no more, and stays in the lineage as what was', async () => {
    const registry = opened();
    await register(registry, candidate('one', 'pass'));
    await forget(
      registry,
      tombstone('dataset', 'data one', 'less'),
      tombstone('outcomes', 'outcomes one', null),
    );
    const known = await stateOfDigits(registry);
    expect(known.data).toBe(digestOf('less'));
    const [version] = known.versions;
    expect(version?.lineage?.data).toBe(digestOf('data one'));
    expect(version?.forgotten).toMatchObject({ rows: 2, data: digestOf('less'), outcomes: null });
    expect(version === undefined ? '' : outcomesLeft(version)).toBeNull();

    await forget(registry, tombstone('dataset', 'less', null));
    const after = await stateOfDigits(registry);
    expect(after.data).toBeNull();
    expect(after.versions[0]?.forgotten).toMatchObject({ rows: 4, data: null });
    const ask = { pin: null, extent: 'all', witnessed: [], now: '2026-11-22T00:00:00.000Z' } as const;
    expect((await verifyLog({ log: registry.log, ...ask, readme: () => '' }))?.problems).toEqual([]);
  });

  it('does not come back with a run that began before and ended after', async () => {
    const registry = opened();
    await register(registry, candidate('one', 'pass'));
    await forget(registry, tombstone('dataset', 'data one', 'less'), tombstone('dataset', 'less', 'least'));
    const late = candidate('two', 'investigate');
    await register(registry, { ...late, lineage: { ...late.lineage, data: digestOf('data one') } });
    expect((await stateOfDigits(registry)).data).toBe(digestOf('least'));
  });

  it('leaves models alone that have nothing to do with it, and is said once', async () => {
    const registry = opened();
    await register(registry, candidate('one', 'pass'));
    const before = await stateOfDigits(registry);
    const some = tombstone('dataset', 'of others', null);
    expect(await forget(registry, some)).toHaveLength(1);
    expect(await forget(registry, some)).toHaveLength(0);
    expect(await stateOfDigits(registry)).toEqual(before);
  });

  it('is found in the log whatever its age, of every kind, with whose it was', async () => {
    const registry = opened();
    await register(registry, candidate('one', 'pass'));
    const many = Array.from({ length: KEPT.forgotten + 1 }, (_, index) =>
      tombstone('source', `source ${index}`, `source ${index + 1}`),
    );
    await forget(registry, tombstone('outcomes', 'outcomes one', 'fewer'), ...many);
    const { trust } = (await registry.read())?.state ?? { trust: null };
    expect(trust?.forgotten).toHaveLength(KEPT.forgotten);
    const last = digestOf(`source ${KEPT.forgotten + 1}`);
    expect(trust === null ? null : leftOf(trust, digestOf('source 1'))).toBe(last);

    const { gone, makers, kinds, trained } = artifactHistoryOf(await registry.log.entries(0));
    expect(lastLeft(gone, digestOf('source 0'))).toBe(last);
    const fewer: Digest = digestOf('fewer');
    expect([kinds.get(fewer), [...(makers.get(fewer) ?? [])]]).toEqual(['outcomes', ['digits']]);
    expect(trained).toEqual([{ model: 'digits', version: '1.0.0', data: digestOf('data one') }]);
  });
});
