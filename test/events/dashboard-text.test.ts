/** The dashboard's words: what it warns of, and what its boxes stand for. */
import { describe, expect, it } from 'vitest';
import { boxesIn, dashboardText } from '../../bot/events/dashboard-text.ts';
import { Settings } from '../../pipelines/settings/settings.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { EMPTY } from '../../registry/state/fold.ts';
import { candidate, register, registryOn } from '../fixtures/registry.ts';

const settings = Settings.parse({ models: { digits: { recipe: 'train-and-promote', promote: null } } });

async function boardAt(now: string): Promise<string> {
  const registry = registryOn();
  await register(registry, candidate('first', 'pass'));
  await register(registry, candidate('second', 'pass', { channel: null }));
  const view = await registry.read();
  return dashboardText({ state: view?.state ?? EMPTY, settings, now });
}

describe('the dashboard', () => {
  it('is at ease while runs succeed', async () => {
    const text = await boardAt('2026-11-21T12:00:00.000Z');
    expect(text).toContain('**All is well:**');
    expect(text).toMatch(/Compute: `digits` \d.*in 2 runs\./);
  });

  it('warns where nothing succeeded for days, as the runs of a stopped schedule', async () => {
    const text = await boardAt('2026-11-25T12:00:00.000Z');
    expect(text).toContain('> [!WARNING]\n> Nothing succeeded lately for `digits` (last success 4 days ago)');
  });

  it('counts the cost of a month by its own runs', async () => {
    expect(await boardAt('2026-12-01T00:00:00.000Z')).toContain('Nothing ran this month.');
  });

  it('has a box for each proposal, under the id that approve takes', async () => {
    const text = await boardAt('2026-11-21T12:00:00.000Z');
    const [box, ...others] = boxesIn(text);
    expect(others).toEqual([]);
    expect(box).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
      checked: false,
      says: expect.stringContaining('**digits@1.1.0** for production'),
    });
    expect(boxesIn(text.replace('- [ ]', '- [X]'))[0]?.checked).toBe(true);
  });

  it('takes no other text for a box', () => {
    for (const line of [
      '> - [x] <!-- fettle:approve 0123456789abcdef -->',
      '- [x] fettle:approve 0123456789abcdef',
    ]) {
      expect(boxesIn(line)).toEqual([]);
    }
  });

  it('fits into an issue however many models somebody registers', async () => {
    const registry = registryOn();
    await register(registry, candidate('first', 'pass'));
    const [known] = (await registry.read())!.state.models.values();
    const many = Array.from({ length: 1000 }, (_, index) => {
      const model = ModelName.parse(`${'m'.repeat(80)}-${index}`);
      return [model, { ...known!, model }] as const;
    });
    const state = { ...EMPTY, models: new Map(many) };
    for (const now of ['2026-11-21T12:00:00.000Z', '2026-11-28T12:00:00.000Z']) {
      expect(dashboardText({ state, settings, now }).length).toBeLessThan(65_536);
    }
  });

  it('says how to begin where there is no model', () => {
    expect(dashboardText({ state: EMPTY, settings, now: '2026-11-21T12:00:00.000Z' })).toContain(
      '`/fettle train`',
    );
  });
});
