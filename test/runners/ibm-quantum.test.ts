import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Counts } from '../../pipelines/quantum/counts.ts';
import type { CircuitJob } from '../../pipelines/runners/circuit-runner.ts';
import {
  circuitNotOver,
  circuitUnfit,
  countsCutOff,
  countsMisshapen,
  countsMissing,
  keyKept,
  machineOffline,
  machineUnknown,
  priceUnknown,
  quoteTooDear,
  serviceNotTold,
  serviceRefused,
  serviceUnreachable,
  spendingLimitMissing,
} from '../../pipelines/runners/faults.ts';
import { ibmCalls } from '../../pipelines/runners/ibm-client.ts';
import { MicroDollars, microDollarsOf } from '../../pipelines/runners/money.ts';
import { energyOf, quboOf } from '../../pipelines/solvers/qubo.ts';
import {
  API_KEY,
  CRN,
  openIbm,
  type Ending,
  type Fault,
  type IbmFake,
  type Leaving,
} from '../fakes/ibm-quantum.ts';
import { Register } from '../quantum/gates.ts';
import { circuitRunnerConformance } from '../conformance/circuit-runner.ts';
import { temporaryFolder } from '../temporary.ts';
import { ANGLES, jobOf as cheapJobOf, LOPSIDED, untilEnded } from './braket-bench.ts';
import { ibmAt, type Changes } from './ibm-bench.ts';

let fake: IbmFake;
let folder: string;
beforeEach(async () => {
  fake = await openIbm();
  folder = temporaryFolder();
});
afterEach(() => fake.close());

/** A thousand shots cost five seconds here. */
function jobOf(changes: Partial<CircuitJob> = {}): CircuitJob {
  return cheapJobOf({ spendMost: microDollarsOf(8), ...changes });
}

circuitRunnerConformance('ibm-quantum', async () => ({
  open: async () => ibmAt(fake, folder),
  hold: (waits) => (fake.looks = waits ? Number.POSITIVE_INFINITY : 3),
  sold: () => fake.jobs.length,
}));

/** From submitting to counts. */
async function ran(job: CircuitJob, changes: Changes = {}): Promise<readonly Counts[]> {
  const runner = ibmAt(fake, folder, changes);
  const ticket = await runner.submit(job);
  expect(await untilEnded(runner, ticket)).toMatchObject({ state: 'over', reason: null });
  return runner.collect(ticket);
}

const seen = (call: string): number => fake.seen.filter((one) => one === call).length;

/** QAOA by its definition: phases of energies, then X rotations. */
function sharesByDefinition(): readonly number[] {
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

const throttled: Fault = {
  kind: 'answer',
  status: 429,
  body: { errors: [{ code: 1429, message: 'Too many requests.' }] },
};
const down: Fault = { kind: 'answer', status: 503, body: 'Service Unavailable' };

describe('a job on IBM Quantum', () => {
  it.each([false, true])(
    'counts what the circuit shows, bit q for variable q, fractional: %s',
    async (fractional) => {
      const shots = 20_000;
      const [counts] = await ran(jobOf({ shots, spendMost: microDollarsOf(50) }), { fractional });
      expect(counts).toMatchObject({ n: 3, shots });
      sharesByDefinition().forEach((share, index) => {
        const found = (counts?.times.get(BigInt(index)) ?? 0) / shots;
        expect(Math.abs(found - share)).toBeLessThan(5 * Math.sqrt((share * (1 - share)) / shots));
      });
    },
  );

  // One layer at γ = π/2 and β = π/4 turns every variable without couplings to its better value, for certain.
  it.each([
    [[-1, 1, 1], 0b001n],
    [[1, -1, 1], 0b010n],
    [[1, 1, -1], 0b100n],
    [[-1, -1, 1], 0b011n],
  ] as const)('tells the bits of %j apart', async (linear, index) => {
    const problem = quboOf({ n: 3, linear, couplings: [] });
    const angles = { gammas: [Math.PI / 2], betas: [-Math.PI / 4] };
    const [counts] = await ran(jobOf({ programs: [{ problem, angles }], shots: 50 }));
    expect([...(counts?.times ?? [])]).toEqual([[index, 50]]);
  });

  it('takes several programs, each with its own counts, in their order', async () => {
    const certain = (linear: readonly number[]) => ({
      problem: quboOf({ n: linear.length, linear, couplings: [] }),
      angles: { gammas: [Math.PI / 2], betas: [-Math.PI / 4] },
    });
    const counts = await ran(jobOf({ programs: [certain([-1]), certain([1, -1])], shots: 7 }));
    expect(counts.map(({ n, times }) => [n, [...times]])).toEqual([
      [1, [[1n, 7]]],
      [2, [[2n, 7]]],
    ]);
    expect(fake.jobs).toHaveLength(1);
  });

  it('is told apart by its attempt, and bears its run and itself as tags', async () => {
    const runner = ibmAt(fake, folder);
    await runner.submit(jobOf());
    await runner.submit(jobOf({ attempt: 2 }));
    const [first, second] = fake.jobs.map(({ body }) => body);
    expect(first?.tags[0]).toBe('fettle:solve-0123456789abcdef');
    expect(first?.tags[1]).not.toBe(second?.tags[1]);
    expect(first?.cost).toBe(5);
    expect(first?.tags[1]).toMatch(/^fettle-job:[0-9a-f]{64}$/);
  });

  it('is found by its tag for a week where the disk that knew it is gone', async () => {
    const first = await ibmAt(fake, folder).submit(jobOf());
    fake.usage.consumed = 600;
    fake.advance(6 * 24 * 3_600_000);
    expect(await ibmAt(fake, temporaryFolder()).submit(jobOf())).toEqual(first);
    expect(fake.jobs).toHaveLength(1);
  });

  it('is not asked for again when its ticket is lost', async () => {
    const first = await ibmAt(fake, folder).submit(jobOf());
    expect(await ibmAt(fake, folder).submit(jobOf())).toEqual(first);
    expect(seen('POST /jobs')).toBe(1);
  });

  it('is found where it was bought, with its quote of then, and not where it was not', async () => {
    const runner = ibmAt(fake, folder);
    expect(await runner.find?.(jobOf())).toBeNull();
    fake.plan(({ method, path }) => method === 'POST' && path === '/jobs', down, 4);
    await expect(runner.submit(jobOf())).rejects.toThrowFault(serviceUnreachable);
    expect(await runner.find?.(jobOf())).toBeNull();
    const ticket = await runner.submit(jobOf());
    const machine = fake.machines.get('ibm_fez');
    if (machine !== undefined) machine.queue = 99;
    expect(await runner.find?.(jobOf())).toMatchObject({ ticket, quote: { queue: 7 } });
    expect(fake.jobs).toHaveLength(1);
  });

  it('is one when two processes submit it at once', async () => {
    const tickets = await Promise.all(
      [temporaryFolder(), temporaryFolder()].map((own) => ibmAt(fake, own).submit(jobOf())),
    );
    expect(new Set(tickets.map(({ id }) => id)).size).toBe(1);
    expect(fake.jobs.filter(({ status }) => status !== 'Cancelled').map(({ id }) => id)).toEqual([
      tickets[0]?.id,
    ]);
  });
});

describe('the price of a job', () => {
  // 2 s of loading and 1,000 shots of 0.5 ms are 2.5 s; it may take twice that.
  it('is the most that it may take, at the plan’s rate, with the day of the price', async () => {
    const paid = await ibmAt(fake, folder).quote(jobOf());
    expect(paid).toEqual({
      cost: 8_000_000,
      says: 'likely 2.5 s and at most 5 s at $1.60 a second (pay-as-you-go)',
      pricesOf: '2026-05-25',
      queue: 7,
      opensAt: null,
      runMsMost: null,
    });
    expect(await ibmAt(fake, folder, { plan: 'flex' }).quote(jobOf())).toMatchObject({ cost: 6_000_000 });
    expect(await ibmAt(fake, folder, { plan: 'open' }).quote(jobOf())).toMatchObject({ cost: 0 });
  });

  it('is refused a millionth of a dollar above what may be spent, and taken at it', async () => {
    const short = jobOf({ spendMost: MicroDollars.parse(7_999_999) });
    await expect(ibmAt(fake, folder).submit(short)).rejects.toThrowFault(quoteTooDear);
    expect(fake.jobs).toHaveLength(0);
    await ibmAt(fake, folder).submit(jobOf({ spendMost: MicroDollars.parse(8_000_000) }));
    expect(fake.jobs).toHaveLength(1);
  });

  it('is refused where nobody knows it', async () => {
    const runner = ibmAt(fake, folder, { plan: 'premium' });
    await expect(runner.quote(jobOf())).rejects.toThrowFault(priceUnknown);
    await expect(runner.submit(jobOf())).rejects.toThrowFault(priceUnknown);
    expect(fake.jobs).toHaveLength(0);
  });

  it.each([
    ['none', { limit: null, consumed: 12 }],
    ['a tenth of a second too little of it', { limit: 16.9, consumed: 12 }],
    ['all of it used', { limit: 12, consumed: 12 }],
  ])('wants a limit of the instance: %s', async (_, usage) => {
    Object.assign(fake.usage, usage);
    await expect(ibmAt(fake, folder).submit(jobOf())).rejects.toThrowFault(spendingLimitMissing);
    expect(fake.jobs).toHaveLength(0);
  });

  it('asks for no limit on the open plan, which ends by itself', async () => {
    fake.usage.limit = null;
    expect(await ran(jobOf(), { plan: 'open' })).toHaveLength(1);
  });

  it('is refused where the service says that the limit is reached', async () => {
    const body = { errors: [{ code: 1409, message: 'Usage exceeds instance limit.' }] };
    fake.plan(({ method, path }) => method === 'POST' && path === '/jobs', {
      kind: 'answer',
      status: 409,
      body,
    });
    await expect(ibmAt(fake, folder).submit(jobOf())).rejects.toThrowFault(spendingLimitMissing);
  });
});

describe('a machine', () => {
  const wide = quboOf({ n: 157, linear: [1], couplings: [] });
  it.each([
    ['is unknown', 'ibm_nowhere', {}, machineUnknown],
    ['is closed', 'ibm_resting', {}, machineOffline],
    ['has other gates', 'ibm_eagle', {}, circuitUnfit],
    ['has fewer qubits', 'ibm_fez', { programs: [{ problem: wide, angles: ANGLES }] }, circuitUnfit],
    ['takes fewer shots', 'ibm_fez', { shots: 100_001, spendMost: microDollarsOf(1000) }, circuitUnfit],
    [
      'takes fewer shots in all',
      'ibm_fez',
      {
        programs: Array.from({ length: 51 }, () => ({ problem: LOPSIDED, angles: ANGLES })),
        shots: 100_000,
        spendMost: microDollarsOf(1e6),
      },
      circuitUnfit,
    ],
  ] as const)('that %s takes no job', async (_, device, changes, fault) => {
    await expect(ibmAt(fake, folder, { device }).submit(jobOf(changes))).rejects.toThrowFault(fault);
    expect(fake.jobs).toHaveLength(0);
  });

  it('without fractional gates is not asked for them', async () => {
    const runner = ibmAt(fake, folder, { device: 'ibm_plain', fractional: true });
    await expect(runner.submit(jobOf())).rejects.toThrowFault(circuitUnfit);
    expect(await ran(jobOf(), { device: 'ibm_plain' })).toHaveLength(1);
  });
});

describe('credentials', () => {
  it('that are wrong are told, and told to nobody', async () => {
    const found = await ibmAt(fake, folder, { apiKey: 'a-wrong-secret' })
      .submit(jobOf())
      .catch((error: unknown) => error);
    await expect(Promise.reject(found)).rejects.toThrowFault(serviceRefused);
    expect(String(found)).toContain('Provided API key could not be found');
    expect(JSON.stringify(found) + String(found)).not.toContain('a-wrong-secret');
  });

  it.each([
    ['https://quantum.cloud.ibm.com.example.org/api/v1', null],
    [null, 'https://examplecloud.ibm.com.example.org'],
    [null, 'https://evilcloud.ibm.com'],
    [null, 'http://iam.cloud.ibm.com'],
  ])('are sent to no other place that settings name: %s, %s', (endpoint, iam) => {
    const [toJobs, toTokens] = [endpoint, iam].map((url) => (url === null ? null : new URL(url)));
    const place = { crn: CRN, apiKey: API_KEY, endpoint: toJobs ?? null, iam: toTokens ?? null };
    expect(() => ibmCalls({ ...place, now: () => fake.now() })).toThrowFault(keyKept);
  });

  it('may go to any place of IBM Cloud', () => {
    const endpoint = new URL('https://eu-de.quantum.cloud.ibm.com/api/v1');
    const iam = new URL('https://private.iam.cloud.ibm.com');
    expect(() => ibmCalls({ crn: CRN, apiKey: API_KEY, endpoint, iam, now: () => fake.now() })).not.toThrow();
  });

  it('of another instance are refused', async () => {
    const crn = CRN.replace('4567', '9999');
    await expect(ibmAt(fake, folder, { crn }).submit(jobOf())).rejects.toThrowFault(serviceRefused);
  });

  it.each(['', 'crn:v1:bluemix:public:cloud-object-storage:global:a/1:2::'])(
    'name an instance, not `%s`',
    (crn) => {
      const place = { crn, apiKey: API_KEY, endpoint: null, iam: null, now: () => fake.now() };
      expect(() => ibmCalls(place)).toThrowFault(serviceNotTold);
    },
  );

  it('buy one token for many calls, and a new one well before it runs out', async () => {
    const runner = ibmAt(fake, folder);
    await Promise.all([runner.quote(jobOf()), runner.quote(jobOf())]);
    expect(seen('POST /identity/token')).toBe(1);
    fake.advance(47 * 60_000);
    await runner.quote(jobOf());
    expect(seen('POST /identity/token')).toBe(1);
    fake.advance(2 * 60_000);
    await runner.quote(jobOf());
    expect(seen('POST /identity/token')).toBe(2);
  });

  it('buy a new token when one is taken no more, even for a job, which is asked for once', async () => {
    const body = { errors: [{ code: 1401, message: 'Token is invalid or expired.' }] };
    fake.plan(({ path }) => path === '/jobs', { kind: 'answer', status: 401, body });
    await ibmAt(fake, folder).submit(jobOf());
    expect(seen('POST /identity/token')).toBe(2);
    expect(fake.jobs).toHaveLength(1);
  });

  it('are given up when no token is taken', async () => {
    const body = { errors: [{ code: 1401, message: 'Token is invalid or expired.' }] };
    fake.plan(({ path }) => path.startsWith('/backends'), { kind: 'answer', status: 401, body }, 99);
    await expect(ibmAt(fake, folder).quote(jobOf())).rejects.toThrowFault(serviceRefused);
  });
});

describe('a service that is not well', () => {
  it.each<readonly [string, Fault]>([
    ['throttles', throttled],
    ['is down', down],
    ['hangs up', { kind: 'refuse' }],
    ['loses its answer', { kind: 'lose' }],
    ['answers half', { kind: 'cut' }],
  ])('and %s is asked again, and a job is still bought once', async (_, fault) => {
    for (const call of ['/jobs', '/identity/token', '/backends/ibm_fez/status', '/instances/usage']) {
      fake.plan(({ path }) => path === call, fault, 2);
    }
    expect(await ran(jobOf())).toHaveLength(1);
    expect(fake.jobs).toHaveLength(1);
  });

  it('lists a job late, and is not taken to have lost it', async () => {
    fake.plan(({ method, path }) => method === 'POST' && path === '/jobs', { kind: 'lose' });
    fake.listedAfter = 4;
    await ibmAt(fake, folder).submit(jobOf());
    expect(fake.jobs).toHaveLength(1);
  });

  it('lists a job late, though it was claimed long ago', async () => {
    fake.plan(({ method, path }) => method === 'POST' && path === '/jobs', { kind: 'refuse' }, 4);
    await expect(ibmAt(fake, folder).submit(jobOf())).rejects.toThrowFault(serviceUnreachable);
    fake.advance(3_600_000);
    fake.plan(({ method, path }) => method === 'POST' && path === '/jobs', { kind: 'lose' });
    fake.listedAfter = 3;
    await ibmAt(fake, folder).submit(jobOf());
    expect(fake.jobs).toHaveLength(1);
  });

  it('is given up after a while, and asked again by whoever comes next', async () => {
    fake.plan(({ method, path }) => method === 'POST' && path === '/jobs', down, 4);
    await expect(ibmAt(fake, folder).submit(jobOf())).rejects.toThrowFault(serviceUnreachable);
    expect(fake.jobs).toHaveLength(0);
    expect(await ran(jobOf())).toHaveLength(1);
    expect(fake.jobs).toHaveLength(1);
  });

  it.each(['{}', 'Created.', ''])('is looked through for a job whose sale it tells as `%s`', async (text) => {
    fake.plan(({ method, path }) => method === 'POST' && path === '/jobs', { kind: 'garble', text });
    expect(await ran(jobOf())).toHaveLength(1);
    expect(fake.jobs).toHaveLength(1);
  });

  it('that lists jobs without end is left, and nothing is bought', async () => {
    const jobs = Array.from({ length: 200 }, (_, at) => ({ id: `job-${at}`, tags: ['other'] }));
    const listing = { kind: 'answer', status: 200, body: { jobs } } as const;
    fake.plan(({ method, path }) => method === 'GET' && path === '/jobs', listing, 1000);
    await expect(ibmAt(fake, folder).submit(jobOf())).rejects.toThrowFault(serviceRefused);
    expect(fake.jobs).toHaveLength(0);
  });

  it('that tells of a machine with less than no time between shots is told of', async () => {
    const body = { n_qubits: 5, basis_gates: [], coupling_map: [], default_rep_delay: -1e7 };
    fake.plan(({ path }) => path.endsWith('/configuration'), { kind: 'answer', status: 200, body });
    await expect(ibmAt(fake, folder).quote(jobOf())).rejects.toThrowFault(serviceRefused);
  });

  it('that answers in another form is told of', async () => {
    fake.plan(({ path }) => path.endsWith('/status'), {
      kind: 'answer',
      status: 200,
      body: { queue: 'long' },
    });
    await expect(ibmAt(fake, folder).quote(jobOf())).rejects.toThrowFault(serviceRefused);
  });
});

describe('the end of a job', () => {
  it.each<readonly [Ending, string, RegExp]>([
    ['Failed', 'failed', /Internal error of the control system. \(9999\)/],
    ['Cancelled - Ran too long', 'failed', /Job ran too long. \(1305\)/],
    ['Cancelled', 'cancelled', /^$/],
  ])('%s is %s, with the service’s reason', async (ending, state, reason) => {
    fake.ending = ending;
    const runner = ibmAt(fake, folder);
    const ticket = await runner.submit(jobOf());
    await expect(runner.collect(ticket)).rejects.toThrowFault(circuitNotOver);
    const standing = await untilEnded(runner, ticket);
    expect(standing.state).toBe(state);
    expect(standing.reason ?? '').toMatch(reason);
    await expect(runner.collect(ticket)).rejects.toThrowFault(circuitNotOver);
  });

  it('comes by cancelling, once', async () => {
    const runner = ibmAt(fake, folder);
    const ticket = await runner.submit(jobOf());
    expect(await runner.poll(ticket)).toMatchObject({ state: 'waiting' });
    expect(await runner.cancel(ticket)).toBe(true);
    expect(await runner.poll(ticket)).toMatchObject({ state: 'cancelled' });
    expect(await runner.cancel(ticket)).toBe(false);
  });
});

describe('the counts of a job', () => {
  it.each<readonly [Leaving, typeof countsMissing | typeof countsCutOff | typeof countsMisshapen]>([
    ['nothing', countsMissing],
    ['half', countsCutOff],
    ['other register', countsMisshapen],
    ['too many bits', countsMisshapen],
    ['too few shots', countsMisshapen],
  ])('that leaves %s are not made up', async (leaving, fault) => {
    fake.leaving = leaving;
    const runner = ibmAt(fake, folder);
    const ticket = await runner.submit(jobOf());
    await untilEnded(runner, ticket);
    await expect(runner.collect(ticket)).rejects.toThrowFault(fault);
    fake.leaving = 'samples';
    expect(await runner.collect(ticket)).toHaveLength(1);
    expect(fake.jobs).toHaveLength(1);
  });
});
