import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  askOf,
  CRITERIA_NAMES,
  printCriteria,
  readCriteria,
  type Criterion,
} from '../../pipelines/gates/criteria.ts';
import { settingsMisshapen } from '../../pipelines/faults.ts';
import { GATES } from '../../pipelines/gates/index.ts';
import { gatesWith } from '../../pipelines/settings/criteria.ts';
import { leastFor } from '../../pipelines/settings/people.ts';
import { settingsOf } from '../../pipelines/settings/read.ts';

function read(line: string): readonly Criterion[] {
  const found = readCriteria(line);
  if (!found.ok) throw new TypeError(JSON.stringify(found.flaw));
  return found.value;
}

function flawIn(line: string) {
  const found = readCriteria(line);
  return found.ok ? null : found.flaw;
}

/** Any one criterion that the grammar allows, in words of its own. */
const CRITERION = fc.oneof(
  fc.record({
    name: fc.constantFrom('accuracy', 'f1'),
    relation: fc.constantFrom('>=', '+', '-'),
    number: fc.integer({ min: 1, max: 99 }).map(String),
    unit: fc.constant('%'),
  }),
  fc.record({
    name: fc.constant('latency_p99'),
    relation: fc.constantFrom('<', '<='),
    number: fc.integer({ min: 1, max: 9999 }).map((whole) => `${whole}.5`),
    unit: fc.constantFrom('', 'ms', 's'),
  }),
  fc.record({
    name: fc.constant('size'),
    relation: fc.constantFrom('<', '<='),
    number: fc.integer({ min: 2, max: 9999 }).map(String),
    unit: fc.constantFrom('', 'B', 'KB', 'MB'),
  }),
  fc.record({
    name: fc.constant('mdl'),
    relation: fc.constantFrom('-', '+'),
    number: fc.integer({ min: 0, max: 1e6 }).map(String),
    unit: fc.constant(''),
  }),
  fc.record({
    name: fc.constant('approvals'),
    relation: fc.constant('='),
    number: fc.integer({ min: 1, max: 16 }).map(String),
    unit: fc.constant(''),
  }),
) as fc.Arbitrary<Criterion>;

const LINE = fc.uniqueArray(CRITERION, { selector: ({ name }) => name, minLength: 1, maxLength: 5 });

describe('criteria on one line', () => {
  it('are read into what the gates are asked', () => {
    const line = 'mdl:-100, f1:+0.01,f1:>=80%, latency_p99:<5ms, size:<=300KB, items:>=500, approvals:2';
    expect(askOf(read(line))).toEqual({
      gates: {
        'description-length': { shorter: 100 },
        bounds: { gain: { macro_f1: 0.01 }, least: { macro_f1: 0.8 } },
        'latency-budget': { p99Ms: 4.999 },
        'size-budget': { most: 300_000 },
        'enough-samples': { least: 500 },
      },
      approvals: 2,
    });
    expect(askOf(read('accuracy:-2%, f1:-0.02')).gates).toEqual({
      bounds: { gain: { accuracy: -0.02, macro_f1: -0.02 } },
    });
    expect(askOf(read('latency_p99 : <= 0.5 s')).gates).toEqual({ 'latency-budget': { p99Ms: 500 } });
    expect(askOf(read('slices:<=5%,false_promotions:<=1')).gates).toEqual({
      slices: { q: 0.05 },
      improvement: { falsePromotions: 1 },
    });
  });

  it.each([
    ['', 1, 'the end'],
    ['f1', 3, 'the end'],
    ['f1:', 4, 'the end'],
    ['f1:0.8', 4, '`0.8`'],
    ['f1:>=', 6, 'the end'],
    ['f1:>=0.8,', 10, 'the end'],
    ['f1:>=0.8 accuracy:>=0.8', 10, '`accuracy`'],
    ['f1:>=1.5', 6, '`1.5`'],
    ['mdl:-1.5', 6, '`1.5`'],
    ['mdl:<-5', 5, '`<`'],
    ['mdl:-5ms', 7, '`ms`'],
    ['latency_p99:<5MB', 15, '`MB`'],
    ['latency_p99:+5', 13, '`+`'],
    ['vbh:pass', 1, '`vbh`'],
    ['__proto__:1', 1, '`_`'],
    ['constructor:1', 1, '`constructor`'],
    ['f1:>=0.8; rm -rf /', 9, '`;`'],
    ['approvals:0', 11, '`0`'],
    ['approvals:17', 11, '`17`'],
    ['approvals:2,approvals:3', 13, '`approvals`'],
    ['f1:>=0.8,f1:>0.7', 10, '`f1`'],
    ['f1:>=0.12345678', 6, '`0.12345678`'],
  ])('tell of %j where it is wrong: character %i', (line, at, found) => {
    expect(flawIn(line)).toMatchObject({ at, found });
    expect(flawIn(line)?.wanted).not.toBe('');
  });

  it('are a flaw or criteria, whatever the line is: nothing is thrown', () => {
    const bits = fc.constantFrom(
      ...CRITERIA_NAMES,
      ':',
      ',',
      '<',
      '>=',
      '+',
      '-',
      '1',
      '0.5',
      '1e9',
      'ms',
      'KB',
      '%',
      ' ',
      '\u0000',
      '٣',
      '🙂',
    );
    const line = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.array(bits, { maxLength: 20 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(line, (text) => {
        const found = readCriteria(text);
        if (found.ok) {
          const { gates } = askOf(found.value);
          // Whatever is read is something that each gate takes.
          for (const gate of GATES) expect(gate.params.safeParse(gates[gate.name] ?? {}).success).toBe(true);
        } else {
          expect(found.flaw.at).toBeGreaterThanOrEqual(1);
          expect(found.flaw.at).toBeLessThanOrEqual(text.length + 1);
        }
      }),
      { numRuns: 5000 },
    );
    expect(flawIn('f1:>=0.5,'.repeat(200))?.at).toBe(1001);
  });

  it('are the same after printing and reading', () => {
    fc.assert(
      fc.property(LINE, (criteria) => {
        expect(read(printCriteria(criteria))).toEqual(criteria);
      }),
    );
  });
});

describe('criteria in the settings', () => {
  const settings = (criteria: string) =>
    settingsOf(
      `models:\n  digits:\n    recipe: train-and-promote\n    criteria: ${JSON.stringify(criteria)}\n`,
    );

  it('stand over the gates, turn on what was off, and leave the rest as it was', () => {
    const set = settings('mdl:-100, latency_p99:<=5ms').models['digits' as never];
    if (set === undefined) throw new TypeError('no such model');
    const gates = gatesWith(set.gates, set.criteria);
    expect(gates['description-length']).toEqual({ shorter: 100 });
    expect(gates['latency-budget']).toEqual({ p99Ms: 5 });
    expect(gates['no-regression']).toEqual(set.gates['no-regression']);
    expect(gatesWith(set.gates, null)).toEqual(set.gates);
  });

  it('ask for people before the channel serves something new', () => {
    const set = settings('approvals:2');
    expect(leastFor(set, { model: 'digits', channel: 'production' })).toEqual({ least: 2 });
    expect(leastFor(set, { model: 'digits/group', channel: 'production' })).toEqual({ least: 2 });
    expect(leastFor(set, { model: 'digits', channel: 'staging' })).toEqual({});
    expect(leastFor(set, { model: 'letters', channel: 'production' })).toEqual({});
  });

  it('that are wrong are told with line, column and character', () => {
    expect(() => settings('f1:>=0.8, latency:<5ms')).toThrowFault(settingsMisshapen);
    expect(() => settings('f1:>=0.8, latency:<5ms')).toThrow(
      /fettle\.yml:4:15: wanted one of .* at character 11/,
    );
  });
});
