import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { optimise } from '../../action/verbs/optimise.ts';
import type { Paint, VerbContext } from '../../action/verbs/verb.ts';
import { randomOf } from '../../pipelines/maths/random.ts';
import {
  circuitNotOver,
  countsMisshapen,
  machineOffline,
  machineUnknown,
  priceUnknown,
  quoteTooDear,
  serviceNotTold,
  serviceRefused,
  spendingLimitMissing,
} from '../../pipelines/runners/faults.ts';
import { API_KEY, CRN, openIbm, type IbmFake } from '../fakes/ibm-quantum.ts';
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

const PROBLEM = (() => {
  const dense = { ...randomDense(7, { density: 0.9, random: randomOf(52) }), offset: 0 };
  const own = dense.linear.map((weight, i) => `${i} ${i} ${weight}`);
  const pairs = dense.couplings.map(({ i, j, weight }) => `${i} ${j} ${weight}`);
  const head = `p qubo 0 7 ${own.length} ${pairs.length}`;
  return { text: [head, ...own, ...pairs].join('\n'), best: smallest(dense) };
})();

let fake: IbmFake;
let folder: string;
beforeEach(async () => {
  fake = await openIbm();
  fake.looks = 1;
  folder = temporaryRepository();
  settings({});
  writeFileSync(path.join(folder, 'problem'), PROBLEM.text);
});
afterEach(() => fake.close());

function settings(more: Readonly<Record<string, string | boolean | null>>): void {
  const here = { instance: CRN, plan: 'pay-as-you-go', endpoint: fake.url.href, iam: fake.iam.href };
  mkdirSync(path.join(folder, '.github'), { recursive: true });
  const told = JSON.stringify({ quantum: { ibm: { ...here, ...more } } });
  writeFileSync(path.join(folder, '.github/fettle.yml'), told);
}

async function optimised(words: Readonly<Record<string, unknown>>, changes: Partial<VerbContext> = {}) {
  const stores = { github: { token: null, api: '', repository: null }, oci: [], s3: null, ibmKey: API_KEY };
  const context: VerbContext = {
    folder,
    now: () => fake.now(),
    progress: { step: () => ({ tell: () => {}, end: () => {} }), say: () => {} },
    dryRun: false,
    actor: null,
    source: { door: 'cli' },
    secrets: { keys: null, stores },
    ...changes,
  };
  const told = await optimise.run(context, {
    file: 'problem',
    runner: 'ibm-quantum',
    device: 'ibm_fez',
    spendMost: '10',
    ...words,
  });
  return { data: told.data, text: told.text(PLAIN) };
}

describe('fettle optimise --runner ibm-quantum', () => {
  it('runs the circuit there, tells what it cost at most, and that it has no advantage', async () => {
    const { data, text } = await optimised({});
    expect(data).toMatchObject({
      classical: { value: PROBLEM.best },
      quantum: { value: PROBLEM.best, shots: 1000 },
      elsewhere: { by: 'ibm_fez (ibm-quantum)', real: true, spent: '$8.00', fallbacks: [] },
      verdict: { winner: 'neither' },
    });
    expect(text).toContain('The answer is that of ibm_fez (ibm-quantum); $8.00 were spent.');
    expect(text).toContain('No advantage.');
    expect(fake.jobs.map(({ body }) => [body.backend, body.cost])).toEqual([['ibm_fez', 5]]);
    expect(readdirSync(path.join(folder, '.fettle/quantum'))).toHaveLength(1);
  });

  it('takes the machine of the settings, and its fractional gates where they are wished for', async () => {
    settings({ backend: 'ibm_fez', fractional: true });
    const { data } = await optimised({ device: undefined });
    expect(data).toMatchObject({ quantum: { value: PROBLEM.best } });
    expect(fake.jobs[0]?.body.params.pubs[0]?.[0]).toContain('rzz(');
  });

  it('pays once for the same words, and again for another attempt', async () => {
    const first = await optimised({});
    const second = await optimised({});
    expect(second.data).toMatchObject({ quantum: (first.data as { quantum: unknown }).quantum });
    expect(fake.jobs).toHaveLength(1);
    await optimised({ attempt: '2' });
    expect(fake.jobs).toHaveLength(2);
  });

  it('only quotes when it runs dry', async () => {
    const { data, text } = await optimised({ spendMost: '7.99' }, { dryRun: true });
    expect(data).toMatchObject({ quotes: [{ quote: { cost: 8_000_000, queue: 7 } }] });
    expect(text).toContain('ibm_fez (ibm-quantum) | $8.00 | 7 | now | no');
    expect(text).toContain(
      'likely 2.5 s and at most 5 s at $1.60 a second (pay-as-you-go), by prices of 2026-05-25',
    );
    expect(fake.jobs).toHaveLength(0);
    expect(readdirSync(folder)).not.toContain('.fettle');
  });

  it.each<readonly [string, () => void, { readonly code: string }, string]>([
    ['is unknown', () => fake.machines.delete('ibm_fez'), machineUnknown, '$0.00'],
    ['is closed', () => void (fake.machines.get('ibm_fez')!.closed = 'maintenance'), machineOffline, '$0.00'],
    ['has no price', () => settings({ plan: null }), priceUnknown, '$0.00'],
    ['has no limit', () => void (fake.usage.limit = null), spendingLimitMissing, '$0.00'],
    ['stops it', () => void (fake.ending = 'Cancelled - Ran too long'), circuitNotOver, '$8.00'],
    ['breaks', () => void (fake.ending = 'Failed'), circuitNotOver, '$0.00'],
    ['leaves too little', () => void (fake.leaving = 'too few shots'), countsMisshapen, '$8.00'],
    ['refuses the key', () => settings({ instance: CRN.replace('4567', '1') }), serviceRefused, '$0.00'],
  ])('simulates here where the machine %s, and tells why', async (_, change, fault, spent) => {
    change();
    const { data } = await optimised({});
    expect(data).toMatchObject({
      quantum: { value: PROBLEM.best },
      elsewhere: {
        by: 'own simulator',
        real: false,
        spent,
        fallbacks: [{ from: 'ibm_fez (ibm-quantum)', code: fault.code }],
      },
    });
  });

  it('spends nothing where it may not', async () => {
    const { data } = await optimised({ spendMost: '0' });
    expect(data).toMatchObject({ elsewhere: { fallbacks: [{ code: quoteTooDear.code }] } });
    expect(fake.jobs).toHaveLength(0);
  });

  it('wants a key, an instance and a machine', async () => {
    const stores = { github: { token: null, api: '', repository: null }, oci: [], s3: null };
    await expect(optimised({}, { secrets: { keys: null, stores } })).rejects.toThrowFault(serviceNotTold);
    await expect(optimised({ device: undefined })).rejects.toThrowFault(serviceNotTold);
    settings({ instance: null });
    await expect(optimised({})).rejects.toThrowFault(serviceNotTold);
    expect(fake.seen).toEqual([]);
  });

  it('takes its key from the environment of the command line, and shows it nowhere', async () => {
    const words = [
      'optimise',
      'problem',
      '--runner',
      'ibm-quantum',
      '--device',
      'ibm_fez',
      '--spend-most',
      '10',
    ];
    const cli = path.resolve(import.meta.dirname, '../../action/cli.ts');
    const child = spawn(process.execPath, [cli, ...words], {
      cwd: folder,
      env: cleanEnvironment({ QISKIT_IBM_TOKEN: API_KEY }),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    child.stdout.on('data', (piece) => (said += String(piece)));
    child.stderr.on('data', (piece) => (said += String(piece)));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    expect(said).toContain('$8.00 were spent');
    expect(said).not.toContain(API_KEY);
  });
});
