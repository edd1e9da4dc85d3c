import { describe, expect, it } from 'vitest';
import { WIDTHS, type Breadth } from '../../registry/report/chart.ts';
import { confusionChart } from '../../registry/report/confusion-chart.ts';
import { durationChart, timedRuns, totalOf } from '../../registry/report/duration-chart.ts';
import { metricChart } from '../../registry/report/metric-chart.ts';
import { shareChart } from '../../registry/report/share-chart.ts';
import { timelineChart } from '../../registry/report/timeline-chart.ts';
import type { ModelState } from '../../registry/schema/state.ts';
import { DIGITS, threeModels } from '../fixtures/histories.ts';
import { faultsOf } from './hostile.ts';

const digits = threeModels().models.get(DIGITS)!;
const BOTH: readonly Breadth[] = ['wide', 'narrow'];

function accuracyChart(known: ModelState, breadth: Breadth = 'wide'): string {
  return metricChart(known, { name: 'accuracy', title: 'Accuracy', breadth });
}

/** Every picture of a model. */
function picturesOf(known: ModelState, breadth: Breadth): readonly string[] {
  const evaluation = known.versions[0]?.evaluation ?? { labels: [], confusion: [] };
  return [
    accuracyChart(known, breadth),
    timelineChart(known, 'production', breadth),
    durationChart(known, breadth),
    confusionChart(evaluation, breadth),
  ];
}

function numbersIn(picture: string, pattern: RegExp): readonly number[] {
  return [...picture.matchAll(pattern)].map(([, number]) => Number(number));
}

/** Where the mark of a version stands, from above. */
function heightOf(picture: string, version: string): number {
  const group = picture.split('<g').find((part) => part.includes(`<title>${version}:`)) ?? '';
  return Number(/cy="([\d.]+)"/.exec(group)?.[1]);
}

const EMPTY: ModelState = { ...digits, versions: [], tenures: [], runs: [], serving: {} };

describe('every picture', () => {
  it.each(BOTH)('is well formed, scales and describes itself (%s)', (breadth) => {
    for (const picture of [...picturesOf(digits, breadth), ...picturesOf(EMPTY, breadth)]) {
      expect(faultsOf(picture)).toEqual([]);
      expect(picture).toMatch(
        /^<svg viewBox="0 0 [\d.]+ [\d.]+" width="[\d.]+" height="[\d.]+" role="img" aria-label="[^"]+"/,
      );
      expect(picture).toMatch(/<title>.+?<\/title><desc>.+?<\/desc>/);
      expect(picture).not.toMatch(/NaN|Infinity|undefined/);
    }
  });

  it.each(BOTH)('stays inside its frame (%s)', (breadth) => {
    for (const picture of picturesOf(digits, breadth).slice(0, 3)) {
      for (const x of numbersIn(picture, /\sx="([\d.-]+)"/g)) {
        expect(x).toBeGreaterThanOrEqual(0);
        expect(x).toBeLessThanOrEqual(WIDTHS[breadth]);
      }
    }
  });
});

describe('the metric by version', () => {
  it('puts a higher value higher', () => {
    const picture = accuracyChart(digits);
    expect(heightOf(picture, '1.5.0')).toBeLessThan(heightOf(picture, '1.1.0'));
    expect(heightOf(picture, '1.1.0')).toBeLessThan(heightOf(picture, '1.0.0'));
  });

  it('says of each version what became of it, by shape as well as by colour', () => {
    const picture = accuracyChart(digits);
    const groupOf = (version: string): string =>
      picture.split('<g').find((part) => part.includes(`<title>${version}:`)) ?? '';
    expect(groupOf('1.10.0')).toMatch(/class="serving".*, serving<.*class="ring"/);
    expect(groupOf('1.5.0')).toMatch(/class="served".*, served<.*<circle/);
    expect(groupOf('1.6.0')).toMatch(/class="refused".*, refused<.*class="cross"/);
    expect(groupOf('1.9.0')).toMatch(/class="back".*, rolled back<.*l7 7l-7 7l-7 -7z/);
    expect(groupOf('1.11.0')).toMatch(/class="held".*, held<.*l6.5 11.5h-13z/);
  });

  // Oracle: labels may take 7.6 pixels a character, so neighbours must stand that far apart.
  it.each(BOTH)('names no two versions on top of each other, and always the newest (%s)', (breadth) => {
    const many = Array.from({ length: 4 }, () => digits.versions).flat();
    for (const versions of [digits.versions, many]) {
      const picture = accuracyChart({ ...digits, versions }, breadth);
      const labels = [...picture.matchAll(/<text x="([\d.]+)"[^>]*middle">([\d.]+)</g)];
      const places = labels.map(([, x]) => Number(x));
      const gaps = places.slice(1).map((x, index) => x - (places[index] ?? 0));
      expect(Math.min(...gaps)).toBeGreaterThan(6 * 7.6);
      expect(labels.at(-1)?.[2]).toBe('1.11.0');
    }
  });

  it('reads the scale off round numbers', () => {
    const ticks = [...accuracyChart(digits).matchAll(/>(\d+)%</g)].map(([, tick]) => Number(tick));
    expect(ticks).toEqual([75, 80, 85, 90, 95, 100]);
  });
});

describe('the timeline', () => {
  it('tells each stretch of service in order, with how it began and ended', () => {
    const told = /<desc>(.*?)<\/desc>/.exec(timelineChart(digits, 'production', 'wide'))?.[1] ?? '';
    expect(told.split(', ').filter((part) => /^\d/.test(part))).toHaveLength(11);
    expect(told).toContain(
      '1.9.0 (by promotion, rolled back), 1.8.0 (by rollback, replaced), 1.10.0 (by promotion, serves now)',
    );
  });

  it('gives a day as much room as a month, and says how long each was', () => {
    const picture = timelineChart(digits, 'production', 'wide');
    expect(new Set(numbersIn(picture, /width="([\d.]+)" height="31"/g)).size).toBe(1);
    expect(picture).toContain('>14 days<');
    expect(picture).toContain('>3 days<');
    expect(picture).toContain('>now<');
  });

  it('begins a new row where a phone has no more room, in rows of one length', () => {
    const rows = numbersIn(
      timelineChart(digits, 'production', 'narrow'),
      /y="([\d.]+)" width="[\d.]+" height="31"/g,
    );
    const counts = [...new Set(rows)].map((y) => rows.filter((row) => row === y).length);
    expect(counts).toEqual([4, 4, 3]);
  });
});

describe('the confusion matrix', () => {
  const labels = ['cat', 'dog'];

  it('has the truth in rows and what was said in columns', () => {
    const picture = confusionChart(
      {
        labels,
        confusion: [
          [8, 2],
          [0, 5],
        ],
      },
      'wide',
    );
    expect(picture).toContain('<title>2 of truth cat, called dog</title>');
    expect(picture).not.toContain('of truth dog, called cat');
  });

  it('is stronger where the share of the row is larger, and never so pale that a mistake is lost', () => {
    const picture = confusionChart(
      {
        labels,
        confusion: [
          [99, 1],
          [5, 5],
        ],
      },
      'wide',
    );
    const shades = numbersIn(picture, /fill-opacity="([\d.]+)"/g);
    expect(shades).toEqual([0.99, 0.17, 0.58, 0.58]);
  });

  it('cuts long labels and stands them aslant', () => {
    const long = ['a label that is much too long', 'b'];
    const picture = confusionChart(
      {
        labels: long,
        confusion: [
          [1, 0],
          [0, 1],
        ],
      },
      'wide',
    );
    expect(picture).toContain('rotate(-45');
    expect(picture).toContain('>a label that …<');
  });
});

describe('how long runs took', () => {
  it('draws bars as long as the steps took, newest run first', () => {
    const picture = durationChart(digits, 'wide');
    const runs = timedRuns(digits);
    const newest = runs.at(-1)!;
    const widths = numbersIn(picture, /width="([\d.]+)" height="16"/g).slice(0, newest.records.length);
    const scale = (widths[2]! + 1) / newest.records[2]!.tookMs;
    newest.records.forEach(({ tookMs }, index) => expect(widths[index]! + 1).toBeCloseTo(tookMs * scale, 0));
    expect(totalOf(newest)).toBe(newest.records.reduce((sum, { tookMs }) => sum + tookMs, 0));
    expect(picture.indexOf('>1.11.0<')).toBeLessThan(picture.indexOf('>1.0.0<'));
  });
});

describe('the share that is reached', () => {
  const asked = { title: 'Reached', items: [100, 200, 300, Infinity], level: 0.8 };

  it.each(BOTH)('rises to what got there, with its marks inside the frame (%s)', (breadth) => {
    const picture = shareChart({ ...asked, marks: [{ name: 'theory', at: 290 }] }, breadth);
    expect(faultsOf(picture)).toEqual([]);
    expect(picture).not.toMatch(/NaN|Infinity|undefined/);
    expect(picture).toContain('<desc>50% of 4 runs within theory</desc>');
    // Three of four got there: the stair ends at three quarters of the height, 30 + 186 / 4 from above.
    expect(picture).toMatch(/V76\.5" fill="none"/);
    expect(Math.max(...numbersIn(picture, /\sx="([\d.-]+)"/g))).toBeLessThanOrEqual(WIDTHS[breadth]);
  });

  it('is empty where nothing got there', () => {
    const picture = shareChart({ ...asked, items: [Infinity], marks: [] }, 'wide');
    expect(faultsOf(picture)).toEqual([]);
    expect(picture).not.toMatch(/NaN|Infinity|undefined/);
  });
});
