import { describe, expect, it } from 'vitest';
import { improvement } from '../../pipelines/gates/improvement.ts';
import { GATES } from '../../pipelines/gates/index.ts';
import { enoughSamples } from '../../pipelines/gates/enough-samples.ts';
import { latencyBudget } from '../../pipelines/gates/latency-budget.ts';
import { metricFloor } from '../../pipelines/gates/metric-floor.ts';
import { noRegression } from '../../pipelines/gates/no-regression.ts';
import { slices } from '../../pipelines/gates/slices.ts';
import { sizeBudget } from '../../pipelines/gates/size-budget.ts';
import { outcomesOf, type Outcomes } from '../../pipelines/artifacts/outcomes.ts';
import { evidenceOf, type Evidence, type Gathered } from '../../pipelines/scores/evidence.ts';
import { judgeService } from '../../pipelines/scores/service.ts';
import { decimal } from '../../registry/base/decimal.ts';
import { outcomes } from './evidence.ts';
import { describeGate } from '../conformance/gate.ts';

for (const gate of GATES) describeGate(gate);

function evidence(changes: Partial<Gathered>): Evidence {
  return evidenceOf({
    candidate: outcomes(200, () => false),
    champion: null,
    measures: null,
    folds: null,
    stream: null,
    rows: [],
    court: { at: new Date(0).toISOString(), championAt: null, granted: [] },
    ...changes,
  });
}

const MEASURES = {
  format: 'fettle-measures/1',
  sizeBytes: 1000,
  latency: { n: 300, p50Ms: 0.1, p99Ms: 2 },
} as const;

describe('no-regression', () => {
  const against = (candidate: (item: number) => boolean, champion: (item: number) => boolean, n = 400) =>
    noRegression.judge(
      evidence({
        candidate: outcomes(n, candidate),
        champion: { version: '1.0.0', outcomes: outcomes(n, champion) },
      }),
      {},
    );

  it('passes the first candidate, which has nothing to fall behind', () => {
    expect(noRegression.judge(evidence({}), {}).answer).toBe('pass');
  });

  it('passes a candidate that is shown to be better', () => {
    expect(
      against(
        () => false,
        (item) => item % 10 === 0,
      ).answer,
    ).toBe('pass');
  });

  // 20 lost, none won: exact McNemar gives 2^-20 by hand.
  it('fails a candidate that is shown to be worse, with the numbers', () => {
    const verdict = against(
      (item) => item % 20 === 0,
      () => false,
    );
    expect(verdict.answer).toBe('fail');
    expect(verdict.reason).toContain('0 won, 20 lost');
    expect(verdict.reason).toContain('p(worse) < 0.0001');
    expect(verdict.reason).toContain('accuracy −5.0 points');
  });

  // Four lost and two won of 100: nobody can tell.
  it('asks for a look when the items are too few to tell', () => {
    const verdict = against(
      (item) => [1, 2, 3, 4].includes(item),
      (item) => [5, 6].includes(item),
      100,
    );
    expect(verdict.answer).toBe('investigate');
    expect(verdict.reason).toContain('least visible difference');
  });

  // A point estimate that is higher is not enough: 3 won and 2 lost of 60.
  it('does not pass on a better point estimate alone', () => {
    const verdict = against(
      (item) => [1, 2].includes(item),
      (item) => [5, 6, 7].includes(item),
      60,
    );
    expect(verdict.answer).toBe('investigate');
  });

  it('compares only items that both were scored on', () => {
    const candidate = outcomes(300, () => false);
    const champion = { version: '1.0.0', outcomes: outcomes(200, () => false) };
    expect(noRegression.judge(evidence({ candidate, champion }), {}).reason).toContain('on 200 items');
  });
});

describe('improvement', () => {
  const beside = (
    wins: number,
    losses: number,
    before: readonly { atMs: number; judged: number; alpha: number }[] = [],
  ) =>
    improvement.judge(
      evidence({
        candidate: outcomes(400, (item) => item < losses),
        champion: {
          version: '1.0.0',
          outcomes: outcomes(400, (item) => item >= losses && item < losses + wins),
        },
        court: {
          at: new Date(10 * 86_400_000).toISOString(),
          championAt: null,
          // A day counts until its end.
          granted: before.map(({ atMs, judged, alpha }) => {
            return {
              day: new Date(atMs - 86_400_000).toISOString().slice(0, 10),
              judged,
              alpha: decimal(alpha),
            };
          }),
        },
      }),
      {},
    );

  // Ten won, none lost: 2^-10 = 0.00098 by hand, well below the 0.025 that one alone is granted.
  it('passes what is shown to be better, and records what it was granted', () => {
    expect(beside(10, 0)).toMatchObject({ answer: 'pass', alpha: '0.025000000000' });
    expect(beside(0, 10).answer).toBe('fail');
    expect(beside(3, 3)).toMatchObject({ answer: 'investigate' });
    expect(beside(9, 6).reason).toMatch(/a true gain of 0\.8 points needs about [0-9]+ items/);
  });

  it('asks for more of whoever comes after many', () => {
    const before = Array.from({ length: 9 }, (_, day) => ({
      atMs: day * 86_400_000,
      judged: 96,
      alpha: 0.02,
    }));
    const verdict = beside(8, 0, before);
    expect(verdict.answer).toBe('investigate');
    expect(Number(verdict.alpha)).toBeLessThan(2 ** -8);
    expect(beside(40, 0, before).answer).toBe('pass');
    expect(beside(40, 0, [{ atMs: 0, judged: 10, alpha: 1 }])).toMatchObject({
      answer: 'investigate',
      alpha: '0.000000000000',
    });
  });
});

describe('slices', () => {
  const beside = (candidate: (item: number) => boolean, champion: (item: number) => boolean) =>
    slices.judge(
      evidence({
        candidate: outcomes(400, candidate),
        champion: { version: '1.0.0', outcomes: outcomes(400, champion) },
      }),
      {},
    );

  // Of 200 cats the candidate loses 12 and wins none: 2^-12 by hand, twice that over the two labels. Dogs make up for it.
  it('fails a candidate that is worse on one label, though it is as good on all', () => {
    const verdict = beside(
      (item) => item % 2 === 0 && item < 24,
      (item) => item % 2 === 1 && item < 24,
    );
    expect(verdict.answer).toBe('fail');
    expect(verdict.reason).toBe(
      'worse than 1.0.0 on label `cat`: 6.0 points of 200 items, adjusted p 0.0005',
    );
  });

  it('passes one that is worse nowhere', () => {
    expect(
      beside(
        (item) => item === 3,
        (item) => item === 4,
      ),
    ).toMatchObject({
      answer: 'pass',
      reason: 'worse than 1.0.0 on none of 2 slices',
    });
    expect(slices.judge(evidence({}), {}).answer).toBe('pass');
  });
});

describe('metric-floor', () => {
  it('looks at the low end of the interval, not at the value', () => {
    const found = evidence({ candidate: outcomes(100, (item) => item < 10) });
    const judge = (floor: number) => metricFloor.judge(found, { metric: 'accuracy', floor }).answer;
    expect([judge(0.8), judge(0.89), judge(0.99)]).toEqual(['pass', 'investigate', 'fail']);
  });
});

describe('enough-samples', () => {
  it('holds back on few items, on a scarce label and on a difference too small to see', () => {
    const judge = (candidate: Outcomes, params: object) =>
      enoughSamples.judge(evidence({ candidate }), params).answer;
    expect(
      judge(
        outcomes(50, () => false),
        {},
      ),
    ).toBe('investigate');
    expect(
      judge(
        outcomes(200, () => false),
        {},
      ),
    ).toBe('pass');
    expect(
      judge(
        outcomes(200, () => false),
        { effect: 0.01 },
      ),
    ).toBe('investigate');
    const scarce = outcomesOf(
      [...Array(200).keys()].map((id) => ({ id: String(id), truth: 'cat', probabilities: [1, 0] })),
      ['cat', 'dog'],
    );
    expect(judge(scarce, {})).toBe('investigate');
  });
});

describe('the budgets', () => {
  it('fail above, pass at the budget, and hold back unmeasured', () => {
    const measured = evidence({ measures: MEASURES });
    expect(sizeBudget.judge(measured, { most: 1000 }).answer).toBe('pass');
    expect(sizeBudget.judge(measured, { most: 999 }).answer).toBe('fail');
    expect(latencyBudget.judge(measured, { p99Ms: 2 }).answer).toBe('pass');
    expect(latencyBudget.judge(measured, { p99Ms: 1.9 }).answer).toBe('fail');
    expect(latencyBudget.judge(evidence({}), {}).answer).toBe('investigate');
    expect(sizeBudget.judge(evidence({}), {}).answer).toBe('investigate');
  });
});

describe('service', () => {
  const judge = (errors: readonly boolean[]) =>
    judgeService({ errors, promisedErrorMax: 0.1, slack: 0.02, alpha: 0.01 });

  it('leaves a version alone that errs as promised', () => {
    expect(judge(Array.from({ length: 300 }, (_, item) => item % 10 === 0)).fails).toBe(false);
  });

  it('takes notice within a few dozen outcomes when half are wrong', () => {
    const { fails, sequence, errorCount } = judge(Array.from({ length: 100 }, (_, item) => item % 2 === 0));
    expect(fails).toBe(true);
    expect(errorCount).toBe(50);
    expect(sequence.passedAt).toBeLessThan(40);
  });
});
