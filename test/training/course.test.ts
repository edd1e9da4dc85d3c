import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderCheckpoints, memoryCheckpoints } from '../../pipelines/artifacts/checkpoints.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { tensorsMalformed } from '../../pipelines/tensors/faults.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../pipelines/training/checkpoint.ts';
import { cosineShare, follow } from '../../pipelines/training/course.ts';
import { checkpointUnfit } from '../../pipelines/training/faults.ts';
import { digestOf } from '../../registry/base/digest.ts';
import { courseOf, KEY } from './follow-course.ts';

describe('a course of training', () => {
  it('ends the same however often it is killed', { timeout: 60_000 }, async () => {
    const whole = digestOf(encodeCheckpoint(await follow(courseOf(memoryCheckpoints()))));
    const folder = mkdtempSync(path.join(tmpdir(), 'fettle-course-'));
    const random = randomOf(3);
    try {
      let killed = 0;
      for (let ended = false; !ended;) {
        const script = path.join(import.meta.dirname, 'follow-course.ts');
        const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
        let lines = 0;
        const most = killed < 3 ? 2 + random.nextBelow(12) : Number.POSITIVE_INFINITY;
        child.stdout.on('data', (told: Buffer) => {
          lines += told.toString().split('\n').length - 1;
          if (lines >= most) child.kill('SIGKILL');
        });
        const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
        ended = code === 0;
        expect([0, null]).toContain(code);
        killed += Number(!ended);
      }
      expect(killed).toBe(3);
      const left = await folderCheckpoints(folder).get(KEY);
      expect(digestOf(left!)).toBe(whole);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('tells its losses one after the other, and leaves them with the weights', async () => {
    const told: number[] = [];
    const course = courseOf(memoryCheckpoints());
    const { losses, step } = await follow({ ...course, tell: ({ loss }) => told.push(Math.fround(loss)) });
    expect(step).toBe(course.steps);
    expect(told).toEqual([...losses]);
    expect(losses.at(-1)).toBeLessThan(0.7 * losses[0]!);
  });

  it('rises to the whole rate and falls to the least along a cosine', () => {
    const shape = { steps: 110, warmup: 10, least: 0.1 };
    const shares = [1, 10, 60, 110].map((step) => cosineShare(step, shape));
    for (const [at, wanted] of [0.1, 1, 0.55, 0.1].entries()) expect(shares[at]).toBeCloseTo(wanted, 12);
  });
});

describe('a checkpoint', () => {
  it('is read as it was written, and refused when it is cut off or is none', async () => {
    const state = await follow({ ...courseOf(memoryCheckpoints()), steps: 2 });
    const bytes = encodeCheckpoint(state);
    // A small buffer is a part of a larger one.
    for (const given of [bytes, Buffer.from(bytes)]) expect(decodeCheckpoint(given)).toEqual(state);
    for (const length of [0, 7, 8, 100, bytes.length - 1]) {
      expect(() => decodeCheckpoint(bytes.subarray(0, length))).toThrowFault(tensorsMalformed);
    }
    const renamed = Buffer.from(bytes);
    renamed.write('fettle-trainers/9', renamed.indexOf('fettle-training/1'));
    expect(() => decodeCheckpoint(renamed)).toThrowFault(checkpointUnfit);
  });
});
