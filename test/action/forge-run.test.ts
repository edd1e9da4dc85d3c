import { statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { encodeModel, floatInitializer } from '../../pipelines/onnx/graph.ts';
import { git, temporaryFolder } from '../temporary.ts';
import { fettle } from './fettle.ts';

describe('fettle run forge-nano', () => {
  it('refuses words that mean nothing to it, before anything is made', () => {
    const folder = temporaryFolder();
    git(folder, 'init', '--quiet');
    const { code, stderr } = fettle(folder, ['run', 'forge-nano', '--model', 'digits']);
    expect(code).not.toBe(0);
    expect(stderr).toContain('wanted nothing with `forge-nano` for --model, found digits');
    expect(() => statSync(path.join(folder, '.fettle'))).toThrow();
  });
});

describe('fettle quantize, of an ONNX file', () => {
  const folder = temporaryFolder();
  const values = Float32Array.from({ length: 64 * 64 }, (_, at) => Math.sin(at));
  const port = (name: string) => ({ name, type: 'float32' as const, dims: ['N', 64] });
  writeFileSync(
    path.join(folder, 'model.onnx'),
    encodeModel({
      name: 'one-product',
      nodes: [{ operator: 'MatMul', inputs: ['x', 'w'], outputs: ['y'] }],
      initializers: [floatInitializer('w', [64, 64], values)],
      inputs: [port('x')],
      outputs: [port('y')],
      metadata: {},
    }),
  );

  it('writes a smaller graph and says what it kept', () => {
    const { code, stdout } = fettle(folder, [
      'quantize',
      'model.onnx',
      'small.onnx',
      '--codec',
      'int8',
      '--json',
    ]);
    expect(code).toBe(0);
    const { data } = JSON.parse(stdout) as {
      readonly data: { readonly sizeBytes: number; readonly snrDb: number };
    };
    expect(data.sizeBytes).toBe(statSync(path.join(folder, 'small.onnx')).size);
    expect(data.snrDb).toBeGreaterThan(40);
  });

  it('refuses a codec that ONNX Runtime does not multiply, and a budget', () => {
    for (const words of [
      ['--codec', 'seedlm'],
      ['--budget', '9000'],
    ]) {
      const { code, stderr } = fettle(folder, ['quantize', 'model.onnx', 'other.onnx', ...words]);
      expect(code).not.toBe(0);
      expect(stderr).toContain('ternary, int4, int8 for an .onnx file');
    }
  });
});
