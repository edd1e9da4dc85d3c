import { describe, expect, it } from 'vitest';
import { isDenied, leaningOf, suggestionText, type LabelCase } from '../../action/verbs/label-decision.ts';

const CASE: LabelCase = {
  issue: { labels: [], isPull: false, isOpen: true, isLocked: false },
  answer: { given: ['bug'], label: 'bug', probability: 0.9 },
  autonomy: new Map([
    ['bug', 'label'],
    ['feature', 'suggest'],
    ['question', 'off'],
    ['security', 'assign'],
  ]),
  repository: ['Bug', 'feature', 'question', 'security', 'wontfix'],
};

const answering = (label: string): LabelCase['answer'] => ({ given: [label], label, probability: 0.9 });

describe('what is done with an issue', () => {
  it.each([
    ['a sure label', {}, { kind: 'act', does: 'label', label: 'Bug' }],
    [
      'a label that is only suggested',
      { answer: answering('feature') },
      { does: 'suggest', label: 'feature' },
    ],
    ['a label that assigns', { answer: answering('security') }, { does: 'assign' }],
    ['a label that is off', { answer: answering('question') }, { why: 'off' }],
    ['a label outside the family', { answer: answering('wontfix') }, { why: 'off' }],
    ['a label that the repository lost', { answer: answering('gone') }, { why: 'no-such-label' }],
    ['no label that is sure', { answer: { ...CASE.answer, given: [] } }, { why: 'abstains' }],
    ['a model without thresholds', { answer: { ...CASE.answer, given: null } }, { why: 'abstains' }],
    ['a label of the family on it', { issue: { ...CASE.issue, labels: ['Feature'] } }, { why: 'labelled' }],
    ['a label of another family on it', { issue: { ...CASE.issue, labels: ['wontfix'] } }, { kind: 'act' }],
    ['a pull request', { issue: { ...CASE.issue, isPull: true } }, { why: 'pull-request' }],
    ['a closed issue', { issue: { ...CASE.issue, isOpen: false } }, { why: 'closed' }],
    [
      'a suggestion for a locked issue',
      { answer: answering('feature'), issue: { ...CASE.issue, isLocked: true } },
      { why: 'locked' },
    ],
  ] as const)('given %s', (_, changes, wanted) => {
    expect(leaningOf({ ...CASE, ...changes })).toMatchObject(wanted);
  });

  it('never gives a label again that a person took away, however it is written', () => {
    expect(isDenied('Bug', ['bug'])).toBe(true);
    expect(isDenied('Bug', ['feature'])).toBe(false);
  });
});

describe('a suggestion', () => {
  it('says label, certainty and who learns, and stays text whatever the label is called', () => {
    const told = suggestionText({ label: 'a`b', probability: 0.876, by: 'm@1.0.0' });
    expect(told).toContain('`` a`b `` (88% sure)');
    expect(told).toContain('m@1.0.0');
    expect(told.startsWith('<!-- fettle:triage -->')).toBe(true);
  });
});
