import { describe, expect, it } from 'vitest';
import { markdownOf } from '../../registry/report/markdown.ts';
import { readmeOf } from '../../registry/report/readme.ts';
import { ModelName } from '../../registry/schema/model.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { EMPTY } from '../../registry/state/fold.ts';
import { DIGITS, firstVersion, LETTERS, neverServed, threeModels } from '../fixtures/histories.ts';
import { ATTACKS, poisoned } from './hostile.ts';

const PLACE = { origin: 'github.com/acme/digits-service', size: 84 };
const state = threeModels();

/** So many models with the history of `digits`. */
function crowd(count: number, from: RegistryState = state): RegistryState {
  const known = from.models.get(DIGITS)!;
  const names = Array.from({ length: count }, (_, index) => ModelName.parse(`model-${index}`));
  return { ...from, models: new Map(names.map((model) => [model, { ...known, model }])) };
}

describe('the README of the registry branch', () => {
  it('tells champions, decisions and how to undo them', async () => {
    await expect(readmeOf(state, PLACE)).toMatchFileSnapshot('snapshots/readme.md');
  });

  it('says what to do where nothing was trained', () => {
    expect(readmeOf(EMPTY, { ...PLACE, size: 1 })).toContain(
      '`fettle run <recipe> --from <file>` trains the first',
    );
  });

  it('promises no way back where nothing served before', () => {
    const told = readmeOf(firstVersion(), PLACE);
    expect(told).toContain('fettle retire digits');
    expect(told).not.toContain('fettle rollback digits ');
  });

  it('names the version that a rollback brings back, which is not the one that was taken back', () => {
    expect(readmeOf(state, PLACE)).toContain('# 1.8.0 serves production again, in place of 1.10.0');
  });

  it('says the same of the same history', () => {
    expect(readmeOf(threeModels(), PLACE)).toBe(readmeOf(state, PLACE));
  });

  it('stays short however many models and decisions there are', () => {
    const told = readmeOf(crowd(60), PLACE);
    expect(told.match(/^\| \*\*model-/gm)).toHaveLength(20);
    expect(told.match(/^\| 2026-/gm)).toHaveLength(15);
    expect(told).toContain('40 more models: see `fettle status`.');
  });
});

describe('what somebody closed', () => {
  const shut = { seq: 80, at: '2026-11-20T10:00:00.000Z', by: 'ada' };
  const digits = state.models.get(DIGITS)!;
  const closed: RegistryState = {
    models: new Map([...state.models, [DIGITS, { ...digits, hold: { ...shut, reason: 'sevens look odd' } }]]),
    trust: {
      ...state.trust,
      stopped: { ...shut, reason: 'wrong <b>labels' },
      frozen: [{ ...shut, channel: 'staging', reason: 'release week' }],
    },
  };

  it.each([
    ['README', readmeOf(closed, PLACE)],
    ['report', markdownOf(closed)],
  ])('is told before everything else in the %s', (_, told) => {
    expect(told).toContain('**The channel staging is frozen** by ada: release week');
    expect(told).toContain('**digits is held** by ada: sevens look odd');
    expect(told).not.toContain('<b>');
    expect(told.indexOf('**Everything is stopped** by ada')).toBeLessThan(told.indexOf('1.10.0'));
    expect(told).toContain('**Everything is stopped** by ada');
  });
});

describe('the Markdown report', () => {
  it('puts the verdict first and folds the details', async () => {
    await expect(markdownOf(state, { model: DIGITS })).toMatchFileSnapshot('snapshots/report.md');
  });

  it('begins with what serves, and says what became of the newest version', () => {
    const [, , verdict] = markdownOf(state, { model: DIGITS }).split('\n');
    expect(verdict).toBe(
      '**digits@1.10.0 serves production**: accuracy 97.9% (96.2 to 98.8) on 517 held-out items. ' +
        'The newest, 1.11.0, was held and waits for a person to decide.',
    );
  });

  it('says so where nothing serves, where a model is retired, and where there is none', () => {
    expect(markdownOf(neverServed())).toContain(
      '**Nothing serves production yet.** The newest, 1.0.0, was held',
    );
    expect(markdownOf(state)).toContain('**Retired**: replaced by digits');
    expect(markdownOf(EMPTY)).toBe('No model has been trained yet.\n');
  });

  it('tells one model alone when asked', () => {
    const told = markdownOf(state, { model: LETTERS });
    expect(told).toContain('## letters');
    expect(told).not.toContain('## digits');
  });

  it('offers to promote only what waits for it', () => {
    expect(markdownOf(state)).toContain('fettle promote digits@1.11.0 --waive no-regression');
    expect(markdownOf(state)).not.toContain('fettle promote old/model');
    expect(markdownOf(firstVersion())).not.toContain('fettle promote');
  });

  it('stays within 58,000 characters, leaves out whole models, and says how many', () => {
    const told = markdownOf(crowd(60));
    expect(told.length).toBeLessThanOrEqual(58_000);
    const shown = told.match(/^## model-/gm)?.length ?? 0;
    expect(told).toContain(`_${60 - shown} more models left out; see \`fettle report\`._`);
  });

  it('has room for one model whatever its reasons and labels are', () => {
    const told = markdownOf(crowd(1, poisoned(state, '<|>'.repeat(333))));
    expect(told).toContain('## model-0');
    expect(told.length).toBeLessThanOrEqual(58_000);
  });
});

describe('text from outside, in Markdown', () => {
  it.each(ATTACKS)('is inert: %j', (attack) => {
    for (const text of [markdownOf(poisoned(state, attack)), readmeOf(poisoned(state, attack), PLACE)]) {
      const ours = text.replaceAll(/<\/?(details|summary)>/g, '').replaceAll(/```sh\n.*?\n```/gs, '');
      const outside = ours.replaceAll(/`[^`\n]*`/g, '');
      expect(outside).not.toMatch(/<|(?<!\w)@\w|#\d|:\/\/x|www\.x|\u202E|\u2066/);
      expect(outside).not.toMatch(/(?<!\\)[[\]$!]/);
      expect(ours).not.toMatch(/^# heading|^- \[/m);
      expect(text.match(/<details>/g)?.length).toBe(text.match(/<\/details>/g)?.length);
    }
  });

  it.each(ATTACKS)('adds no cell to a table: %j', (attack) => {
    const cells = (line: string): number => line.replaceAll(String.raw`\|`, '').split('|').length;
    for (const text of [markdownOf(poisoned(state, attack)), readmeOf(poisoned(state, attack), PLACE)]) {
      for (const [table] of text.matchAll(/(^\|.*\n)+/gm)) {
        expect(new Set(table.trim().split('\n').map(cells)).size).toBe(1);
      }
    }
  });
});
