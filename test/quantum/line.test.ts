import { describe, expect, it } from 'vitest';
import { lineOf, type Link } from '../../pipelines/quantum/line.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { HEAVY_HEX } from './heavy-hex.ts';

const random = randomOf(5);
const LINKS: readonly Link[] = HEAVY_HEX.map((qubits) => ({
  qubits,
  error: 0.002 + 0.01 * random.nextFloat(),
}));

/** The sum of errors along a line; NaN where two that follow each other are not linked. */
function errorOf(line: readonly number[], links: readonly Link[]): number {
  return line.slice(1).reduce((sum, to, at) => {
    const link = links.find(({ qubits }) => qubits.includes(to) && qubits.includes(line[at]!));
    return sum + (link?.error ?? Number.NaN);
  }, 0);
}

/** The smallest sum of errors of any path of n qubits, by going all of them. */
function leastOf(links: readonly Link[], n: number): number {
  const from = (line: readonly number[]): number => {
    if (line.length === n) return errorOf(line, links);
    const ways = links.flatMap(({ qubits: [a, b] }) =>
      a === line.at(-1) ? [b] : b === line.at(-1) ? [a] : [],
    );
    return Math.min(...ways.filter((to) => !line.includes(to)).map((to) => from([...line, to])));
  };
  return Math.min(...new Set(links.flatMap(({ qubits }) => qubits)).values().map((start) => from([start])));
}

describe('a line of qubits', () => {
  it.each([1, 2, 12, 24, 60, 100])('of %i is found on a machine of 156', (n) => {
    const line = lineOf(LINKS, n)!;
    expect(line.length).toBe(n);
    expect(new Set(line).size).toBe(n);
    expect(errorOf(line, LINKS)).not.toBeNaN();
  });

  it('has errors near the least that any line has', () => {
    for (const n of [4, 6]) {
      const found = errorOf(lineOf(LINKS, n)!, LINKS);
      expect(found).toBeLessThanOrEqual(1.35 * leastOf(LINKS, n));
    }
  });

  it('goes around links that are out of order', () => {
    const square: readonly Link[] = [
      { qubits: [0, 1], error: 0.01 },
      { qubits: [2, 1], error: 1 },
      { qubits: [2, 3], error: 0.01 },
      { qubits: [3, 0], error: 0.01 },
    ];
    expect([...lineOf(square, 4)!].join()).toMatch(/^(1,0,3,2|2,3,0,1)$/);
    expect(lineOf(square.slice(0, 3), 4)).toBeNull();
  });

  it('is not found where the machine has too few qubits', () => {
    expect(lineOf(LINKS, 157)).toBeNull();
    expect(lineOf([], 1)).toBeNull();
  });
});
