import { describe, expect, it } from 'vitest';
import { forgePage } from '../../registry/report/forge-page.ts';
import { plot } from '../../registry/report/plot.ts';

const SERIES = [
  {
    name: 'first',
    points: [
      [0, 1],
      [10, 3],
    ] as const,
  },
  { name: 'second', points: [[5, 2]] as const },
];
const ASK = { title: 'Loss', across: 'step', up: 'nats', series: SERIES };

describe('plot', () => {
  it('lays the least and the most of all series at the ends of both scales', () => {
    const drawn = plot({ ...ASK, kind: 'points' }, 'wide');
    const dots = [...drawn.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="3"/g)].map(([, x, y]) => [
      Number(x),
      Number(y),
    ]);
    const [[left, low], [right, high], [middle, between]] = dots as [
      [number, number],
      [number, number],
      [number, number],
    ];
    expect(middle).toBeCloseTo((left + right) / 2, 5);
    expect(between).toBeCloseTo((low + high) / 2, 5);
    expect(low).toBeGreaterThan(high);
  });

  it('draws a line a series, and something of one point, of equal ones and of none', () => {
    expect(plot({ ...ASK, kind: 'lines' }, 'narrow').match(/stroke="currentColor"/g)).toHaveLength(2);
    for (const points of [
      [],
      [[1, 1]],
      [
        [1, 1],
        [1, 1],
      ],
    ] as const) {
      const drawn = plot({ ...ASK, kind: 'points', series: [{ name: 'a', points }] }, 'wide');
      expect(drawn).not.toMatch(/NaN|Infinity/);
    }
  });
});

describe('forgePage', () => {
  const phase = {
    name: 'create <1>',
    asked: [['claim', 'at least 80.0%', '95.0%', 'met']] as const,
    tables: [{ title: 'Scores', columns: ['model', 'right'], rows: [['a & b', 0.123456]] }],
    plots: [{ ...ASK, kind: 'lines' as const }],
    notes: ['<script>alert(1)</script>'],
  };
  const page = forgePage({
    title: 'nano',
    phases: [phase],
    lineage: [['create.base', 'sha256:1']],
    stopped: 'too <few>',
  });

  it('tells what was asked, found and decided, what was made, and why it ended', () => {
    const texts = ['at least 80.0%', '95.0%', 'met', '0.1235', 'sha256:1', 'too &lt;few&gt;'];
    expect(texts.filter((text) => !page.includes(text))).toEqual([]);
    expect(page).toContain('<svg');
  });

  it('lets nothing that it tells become markup', () => {
    expect(page).not.toContain('<script');
    expect(page).toContain('create &lt;1&gt;');
    expect(page).toContain('a &amp; b');
  });
});
