/** What every gate promises. */
import { describe, expect, it } from 'vitest';
import type { Gate } from '../../pipelines/gates/gate.ts';
import { evidenceOf } from '../../pipelines/scores/evidence.ts';
import { outcomesOf } from '../../pipelines/artifacts/outcomes.ts';
import { GateVerdict } from '../../registry/schema/verdict.ts';

export function describeGate(gate: Gate): void {
  const items = Array.from({ length: 30 }, (_, item) => ({
    id: String(item),
    truth: item % 3 === 0 ? 'a' : 'b',
    probabilities: [0.4, 0.6],
  }));
  const candidate = outcomesOf(items, ['a', 'b']);
  const court = { at: '2026-11-01T00:00:00.000Z', championAt: null, granted: [] };
  const bare = evidenceOf({
    candidate,
    champion: null,
    measures: null,
    folds: null,
    stream: null,
    rows: [],
    court,
  });
  const paired = evidenceOf({
    candidate,
    champion: { version: '1.0.0', outcomes: candidate },
    measures: { format: 'fettle-measures/1', sizeBytes: 1, latency: { n: 1, p50Ms: 1, p99Ms: 1 } },
    folds: null,
    stream: null,
    rows: [],
    court,
  });

  describe(`${gate.name}, as any gate`, () => {
    it('has defaults for every parameter and says what it wants in a sentence', () => {
      expect(gate.params.safeParse({}).success).toBe(true);
      expect(gate.says).toMatch(/^[A-Z].*\.$/);
    });

    it('gives a verdict that can be recorded, with a reason, whatever was measured', () => {
      for (const evidence of [bare, paired]) {
        const verdict = gate.judge(evidence, {});
        expect(GateVerdict.safeParse(verdict).success).toBe(true);
        expect(verdict.gate).toBe(gate.name);
      }
    });

    it('says the same of the same evidence', () => {
      expect(gate.judge(paired, {})).toEqual(gate.judge(paired, {}));
    });

    it('refuses a parameter that it does not know', () => {
      expect(() => gate.judge(bare, { nonsense: 1 })).toThrow();
    });
  });
}
