import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { decodePlan, encodePlan, leadingTo } from '../../pipelines/engine/carry.ts';
import { planOf } from '../../pipelines/engine/plan.ts';
import { planMisshapen, stepUnknown } from '../../pipelines/faults.ts';
import { issueTriage } from '../../pipelines/recipes/issue-triage.ts';
import { ModelSettings } from '../../pipelines/settings/settings.ts';
import { STAGES } from '../../pipelines/stages/index.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { DIGITS } from '../fixtures/registry.ts';

const CODE = '0.1.0';
const HERE = { code: CODE, stages: STAGES };

/** The largest recipe, with a champion that it is compared with. */
function plan() {
  const artifact = (kind: 'source' | 'onnx') => ({ kind, digest: digestOf(kind), sizeBytes: 7 });
  const { columns, holdout, stratify, learner } = ModelSettings.parse({ recipe: 'issue-triage' });
  const params = { name: 'issues.csv', columns, holdout, stratify, group: 'a/b', learner };
  const inputs = { source: artifact('source'), prior: null, champion: artifact('onnx') };
  return { ...planOf({ recipe: issueTriage, inputs, params, seed: 7, code: CODE }), model: DIGITS };
}

describe('a plan that is carried to another machine', () => {
  it('is there what it was here', () => {
    const carried = decodePlan(encodePlan(plan(), CODE), HERE);
    // What confirms a verdict stays where verdicts are given.
    const { confirmation: _here, ...sent } = plan();
    expect(carried).toEqual(sent);
    expect(carried.steps.every(({ stage }) => STAGES.includes(stage))).toBe(true);
  });

  it('leads to a step through all that it rests on, and through nothing else', () => {
    const names = (step: string): readonly string[] => leadingTo(plan(), step).map(({ name }) => name);
    expect(names('train')).toEqual(['ingest', 'split', 'train']);
    expect(names('cross-validate')).toEqual(['ingest', 'split', 'cross-validate']);
    expect(names('package')).toEqual(['ingest', 'split', 'train', 'evaluate', 'package']);
    expect(() => leadingTo(plan(), 'fly')).toThrowFault(stepUnknown);
  });

  const told = z.looseObject({ steps: z.array(z.looseObject({})) });
  const changed = (change: (steps: Record<string, unknown>[]) => void): Uint8Array => {
    const whole = told.parse(JSON.parse(Buffer.from(encodePlan(plan(), CODE)).toString()));
    change(whole.steps);
    return Buffer.from(JSON.stringify(whole));
  };

  // What was planned and what is performed must be the same, or a record would name bytes that nobody made so.
  it.each<readonly [string, (steps: Record<string, unknown>[]) => void]>([
    ['another seed', (steps) => Object.assign(steps[2] ?? {}, { seed: 8 })],
    ['other parameters', (steps) => Object.assign(steps[1] ?? {}, { params: { holdout: 0.9 } })],
    ['another stage', (steps) => Object.assign(steps[2] ?? {}, { stage: 'evaluate' })],
    ['a stage that nobody knows', (steps) => Object.assign(steps[2] ?? {}, { stage: '../evil' })],
    ['another source', (steps) => Object.assign(steps[2] ?? {}, { takes: {} })],
    ['a step left out', (steps) => void steps.splice(1, 1)],
    ['a field too many', (steps) => Object.assign(steps[0] ?? {}, { run: 'rm' })],
  ])('is refused with %s', (_, change) => {
    expect(() => decodePlan(changed(change), HERE)).toThrowFault(planMisshapen);
  });

  it('is refused by another Fettle, and when it is no plan at all', () => {
    expect(() => decodePlan(encodePlan(plan(), CODE), { ...HERE, code: '0.2.0' })).toThrowFault(
      planMisshapen,
    );
    expect(() => decodePlan(Buffer.from('{}'), HERE)).toThrowFault(planMisshapen);
    expect(() => decodePlan(Buffer.from('\u0000'), HERE)).toThrowFault(planMisshapen);
  });
});
