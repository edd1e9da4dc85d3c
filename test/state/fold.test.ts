import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEPT } from '../../registry/schema/state.ts';
import { EVENT_TYPES } from '../../registry/schema/event.ts';
import { evolve, foldEntries, EMPTY } from '../../registry/state/fold.ts';
import { servedBefore } from '../../registry/state/query.ts';
import { statePath, stateOf, viewOf } from '../../registry/state/view.ts';
import { registryDamaged } from '../../registry/faults.ts';
import { ModelName } from '../../registry/schema/model.ts';
import { eventOf } from '../fixtures/events.ts';
import { candidate, DIGITS, register, registryOn, stateOfDigits } from '../fixtures/registry.ts';

describe('the fold', () => {
  it('takes any event of any type in any order without failing', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...EVENT_TYPES), { maxLength: 12 }), (types) => {
        const entries = types.map((type, seq) => ({ seq, event: eventOf(type) }));
        const state = foldEntries(entries);
        expect(stateOf(viewOf(state, state.models.keys()))).toEqual(state);
      }),
    );
  });

  it('skips what a newer Fettle wrote and this one may skip', () => {
    expect(evolve(EMPTY, { seq: 0, event: null })).toBe(EMPTY);
  });

  it('keeps its view bounded, and what serves in it whatever its age', async () => {
    const registry = registryOn();
    await register(registry, candidate('first', 'pass'));
    for (let index = 0; index < KEPT.versions + 5; index++) {
      await register(registry, candidate(`late ${index}`, 'investigate'));
    }
    const known = await stateOfDigits(registry);
    expect(known.versionCount).toBe(KEPT.versions + 6);
    expect(known.versions).toHaveLength(KEPT.versions + 1);
    expect(known.versions[0]?.version).toBe('1.0.0');
    expect(known.runs).toHaveLength(KEPT.runs);
    expect(known.decisions).toHaveLength(KEPT.decisions);
  });

  it('finds the version that served before, past those that were taken back', () => {
    const promoted = (version: string, replaces: string | null) =>
      eventOf('model.promoted', { version, replaces });
    const lineage = eventOf('model.registered').body.lineage;
    const made = (version: string) => eventOf('model.registered', { version, lineage });
    const back = eventOf('model.rolled-back', { from: '1.2.0', to: '1.1.0' });
    const events = [
      made('1.0.0'),
      made('1.1.0'),
      made('1.2.0'),
      promoted('1.0.0', null),
      promoted('1.1.0', '1.0.0'),
      promoted('1.2.0', '1.1.0'),
      back,
    ];
    const known = foldEntries(events.map((event, seq) => ({ seq, event }))).models.get(DIGITS);
    expect(known?.serving.production).toBe('1.1.0');
    expect(known === undefined ? null : servedBefore(known, 'production')).toBe('1.0.0');
  });
});

describe('the view', () => {
  it('gives names that differ only in case or punctuation files of their own', () => {
    const names = ['a/b', 'a-b', 'con', 'aux'].map((name) => ModelName.parse(name));
    const paths = names.map(statePath);
    expect(new Set(paths.map((path) => path.toLowerCase())).size).toBe(names.length);
    for (const path of paths) expect(path).toMatch(/^state\/[0-9a-f]{2}\/[0-9a-f]{12}-[a-z0-9_-]+\.json$/);
  });

  it('says by path which file is damaged', () => {
    const broken = new Map([['state/00/x.json', '{"model":']]);
    expect(() => stateOf(broken)).toThrowFault(registryDamaged);
    expect(() => stateOf(broken)).toThrow('state/00/x.json');
  });
});

describe('a model name', () => {
  it.each([
    '__proto__',
    '../x',
    '.git',
    'a/../b',
    'A',
    'x'.repeat(101),
    'a.lock',
    '',
    'a//b',
    '-a',
    'a-',
    'a b',
    'a@b',
    'a/../../b',
    'x'.repeat(300),
    '@{',
    'a.b',
    '.',
    '..',
    '/a',
    'a/',
    'a\n',
    'fr\u0430ud',
    'a\u200Bb',
    'a\u202Eb',
    'a\uFF0Fb',
    'a\u00A0b',
    '$(id)',
    '`id`',
    'a;curl',
    '--output=/etc',
  ])('is refused: %s', (name) => {
    expect(ModelName.safeParse(name).success).toBe(false);
  });
});
