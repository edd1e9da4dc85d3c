import { describe, expect, it } from 'vitest';
import { retrainNow, type RetrainEvidence } from '../../pipelines/stats/retrain.ts';

const RULE = { labels: 50, corrections: 10, examples: 5 };
const QUIET: RetrainEvidence = { first: false, labels: 1, corrections: 0, unknown: new Map(), drift: null };

describe('retrainNow', () => {
  it.each([
    ['a few labels', {}, []],
    [
      'the first labels of all',
      {
        first: true,
        unknown: new Map([
          ['a', 5],
          ['b', 5],
        ]),
      },
      ['first'],
    ],
    [
      'first labels too few to tell two apart',
      {
        first: true,
        labels: 99,
        unknown: new Map([
          ['a', 95],
          ['b', 4],
        ]),
      },
      [],
    ],
    ['one label too few', { labels: 49 }, []],
    ['enough labels', { labels: 50 }, ['labels']],
    ['one correction too few', { corrections: 9 }, []],
    ['enough corrections', { corrections: 10 }, ['corrections']],
    ['four issues of a new or renamed label', { unknown: new Map([['defect', 4]]) }, []],
    ['five of them', { unknown: new Map([['defect', 5]]) }, ['new-label']],
    [
      'four each of two',
      {
        unknown: new Map([
          ['a', 4],
          ['b', 4],
        ]),
      },
      [],
    ],
    ['drift', { drift: 'adwin' }, ['drift']],
    ['drift without anything to learn from', { labels: 0, drift: 'adwin', corrections: 10 }, []],
    ['everything', { drift: 'adwin', labels: 60, corrections: 12 }, ['drift', 'corrections', 'labels']],
  ] as const)('given %s', (_, evidence, reasons) => {
    expect(retrainNow({ ...QUIET, ...evidence }, RULE)).toEqual(reasons);
  });
});
