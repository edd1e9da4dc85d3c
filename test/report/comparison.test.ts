import { beforeEach, describe, expect, it } from 'vitest';
import { decimal } from '../../registry/base/decimal.ts';
import { comparisonMarkdown } from '../../registry/report/comparison-markdown.ts';
import { comparisonPage } from '../../registry/report/comparison-page.ts';
import {
  chanceText,
  msText,
  slowerText,
  spanText,
  verdictText,
} from '../../registry/report/comparison-words.ts';
import { chanceChart, timeChart } from '../../registry/report/solver-chart.ts';
import type { Optimisation } from '../../registry/schema/optimisation.ts';
import { eventOf, startOver } from '../fixtures/events.ts';
import { ATTACKS, faultsOf } from './hostile.ts';

let found: Optimisation;
beforeEach(() => {
  startOver();
  ({ found } = eventOf('optimisation.recorded').body);
});

const PLACE = { origin: 'local/1', at: '2026-11-21T12:00:00.000Z' };

describe('the words of a comparison', () => {
  it('tell times from microseconds to minutes, with their intervals and without an end', () => {
    expect([0.000_41, 0.0979, 3.64, 29.6, 12_400].map(msText)).toEqual([
      '0.00041 ms',
      '0.098 ms',
      '3.6 ms',
      '30 ms',
      '12.4 s',
    ]);
    const span = { value: decimal(3.6), low: decimal(2), high: null };
    expect(spanText(span)).toBe('3.6 ms (2 ms to no end)');
    expect(spanText({ ...span, value: null })).toBe('never found (over 2 ms)');
    expect(spanText({ value: null, low: null, high: null })).toBe('never found');
    expect(spanText({ value: decimal(3.6), low: null, high: null })).toBe('3.6 ms');
  });

  it('tell small chances apart from none, and ratios by what they are good for', () => {
    expect([0, 0.000_24, 0.029, 1].map(chanceText)).toEqual(['none', '0.02%', '2.9%', '100.0%']);
    const slower = (value: number | null) =>
      slowerText({
        kind: 'simulated',
        slower: { value: value === null ? null : decimal(value), low: null, high: null },
      });
    expect([slower(0.42), slower(77.4), slower(4100), slower(null)]).toEqual([
      '0.42×',
      '77×',
      '4,100×',
      'never',
    ]);
    expect(slowerText({ kind: 'exact', slower: null })).toBe('–');
  });

  it('say the verdict first', () => {
    expect(verdictText(found)).toBe('No advantage: no quantum machine took part.');
  });
});

describe('a comparison as Markdown', () => {
  it('has a row for each solver, and no column that has nothing to tell', () => {
    const text = comparisonMarkdown(found);
    expect(text).toMatch(/^\*\*No advantage: no quantum machine took part\.\*\*/);
    expect(text).toContain('| exhaustive | exact | 1 of 1 | 0.2 ms (0.2 ms to no end) | 70.0% | 0.980 | – |');
    expect(text).not.toContain('| dollars');
    const priced = { ...found, rows: found.rows.map((row) => ({ ...row, dollars: decimal(0.012) })) };
    expect(comparisonMarkdown(priced)).toContain('| dollars |');
  });
});

describe('a comparison as a page', () => {
  it('stays whole whatever names hold, and says everything without a picture too', () => {
    for (const attack of ATTACKS) {
      const hostile = {
        ...found,
        problems: found.problems.map((problem) => ({ ...problem, name: attack.slice(0, 100) })),
        rows: found.rows.map((row) => ({ ...row, by: attack.slice(0, 100) })),
        verdict: { ...found.verdict, reason: attack },
      };
      expect(faultsOf(comparisonPage(hostile, { ...PLACE, origin: attack }))).toEqual([]);
    }
    const page = comparisonPage(found, PLACE);
    expect(page).toContain('<h1>No advantage: no quantum machine took part.</h1>');
    expect(page).toContain(
      '<desc>exhaustive, exact: 0.2 ms (0.2 ms to no end). chance, blind chance: 1.5 ms',
    );
    expect(page).toContain('prefers-color-scheme: dark');
    expect(page.match(/role="img" aria-label=/g)).toHaveLength(4);
  });

  it('draws times on powers of ten, each interval around its mark, and an arrow where there is no end', () => {
    const wide = timeChart(found, 'wide');
    const [first, second] = [...wide.matchAll(/M([\d.]+) [\d.]+H([\d.]+)(M|l)?/g)];
    expect(Number(first?.[1])).toBeLessThan(Number(second?.[1]));
    expect(wide).toContain('1 ms');
    expect(wide).toContain('10 ms');
    expect(wide.match(/l5 4l-5 4/g)).toHaveLength(2);
    const never = { ...found.rows[1]!, tts: { value: null, low: decimal(40), high: null } };
    expect(timeChart({ ...found, rows: [found.rows[0]!, never] }, 'narrow')).toContain(
      'never found (over 40 ms)',
    );
  });

  it('draws a chance as long as it is', () => {
    const shares = [0, 0.25, 1].map((chance) => ({ ...found.rows[0]!, chance: decimal(chance) }));
    const bars = [
      ...chanceChart({ ...found, rows: shares }, 'wide').matchAll(/width="([\d.]+)" height="14"/g),
    ];
    const [none, quarter, all] = bars.map(([, width]) => Number(width));
    expect(none).toBe(1);
    expect((quarter ?? 0) / (all ?? 1)).toBeCloseTo(0.25, 2);
  });
});
