/** A stand-in for IBM Quantum and IBM Cloud IAM: their REST interface over real HTTP, with real answers and faults. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';
import { randomOf } from '../../pipelines/maths/random.ts';
import { HEAVY_HEX } from '../quantum/heavy-hex.ts';
import { NotIsa, shownBy, type Shown } from './ibm-machine.ts';

export const CRN = 'crn:v1:bluemix:public:quantum-computing:us-east:a/0123abcd:4567-ef::';
export const API_KEY = 'an-api-key-of-nobody';
export const PLAIN = ['cz', 'rz', 'sx', 'x', 'id', 'measure', 'reset'];

/** What happens to a request in place of its answer: it is not done, or done and not told, or told by half. */
export type Fault =
  | { readonly kind: 'answer'; readonly status: number; readonly body: unknown }
  | { readonly kind: 'refuse' | 'lose' | 'cut' }
  /** It is done, and told in words that nobody knows. */
  | { readonly kind: 'garble'; readonly text: string };

interface Seen {
  readonly method: string;
  readonly path: string;
}

interface Planned {
  readonly when: (seen: Seen) => boolean;
  readonly fault: Fault;
  times: number;
}

/** How a job ends, and what it leaves. */
export type Ending = 'Completed' | 'Failed' | 'Cancelled' | 'Cancelled - Ran too long';
export type Leaving = 'samples' | 'nothing' | 'half' | 'other register' | 'too many bits' | 'too few shots';

export interface FakeJob {
  readonly id: string;
  readonly created: string;
  readonly body: z.infer<typeof Body>;
  /** How often it was asked for; it is queued, then runs, then ends. */
  asked: number;
  status: 'Queued' | 'Running' | Ending;
  reason: { readonly text: string; readonly code: number } | null;
}

const Body = z.strictObject({
  program_id: z.literal('sampler'),
  backend: z.string(),
  tags: z.array(z.string().max(86)).max(8),
  cost: z.int().min(1).max(10_800),
  params: z.strictObject({
    pubs: z.array(z.tuple([z.string(), z.null(), z.int().min(1)])).min(1),
    options: z.strictObject({}),
    version: z.literal(2),
  }),
});

export interface IbmFake {
  /** Of jobs. */
  readonly url: URL;
  readonly iam: URL;
  /** Every job that was taken and would be paid for. */
  readonly jobs: FakeJob[];
  /** What was asked for, such as `POST /jobs`. */
  readonly seen: string[];
  readonly usage: { consumed: number; limit: number | null };
  /** Machines by name: their gates, and why they are closed. */
  readonly machines: Map<string, { gates: readonly string[]; closed: string | null; queue: number }>;
  ending: Ending;
  leaving: Leaving;
  /** Looks at a job until it is over. */
  looks: number;
  /** Jobs are listed only after so many looks. */
  listedAfter: number;
  /** Called around everything that is asked for; what is `not done` is not answered either. */
  onCall: ((seen: Seen, moment: 'before' | 'after') => 'done' | 'not done') | null;
  now(): string;
  /** Lets time pass; tokens last an hour. */
  advance(ms: number): void;
  plan(when: Planned['when'], fault: Fault, times?: number): void;
  clear(): void;
  close(): Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: unknown;
}

const SECONDS_OF_TOKEN = 3600;

export async function openIbm(): Promise<IbmFake> {
  const tokens = new Map<string, number>();
  const planned: Planned[] = [];
  let ahead = 0;
  const fake: Omit<IbmFake, 'url' | 'iam' | 'close'> = {
    jobs: [],
    seen: [],
    usage: { consumed: 12, limit: 600 },
    machines: new Map(),
    ending: 'Completed',
    leaving: 'samples',
    looks: 3,
    listedAfter: 0,
    onCall: null,
    now: () => new Date(Date.now() + ahead).toISOString(),
    advance: (ms) => void (ahead += ms),
    plan: (when, fault, times = 1) => void planned.push({ when, fault, times }),
    clear() {
      planned.length = 0;
      fake.jobs.length = 0;
      fake.seen.length = 0;
      Object.assign(fake.usage, { consumed: 12, limit: 600 });
      Object.assign(fake, {
        ending: 'Completed',
        leaving: 'samples',
        looks: 3,
        listedAfter: 0,
        onCall: null,
      });
      fake.machines.clear();
      fake.machines.set('ibm_fez', { gates: [...PLAIN, 'rx', 'rzz'], closed: null, queue: 7 });
      fake.machines.set('ibm_plain', { gates: PLAIN, closed: null, queue: 0 });
      fake.machines.set('ibm_eagle', { gates: ['ecr', 'rz', 'sx', 'x', 'id'], closed: null, queue: 0 });
      fake.machines.set('ibm_resting', { gates: PLAIN, closed: 'maintenance', queue: 0 });
    },
  };
  fake.clear();
  const server = createServer((request, response) => {
    void handled(request).then(
      (told) => told(response),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });

  const handled = async (request: IncomingMessage): Promise<(response: ServerResponse) => void> => {
    const url = new URL(request.url ?? '/', 'http://fake');
    const seen = { method: request.method ?? '', path: url.pathname.replace('/api/v1', '') };
    fake.seen.push(`${seen.method} ${seen.path}`);
    const text = await textOf(request);
    const found = planned.find(({ when, times }) => times > 0 && when(seen));
    if (found !== undefined) found.times--;
    const fault = found?.fault ?? null;
    if (fault?.kind === 'refuse') return (response) => void response.destroy();
    if (fake.onCall?.(seen, 'before') === 'not done') return (response) => void response.destroy();
    const reply = fault?.kind === 'answer' ? fault : performed(request, { url, seen, text });
    fake.onCall?.(seen, 'after');
    return (response) => tell(response, reply, fault);
  };

  const performed = (
    request: IncomingMessage,
    { url, seen, text }: { readonly url: URL; readonly seen: Seen; readonly text: string },
  ): Reply => {
    const now = Date.parse(fake.now());
    if (seen.path === '/identity/token') return bought(text, tokens, now);
    const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
    if ((tokens.get(token) ?? 0) <= now) return refusal(401, 'Token is invalid or expired.');
    if (request.headers['service-crn'] !== CRN) return refusal(403, 'No such instance.');
    if (request.headers['ibm-api-version'] !== '2026-04-15') return refusal(400, 'Unknown IBM-API-Version.');
    if (seen.path.startsWith('/backends/')) return machineOf(fake, seen.path);
    if (seen.path === '/instances/usage') return usageOf(fake);
    if (seen.path === '/jobs') return seen.method === 'POST' ? taken(fake, text) : listed(fake, url);
    return jobCall(fake, seen);
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(fake, {
    url: new URL(`http://127.0.0.1:${port}/api/v1`),
    iam: new URL(`http://127.0.0.1:${port}`),
    close: () => closed(server),
  });
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece);
  return Buffer.concat(pieces).toString('utf8');
}

function tell(response: ServerResponse, { status, body }: Reply, fault: Fault | null): void {
  if (fault?.kind === 'lose') return void response.destroy();
  const plain = typeof body === 'string' ? body : JSON.stringify(body);
  const text = fault?.kind === 'garble' ? fault.text : plain;
  response.writeHead(status, {
    'content-type': 'application/json',
    ...(status === 204 ? {} : { 'content-length': Buffer.byteLength(text) }),
  });
  if (fault?.kind !== 'cut') return void response.end(status === 204 ? undefined : text);
  response.write(text.slice(0, text.length / 2));
  setTimeout(() => response.destroy(), 5);
}

function refusal(status: number, message: string, code = 1000 + status): Reply {
  return { status, body: { errors: [{ code, message, solution: '', more_info: '' }], trace: 'c0ffee' } };
}

function bought(text: string, tokens: Map<string, number>, now: number): Reply {
  const form = new URLSearchParams(text);
  if (form.get('grant_type') !== 'urn:ibm:params:oauth:grant-type:apikey') {
    return { status: 400, body: { errorCode: 'BXNIM0404E', errorMessage: 'Unsupported grant type.' } };
  }
  if (form.get('apikey') !== API_KEY) {
    return {
      status: 400,
      body: { errorCode: 'BXNIM0415E', errorMessage: 'Provided API key could not be found.' },
    };
  }
  const token = `token-${tokens.size + 1}`;
  tokens.set(token, now + SECONDS_OF_TOKEN * 1000);
  const expiration = Math.floor(now / 1000) + SECONDS_OF_TOKEN;
  const body = { access_token: token, token_type: 'Bearer', expires_in: SECONDS_OF_TOKEN, expiration };
  return { status: 200, body };
}

type State = Omit<IbmFake, 'url' | 'iam' | 'close'>;

function machineOf({ machines }: State, path: string): Reply {
  const [, , name = '', what] = path.split('/');
  const machine = machines.get(name);
  if (machine === undefined) return refusal(404, `Backend ${name} not found.`);
  const { gates, closed, queue } = machine;
  if (what === 'status') {
    const status = closed === null ? 'active' : 'internal';
    const body = { state: closed === null, status, message: closed ?? '', length_queue: queue };
    return { status: 200, body: { ...body, backend_version: '1.3.4' } };
  }
  if (what === 'configuration') {
    const coupling_map = HEAVY_HEX.flatMap(([a, b]) => [
      [a, b],
      [b, a],
    ]);
    const body = {
      backend_name: name,
      backend_version: '1.3.4',
      n_qubits: 156,
      basis_gates: gates,
      coupling_map,
    };
    return { status: 200, body: { ...body, simulator: false, max_shots: 100_000, default_rep_delay: 250 } };
  }
  const errors = HEAVY_HEX.map((qubits, at) => ({
    gate: 'cz',
    qubits,
    parameters: [{ name: 'gate_error', unit: '', value: at % 11 === 0 ? 1 : 0.002 + 0.0001 * (at % 7) }],
  }));
  return { status: 200, body: { backend_name: name, gates: errors, general: [], qubits: [] } };
}

function usageOf({ usage: { consumed, limit } }: State): Reply {
  const body = { instance_id: CRN, plan_id: 'a-plan', usage_consumed_seconds: consumed };
  const more = limit === null ? {} : { usage_limit_seconds: limit, usage_limit_reached: consumed >= limit };
  return { status: 200, body: { ...body, ...more } };
}

function taken(fake: State, text: string): Reply {
  const parsed = Body.safeParse(JSON.parse(text));
  if (!parsed.success) return refusal(400, z.prettifyError(parsed.error));
  const { limit, consumed } = fake.usage;
  if (limit !== null && consumed >= limit) return refusal(409, 'Usage exceeds instance limit.');
  const id = `job${String(fake.jobs.length + 1).padStart(4, '0')}`;
  const job: FakeJob = {
    id,
    created: fake.now(),
    body: parsed.data,
    asked: 0,
    status: 'Queued',
    reason: null,
  };
  fake.jobs.push(job);
  return { status: 200, body: { id, backend: parsed.data.backend } };
}

function listed(fake: State, url: URL): Reply {
  const wanted = url.searchParams.getAll('tags');
  const [limit, offset] = ['limit', 'offset'].map((name) => Number(url.searchParams.get(name) ?? 0));
  const since = url.searchParams.get('created_after') ?? '';
  const isListed = fake.listedAfter-- <= 0;
  const jobs = fake.jobs.filter(
    ({ body: { tags }, created }) =>
      isListed && created >= since && wanted.every((tag) => tags.includes(tag)),
  );
  const page = jobs.slice(offset, (offset ?? 0) + (limit || 200)).map(jobBody);
  return { status: 200, body: { jobs: page, count: jobs.length, limit: limit || 200, offset } };
}

function jobBody({ id, created, body, status, reason }: FakeJob) {
  const state = { status, ...(reason === null ? {} : { reason: reason.text, reason_code: reason.code }) };
  const charged = status === 'Cancelled - Ran too long' ? body.cost : status === 'Completed' ? 1 : 0;
  const usage = { qpu_charge_time_seconds: charged, status: 'final' };
  const { backend, tags } = body;
  return { id, created, backend, tags, status, state, usage, program: { id: 'sampler' } };
}

const ENDED = ['Completed', 'Failed', 'Cancelled', 'Cancelled - Ran too long'];

function jobCall(fake: State, { method, path }: Seen): Reply {
  const [, , id, what] = path.split('/');
  const job = fake.jobs.find((one) => one.id === id);
  if (job === undefined) return refusal(404, `Job ${id} not found.`, 1291);
  if (what === 'cancel' && method === 'POST') {
    if (ENDED.includes(job.status)) return refusal(409, 'Job is in non cancellable status.');
    job.status = 'Cancelled';
    return { status: 204, body: '' };
  }
  if (what === 'results') return resultsOf(fake, job);
  goOn(fake, job);
  return { status: 200, body: jobBody(job) };
}

function goOn(fake: State, job: FakeJob): void {
  if (ENDED.includes(job.status)) return;
  job.asked++;
  if (job.asked < fake.looks - 1) return;
  if (job.asked < fake.looks) return void (job.status = 'Running');
  try {
    for (const [source] of job.body.params.pubs) {
      shownBy(source, fake.machines.get(job.body.backend)?.gates ?? []);
    }
  } catch (error) {
    if (!(error instanceof NotIsa)) throw error;
    Object.assign(job, { status: 'Failed', reason: { text: error.message, code: 1517 } });
    return;
  }
  job.status = fake.ending;
  if (fake.ending === 'Failed') job.reason = { text: 'Internal error of the control system.', code: 9999 };
  if (fake.ending === 'Cancelled - Ran too long') job.reason = { text: 'Job ran too long.', code: 1305 };
}

function resultsOf(fake: State, { body, status, id }: FakeJob): Reply {
  if (status !== 'Completed') return refusal(400, `Job ${id} has not completed.`);
  if (fake.leaving === 'nothing') return { status: 204, body: '' };
  const gates = fake.machines.get(body.backend)?.gates ?? [];
  const results = body.params.pubs.map(([source, , shots], at) => {
    const shown = shownBy(source, gates);
    const samples = sampled(shown, fake.leaving === 'too few shots' ? shots - 1 : shots, at + 1);
    const register = fake.leaving === 'other register' ? 'meas' : shown.register;
    const beyond =
      fake.leaving === 'too many bits' ? [`0x${(2 ** shown.n).toString(16)}`, ...samples.slice(1)] : samples;
    return {
      data: { [register]: { samples: beyond, num_bits: shown.n } },
      metadata: { circuit_metadata: {} },
    };
  });
  const text = JSON.stringify({ results, metadata: { version: 2 } });
  return { status: 200, body: fake.leaving === 'half' ? text.slice(0, text.length / 2) : text };
}

function sampled({ shares }: Shown, shots: number, seed: number): readonly string[] {
  const random = randomOf(seed);
  return Array.from({ length: shots }, () => {
    let left = random.nextFloat();
    const index = shares.findIndex((share) => (left -= share) < 0);
    return `0x${(index === -1 ? shares.length - 1 : index).toString(16)}`;
  });
}
