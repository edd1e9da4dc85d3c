/** The final file -> how long it takes to answer on this machine. */
import * as z from 'zod';
import { encodePhase } from '../artifacts/phase.ts';
import { timesOf } from '../forge/compressed.ts';
import { rounded } from '../forge/picture.ts';
import { weightsOf } from '../forge/weights-file.ts';
import { ForgeShape } from './forge-shape.ts';
import { defineStage, required } from './stage.ts';

const TIMED = 200;

export const forgeLatency = defineStage({
  name: 'forge-latency',
  version: 1,
  takes: { file: required('tensors') },
  gives: { report: 'phase' },
  params: z.strictObject({ shape: ForgeShape }),
  reaches: 'clock',

  async perform({ read, write }, { shape }) {
    const times = [...(await timesOf(shape, await weightsOf(await read('file')), TIMED))].sort(
      (a, b) => a - b,
    );
    const rank = (share: number): number => rounded(times[Math.ceil(share * times.length) - 1] ?? 0);
    const measured = { 'p50-ms': rank(0.5), 'p95-ms': rank(0.95) };
    const notes = [
      `${TIMED} answers one after the other, the weights decoded before, on one thread of this machine.`,
    ];
    await write('report', encodePhase({ phase: 'latency', measured, tables: [], plots: [], notes }));
  },
});
