import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { optimise } from '../../action/verbs/optimise.ts';
import type { Paint, VerbContext } from '../../action/verbs/verb.ts';
import { fileUnreadable } from '../../action/faults.ts';
import { problemUnfit } from '../../pipelines/faults.ts';
import { randomDense, smallest } from '../solvers/problems.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import { temporaryFolder } from '../temporary.ts';
import { fettle } from './fettle.ts';

const same = (text: string): string => text;
const PLAIN: Paint = {
  bold: same,
  dim: same,
  good: same,
  bad: same,
  warn: same,
  table: (rows) => rows.map((row) => row.join(' | ')).join('\n'),
};

async function solved(text: string, options: Readonly<Record<string, unknown>> = {}) {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'problem'), text);
  const context: VerbContext = {
    folder,
    now: () => '2026-11-20T00:00:00.000Z',
    progress: { step: () => ({ tell: () => {}, end: () => {} }), say: () => {} },
    dryRun: false,
    actor: null,
    source: { door: 'cli' },
    secrets: {
      keys: null,
      stores: { github: { token: null, api: '', repository: null }, oci: [], s3: null },
    },
  };
  const told = await optimise.run(context, { file: 'problem', ...options });
  return { data: told.data, text: told.text(PLAIN) };
}

const GSET_G43 = path.resolve(import.meta.dirname, '../../../shared/data/gset/G43.txt');
const Course = z.object({
  classical: z.object({ course: z.array(z.object({ ms: z.number(), energy: z.number() })).min(2) }),
});

function quboText(): { readonly text: string; readonly best: number } {
  const dense = { ...randomDense(9, { density: 0.9, random: randomOf(51) }), offset: 0 };
  const own = dense.linear.map((weight, i) => `${i} ${i} ${weight}`);
  const pairs = dense.couplings.map(({ i, j, weight }) => `${i} ${j} ${weight}`);
  const head = `p qubo 0 9 ${own.length} ${pairs.length}`;
  return { text: [head, ...own, ...pairs].join('\n'), best: smallest(dense) };
}

describe('fettle optimise', () => {
  it('tells the best value, that it is proven, and that quantum has no advantage', async () => {
    const { text, best } = quboText();
    const { data, text: said } = await solved(text, { depth: '4' });
    expect(data).toMatchObject({
      classical: { value: best, proof: 'every part was proven' },
      quantum: { value: best },
      verdict: { winner: 'neither' },
    });
    expect(said).toMatch(new RegExp(`value ${best} in \\d+ ms, the best: every part was proven`));
    expect(said).toContain('No advantage.');
  });

  it.each(['exhaustive', 'anneal', 'tempering', 'tabu', 'sqa', 'mip'])(
    'takes the solver %s',
    async (solver) => {
      const { text, best } = quboText();
      const { data } = await solved(text, { solver, qubits: '0', flips: '100000' });
      expect(data).toMatchObject({ classical: { value: best, solvers: [solver] }, quantum: null });
    },
  );

  it('simulates the eigensolver in place of QAOA, and tunes for a share of the shots, when asked', async () => {
    const { text, best } = quboText();
    const { data, text: said } = await solved(text, { circuit: 'vqe', depth: '1' });
    expect(data).toMatchObject({ quantum: { circuit: 'vqe', value: best, angles: null } });
    expect(said).toContain('simulated VQE');
    const { data: tail } = await solved(text, { share: '0.1', depth: '2' });
    const { data: mean } = await solved(text, { depth: '2' });
    expect(tail).toMatchObject({ quantum: { circuit: 'qaoa', value: best } });
    expect(tail).not.toEqual(mean);
    await expect(solved(text, { share: '0' })).rejects.toThrow();
  });

  it('says classical won where too few shots of too shallow a circuit miss the best', async () => {
    const { data, text } = await solved(quboText().text, { depth: '1', shots: '1' });
    expect(data).toMatchObject({ verdict: { winner: 'classical' } });
    expect(text).toContain('Classical won');
  });

  it('says so when the solver found more than the shots did', async () => {
    const { data } = await solved(quboText().text, { solver: 'tabu', flips: '1', depth: '4' });
    expect(data).toMatchObject({ verdict: { winner: 'simulated quantum' } });
  });

  it('says that no qubit was needed where reductions are enough', async () => {
    const { text } = await solved('4 3\n1 2 1\n2 3 1\n3 4 1\n');
    expect(text).toContain('no qubit was needed');
  });

  it('says that no choice meets clauses that contradict each other', async () => {
    const { text, data } = await solved('h 1 0\nh -1 0\n');
    expect(text).toContain('No choice meets every clause that must hold.');
    expect(data).toMatchObject({ classical: { allowed: false } });
  });

  it('refuses a file that is not there, and one that is no problem', async () => {
    await expect(solved('3 1\n1 2 1\n', { file: 'none.txt' })).rejects.toThrowFault(fileUnreadable);
    await expect(solved('p what\n')).rejects.toThrowFault(problemUnfit);
  });

  it.runIf(existsSync(GSET_G43))(
    'tells how the least value fell, and stops where the best known cut is found',
    async () => {
      const { data, text } = await solved(readFileSync(GSET_G43, 'utf8'), { solver: 'anneal' });
      expect(data).toMatchObject({ classical: { value: 6660 }, bestKnown: { energy: -6660 } });
      expect(text).toContain('as good as the best known for G43 of the Gset');
      expect(text).toContain('the least energy by time');
      expect(Course.parse(data).classical.course.at(-1)).toMatchObject({ energy: -6660 });
      const { text: short } = await solved(readFileSync(GSET_G43, 'utf8'), { solver: 'tabu', flips: '1000' });
      expect(short).toMatch(/\d+ short of the best known for G43/);
    },
  );

  it('tells every solver beside the others when asked, of what is small enough to know the truth', async () => {
    const { data, text } = await solved(quboText().text, { compare: true });
    expect(data).toMatchObject({
      verdict: { winner: 'neither' },
      comparison: { problems: [{ n: 9 }], verdict: { answer: 'no advantage', by: null } },
    });
    expect(text).toContain('Every solver beside the others');
    expect(text).toContain('exhaustive | exact | 1 of 1');
    const large = `21 21\n${Array.from({ length: 21 }, (_, i) => `${i + 1} ${((i + 1) % 21) + 1} 1`).join('\n')}`;
    await expect(solved(large, { compare: true })).rejects.toThrowFault(problemUnfit);
  });

  it('works from the command line, without a registry', () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'ring.txt'), '5 5\n1 2 1\n2 3 1\n3 4 1\n4 5 1\n5 1 1\n');
    const { code, stdout } = fettle(folder, ['optimise', 'ring.txt', '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      data: { classical: { value: 4, proof: 'every part was proven' } },
    });
  });
});
