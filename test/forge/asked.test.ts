import { describe, expect, it } from 'vitest';
import { ASKED, stopIn, unbuiltBeside, verdictsOn } from '../../pipelines/forge/asked.ts';
import { forgeNano } from '../../pipelines/recipes/forge-nano.ts';

describe('verdictsOn', () => {
  it('meets a limit at the limit itself, and on its good side', () => {
    const verdicts = verdictsOn('ternary', { kept: 0.95, ratio: 9.99 });
    expect(verdicts.map(({ measure, found, answer }) => [measure, found, answer])).toEqual([
      ['kept', 0.95, 'met'],
      ['ratio', 9.99, 'not met'],
    ]);
    expect(verdictsOn('latency', { 'p95-ms': 50 })[0]?.answer).toBe('met');
    expect(verdictsOn('latency', { 'p95-ms': 50.1 })[0]?.answer).toBe('not met');
  });

  it('says what was not measured, and takes no number for one that is not there', () => {
    expect(verdictsOn('ternary', { kept: Number.NaN }).map(({ answer }) => answer)).toEqual([
      'not measured',
      'not measured',
    ]);
  });
});

describe('stopIn', () => {
  it('stops at the first gate that is not met or not measured, and never at one that is only told', () => {
    expect(stopIn(verdictsOn('ternary', { kept: 1, ratio: 20 }))).toBeNull();
    expect(stopIn(verdictsOn('ternary', { kept: 0.9, ratio: 20 }))?.measure).toBe('kept');
    expect(stopIn(verdictsOn('ternary', { kept: 1 }))?.measure).toBe('ratio');
    const told = { generations: 3, 'error-reduction': 0.5, diversity: 0 };
    expect(stopIn(verdictsOn('merge', told))).toBeNull();
  });
});

describe('forge-nano', () => {
  it('has something asked of each of its phases, and tells which of the asked it lacks', () => {
    const steps = forgeNano.steps.map(({ name }) => name);
    expect(steps.filter((step) => !ASKED.some(({ phase }) => phase === step))).toEqual([]);
    expect([...new Set(unbuiltBeside(steps).map(({ phase }) => phase))]).toEqual(['thinking', 'experts']);
  });
});
