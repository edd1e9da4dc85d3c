import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  askedText,
  judgedAgain,
  railsOf,
  verdictsOf,
  wantsRerun,
  type JudgedRecord,
} from '../../pipelines/gates/court.ts';
import { GATES } from '../../pipelines/gates/index.ts';
import { decodeOutcomes, encodeOutcomes, outcomesOf } from '../../pipelines/artifacts/outcomes.ts';
import { artifactMisshapen } from '../../pipelines/faults.ts';
import { evidenceFrom, type Recorded } from '../../pipelines/scores/evidence.ts';
import { decimal } from '../../registry/base/decimal.ts';
import { canonical } from '../../registry/base/json.ts';
import { answerOf, Judged } from '../../registry/schema/verdict.ts';
import { beside, COURT, outcomes, recorded } from './evidence.ts';

const EVERY = Object.fromEntries(GATES.map(({ name }) => [name, {}]));
const MEASURES = {
  format: 'fettle-measures/1',
  sizeBytes: 1000,
  modelBits: 4000,
  latency: { n: 300, p50Ms: 0.1, p99Ms: 2 },
} as const;

/** As the log keeps it: through JSON, with no float in it. */
function judgedRecord(found: Recorded): JudgedRecord {
  const gates = verdictsOf(EVERY, evidenceFrom(found));
  const judged = Judged.parse({ asked: askedText(EVERY), ...found.judged });
  return JSON.parse(canonical({ ...found, judged, gates, answer: answerOf(gates) } as never)) as JudgedRecord;
}

function champion(n: number, wins: number) {
  return { version: '1.0.0', outcomes: outcomes(n, (item) => item < wins), modelBits: 4000 };
}

describe('a recorded judgement', () => {
  it('is derived again, field by field, whatever the evidence was', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 240 }),
        fc.nat(30),
        fc.nat(30),
        fc.integer({ min: 51, max: 99 }),
        (n, wins, losses, sure) => {
          const found = beside(n, wins, losses, {
            candidate: outcomes(n, (item) => item >= wins && item < wins + losses, sure / 100),
            measures: MEASURES,
            champion: { ...champion(n, wins), judgedOn: new Set(['1', '2', '3']) },
            court: { ...COURT, granted: [{ day: '2026-10-31', judged: 3, alpha: decimal(0.07) }] },
          });
          const again = judgedAgain(judgedRecord(found));
          expect(again.agrees).toBe(true);
          expect(again.gates.every(({ agrees }) => agrees)).toBe(true);
        },
      ),
      { numRuns: 15 },
    );
  });

  // Whoever edits the log's numbers changes what follows from them; whoever edits the answer no longer follows.
  it('does not agree once a number, a reason or an answer was changed', () => {
    const record = judgedRecord(beside(200, 12, 2, { measures: MEASURES }));
    const paired = record.judged.paired;
    if (paired === null) throw new TypeError('it was judged beside nothing');
    const more = { ...record, judged: { ...record.judged, paired: { ...paired, wins: paired.wins + 1 } } };
    expect(judgedAgain(more).agrees).toBe(false);
    const kinder = record.gates.map((gate) =>
      gate.gate === 'improvement' ? { ...gate, alpha: decimal(0.2) } : gate,
    );
    expect(judgedAgain({ ...record, gates: kinder }).agrees).toBe(false);
    expect(judgedAgain({ ...record, answer: 'fail' }).agrees).toBe(false);
    const { improvement: _one, ...asked } = record.judged.asked;
    expect(judgedAgain({ ...record, judged: { ...record.judged, asked } }).agrees).toBe(false);
  });

  it('of a gate that nobody knows does not agree, and breaks nothing', () => {
    const record = judgedRecord(beside(200, 12, 2));
    const strange = { gate: 'horoscope', answer: 'pass', reason: 'the stars' } as const;
    const told = judgedAgain({ ...record, gates: [...record.gates, strange] }).gates.at(-1);
    expect(told).toMatchObject({ again: null, agrees: false, rail: null });
  });
});

describe('the rails', () => {
  const gate = (name: string, answer: 'pass' | 'fail' | 'investigate') => ({
    gate: name,
    answer,
    reason: 'because',
  });

  it('answer as their worst gate does, and one of them has a veto', () => {
    const rails = railsOf([
      gate('no-regression', 'pass'),
      gate('slices', 'fail'),
      gate('size-budget', 'investigate'),
    ]);
    expect(rails.map(({ rail, answer }) => [rail, answer])).toEqual([
      ['strategic', 'pass'],
      ['tactical', 'investigate'],
      ['analytical', 'fail'],
      ['temporal', 'pass'],
      ['contradiction', 'pass'],
      ['synthesis', 'fail'],
    ]);
    expect(rails[2]).toMatchObject({ score: 0.5, reasons: ['slices: because'] });
    expect(rails.at(-1)).toMatchObject({ score: 0.6, reasons: ['analytical'] });
  });

  // 1,000 decisions drawn at random: the synthesis is always the verdict that the registry records.
  it('come to the verdict that is recorded', () => {
    const answers = fc.constantFrom('pass', 'fail', 'investigate');
    const all = fc.tuple(...GATES.map(({ name }) => answers.map((answer) => gate(name, answer))));
    fc.assert(
      fc.property(all, (gates) => {
        expect(railsOf(gates).at(-1)?.answer).toBe(answerOf(gates));
        expect(railsOf(gates)).toEqual(railsOf(gates.toReversed().toReversed()));
      }),
      { numRuns: 1000 },
    );
  });
});

describe('a second look', () => {
  const named = (found: Recorded, name: string) => {
    const verdict = verdictsOf({ 'no-regression': {} }, evidenceFrom(found)).find(
      ({ gate }) => gate === name,
    );
    if (verdict === undefined) throw new TypeError(`no verdict of ${name}`);
    return verdict;
  };

  /** What the second training got: the champion won five of the first five, and loses none. */
  const rerun = (wins: number, losses: number) =>
    outcomes(400, (item) => item >= wins && item < wins + losses);

  // Equal on 400 items with few discordant ones: the low end lies between −2 and −1.5 points.
  it('confirms a pass that is near the margin by a second training, and says so', () => {
    const verdict = named(beside(400, 5, 5, { rerun: rerun(5, 5) }), 'no-regression');
    expect(verdict.answer).toBe('pass');
    expect(verdict.reason).toContain('confirmed by a second look and by training again with another seed');
    expect(named(beside(400, 30, 0), 'no-regression')).toMatchObject({ answer: 'pass' });
    expect(named(beside(400, 30, 0), 'no-regression').reason).not.toContain('second look');
  });

  it('holds what passes near the margin once, and not when it is trained again', () => {
    const verdict = named(beside(400, 5, 5, { rerun: rerun(5, 25) }), 'no-regression');
    expect(verdict.answer).toBe('investigate');
    // 20 more losses of 400 items: five points fewer.
    expect(verdict.reason).toContain(
      'not confirmed by training again with another seed: accuracy −5.0 points',
    );
  });

  it('calls for a second training just where a pass hangs on it', () => {
    const wants = (found: Recorded, asked: object = { 'no-regression': {} }) =>
      wantsRerun(asked as never, evidenceFrom(found));
    expect(named(beside(400, 5, 5), 'no-regression')).toMatchObject({ answer: 'investigate' });
    expect(wants(beside(400, 5, 5))).toBe(true);
    expect(wants(beside(400, 5, 5, { rerun: rerun(5, 5) }))).toBe(false);
    for (const [wins, losses] of [
      [30, 0],
      [0, 30],
      [0, 8],
    ] as const) {
      expect(wants(beside(400, wins, losses))).toBe(false);
    }
    expect(wants(recorded({}))).toBe(false);
    // What another gate refuses is not trained again.
    expect(wants(beside(400, 5, 5), { 'no-regression': {}, 'metric-floor': { floor: 0.999 } })).toBe(false);
  });

  // 40 wins and 22 losses: exact McNemar p = 0.0151 of a granted 0.025.
  it('holds a gain near what was granted that a second training does not show', () => {
    const judge = (changes: Parameters<typeof beside>[3]) =>
      verdictsOf({ improvement: {} }, evidenceFrom(beside(400, 40, 22, changes)))[0];
    expect(wantsRerun({ improvement: {} }, evidenceFrom(beside(400, 40, 22)))).toBe(true);
    expect(judge({})).toMatchObject({ answer: 'investigate' });
    expect(judge({ rerun: rerun(40, 22) })?.answer).toBe('pass');
    expect(judge({ rerun: rerun(35, 33) })).toMatchObject({ answer: 'investigate' });
    expect(judge({ rerun: rerun(35, 33) })?.reason).toContain('not confirmed by training again');
    // Far below what was granted nothing is asked twice.
    expect(wantsRerun({ improvement: {} }, evidenceFrom(beside(400, 40, 5)))).toBe(false);
  });

  it('is derived again with it, and a record of a time without it by the rule of that time', () => {
    const record = judgedRecord(beside(400, 5, 5, { rerun: rerun(5, 5), measures: MEASURES }));
    expect(judgedAgain(record).agrees).toBe(true);
    const { again } = record.judged;
    if (again?.retrained === undefined || again.retrained === null) throw new TypeError('it was retrained');
    const forged = { ...again, retrained: { ...again.retrained, losses: 40 } };
    expect(judgedAgain({ ...record, judged: { ...record.judged, again: forged } }).agrees).toBe(false);
    const { retrained: _none, ...older } = again;
    const verdict = verdictsOf(
      { 'no-regression': {} },
      evidenceFrom({ ...record, judged: { ...record.judged, again: older } }),
    )[0];
    expect(verdict).toMatchObject({ answer: 'pass' });
    expect(verdict?.reason).toMatch(/confirmed by a second look$/);
  });

  it('holds what loses on the items that no verdict had used before', () => {
    // Of 400 items the last 100 are fresh, and on them it lost six and won none: 2^-6 by hand.
    const old = new Set(Array.from({ length: 300 }, (_, item) => String(item)));
    const found = recorded({
      candidate: outcomes(400, (item) => item >= 394),
      champion: { version: '1.0.0', outcomes: outcomes(400, (item) => item < 6), judgedOn: old },
    });
    expect(found.judged.again?.fresh).toEqual({ n: 100, wins: 0, losses: 6 });
    const verdict = verdictsOf({ 'no-regression': { near: 1 } }, evidenceFrom(found))[0];
    expect(verdict?.answer).toBe('investigate');
    expect(verdict?.reason).toContain('0 won, 6 lost of 100 items that no verdict had used');
  });
});

describe('what an attacker or a bad day brings', () => {
  const contradiction = (found: Recorded) =>
    verdictsOf({ contradiction: {} }, evidenceFrom(found))[0] ?? { answer: 'none', reason: '' };

  it('a probability that is no number is refused before anything is judged', () => {
    const broken = outcomesOf([{ id: '1', truth: 'cat', probabilities: [Number.NaN, 0.5] }], ['cat', 'dog']);
    expect(() => decodeOutcomes(encodeOutcomes(broken))).toThrowFault(artifactMisshapen);
  });

  it('a metric that is no number, or out of its range, holds the candidate', () => {
    const found = recorded({});
    for (const value of ['NaN', '1.5', '-0.1']) {
      const metrics = found.metrics.map((one) =>
        one.name === 'ece' ? { ...one, value: value as never } : one,
      );
      expect(contradiction({ ...found, metrics }).answer).toBe('investigate');
    }
    const upside = found.metrics.map((one) =>
      one.interval === null
        ? one
        : { ...one, interval: { ...one.interval, low: '0.9' as never, high: '0.1' as never } },
    );
    expect(contradiction({ ...found, metrics: upside }).reason).toContain('ends before it begins');
    expect(contradiction(found).answer).toBe('pass');
  });

  it('an accuracy that its own table denies holds the candidate', () => {
    const found = recorded({ candidate: outcomes(100, (item) => item < 10) });
    const metrics = found.metrics.map((one) =>
      one.name === 'accuracy' ? { ...one, value: decimal(0.95) } : one,
    );
    expect(contradiction({ ...found, metrics }).reason).toContain(
      'accuracy 0.950000 is told, and 90 of 100 were right',
    );
  });

  it('two versions that answer every item alike are neither better nor worse, and not divided by zero', () => {
    const verdicts = verdictsOf(EVERY, evidenceFrom(beside(400, 0, 0)));
    expect(verdicts.find(({ gate }) => gate === 'no-regression')?.answer).toBe('pass');
    expect(verdicts.find(({ gate }) => gate === 'improvement')).toMatchObject({ answer: 'investigate' });
    expect(verdicts.every(({ reason }) => !/NaN|Infinity|undefined/.test(reason))).toBe(true);
  });

  it('a tie in the probabilities goes to the first label, for ever', () => {
    const tied = outcomesOf([{ id: '1', truth: 'dog', probabilities: [0.5, 0.5] }], ['cat', 'dog']);
    expect(tied.predicted).toEqual([0]);
  });

  it('a holdout without an item in common with the champion decides nothing', () => {
    const other = outcomes(200, () => false);
    const found = recorded({
      champion: { version: '1.0.0', outcomes: { ...other, ids: other.ids.map((id) => `x${id}`) } },
    });
    const verdicts = verdictsOf({ 'no-regression': {}, slices: {}, improvement: {} }, evidenceFrom(found));
    expect(verdicts.map(({ answer }) => answer)).toEqual(['investigate', 'investigate', 'investigate']);
  });

  it('a clock that was set back holds the candidate, and gives no budget back', () => {
    const court = { ...COURT, championAt: '2026-11-20T00:00:00.000Z' };
    expect(contradiction(beside(200, 3, 3, { court })).reason).toContain(
      'before the version that serves was registered',
    );
    const ahead = { ...COURT, granted: [{ day: '2026-12-24', judged: 1, alpha: decimal(1) }] };
    const found = beside(200, 60, 0, { court: ahead });
    expect(contradiction(found).answer).toBe('investigate');
    expect(verdictsOf({ improvement: {} }, evidenceFrom(found))[0]).toMatchObject({ answer: 'investigate' });
  });
});

describe('temporal', () => {
  const slid = (high: number) => {
    const found = recorded({
      candidate: outcomes(1000, (item) => item < 100),
      best: {
        version: '1.2.0',
        value: decimal(high + 0.02),
        low: decimal(high),
        high: decimal(high + 0.03),
        n: 500,
      },
    });
    return verdictsOf({ temporal: {} }, evidenceFrom(found))[0];
  };

  // 900 of 1,000: Wilson's interval is 0.880 to 0.917.
  it('holds what lies below the best that ever served, by more than both intervals', () => {
    expect(slid(0.95)).toMatchObject({ answer: 'investigate', found: 'up to 91.7%' });
    expect(slid(0.91)?.answer).toBe('pass');
    expect(verdictsOf({ temporal: {} }, evidenceFrom(recorded({})))[0]?.answer).toBe('pass');
  });
});

describe('bounds', () => {
  const judge = (found: Recorded, params: object) => verdictsOf({ bounds: params }, evidenceFrom(found))[0];

  it('pass what keeps every bound at the low end, and tell of the one that is not kept', () => {
    const found = beside(400, 40, 0);
    expect(judge(found, { gain: { accuracy: 0.05 } })?.answer).toBe('pass');
    expect(
      judge(found, { gain: { accuracy: 0.05, macro_f1: -0.02 }, least: { accuracy: 0.9 } })?.answer,
    ).toBe('pass');
    expect(judge(found, { gain: { accuracy: 0.1 } })).toMatchObject({ answer: 'investigate' });
    expect(judge(found, { gain: { accuracy: 0.2 } })?.answer).toBe('fail');
    expect(judge(found, { gain: { accuracy: 0.2 } })?.reason).toContain('accuracy +10.0 points beside 1.0.0');
  });

  // A non-inferiority margin: three points may be lost, and at most one is.
  it('accept a loss within the margin, and not one beyond it', () => {
    expect(judge(beside(1000, 20, 25), { gain: { accuracy: -0.03 } })?.answer).toBe('pass');
    expect(judge(beside(1000, 0, 80), { gain: { accuracy: -0.03 } })?.answer).toBe('fail');
  });

  it('of what was not measured hold the candidate, and without a champion only the absolute ones count', () => {
    expect(judge(recorded({}), { gain: { accuracy: 0.5 } })).toMatchObject({
      answer: 'pass',
      reason: 'no bound applies',
    });
    const bare = { ...recorded({}), metrics: [] };
    expect(judge(bare, { least: { macro_f1: 0.5 } })?.answer).toBe('investigate');
  });
});

describe('description length', () => {
  const judge = (mine: number, theirs: number | null, shorter: number) =>
    verdictsOf(
      { 'description-length': { shorter } },
      evidenceFrom(
        beside(200, 20, 0, {
          measures: { ...MEASURES, modelBits: mine },
          champion: { ...champion(200, 20), modelBits: theirs },
        }),
      ),
    )[0];

  // 200 items at 0.9 or 0.1: the champion is wrong on 20, which costs 20·(log2 0.9 − log2 0.1) = 63.4 bits more, by hand.
  it('weighs model and labels together', () => {
    expect(judge(4000, 4000, 63)).toMatchObject({ answer: 'pass', found: '−63 bits' });
    expect(judge(4000, 4000, 64)?.answer).toBe('fail');
    expect(judge(4100, 4000, 0)).toMatchObject({ answer: 'fail', found: '+37 bits' });
    expect(judge(4000, null, 0)?.answer).toBe('investigate');
  });
});
