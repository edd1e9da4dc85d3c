import { describe, expect, it } from 'vitest';
import type { Attempt, Attempts } from '../../pipelines/artifacts/attempts.ts';
import type { NamedProblem } from '../../pipelines/artifacts/problems.ts';
import { comparisonUnfair } from '../../pipelines/faults.ts';
import { comparisonOf } from '../../pipelines/quantum/comparison.ts';
import { couplingsOf, hashOf } from '../../pipelines/solvers/qubo.ts';
import { everyAnswer, randomQubos, valueAt } from '../solvers/problems.ts';

const COUNT = 8;
const POSED = randomQubos(COUNT, 6).map(({ dense, qubo }, at) => {
  const values = everyAnswer(6).map((bits) => valueAt(dense, bits));
  const { n, offset, linear } = qubo;
  const terms = { n, offset, linear: [...linear], couplings: [...couplingsOf(qubo)] };
  const problem: NamedProblem = { name: `p${at}`, says: '', hash: hashOf(qubo), ...terms };
  return { problem, least: Math.min(...values), greatest: Math.max(...values) };
});
const PROBLEMS = POSED.map(({ problem }) => problem);

interface Making extends Partial<Pick<Attempts, 'by'>>, Partial<Omit<Attempt, 'energies' | 'problem'>> {
  readonly kind: Attempts['kind'];
  /** Of 100 attempts; the others end in the largest value. */
  readonly best: number;
}

function made({ by, kind, best, ...own }: Making): Attempts {
  const attempts = POSED.map(({ problem, least, greatest }): Attempt => {
    const energies = [[least, best] as [number, number], [greatest, 100 - best] as [number, number]];
    return {
      problem: problem.name,
      energies: energies.filter(([, times]) => times > 0),
      setupMs: 0,
      attemptMs: 1,
      queueMs: 0,
      evaluations: 0,
      shots: 0,
      dollars: null,
      certain: false,
      ...own,
    };
  });
  return { format: 'fettle-attempts/1', by: by ?? kind, says: '', kind, attempts };
}

const EXACT = made({ kind: 'exact', best: 100, certain: true });
const CHANCE = made({ kind: 'chance', best: 1 });

function compared(...others: readonly Attempts[]) {
  return comparisonOf({ problems: PROBLEMS, attempts: [EXACT, ...others, CHANCE], seed: 3, budgetMs: 50 });
}

describe('a comparison of solvers', () => {
  it('knows the truth about every problem, by every assignment', () => {
    const told = compared().problems.map(({ least, greatest }) => [Number(least), Number(greatest)]);
    expect(told).toEqual(POSED.map(({ least, greatest }) => [least, greatest]));
  });

  it('tells time to solution, chance and ratio as worked by hand', () => {
    const [, half] = compared(made({ kind: 'classical', best: 50, setupMs: 2, queueMs: 10 })).rows;
    // 12 + ln 0.01/ln 0.5 = 18.643856; half of the attempts are best and half are worst.
    expect(half).toMatchObject({ chance: '0.500000', ratio: '0.500000', solved: COUNT, queueMs: 80 });
    expect(Number(half?.tts.value)).toBeCloseTo(18.643_856, 6);
    expect(half?.standings[0]).toMatchObject({ attempts: 100, chance: { value: '0.500000' } });
    const [exact] = compared().rows;
    expect(exact?.tts).toEqual({ value: '1.000000', low: '1.000000', high: '1.000000' });
  });

  it('counts what every solution costs, where there is a price', () => {
    const priced = { dollars: { setup: 0.3, attempt: 0.01 } };
    const [, machine, never] = compared(
      made({ kind: 'quantum', best: 50, ...priced }),
      made({ kind: 'simulated', best: 0, ...priced }),
    ).rows;
    expect(Number(machine?.dollars)).toBeCloseTo(COUNT * (0.3 + 0.01 * 6.643_856), 5);
    expect(never).toMatchObject({ dollars: null, solved: 0, tts: { value: null, high: null } });
  });

  it('finds no advantage where no quantum machine took part, however fast a simulation is', () => {
    const { verdict, rows } = compared(made({ kind: 'simulated', by: 'qaoa', best: 100, attemptMs: 1e-3 }));
    expect(verdict).toMatchObject({ answer: 'no advantage', by: null });
    expect(verdict.reason).toContain('no quantum machine took part');
    expect(Number(rows[1]?.slower?.value)).toBeLessThan(1);
  });

  it('finds an advantage where the interval of the median ratio ends below 1', () => {
    const fast = made({ kind: 'quantum', by: 'qpu', best: 100, attemptMs: 0.01 });
    expect(compared(fast).verdict).toMatchObject({ answer: 'advantage', by: 'qpu' });
  });

  it('finds none where the queue, the setup or the chance takes it away again', () => {
    for (const own of [{ queueMs: 1000 }, { setupMs: 1000 }, { best: 1 }, { best: 0 }]) {
      const slow = made({ kind: 'quantum', by: 'qpu', best: 100, attemptMs: 0.01, ...own });
      expect(compared(slow).verdict).toMatchObject({ answer: 'no advantage', by: null });
    }
  });

  it('finds none where a classical heuristic is as fast, or problems are too few to tell', () => {
    const fast = made({ kind: 'quantum', by: 'qpu', best: 100, attemptMs: 0.01 });
    const heuristic = made({ kind: 'classical', best: 100, attemptMs: 0.01 });
    expect(compared(fast, heuristic).verdict.answer).toBe('no advantage');
    const few = { problems: PROBLEMS.slice(0, 5), attempts: [EXACT, fast, CHANCE], seed: 3, budgetMs: 50 };
    expect(comparisonOf(few).verdict.answer).toBe('no advantage');
  });

  it('shares its confidence out among machines: ten that each come near by luck are held to more', () => {
    // Eight of eight come by luck in 2·2⁻⁸ = 0.8% of all cases: less than 5%, and more than a tenth of it.
    const lucky = made({ kind: 'quantum', best: 100, attemptMs: 0.01 });
    const others = Array.from({ length: 10 }, (_, at) => ({ ...lucky, by: `qpu-${at}` }));
    const ends = (...machines: readonly Attempts[]) => compared(...machines).rows[1]?.slower?.high;
    expect(ends(lucky)).not.toBeNull();
    expect(ends(...others)).toBeNull();
  });

  it('is refused without the truth, without chance, and without an answer of somebody to something', () => {
    const ask = { problems: PROBLEMS, seed: 1, budgetMs: 1 };
    expect(() => comparisonOf({ ...ask, attempts: [CHANCE] })).toThrowFault(comparisonUnfair);
    expect(() => comparisonOf({ ...ask, attempts: [EXACT] })).toThrowFault(comparisonUnfair);
    const lacking = { ...CHANCE, attempts: CHANCE.attempts.slice(1) };
    expect(() => comparisonOf({ ...ask, attempts: [EXACT, lacking] })).toThrowFault(comparisonUnfair);
  });
});
