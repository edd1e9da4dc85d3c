import { describe, expect, it } from 'vitest';
import {
  onnxRefused,
  onnxRunFailed,
  onnxRuntimeMissing,
  providerMissing,
} from '../../pipelines/onnx/faults.ts';
import { bytesOfModel, constant, input, newGraph } from '../../pipelines/onnx/build.ts';
import { gather, mul } from '../../pipelines/onnx/operators.ts';
import { openResident } from '../../pipelines/onnx/resident.ts';
import { findRuntime, nativeRuntime, wasmRuntime } from '../../pipelines/onnx/runtime.ts';

const RUNTIMES = [
  ['native', async () => ({ kind: 'native', runtime: await nativeRuntime() }) as const],
  ['wasm', async () => ({ kind: 'wasm', runtime: await wasmRuntime() }) as const],
] as const;

/** Row 1 of a table times two. */
function looksAtOneRow(rows: number): Uint8Array {
  const graph = newGraph();
  const table = input(graph, 'table', [rows, 4]);
  const y = mul(gather(table, constant(graph, [1], { type: 'int64' })), 2);
  return bytesOfModel({ name: 'one-row', outputs: { y } });
}

describe.each(RUNTIMES)('a resident session of the %s runtime', (_, find) => {
  it('sees what the arrays hold at each run, and leaves its answer in them', async () => {
    const table = { type: 'float32', dims: [2, 4], data: new Float32Array(8) } as const;
    const y = { type: 'float32', dims: [1, 4], data: new Float32Array(4) } as const;
    const session = await openResident(looksAtOneRow(2), { feeds: { table }, fetches: { y }, find });
    for (const number of [1, 21]) {
      table.data.fill(number, 4);
      await session.run();
      expect([...y.data]).toEqual(Array.from({ length: 4 }, () => 2 * number));
    }
    await session.close();
  });

  it('says what the runtime says of bytes and of arrays that do not fit', async () => {
    const bytes = looksAtOneRow(2);
    await expect(openResident(Buffer.from('nothing'), { feeds: {}, fetches: {}, find })).rejects.toThrowFault(
      onnxRefused,
    );
    const table = { type: 'float32', dims: [3, 4], data: new Float32Array(12) } as const;
    const session = await openResident(bytes, { feeds: { table }, fetches: {}, find });
    await expect(session.run()).rejects.toThrowFault(onnxRunFailed);
    await session.close();
  });
});

describe('openResident', () => {
  it('asks for the provider that is named and for no other, and tells what is said where it is not there', async () => {
    const asked: unknown[] = [];
    const create = (_: unknown, options: Readonly<Record<string, unknown>>) => {
      asked.push(options['executionProviders']);
      return Promise.reject(new Error('Failed to get a WebGPU adapter\nat somewhere'));
    };
    const runtime = { ...(await nativeRuntime()), InferenceSession: { create } };
    const find = async () => ({ kind: 'native', runtime }) as const;
    for (const provider of ['webgpu', 'cuda'] as const) {
      const opening = openResident(looksAtOneRow(2), { feeds: {}, fetches: {}, find, provider });
      await expect(opening).rejects.toThrowFault(providerMissing);
      await expect(opening).rejects.toThrow(
        `wanted to run on ${provider} with ONNX Runtime, found: Failed to get a WebGPU adapter`,
      );
    }
    expect(asked).toEqual([['webgpu'], ['cuda']]);
  });

  it('says so when there is no runtime', async () => {
    const find = () => Promise.reject(new Error('gone'));
    const none = { feeds: {}, fetches: {}, find };
    await expect(openResident(looksAtOneRow(2), none)).rejects.toThrowFault(onnxRuntimeMissing);
  });

  // Other versions of the runtime copy what goes in: then training would still be right, and slow.
  it('copies no input in the native runtime: 64 MB cost what 64 bytes cost', async () => {
    expect((await findRuntime()).kind).toBe('native');
    const cost = async (rows: number): Promise<number> => {
      const table = { type: 'float32', dims: [rows, 4], data: new Float32Array(4 * rows) } as const;
      const y = { type: 'float32', dims: [1, 4], data: new Float32Array(4) } as const;
      const session = await openResident(looksAtOneRow(rows), { feeds: { table }, fetches: { y } });
      const costs: number[] = [];
      for (let time = 0; time < 5; time++) {
        const before = process.cpuUsage();
        for (let run = 0; run < 20; run++) await session.run();
        const { user, system } = process.cpuUsage(before);
        costs.push((user + system) / 1000);
      }
      await session.close();
      return Math.min(...costs);
    };
    // In milliseconds; copying 64 MB twenty times takes more than a hundred.
    expect((await cost(2 ** 22)) - (await cost(4))).toBeLessThan(40);
  });
});
