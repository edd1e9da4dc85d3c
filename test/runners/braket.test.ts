import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { storeAddressRefused } from '../../pipelines/faults.ts';
import type { Counts } from '../../pipelines/quantum/counts.ts';
import { braketCalls } from '../../pipelines/runners/braket-client.ts';
import { pricesIn } from '../../pipelines/runners/braket-prices.ts';
import type { CircuitJob } from '../../pipelines/runners/circuit-runner.ts';
import { claimKey } from '../../pipelines/runners/claims.ts';
import {
  circuitNotOver,
  circuitUnfit,
  claimUnreadable,
  countsCutOff,
  countsMisshapen,
  countsMissing,
  machineOffline,
  machineRetired,
  machineUnknown,
  priceUnknown,
  quoteTooDear,
  serviceRefused,
  serviceUnreachable,
  spendingLimitMissing,
} from '../../pipelines/runners/faults.ts';
import { dollarsText, microDollarsOf } from '../../pipelines/runners/money.ts';
import { energyOf, quboOf } from '../../pipelines/solvers/qubo.ts';
import { PLAIN, type Wording } from '../fakes/braket-results.ts';
import { ARNS } from '../fakes/braket-shapes.ts';
import { openBraket, type BraketFake, type Mishap, type Operation } from '../fakes/braket.ts';
import { Register } from '../quantum/gates.ts';
import { temporaryFolder } from '../temporary.ts';
import { allow, ANGLES, IMPATIENT, jobOf, LOPSIDED, runnerAt, untilEnded } from './braket-bench.ts';

let fake: BraketFake;
let folder: string;
beforeEach(async () => {
  fake = await openBraket();
  folder = temporaryFolder();
  allow(fake, ARNS.garnet, 50);
});
afterEach(() => fake.close());

/** From submitting to counts. */
async function ranOn(device: string, job: CircuitJob): Promise<readonly Counts[]> {
  const runner = await runnerAt(fake, folder, { device });
  const ticket = await runner.submit(job);
  expect(await untilEnded(runner, ticket)).toMatchObject({ state: 'over' });
  return runner.collect(ticket);
}

const bought = (): number => fake.calls.filter(({ operation }) => operation === 'CreateQuantumTask').length;

/** QAOA by its definition: phases of energies, then X rotations. */
function probabilitiesByDefinition(): readonly number[] {
  const register = new Register(LOPSIDED.n);
  for (let q = 0; q < LOPSIDED.n; q++) register.hadamard(q);
  ANGLES.gammas.forEach((gamma, k) => {
    register.amplitudes = register.amplitudes.map(([re, im], x) => {
      const turn = -gamma * energyOf(LOPSIDED, Uint8Array.from([x & 1, (x >> 1) & 1, (x >> 2) & 1]));
      const [cos, sin] = [Math.cos(turn), Math.sin(turn)];
      return [re * cos - im * sin, re * sin + im * cos];
    });
    for (let q = 0; q < LOPSIDED.n; q++) register.rx(q, 2 * (ANGLES.betas[k] ?? 0));
  });
  return register.probabilities();
}

describe('a job on Braket', () => {
  it('counts what the circuit shows, with bit q of an index for variable q', async () => {
    const shots = 20_000;
    const [counts] = await ranOn(ARNS.garnet, jobOf({ shots, spendMost: microDollarsOf(30) }));
    expect(counts).toMatchObject({ n: 3, shots });
    probabilitiesByDefinition().forEach((probability, index) => {
      const share = (counts?.times.get(BigInt(index)) ?? 0) / shots;
      const deviation = Math.sqrt((probability * (1 - probability)) / shots);
      expect(Math.abs(share - probability)).toBeLessThan(5 * deviation);
    });
  });

  it.each<Partial<Wording>>([
    { order: [2, 0, 1] },
    { form: 'probabilities' },
    { form: 'probabilities', order: [1, 2, 0] },
  ])('counts the same however the machine words it: %j', async (wording) => {
    const [plain] = await ranOn(ARNS.garnet, jobOf());
    const second = await openBraket();
    await fake.close();
    fake = second;
    allow(fake, ARNS.garnet, 50);
    folder = temporaryFolder();
    fake.wording = { ...PLAIN, ...wording };
    expect(await ranOn(ARNS.garnet, jobOf())).toEqual([plain]);
  });

  it('tells its place in the queue, and how long to wait before asking again', async () => {
    fake.position = '>2000';
    const runner = await runnerAt(fake, folder);
    const ticket = await runner.submit(jobOf());
    expect(ticket.id).toBe(fake.tasks[0]?.arn);
    expect(await runner.poll(ticket)).toEqual({ state: 'waiting', queue: 2000, reason: null, askAgainMs: 1 });
    expect(await runner.poll(ticket)).toMatchObject({ state: 'running', queue: null });
  });

  it('is found again though the limit is used up by it', async () => {
    fake.limits.length = 0;
    allow(fake, ARNS.garnet, 2);
    const first = await (await runnerAt(fake, folder)).submit(jobOf());
    expect((await (await runnerAt(fake, folder)).submit(jobOf())).id).toBe(first.id);
  });

  it('gives nothing where it was never submitted', async () => {
    const runner = await runnerAt(fake, folder);
    await expect(runner.collect({ job: jobOf(), id: 'none' })).rejects.toThrowFault(circuitNotOver);
  });

  it('says why it failed', async () => {
    fake.life = ['QUEUED', 'FAILED'];
    fake.reason = 'calibration drifted';
    const runner = await runnerAt(fake, folder);
    const ticket = await runner.submit(jobOf());
    expect(await untilEnded(runner, ticket)).toMatchObject({
      state: 'failed',
      reason: 'calibration drifted',
    });
    await expect(runner.collect(ticket)).rejects.toThrow('calibration drifted');
  });
});

describe('several programs', () => {
  const other = quboOf({ n: 2, linear: [-1, 2], couplings: [] });
  const three = [
    { problem: LOPSIDED, angles: ANGLES },
    { problem: other, angles: ANGLES },
    { problem: LOPSIDED, angles: { gammas: [0.1], betas: [0.2] } },
  ];

  it.each([false, true])(
    'go under one fee where the machine takes sets, results apart: %s',
    async (apart) => {
      fake.wording = { ...PLAIN, apart };
      const job = jobOf({ programs: three });
      const quote = await (await runnerAt(fake, folder)).quote(job);
      // 0.30 + 3 · 1000 · 0.00145
      expect(dollarsText(quote.cost)).toBe('$4.65');
      const counts = await ranOn(ARNS.garnet, job);
      expect(counts.map(({ n, shots }) => [n, shots])).toEqual([
        [3, 1000],
        [2, 1000],
        [3, 1000],
      ]);
      expect(fake.tasks.map(({ shots }) => shots)).toEqual([3000]);
    },
  );

  it('are as many tasks as the machine’s sets want', async () => {
    const device = fake.devices.get(ARNS.garnet);
    if (device !== undefined) device.sets = { maximumExecutables: 2, maximumTotalShots: 100_000 };
    const counts = await ranOn(ARNS.garnet, jobOf({ programs: three }));
    expect(counts.map(({ n }) => n)).toEqual([3, 2, 3]);
    expect(fake.tasks.map(({ shots }) => shots)).toEqual([2000, 1000]);
  });

  it('are a task each where it takes no sets, of at least three seconds', async () => {
    const runner = await runnerAt(fake, folder, { device: ARNS.sv1 });
    const quote = await runner.quote(jobOf({ programs: three, spendMost: microDollarsOf(0.15) }));
    // Three seconds of 0.075 a minute are 0.00375; 0.15 buys two minutes, 40 seconds of each.
    expect(quote).toMatchObject({ cost: 11_250, runMsMost: 40_000 });
    expect((await ranOn(ARNS.sv1, jobOf({ programs: three }))).map(({ n }) => n)).toEqual([3, 2, 3]);
    expect(fake.tasks).toHaveLength(3);
  });

  it('have no counts where one of them failed', async () => {
    fake.wording = { ...PLAIN, failing: 1 };
    await expect(ranOn(ARNS.garnet, jobOf({ programs: three }))).rejects.toThrow(
      'program 2: the machine lost',
    );
  });
});

describe('money', () => {
  it('is refused by a cent too little, and taken to the cent', async () => {
    const runner = await runnerAt(fake, folder);
    // 0.30 + 1000 · 0.00145
    const quote = await runner.quote(jobOf());
    expect(quote).toMatchObject({ cost: 1_750_000, pricesOf: '2025', queue: 0, opensAt: null });
    expect(quote.says).toBe('1 task at $0.30 and 1,000 shots at $0.00145');
    const short = runner.submit(jobOf({ spendMost: microDollarsOf(1.74) }));
    await expect(short).rejects.toThrowFault(quoteTooDear);
    expect(bought()).toBe(0);
    await runner.submit(jobOf({ spendMost: microDollarsOf(1.75) }));
    expect(fake.tasks.map(({ cost }) => cost)).toEqual([1.75]);
  });

  it('needs a limit of the service that is in force and not used up', async () => {
    const runner = await runnerAt(fake, folder);
    for (const [from, to, dollars] of [
      [-100, -1, 50],
      [3600, 7200, 50],
      [-1, 7200, 1.74],
    ] as const) {
      const now = Date.now() / 1000;
      fake.limits.splice(0, 1, { deviceArn: ARNS.garnet, from: now + from, to: now + to, dollars });
      await expect(runner.submit(jobOf())).rejects.toThrowFault(spendingLimitMissing);
    }
    fake.limits.length = 0;
    await expect(runner.submit(jobOf())).rejects.toThrowFault(spendingLimitMissing);
    expect(bought()).toBe(0);
  });

  it('needs a price that is known', async () => {
    const device = ARNS.cepheus;
    allow(fake, device, 50);
    const runner = await runnerAt(fake, folder, { device });
    await expect(runner.submit(jobOf())).rejects.toThrowFault(priceUnknown);
    const list = pricesIn(PRICE_LIST);
    const priced = await runnerAt(fake, folder, { device, prices: async () => list });
    expect(await priced.quote(jobOf())).toMatchObject({ cost: 725_000, pricesOf: '2026-08-03' });
  });

  it('is read from the price list of the service, where one product and no other fits', () => {
    const { priceOf } = pricesIn(PRICE_LIST);
    expect(priceOf({ region: 'us-east-1', name: 'sv1' })).toEqual({
      by: 'time',
      minute: 75_000,
      leastMs: 3000,
    });
    expect(priceOf({ region: 'us-east-1', name: 'Cepheus-1-108Q' })).toBeNull();
    expect(priceOf({ region: 'eu-north-1', name: 'Twice' })).toBeNull();
    expect(priceOf({ region: 'eu-north-1', name: 'Euro' })).toBeNull();
    for (const text of ['', '<html>', PRICE_LIST.replace('PricePerUnit', 'Other'), '"\n"\n"\n"\n"\na"b,"']) {
      expect(() => pricesIn(text)).toThrowFault(serviceRefused);
    }
  });
});

const PRICE_LIST = [
  '"FormatVersion","v1.0"',
  '"Disclaimer","for information, only"',
  '"Publication Date","2026-08-03T00:00:00Z"',
  '"Version","20260803"',
  '"OfferCode","AmazonBraket"',
  '"SKU","Unit","PricePerUnit","Currency","Product Family","operation","Region Code","DeviceName","Version"',
  '"1","task","0.3000000000","USD","Quantum Task","","us-west-1","Cepheus-1-108Q",""',
  '"2","shot","0.0004250000","USD","Quantum Task-Shot","","us-west-1","Cepheus-1-108Q",""',
  '"3","minutes","0.0750000000","USD","Simulator Task","CompleteTask","us-east-1","","SV1"',
  '"4","task","0.3","USD","Quantum Task","","eu-north-1","Twice",""',
  '"5","task","0.4","USD","Quantum Task","","eu-north-1","Twice",""',
  '"6","shot","0.1","USD","Quantum Task-Shot","","eu-north-1","Twice",""',
  '"7","task","0.3","EUR","Quantum Task","","eu-north-1","Euro",""',
  '"8","shot","0.1","EUR","Quantum Task-Shot","","eu-north-1","Euro",""',
  '',
].join('\n');

describe('a machine', () => {
  const garnet = () => {
    const device = fake.devices.get(ARNS.garnet);
    if (device === undefined) throw new Error('no Garnet');
    return device;
  };

  it('that is retired, or offline, is not asked for a task', async () => {
    const runner = await runnerAt(fake, folder);
    garnet().status = 'RETIRED';
    await expect(runner.submit(jobOf())).rejects.toThrowFault(machineRetired);
    garnet().status = 'OFFLINE';
    await expect(runner.submit(jobOf())).rejects.toThrowFault(machineOffline);
    expect(bought()).toBe(0);
  });

  it.each([
    ['DeviceRetiredException', 410, machineRetired],
    ['DeviceOfflineException', 424, machineOffline],
    ['AccessDeniedException', 403, serviceRefused],
    ['ValidationException', 400, serviceRefused],
    ['ThrottlingException', 429, serviceUnreachable],
    ['InternalServiceException', 500, serviceUnreachable],
    ['ServiceQuotaExceededException', 402, serviceUnreachable],
  ] as const)('that answers %s with %i is told so', async (name, status, fault) => {
    fake.fail('CreateQuantumTask', { kind: 'error', name, status }, 10);
    const runner = await runnerAt(fake, folder);
    await expect(runner.submit(jobOf())).rejects.toThrowFault(fault);
    expect(fake.tasks).toHaveLength(0);
  });

  it('is unknown in another region than its own', async () => {
    const runner = await runnerAt(fake, folder, { region: 'us-east-1' });
    await expect(runner.quote(jobOf())).rejects.toThrowFault(machineUnknown);
  });

  it('takes so many qubits and shots, and programs at all', async () => {
    const runner = await runnerAt(fake, folder);
    await expect(runner.submit(jobOf({ shots: 20_001 }))).rejects.toThrowFault(circuitUnfit);
    garnet().qubitCount = 2;
    await expect(runner.submit(jobOf())).rejects.toThrowFault(circuitUnfit);
    garnet().qubitCount = 20;
    garnet().programs = false;
    await expect(runner.submit(jobOf())).rejects.toThrow('one that does not');
    garnet().programs = true;
    garnet().windows = [{ executionDay: 'Someday', windowStartHour: '22:00', windowEndHour: '02:00' }];
    await expect(runner.submit(jobOf())).rejects.toThrowFault(serviceRefused);
    expect(bought()).toBe(0);
  });

  it('tells when it is open next', async () => {
    fake.now = () => '2026-11-21T12:00:00.000Z';
    garnet().windows = [{ executionDay: 'Weekdays', windowStartHour: '22:00', windowEndHour: '02:00:00' }];
    const quote = await (await runnerAt(fake, folder)).quote(jobOf());
    expect(quote.opensAt).toBe('2026-11-23T22:00:00.000Z');
  });
});

describe('the service', () => {
  it('refuses a wrong key', async () => {
    const runner = await runnerAt(fake, folder, { secretAccessKey: 'guessed' });
    await expect(runner.quote(jobOf())).rejects.toThrowFault(serviceRefused);
  });

  it('is told of schemas that know OpenQASM', async () => {
    await ranOn(ARNS.garnet, jobOf());
    expect(fake.calls.filter(({ operation }) => operation !== 'GetObject')).not.toHaveLength(0);
    for (const { operation, agent } of fake.calls) {
      if (operation !== 'GetObject') expect(agent).toContain('BraketSchemas/1.8.0');
    }
  });

  it('is loaded by whoever calls it, and by nobody at the start', () => {
    const top = path.resolve(import.meta.dirname, '../..');
    const loading = globSync('{action,bot,pipelines,registry}/**/*.ts', { cwd: top })
      .filter((file) => !file.startsWith('action/dist/'))
      .flatMap((file) =>
        [...readFileSync(path.join(top, file), 'utf8').matchAll(/^.*(?:@aws-sdk\/|braket-sdk\.ts).*$/gm)].map(
          ([line]) => `${path.basename(file)}: ${line.trim()}`,
        ),
      );
    expect(loading.sort()).toEqual([
      "braket-client.ts: const sdk = await import('./braket-sdk.ts');",
      "braket-client.ts: import type * as BraketSdk from './braket-sdk.ts';",
      "braket-sdk.ts: } from '@aws-sdk/client-braket';",
    ]);
  });

  it('is given no keys where others could read them', async () => {
    const key = { accessKeyId: 'a', secretAccessKey: 'b', sessionToken: null };
    const elsewhere = { region: 'eu-north-1', endpoint: new URL('http://example.com'), key };
    await expect(braketCalls(elsewhere)).rejects.toThrowFault(storeAddressRefused);
  });

  it.each<readonly [Operation, Mishap]>([
    ['GetDevice', { kind: 'error', name: 'ThrottlingException', status: 429 }],
    ['CreateQuantumTask', { kind: 'error', name: 'ThrottlingException', status: 429 }],
    ['CreateQuantumTask', { kind: 'cut' }],
    ['CreateQuantumTask', { kind: 'lose-answer' }],
    ['GetQuantumTask', { kind: 'cut' }],
    ['GetObject', { kind: 'error', name: 'SlowDown', status: 503 }],
    ['GetObject', { kind: 'lose-answer' }],
  ])('is asked again where that may help, and sells once: %s %j', async (operation, mishap) => {
    fake.fail(operation, mishap, 2);
    expect(await ranOn(ARNS.garnet, jobOf())).toHaveLength(1);
    expect(fake.tasks).toHaveLength(1);
    expect(IMPATIENT.attempts).toBeGreaterThan(2);
  });

  it('sells nothing while a claim cannot be read', async () => {
    writeFileSync(path.join(folder, `${claimKey(ARNS.garnet, jobOf())}.json`), '{"askedAt":');
    await expect((await runnerAt(fake, folder)).submit(jobOf())).rejects.toThrowFault(claimUnreadable);
    expect(bought()).toBe(0);
  });
});

describe('what a task left', () => {
  const changed = (change: (result: Record<string, unknown>) => void) => (_: string, text: string) => {
    const result = JSON.parse(text) as Record<string, unknown>;
    change(result);
    return JSON.stringify(result);
  };

  it.each([
    ['nothing', () => null, countsMissing],
    ['half of it', (_: string, text: string) => text.slice(0, text.length / 2), countsCutOff],
    ['a page of a proxy', () => '<html>', countsMisshapen],
    ['a list', () => '[]', countsMisshapen],
    [
      'another schema',
      changed((result) => {
        const name = 'braket.task_result.analog_hamiltonian_simulation_task_result';
        result['braketSchemaHeader'] = { name, version: '1' };
      }),
      countsMisshapen,
    ],
    ['neither form', changed((result) => delete result['measurements']), countsMisshapen],
    ['no order of qubits', changed((result) => delete result['measuredQubits']), countsMisshapen],
    ['a qubit twice', changed((result) => (result['measuredQubits'] = [0, 1, 1])), countsMisshapen],
    ['a qubit too many', changed((result) => (result['measuredQubits'] = [0, 1, 2, 3])), countsMisshapen],
    ['a bit too few', changed((result) => (result['measurements'] = [[0, 1]])), countsMisshapen],
    ['no bit', changed((result) => (result['measurements'] = [[0, 1, 2]])), countsMisshapen],
    [
      'half of all probability',
      changed((result) => {
        delete result['measurements'];
        result['measurementProbabilities'] = { '000': 0.5 };
      }),
      countsMisshapen,
    ],
  ] as const)('is a fault of its own: %s', async (_, leaves, fault) => {
    fake.leaves = leaves;
    await expect(ranOn(ARNS.garnet, jobOf())).rejects.toThrowFault(fault);
  });

  it('may have its bits as text, as Amazon’s own simulator writes them', async () => {
    fake.leaves = changed((result) => {
      result['measurements'] = [['0', '1', '0']];
    });
    const [counts] = await ranOn(ARNS.garnet, jobOf());
    expect([...(counts?.times ?? [])]).toEqual([[2n, 1]]);
  });

  it('in a bucket that refuses, or is in another region, is told as the service’s', async () => {
    fake.fail('GetObject', { kind: 'error', name: 'AccessDenied', status: 403 });
    await expect(ranOn(ARNS.garnet, jobOf())).rejects.toThrowFault(serviceRefused);
    const headers = { 'x-amz-bucket-region': 'us-west-1' };
    fake.fail('GetObject', { kind: 'error', name: 'PermanentRedirect', status: 301, headers });
    await expect(ranOn(ARNS.garnet, jobOf())).rejects.toThrow('in the region us-west-1, not eu-north-1');
  });

  it('as probabilities becomes whole shots, all of them', async () => {
    fake.leaves = changed((result) => {
      delete result['measurements'];
      // Mitigated answers are no longer multiples of a shot.
      result['measurementProbabilities'] = { '100': 1 / 3, '010': 1 / 3, '111': 1 / 3 };
    });
    const [counts] = await ranOn(ARNS.garnet, jobOf({ shots: 1000 }));
    expect(counts?.shots).toBe(1000);
    expect([...(counts?.times ?? [])].sort()).toEqual([
      [1n, 334],
      [2n, 333],
      [7n, 333],
    ]);
  });
});
