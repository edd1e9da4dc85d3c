import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { awaitChange, CONTROL, signal } from '../../pipelines/kernels/barrier.ts';
import { openTeam, type Team } from '../../pipelines/kernels/team.ts';

const N = 4;
const PIECES = { re: [Float64Array, 2 ** N], im: [Float64Array, 2 ** N] } as const;

/** Meets each amplitude with that of the opposite index: in shares, each thread has its own half of the pairs. */
function turned(team: Team<typeof PIECES>): readonly (readonly number[])[] {
  const { re, im } = team.arrays;
  for (let x = 0; x < 2 ** N; x++) [re[x], im[x]] = [x + 1, -x];
  team.perform('opposite64', [re.byteOffset, im.byteOffset, N, 0.5]);
  return [[...re], [...im]];
}

describe('a team', () => {
  it('does a job alone until the worker comes, then by shares, and alone again when it was sent away', async () => {
    const team = openTeam(PIECES)!;
    const alone = turned(team);
    // By hand: a ← a + σ·t·b with b of the opposite index, and b ← b − σ·t·a.
    expect([alone[0]![0], alone[1]![15]]).toEqual([1 - 0.5 * 15, -15 - 0.5]);
    while (!team.isThere()) await sleep(10);
    for (let job = 0; job < 100; job++) expect(turned(team)).toEqual(alone);
    team.close();
    expect(team.isThere()).toBe(false);
    expect(turned(team)).toEqual(alone);
  });
});

describe('awaitChange', () => {
  it('goes on as soon as a word is another, awake or asleep', () => {
    const signals = new Int32Array(new SharedArrayBuffer(CONTROL.bytes));
    signal(signals, CONTROL.done, 7);
    for (const looks of [0, 1]) awaitChange(signals, CONTROL.done, { before: 6, looks });
    expect(Atomics.load(signals, CONTROL.done)).toBe(7);
  });
});
