import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { inputWrong } from '../../action/faults.ts';
import { optimise } from '../../action/verbs/optimise.ts';
import type { Paint, VerbContext } from '../../action/verbs/verb.ts';
import { problemUnfit } from '../../pipelines/faults.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import {
  answerBroken,
  circuitUnfit,
  countsMissing,
  machineOffline,
  machineUnknown,
  pricesForeign,
  priceUnknown,
  quoteTooDear,
  serviceNotTold,
} from '../../pipelines/runners/faults.ts';
import { SolverRow } from '../../registry/schema/optimisation.ts';
import { openBraket, type BraketFake } from '../fakes/braket.ts';
import { ARNS } from '../fakes/braket-shapes.ts';
import { allow, BUCKET } from '../runners/braket-bench.ts';
import { randomDense, smallest } from '../solvers/problems.ts';
import { temporaryRepository } from '../temporary.ts';
import { cleanEnvironment } from './fettle.ts';

const same = (text: string): string => text;
const PLAIN: Paint = {
  bold: same,
  dim: same,
  good: same,
  bad: same,
  warn: same,
  table: (rows) => rows.map((row) => row.join(' | ')).join('\n'),
};

let fake: BraketFake;
let folder: string;
beforeEach(async () => {
  fake = await openBraket();
  allow(fake, ARNS.garnet, 50);
  folder = temporaryRepository();
  settings({});
  writeFileSync(path.join(folder, 'problem'), PROBLEM.text);
});
afterEach(() => fake.close());

function settings(more: Readonly<Record<string, string | null>>): void {
  const here = { bucket: BUCKET, endpoint: fake.url.href, storage: fake.url.href };
  mkdirSync(path.join(folder, '.github'), { recursive: true });
  const told = JSON.stringify({ quantum: { braket: { ...here, ...more } } });
  writeFileSync(path.join(folder, '.github/fettle.yml'), told);
}

const PROBLEM = (() => {
  const dense = { ...randomDense(9, { density: 0.9, random: randomOf(51) }), offset: 0 };
  const own = dense.linear.map((weight, i) => `${i} ${i} ${weight}`);
  const pairs = dense.couplings.map(({ i, j, weight }) => `${i} ${j} ${weight}`);
  const head = `p qubo 0 9 ${own.length} ${pairs.length}`;
  return { text: [head, ...own, ...pairs].join('\n'), best: smallest(dense) };
})();

async function optimised(words: Readonly<Record<string, unknown>>, changes: Partial<VerbContext> = {}) {
  const said: string[] = [];
  const context: VerbContext = {
    folder,
    now: () => fake.now(),
    progress: { step: () => ({ tell: () => {}, end: () => {} }), say: (line) => void said.push(line) },
    dryRun: false,
    actor: null,
    source: { door: 'cli' },
    secrets: {
      keys: null,
      stores: {
        github: { token: null, api: '', repository: null },
        oci: [],
        s3: { ...fake.key, sessionToken: null },
      },
    },
    ...changes,
  };
  const told = await optimise.run(context, {
    file: 'problem',
    runner: 'braket',
    device: 'Garnet',
    spendMost: '2',
    depth: '4',
    ...words,
  });
  return { data: told.data, text: told.text(PLAIN), said };
}

describe('fettle optimise --runner braket', () => {
  it('runs the circuit there, tells what it cost, and that it has no advantage', async () => {
    const { data, text, said } = await optimised({});
    expect(data).toMatchObject({
      classical: { value: PROBLEM.best },
      quantum: { value: PROBLEM.best, shots: 1000 },
      elsewhere: { by: 'Garnet (braket)', real: true, spent: '$1.75', fallbacks: [] },
      verdict: { winner: 'neither' },
    });
    expect(text).toContain('QAOA on Garnet (braket)');
    expect(text).toContain('The answer is that of Garnet (braket); $1.75 were spent.');
    expect(text).toContain('No advantage.');
    expect(said).toEqual(['Garnet (braket): waiting, 3 before it', 'Garnet (braket): running']);
    expect(readdirSync(path.join(folder, '.fettle/quantum'))).toHaveLength(1);
  });

  it('takes part in a comparison with its queue and its dollars, and not where nobody waited for it', async () => {
    const Rows = z.object({
      comparison: z.object({
        verdict: z.object({ answer: z.string(), reason: z.string() }),
        rows: z.array(SolverRow),
      }),
    });
    const { data } = await optimised({ compare: true });
    const { rows, verdict } = Rows.parse(data).comparison;
    const machine = rows.find(({ kind }) => kind === 'quantum');
    expect(machine).toMatchObject({ by: 'Garnet (braket)', shots: 1000, solved: 1 });
    expect(machine?.standings[0]?.attempts).toBe(1000);
    // A shot of $1.75 for a thousand, as often as the best takes to be there with 99%.
    const chance = Number(machine?.chance);
    const repetitions = Math.max(1, Math.log(0.01) / Math.log(1 - chance));
    expect(Number(machine?.dollars)).toBeCloseTo(0.001_75 * repetitions, 4);
    expect(machine?.queueMs).toBeGreaterThan(0);
    expect(Number(machine?.tts.value)).toBeGreaterThan(machine?.queueMs ?? 0);
    expect(verdict).toMatchObject({ answer: 'no advantage' });
    expect(verdict.reason).toContain('Garnet (braket) came nearest');

    const known = await optimised({ compare: true });
    const again = Rows.parse(known.data).comparison;
    expect(known.text).toContain('No machine takes part');
    expect(again.rows.filter(({ kind }) => kind === 'quantum')).toEqual([]);
  });

  it('takes the angles from where it is told', async () => {
    const { data } = await optimised({ angles: 'fixed', depth: '11' });
    expect(data).toMatchObject({
      quantum: { evaluations: 0, angles: { gammas: { length: 11 } } },
      elsewhere: { by: 'Garnet (braket)' },
    });
    expect(fake.tasks).toHaveLength(1);
  });

  it('pays once for the same words, and again for another attempt', async () => {
    const first = await optimised({});
    const second = await optimised({});
    expect(second.data).toMatchObject({ quantum: (first.data as { quantum: unknown }).quantum });
    expect(fake.tasks).toHaveLength(1);
    await optimised({ attempt: '2' });
    expect(fake.tasks).toHaveLength(2);
  });

  it('only quotes when it runs dry', async () => {
    const { data, text } = await optimised({ spendMost: '1.74' }, { dryRun: true });
    expect(data).toMatchObject({
      quotes: [{ quote: { cost: 1_750_000 } }, { quote: { cost: 3750 }, refused: null }],
    });
    expect(text).toContain('Garnet (braket) | $1.75 | 0 | now | no');
    expect(text).toContain('sv1 (braket) | $0.00375 | 0 | now | yes');
    expect(text).toContain('1 task at $0.30 and 1,000 shots at $0.00145, by prices of 2025');
    expect(text).toContain('Nothing was sent.');
    expect(fake.tasks).toHaveLength(0);
    expect(readdirSync(folder)).not.toContain('.fettle');
  });

  it('goes down to the simulator of the service, and tells why', async () => {
    fake.fail('CreateQuantumTask', { kind: 'error', name: 'DeviceOfflineException', status: 424 });
    const { data, text } = await optimised({});
    expect(data).toMatchObject({
      quantum: { value: PROBLEM.best },
      elsewhere: {
        by: 'sv1 (braket)',
        real: false,
        fallbacks: [{ from: 'Garnet (braket)', code: machineOffline.code }],
      },
    });
    const runs = path.join(folder, '.fettle/optimised');
    const [record = ''] = readdirSync(runs);
    expect(record).toMatch(/^optimise-[0-9a-f]{16}-1\.json$/);
    expect(JSON.parse(readFileSync(path.join(runs, record), 'utf8'))).toMatchObject({
      by: 'sv1 (braket)',
      fallbacks: [{ from: 'Garnet (braket)', code: machineOffline.code }],
    });
    expect(text).toContain('Garnet (braket) gave no answer: wanted arn:aws:braket:eu-north-1');
  });

  it('simulates here where it may spend nothing, and where nothing answers at all', async () => {
    const codes = (data: unknown) =>
      (data as { elsewhere: { fallbacks: { code: string }[] } }).elsewhere.fallbacks.map(({ code }) => code);
    const cheap = await optimised({ spendMost: '0' });
    expect(cheap.data).toMatchObject({
      elsewhere: { by: 'own simulator' },
      quantum: { value: PROBLEM.best },
    });
    expect(codes(cheap.data)).toEqual([quoteTooDear.code, quoteTooDear.code]);
    fake.fail('GetDevice', { kind: 'error', name: 'AccessDeniedException', status: 403 }, 1);
    fake.fail('GetDevice', { kind: 'error', name: 'ResourceNotFoundException', status: 404 }, 1);
    const refused = await optimised({ attempt: '2' });
    expect(codes(refused.data)).toEqual(['runners/service-refused', machineUnknown.code]);
  });

  it('never pays for the simulator what was lost on the machine', async () => {
    fake.leaves = () => null;
    const { data } = await optimised({ spendMost: '1.752' });
    expect(data).toMatchObject({
      elsewhere: {
        by: 'own simulator',
        spent: '$1.75',
        fallbacks: [{ code: countsMissing.code }, { from: 'sv1 (braket)', code: quoteTooDear.code }],
      },
    });
  });

  it('tells the classical answer alone where the problem is too large for every machine', async () => {
    const n = 40;
    const edges = Array.from({ length: n }, (_, i) =>
      [1, 2, 3, 5, 7].map((far) => `${i + 1} ${((i + far) % n) + 1} 1`),
    );
    writeFileSync(path.join(folder, 'large'), [`${n} ${5 * n}`, ...edges.flat()].join('\n'));
    const { data, text } = await optimised({ file: 'large', flips: '1000000' });
    expect(data).toMatchObject({
      quantum: null,
      elsewhere: { by: 'anneal' },
      verdict: { winner: 'not compared' },
    });
    expect(text).toContain('no machine ran the circuit');
    expect(fake.tasks).toHaveLength(0);
  });

  it('searches all assignments where one flip of a search broke what must hold', async () => {
    // Every clause is met by these bits, and 25 variables are more than are simulated here.
    const random = randomOf(7);
    const planted = Array.from({ length: 25 }, () => random.nextBelow(2) === 1);
    const literal = (variable: number, met: boolean) => (planted[variable] === met ? 1 : -1) * (variable + 1);
    const clauses = Array.from({ length: 120 }, () => {
      const [a, b] = [random.nextBelow(25), random.nextBelow(24)];
      const other = b < a ? b : b + 1;
      return `h ${literal(a, true)} ${literal(other, random.nextBelow(8) === 0)} 0`;
    });
    const wishes = planted.map((_, variable) => `1 ${literal(variable, random.nextBelow(3) > 0)} 0`);
    writeFileSync(path.join(folder, 'planted.wcnf'), [...clauses, ...wishes].join('\n'));
    const words = { file: 'planted.wcnf', solver: 'tabu', flips: '1', spendMost: '0', shots: '10' };
    const { data } = await optimised(words);
    expect(data).toMatchObject({
      reduced: { parts: [25] },
      classical: { allowed: true, proof: 'every part was proven', solvers: ['exhaustive'] },
      elsewhere: {
        by: 'exact',
        fallbacks: [
          { code: circuitUnfit.code },
          { code: quoteTooDear.code },
          { from: 'own simulator', code: problemUnfit.code },
          { from: 'tabu', code: answerBroken.code },
        ],
      },
    });
  });

  it.each(['https://example.org/index.csv', 'https://prices.s3.amazonaws.com/index.csv'])(
    'takes no prices of somebody else: %s',
    async (prices) => {
      settings({ prices });
      await expect(optimised({})).rejects.toThrowFault(pricesForeign);
      expect(fake.calls).toEqual([]);
    },
  );

  it('reads newer prices where the settings name a list', async () => {
    fake.prices = [
      'a',
      'b',
      '"Publication Date","2026-11-01T00:00:00Z"',
      'c',
      'd',
      'PricePerUnit,Currency',
      '1,USD',
    ].join('\n');
    settings({ prices: new URL('/prices/index.csv', fake.url).href });
    const dry = await optimised({}, { dryRun: true });
    expect(dry.text).toContain('found none among those of 2026-11-01');
    const { data } = await optimised({});
    expect(data).toMatchObject({
      elsewhere: {
        by: 'own simulator',
        fallbacks: [{ code: priceUnknown.code }, { code: priceUnknown.code }],
      },
    });
    expect(fake.tasks).toHaveLength(0);
  });

  it('wants a sum, a circuit that machines run, credentials, a bucket, and a machine that there is', async () => {
    await expect(optimised({ spendMost: undefined })).rejects.toThrowFault(inputWrong);
    await expect(optimised({ circuit: 'vqe' })).rejects.toThrowFault(inputWrong);
    await expect(optimised({ device: 'Aspen-9' })).rejects.toThrowFault(machineUnknown);
    const stores = { github: { token: null, api: '', repository: null }, oci: [], s3: null };
    const without = { secrets: { keys: null, stores } };
    await expect(optimised({}, without)).rejects.toThrowFault(serviceNotTold);
    settings({ bucket: null });
    await expect(optimised({})).rejects.toThrowFault(serviceNotTold);
    expect(fake.calls).toHaveLength(0);
  });

  it('takes its credentials from the environment of the command line, and shows them nowhere', async () => {
    const words = ['optimise', 'problem', '--runner', 'braket', '--device', 'Garnet', '--spend-most', '2.00'];
    const { accessKeyId, secretAccessKey } = fake.key;
    const env = cleanEnvironment({ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey });
    const cli = path.resolve(import.meta.dirname, '../../action/cli.ts');
    const child = spawn(process.execPath, [cli, ...words], {
      cwd: folder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (piece) => (said += String(piece)));
    child.stderr.on('data', (piece) => (said += String(piece)));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(said).toContain('$1.75 were spent');
    expect(said).not.toContain(secretAccessKey);
  });
});
