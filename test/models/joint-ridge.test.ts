import { describe, expect, it } from 'vitest';
import { randomOf } from '../../pipelines/maths/random.ts';
import { jointRidge, type JointRows, type RidgeParams } from '../../pipelines/models/joint-ridge.ts';
import { peer, peerMissing } from '../peers/peer.ts';
import * as z from 'zod';

const PARAMS: RidgeParams = { penalty: 1, sharing: 1.5, offset: 0.05, iterations: 500, tolerance: 1e-12 };

/** Twelve rows of five columns in two projects, with numbers that any language can make again. */
function rows(): { readonly given: JointRows; readonly dense: readonly (readonly number[])[] } {
  const dense = Array.from({ length: 12 }, (_, row) =>
    Array.from({ length: 5 }, (__, column) => ((row * 7 + column * 3) % 11) / 10),
  );
  const given = {
    offsets: Int32Array.from({ length: 13 }, (_, row) => 5 * row),
    columns: Int32Array.from({ length: 60 }, (_, entry) => entry % 5),
    values: Float64Array.from(dense.flat()),
    width: 5,
    projects: Int32Array.from({ length: 12 }, (_, row) => (row < 7 ? 0 : 1)),
    projectCount: 2,
  };
  return { given, dense };
}

const TARGETS = Float64Array.from({ length: 24 }, (_, index) => ((index * 5) % 7 < 3 ? 1 : -1));

describe('jointRidge', () => {
  it('solves one row by hand: K = (1.5 + 1)·4 + 0.05, a = 1/(K + 1)', () => {
    const given: JointRows = {
      offsets: Int32Array.of(0, 1),
      columns: Int32Array.of(0),
      values: Float64Array.of(2),
      width: 1,
      projects: Int32Array.of(0),
      projectCount: 1,
    };
    const { shared, own, bias } = jointRidge(given, Float64Array.of(1), PARAMS);
    const a = 1 / (2.5 * 4 + 0.05 + 1);
    expect(shared[0]).toBeCloseTo(1.5 * 2 * a, 12);
    expect(own[0]).toBeCloseTo(2 * a, 12);
    expect(bias[0]).toBeCloseTo(0.05 * a, 12);
  });

  it('finds weights of which every row’s residual is its dual coefficient: y − f = λ·a', () => {
    const { given, dense } = rows();
    const { shared, own, bias, residual } = jointRidge(given, TARGETS, PARAMS);
    expect(residual).toBeLessThan(1e-10);
    const dual = dense.map((values, row) =>
      [0, 1].map((label) => {
        const project = given.projects[row]! * 10;
        const parts = values.map((value, column) => {
          return value * (shared[column * 2 + label]! + own[project + column * 2 + label]!);
        });
        return TARGETS[row * 2 + label]! - bias[label]! - parts.reduce((sum, part) => sum + part, 0);
      }),
    );
    const fromDual = dense[0]!.map((_, column) =>
      dense.reduce((sum, values, row) => sum + 1.5 * values[column]! * dual[row]![0]!, 0),
    );
    fromDual.forEach((weight, column) => expect(shared[column * 2]).toBeCloseTo(weight, 9));
  });

  // scikit-learn's kernel ridge takes any kernel: it is given ours, (sharing + [same project])·X·Xᵀ + offset.
  it('agrees with scikit-learn’s KernelRidge on the same kernel', ({ skip }) => {
    const missing = peerMissing('sklearn');
    skip(missing !== null, missing ?? '');
    const { given, dense } = rows();
    const script = [
      'import json, sys, numpy as np',
      'from sklearn.kernel_ridge import KernelRidge',
      'd = json.load(sys.stdin)',
      'X, p, y = np.array(d["x"]), np.array(d["p"]), np.array(d["y"])',
      'K = (1.5 + (p[:, None] == p[None, :])) * (X @ X.T) + 0.05',
      'print(json.dumps(KernelRidge(alpha=1.0, kernel="precomputed").fit(K, y).predict(K).tolist()))',
    ].join('\n');
    const y = dense.map((_, row) => [...TARGETS.subarray(2 * row, 2 * row + 2)]);
    const said = peer(['-c', script], { input: JSON.stringify({ x: dense, p: [...given.projects], y }) });
    const answer = z.array(z.array(z.number())).parse(JSON.parse(said));
    const { shared, own, bias } = jointRidge(given, TARGETS, PARAMS);
    dense.forEach((values, row) => {
      const project = given.projects[row]! * 10;
      for (const label of [0, 1]) {
        const score = values.reduce(
          (sum, value, column) =>
            sum + value * (shared[column * 2 + label]! + own[project + column * 2 + label]!),
          bias[label]!,
        );
        expect(score).toBeCloseTo(answer[row]?.[label] ?? Number.NaN, 8);
      }
    });
  });

  it('keeps projects apart without sharing: the other project’s rows change nothing', () => {
    const { given } = rows();
    const apart = { ...PARAMS, sharing: 0, offset: 0 };
    const turned = TARGETS.map((target, index) => (index < 14 ? target : -target));
    const before = jointRidge(given, TARGETS, apart);
    const after = jointRidge(given, turned, apart);
    before.own.subarray(0, 10).forEach((weight, index) => expect(after.own[index]).toBeCloseTo(weight, 9));
  });

  it('solves each of many labels as if it were alone', () => {
    const { given } = rows();
    const random = randomOf(5);
    const many = Float64Array.from({ length: 12 * 9 }, () => (random.nextFloat() < 0.3 ? 1 : -1));
    const together = jointRidge(given, many, PARAMS);
    const alone = jointRidge(
      given,
      Float64Array.from({ length: 12 }, (_, row) => many[row * 9 + 4]!),
      PARAMS,
    );
    alone.shared.forEach((weight, column) => expect(together.shared[column * 9 + 4]).toBeCloseTo(weight, 8));
  });

  it('leaves a row out of the system of a label of which nobody said anything', () => {
    const { given } = rows();
    const silent = 5;
    const kept = Array.from({ length: 12 }, (_, row) => row).filter((row) => row !== silent);
    const entries = kept.flatMap((row) => [0, 1, 2, 3, 4].map((column) => 5 * row + column));
    const without: JointRows = {
      ...given,
      offsets: Int32Array.from({ length: 12 }, (_, row) => 5 * row),
      columns: Int32Array.from(entries, (entry) => entry % 5),
      values: Float64Array.from(entries, (entry) => given.values[entry]!),
      projects: Int32Array.from(kept, (row) => given.projects[row]!),
    };
    const targets = TARGETS.map((target, index) => (index === 2 * silent ? 0 : target));
    const found = jointRidge(given, targets, PARAMS);
    const first = jointRidge(
      without,
      Float64Array.from(kept, (row) => TARGETS[2 * row]!),
      PARAMS,
    );
    const all = jointRidge(given, TARGETS, PARAMS);
    first.own.forEach((weight, at) => expect(found.own[2 * at]).toBeCloseTo(weight, 9));
    expect(found.bias[0]).toBeCloseTo(first.bias[0] ?? Number.NaN, 9);
    // The other label has the row still.
    all.own.forEach((weight, at) => at % 2 === 1 && expect(found.own[at]).toBeCloseTo(weight, 9));
    expect(Math.abs((found.own[0] ?? 0) - (all.own[0] ?? 0))).toBeGreaterThan(1e-4);
  });
});
