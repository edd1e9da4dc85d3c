import { describe, expect, it } from 'vitest';
import { CHARACTER, WIDTHS, type Breadth } from '../../registry/report/chart.ts';
import { eventWords } from '../../registry/report/event-words.ts';
import { lineageChart } from '../../registry/report/lineage-chart.ts';
import { lineageDot } from '../../registry/report/lineage-dot.ts';
import { lineageTree } from '../../registry/report/lineage-tree.ts';
import { serviceChart } from '../../registry/report/service-chart.ts';
import { standAlone } from '../../registry/report/stand-alone.ts';
import { ticksOf } from '../../registry/report/time-axis.ts';
import type { Entry } from '../../registry/schema/entry.ts';
import { Version, type ModelName } from '../../registry/schema/model.ts';
import { lineageOf } from '../../registry/state/lineage.ts';
import { servicesOf } from '../../registry/state/services.ts';
import { DIGITS, LETTERS, OLD, threeModelsLog } from '../fixtures/histories.ts';
import { ATTACKS, faultsOf, poisonedLog } from './hostile.ts';

const NOW = '2026-11-21T04:00:00.000Z';
const BOTH: readonly Breadth[] = ['wide', 'narrow'];
const LOG = threeModelsLog();

function service(entries: readonly Entry[], model: ModelName, breadth: Breadth = 'wide'): string {
  return serviceChart(servicesOf(entries, model), { now: NOW, breadth });
}

function lineage(entries: readonly Entry[] = LOG, version = '1.10.0', depth = 2) {
  return lineageOf(entries, { model: DIGITS, version: Version.parse(version), depth });
}

interface Word {
  readonly left: number;
  readonly right: number;
  readonly y: number;
  readonly text: string;
}

/** Every text with the room that it may take at most. */
function wordsIn(picture: string): readonly Word[] {
  const found = picture.matchAll(/<text x="([\d.-]+)" y="([\d.-]+)"[^>]*text-anchor="(\w+)"[^>]*>([^<]*)</g);
  return [...found].map(([, x, y, anchor, text = '']) => {
    const width = text.replaceAll(/&[#\w]+;/g, '.').length * CHARACTER;
    const left = Number(x) - { start: 0, middle: width / 2, end: width }[anchor ?? '']!;
    return { left, right: left + width, y: Number(y), text };
  });
}

/** Pairs of texts on one line that touch. */
function clashesIn(picture: string): readonly string[] {
  const all = wordsIn(picture);
  return all.flatMap((one, index) =>
    all
      .slice(index + 1)
      .filter((other) => Math.abs(one.y - other.y) < 10 && one.left < other.right && other.left < one.right)
      .map((other) => `${one.text} | ${other.text}`),
  );
}

describe('the pictures of service and lineage', () => {
  const pictures = (breadth: Breadth, entries: readonly Entry[] = LOG): readonly string[] => [
    ...[DIGITS, LETTERS, OLD].map((model) => service(entries, model, breadth)),
    ...[0, 1, 4].map((depth) => lineageChart(lineage(entries, '1.10.0', depth), breadth)),
  ];

  it.each(BOTH)('are well formed, as wide as their screen, and describe themselves (%s)', (breadth) => {
    for (const picture of pictures(breadth)) {
      expect(faultsOf(picture)).toEqual([]);
      expect(picture).toMatch(new RegExp(`^<svg viewBox="0 0 ${WIDTHS[breadth]} [\\d.]+" width=`));
      expect(picture).toMatch(/<title>.+?<\/title><desc>.+?<\/desc>/);
      expect(picture).not.toMatch(/NaN|Infinity|undefined|null/);
    }
  });

  it.each(BOTH)('write no words on top of other words, and none outside the frame (%s)', (breadth) => {
    for (const picture of pictures(breadth)) {
      expect(clashesIn(picture)).toEqual([]);
      for (const { left, right } of wordsIn(picture)) {
        expect(left).toBeGreaterThanOrEqual(0);
        expect(right).toBeLessThanOrEqual(WIDTHS[breadth] + 1);
      }
    }
  });

  it.each(ATTACKS)('stay whole when everything from outside wants to do harm: %s', (attack) => {
    const entries = poisonedLog(LOG, attack);
    for (const picture of pictures('wide', entries)) {
      expect(faultsOf(picture)).toEqual([]);
      expect(faultsOf(standAlone(picture))).toEqual([]);
    }
  });

  it('bring their colours along when they stand alone, for light and for dark', () => {
    const file = standAlone(service(LOG, DIGITS));
    expect(file).toContain('prefers-color-scheme: dark');
    expect(file).toMatch(/^<svg viewBox="-16 -16 832 \d+" width="832"/);
    expect(faultsOf(file)).toEqual([]);
    expect(file).not.toMatch(/@import|url\(/);
  });
});

describe('service over time', () => {
  const barOf = (picture: string, says: string): readonly [number, number] => {
    const group = picture.split('<g').find((part) => part.includes(`<title>${says}`)) ?? '';
    const [, x, width] = /<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"/.exec(group) ?? [];
    return [Number(x), Number(width)];
  };

  // By hand: 1.4.0 served seven days, 1.5.0 fourteen, and began when 1.4.0 ended.
  it('draws a bar as long as the service was, from where the one before ended', () => {
    const picture = service(LOG, DIGITS);
    const [x4, width4] = barOf(picture, '1.4.0 on production');
    const [x5, width5] = barOf(picture, '1.5.0 on production');
    expect(width5 / width4).toBeCloseTo(2, 1);
    expect(x4 + width4).toBeCloseTo(x5, 0);
  });

  it('marks what was refused and what was held, and has a panel for each channel', () => {
    expect(service(LOG, DIGITS)).toMatch(
      /class="refused"><title>1\.6\.0, refused by no-regression: .*?class="cross"/,
    );
    expect(service(LOG, DIGITS)).toMatch(/class="held"><title>1\.11\.0, held by no-regression: /);
    const panels = [...service(LOG, OLD).matchAll(/class="count"[^>]*>(\w+)</g)].map(([, name]) => name);
    expect(panels).toEqual(['production', 'staging']);
    expect(service([], DIGITS)).toContain('Nothing has served yet.');
  });

  it('writes round instants below, as many as fit', () => {
    const texts = (first: string, last: string, most: number): readonly string[] =>
      ticksOf({ first: Date.parse(first), last: Date.parse(last) }, most).map(({ text }) => text);
    expect(texts('2026-11-20T10:00:11Z', '2026-11-20T10:00:24Z', 4)).toEqual(['10:00:15', '10:00:20']);
    expect(texts('2026-11-20T09:50:00Z', '2026-11-20T14:10:00Z', 5)).toEqual([
      '10:00',
      '11:00',
      '12:00',
      '13:00',
      '14:00',
    ]);
    expect(texts('2026-08-31T00:00:00Z', '2026-11-21T00:00:00Z', 3)).toEqual([
      '2026-09',
      '2026-10',
      '2026-11',
    ]);
    expect(texts('2020-05-01T00:00:00Z', '2026-11-21T00:00:00Z', 4)).toEqual([
      '2022-01',
      '2024-01',
      '2026-01',
    ]);
  });
});

describe('a lineage in words', () => {
  it('is a tree that a person reads', async () => {
    await expect(`${lineageTree(lineage(LOG, '1.10.0', 1))}\n`).toMatchFileSnapshot('snapshots/lineage.txt');
  });

  it('is a graph for Graphviz, in which no word from outside breaks out of its quotes', () => {
    for (const attack of [...ATTACKS, String.raw`\" ]; evil [label="`]) {
      const dot = lineageDot(lineage(poisonedLog(LOG, attack)));
      for (const line of dot.split('\n').slice(1, -1)) {
        // Taking every quoted string away leaves only what we wrote ourselves.
        expect(line.replaceAll(/"(?:[^"\\]|\\.)*"/g, 'Q')).toMatch(
          /^ {2}Q (\[shape=\w+, label=Q\]|-> Q \[label=Q\]);$/,
        );
      }
    }
  });
});

describe('an event in words', () => {
  it('says in one line what happened and what changed', async () => {
    const lines = LOG.map((entry) => {
      const { what, change } = eventWords(entry);
      return `${entry.seq} ${entry.envelope.subject} ${what}${change === null ? '' : ` (${change})`}`;
    });
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('snapshots/events.txt');
  });

  it('names the type that a newer Fettle wrote', () => {
    const [first] = LOG;
    if (first === undefined) throw new Error('the log is empty');
    const newer = { ...first, event: null, envelope: { ...first.envelope, type: 'model.cloned' } };
    expect(eventWords(newer)).toEqual({ what: 'model.cloned, which a newer Fettle wrote', change: null });
  });
});
