import { describe, expect, it } from 'vitest';
import { problemUnfit } from '../../pipelines/faults.ts';
import { readProblem } from '../../pipelines/solvers/problem-files.ts';
import { energyOf } from '../../pipelines/solvers/qubo.ts';
import { everyAnswer } from './problems.ts';

describe('a published problem', () => {
  it('may be a graph, with or without weights', () => {
    const { kind, qubo, variables, worthOf } = readProblem('g.txt', '3 3\n1 2 5\n2 3\n1 3 -1\n');
    expect([kind, variables]).toEqual(['cut', 3]);
    const cuts = everyAnswer(3).map((bits) => worthOf(bits).value);
    // Bits of vertices 1, 2, 3 counting up: 000, 100, 010, 110, 001, 101, 011, 111.
    expect(cuts).toEqual([0, 4, 6, 0, 0, 6, 4, 0]);
    expect(everyAnswer(3).map((bits) => energyOf(qubo, bits))).toEqual(cuts.map((cut) => 0 - cut));
  });

  it('may be a QUBO file of qbsolv, with comments', () => {
    const text = 'c two bits\np qubo 0 2 2 1\n0 0 1.5\n1 1 -2\nc between\n0 1 -3\n';
    const { kind, worthOf } = readProblem('a.qubo', text);
    expect(kind).toBe('qubo');
    expect(everyAnswer(2).map((bits) => worthOf(bits).value)).toEqual([0, 1.5, -2, -3.5]);
  });

  it('may be a CNF, each clause of weight 1, with variables that no clause uses', () => {
    const { variables, worthOf } = readProblem('a.cnf', 'p cnf 3 2\n1 -2 0\n2 0\n');
    expect(variables).toBe(3);
    expect(worthOf(Uint8Array.of(0, 1, 0))).toEqual({ figure: 'broken weight', value: 1, allowed: true });
  });

  it.each([
    ['of 2011', 'p wcnf 2 3 10\n10 1 2 0\n4 -1 0\n3 -2 0\n'],
    ['of 2022', 'c 2022\nh 1 2 0\n4 -1 0\n3 -2 0\n'],
  ])('may be a WCNF %s, whose hard clauses must hold', (_, text) => {
    const { worthOf, qubo } = readProblem('a.wcnf', text);
    const found = everyAnswer(2).map((bits) => worthOf(bits));
    expect(found.map(({ value }) => value)).toEqual([0, 4, 3, 7]);
    expect(found.map(({ allowed }) => allowed)).toEqual([false, true, true, true]);
    const energies = everyAnswer(2).map((bits) => energyOf(qubo, bits));
    expect(Math.min(...energies)).toBe(3);
  });

  it.each([
    ['nothing', ''],
    ['comments alone', 'c hello\n# hello\n'],
    ['a format nobody knows', 'p col 3 3\n'],
    ['fewer edges than its head says', '3 3\n1 2 1\n'],
    ['a vertex that does not exist', '3 1\n1 4 1\n'],
    ['a vertex 0', '3 1\n0 1 1\n'],
    ['a weight that is no number', '3 1\n1 2 heavy\n'],
    ['an infinite weight', '3 1\n1 2 Infinity\n'],
    ['half a vertex', '2.5 0\n'],
    ['more vertices than fit', '2000000 0\n'],
    ['a term without a weight', 'p qubo 0 2 1 0\n0 0\n'],
    ['another number of terms', 'p qubo 0 2 1 1\n0 0 1\n'],
    ['a clause without an end', 'p cnf 2 1\n1 2\n'],
    ['two clauses on a line', 'p cnf 2 1\n1 0 2 0\n'],
    ['another number of clauses', 'p cnf 2 2\n1 0\n'],
    ['a negative clause weight', 'p wcnf 2 1 9\n-1 1 0\n'],
  ])('is refused with %s', (_, text) => {
    expect(() => readProblem('bad.txt', text)).toThrowFault(problemUnfit);
  });

  it('is refused with the line at fault', () => {
    expect(() => readProblem('bad.txt', '3 2\n1 2 1\n1 9 1\n')).toThrow('bad.txt:3');
  });
});
