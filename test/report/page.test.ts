import { describe, expect, it } from 'vitest';
import { pageOf } from '../../registry/report/page.ts';
import type { RegistryState } from '../../registry/schema/state.ts';
import { EMPTY } from '../../registry/state/fold.ts';
import { DIGITS, firstVersion, neverServed, threeModels } from '../fixtures/histories.ts';
import { ATTACKS, faultsOf, poisoned } from './hostile.ts';

const PLACE = {
  title: 'digits-service',
  origin: 'github.com/acme/digits-service',
  size: 84,
  madeAt: '2026-11-21T04:00:00.000Z',
};
const state = threeModels();
const page = pageOf(state, PLACE);

/** What a reader reads. */
function textOf(html: string): string {
  return html
    .replaceAll(/<style>.*?<\/style>|<svg.*?<\/svg>/gs, '')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<');
}

describe('the page', () => {
  it('is whole: tags closed in order, no script, nothing fetched', () => {
    expect(faultsOf(page)).toEqual([]);
    expect(page).not.toMatch(/<script|<img|<link|<iframe|@import|url\(/i);
    expect(page.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:\/\//);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  });

  it('says the same of the same history', () => {
    expect(pageOf(threeModels(), PLACE)).toBe(page);
  });

  it('begins with what serves, since when, and how well', () => {
    expect(textOf(page)).toContain(
      'digits 1.10.0 serves production since 2026-11-09 04:16 UTC: 97.9% (96.2 to 98.8) right on 517 held-out items. ' +
        'The newest, 1.11.0, was held and waits for a person to decide.',
    );
  });

  it('tells the model that never served, and the retired one, as they are', () => {
    expect(textOf(page)).toContain('Nothing serves production yet. The newest, 1.0.0, was held');
    expect(textOf(page)).toContain('Retired on 2026-09-01 08:30 UTC, so nothing serves: replaced by digits');
  });

  it('lists the models where there are several, each link leading to its part', () => {
    const targets = [...page.matchAll(/href="#([^"]+)"/g)].map(([, target]) => target);
    expect(targets).toEqual(['model-digits', 'model-letters', 'model-old/model']);
    for (const target of targets) expect(page).toContain(`id="${target}"`);
    expect(pageOf(firstVersion(), PLACE)).not.toContain('<nav');
  });

  it('tells each decision in a sentence, with its reason', () => {
    const told = textOf(page);
    expect(told).toContain('1.9.0 rolled back; 1.8.0 serves production again');
    expect(told).toContain('1.6.0 refused; 1.5.0 still serves');
    expect(told).toContain('0 won, 36 lost, exact McNemar p(worse) < 0.0001');
    expect(told).toContain('promoted by hand, ada: good enough to learn from');
    expect(told).toContain('failed at ingest: column `label` is wanted, found title, body');
  });

  it('says how to undo, and that there is no way back where there is none', () => {
    expect(textOf(page)).toContain('1.8.0 serves production again, in place of 1.10.0');
    expect(textOf(pageOf(firstVersion(), PLACE))).toContain('there is nothing to roll back to');
    expect(textOf(pageOf(neverServed(), PLACE))).not.toContain('fettle rollback');
  });

  it('welcomes people to an empty registry', () => {
    const empty = pageOf(EMPTY, { ...PLACE, size: 1 });
    expect(textOf(empty)).toContain('No model has been trained in this registry.');
    expect(faultsOf(empty)).toEqual([]);
  });

  it('draws no trend of a single version', () => {
    expect(pageOf(firstVersion(), PLACE)).not.toContain('Quality by version');
  });
});

describe('text from outside, on the page', () => {
  it.each(ATTACKS)('is inert: %j', (attack) => {
    const poison = pageOf(poisoned(state, attack), { ...PLACE, title: attack, origin: attack });
    expect(faultsOf(poison)).toEqual([]);
    expect(poison).not.toMatch(/<script|<img|<svg\/|<!--|\u202E|\u2066/i);
    expect(poison.match(/<style>/g)).toHaveLength(1);
    expect(poison.match(/<title>[^<]*model registry<\/title>/g)).toHaveLength(1);
  });

  it('is seen by the check that it would have to escape', () => {
    expect(faultsOf('<p><b></p>')).not.toEqual([]);
    expect(faultsOf('<p title="a" onclick="x">a</p>')).not.toEqual([]);
    expect(faultsOf('<p>a < b</p>')).not.toEqual([]);
    expect(faultsOf('<p>a</p>')).toEqual([]);
  });
});

describe('a model with very many labels', () => {
  it('is told by its worst pairs and a table, not by a matrix that nobody could read', () => {
    const known = state.models.get(DIGITS)!;
    const labels = Array.from({ length: 40 }, (_, index) => `label ${index}`);
    const confusion = labels.map((_, row) =>
      labels.map((__, column) => (row === column ? 9 : row === column + 1 ? 2 : 0)),
    );
    const versions = known.versions.map((version) => ({
      ...version,
      evaluation: version.evaluation && { ...version.evaluation, labels, confusion },
    }));
    const many: RegistryState = { ...EMPTY, models: new Map([[DIGITS, { ...known, versions }]]) };
    const told = pageOf(many, PLACE);
    expect(told).not.toContain('aria-label="Confusion matrix"');
    expect(textOf(told)).toContain('Most often it took label 1 as label 0 twice');
  });
});
