import { describe, expect, it } from 'vitest';
import { decimal } from '../../registry/base/decimal.ts';
import { differenceChart } from '../../registry/report/difference-chart.ts';
import { courtPart } from '../../registry/report/page-court.ts';
import type { ModelState, VerdictState } from '../../registry/schema/state.ts';
import { DIGITS, firstVersion, threeModels } from '../fixtures/histories.ts';
import { faultsOf } from './hostile.ts';

const digits = threeModels().models.get(DIGITS)!;

/** The newest version as the gates judge it now: with its numbers. */
function judged(change: Partial<VerdictState>): ModelState {
  const versions = digits.versions.map((one, index) => {
    const { verdict } = one;
    return index === digits.versions.length - 1 && verdict !== null
      ? { ...one, verdict: { ...verdict, ...change } }
      : one;
  });
  return { ...digits, versions };
}

const PAIRED = {
  n: 557,
  wins: 1,
  losses: 3,
  accuracy: { estimate: decimal(-0.0036), low: decimal(-0.011), high: decimal(0.004) },
  macroF1: { estimate: decimal(-0.003), low: decimal(-0.011), high: decimal(0.003) },
};
const GATES: VerdictState['gates'] = [
  { gate: 'size-budget', answer: 'pass', reason: 'small', wanted: 'at most 10 bytes', found: '9 bytes' },
  {
    gate: 'no-regression',
    answer: 'investigate',
    reason: 'against 1.10.0; more',
    margin: decimal(0.01),
    wanted: 'low ends at least −1.0 points',
    found: 'accuracy −1.1 to +0.4 points',
  },
  {
    gate: 'improvement',
    answer: 'investigate',
    reason: 'no',
    alpha: decimal(0.025),
    budget: { most: decimal(1), spent: decimal(0.275) },
  },
];

function plainOf(part: string): string {
  return part
    .replaceAll(/<svg.*?<\/svg>/gs, '')
    .replaceAll(/<[^>]*>/g, ' ')
    .replaceAll(/\s+/g, ' ');
}

describe('the court on the page', () => {
  it('says the verdict first, what stopped it before what passed, and how much budget is left', () => {
    const part = courtPart(judged({ paired: PAIRED, gates: GATES }));
    const text = plainOf(part);
    expect(faultsOf(part)).toEqual([]);
    expect(text).toContain(
      'The court on 1.11.0 against 1.10.0 held: the evidence is too thin , by no-regression ; 1 of 3 gates passed.',
    );
    expect(text.indexOf('no-regression accuracy −1.1 to +0.4 points asked: low ends')).toBeLessThan(
      text.indexOf('size-budget 9 bytes'),
    );
    expect(text).toContain(
      'On 557 items that both were scored on, 1 only 1.11.0 had right and 3 only 1.10.0.',
    );
    // 1 − 0.275 − 0.025 = 0.7.
    expect(text).toContain('70% left (0.700 of 1 in 30 days)');
  });

  it('says in plain words what a pass has shown, by the worse of its two intervals', () => {
    const pass = (low: number, f1: number): string => {
      const gates = GATES.map((gate) => ({ ...gate, answer: 'pass' as const, reason: 'good' }));
      const paired = {
        ...PAIRED,
        accuracy: { ...PAIRED.accuracy, low: decimal(low) },
        macroF1: { ...PAIRED.macroF1, low: decimal(f1) },
      };
      return plainOf(courtPart(judged({ answer: 'pass', paired, gates })));
    };
    expect(pass(-0.004, -0.008)).toContain(
      'Beside 1.10.0 it is shown to be at most 0.8 points worse, where 1.0 are allowed.',
    );
    expect(pass(0.012, 0.02)).toContain('Beside 1.10.0 it is shown to be better by 1.2 points or more.');
    expect(plainOf(courtPart(judged({ paired: PAIRED, gates: GATES })))).not.toContain('shown to be');
  });

  it('tells of a verdict from before there were numbers what there is, and of no verdict nothing', () => {
    const old = courtPart(digits);
    expect(plainOf(old)).toContain('no-regression against 1.10.0 on 557 items');
    expect(old).not.toContain('in 30 days');
    expect(courtPart({ ...digits, versions: [] })).toBe('');
    expect(courtPart(firstVersion().models.get(DIGITS)!)).toContain('The court on 1.0.0<');
  });

  it('lets nothing from outside become markup', () => {
    const [first] = GATES;
    const evil = { ...first!, found: '<img src=x onerror=alert(1)>', wanted: '"><script>' };
    const part = courtPart(judged({ paired: PAIRED, gates: [evil] }));
    expect(part).not.toMatch(/<img|<script/);
    expect(faultsOf(part)).toEqual([]);
  });
});

describe('the picture of a difference', () => {
  const rows = [
    { name: 'accuracy', estimate: 0.02, low: 0.01, high: 0.03 },
    { name: 'macro-F1', estimate: -0.05, low: -0.07, high: -0.03 },
    { name: 'other', estimate: 0, low: -0.04, high: 0.04 },
  ];
  const asked = { title: 'Difference', challenger: '1.1.0', champion: '1.0.0', rows, margin: 0.02 };
  const picture = differenceChart(asked, 'wide');

  it('puts what is better right of zero, and what is worse left of it', () => {
    const zero = Number(/class="zero"|x1="([\d.]+)"[^>]*class="zero"/.exec(picture)?.[1]);
    const [better, worse, even] = [...picture.matchAll(/cx="([\d.]+)"/g)].map(([, x]) => Number(x));
    expect(better).toBeGreaterThan(zero);
    expect(worse).toBeLessThan(zero);
    expect(even).toBeCloseTo(zero, 0);
    expect(faultsOf(picture)).toEqual([]);
  });

  it('is coloured by the whole interval: shown, shown worse, or neither', () => {
    const hues = [...picture.matchAll(/<g class="(\w+)"/g)].map(([, hue]) => hue);
    expect(hues).toEqual(['serving', 'refused', 'held']);
  });

  it('stands on its own where everything is zero, and without a margin', () => {
    const flat = rows.map((row) => ({ ...row, estimate: 0, low: 0, high: 0 }));
    for (const breadth of ['wide', 'narrow'] as const) {
      expect(differenceChart({ ...asked, rows: flat, margin: null }, breadth)).not.toMatch(/NaN|Infinity/);
    }
  });
});
