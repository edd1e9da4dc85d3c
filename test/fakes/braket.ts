/** A stand-in for Amazon Braket and its bucket over real HTTP: it checks signatures, keeps state, and fails as asked. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { signatureOf, type Keyring } from './aws-signature.ts';
import { PLAIN, resultFiles, type Wording } from './braket-results.ts';
import { Action, CreateTask, describedDevice, newDevices, Search, type FakeDevice } from './braket-shapes.ts';
import { QasmError, ranQasm } from './qasm-simulator.ts';

export type Operation =
  | 'CreateQuantumTask'
  | 'GetQuantumTask'
  | 'CancelQuantumTask'
  | 'SearchQuantumTasks'
  | 'SearchSpendingLimits'
  | 'GetDevice'
  | 'GetObject'
  | 'GetPrices';

export interface FakeTask {
  readonly arn: string;
  readonly token: string;
  readonly deviceArn: string;
  readonly region: string;
  readonly action: string;
  readonly shots: number;
  readonly bucket: string;
  readonly folder: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly createdAt: string;
  /** What `GetQuantumTask` says, one after the other; the last stays. */
  readonly life: string[];
  /** Dollars. */
  readonly cost: number;
}

/** What a call ends with instead of its answer. */
export type Mishap =
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly name: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection ends before anything is done. */
  | { readonly kind: 'cut' }
  /** It is done, and nobody hears of it. */
  | { readonly kind: 'lose-answer' }
  /** It is done, and told in words that nobody knows. */
  | { readonly kind: 'garble'; readonly text: string };

interface Planned {
  readonly operation: Operation;
  readonly mishap: Mishap;
  left: number;
}

export interface BraketMemory {
  readonly devices: Map<string, FakeDevice>;
  readonly tasks: FakeTask[];
  readonly objects: Map<string, string>;
  readonly limits: { deviceArn: string; from: number; to: number; dollars: number }[];
  readonly calls: { readonly operation: Operation; readonly agent: string; readonly region: string }[];
  readonly mishaps: Planned[];
  /** States that a new task goes through. */
  life: readonly string[];
  position: string;
  reason: string | null;
  wording: Wording;
  /** What is really left, of what should be; null: nothing. */
  leaves: (name: string, text: string) => string | null;
  /** Whether the service still knows tokens of earlier requests. */
  knowsTokens: boolean;
  /** Whether a task is listed at all; just after it was made it may not be. */
  lists: boolean;
  prices: string | null;
  now: () => string;
  /** Hears of every call before it is done and after. */
  onCall: (operation: Operation, when: 'before' | 'after') => void;
}

export interface BraketFake extends BraketMemory {
  readonly url: URL;
  readonly key: Keyring;
  /** The next calls of that kind, once unless told. */
  fail(operation: Operation, mishap: Mishap, times?: number): void;
  close(): Promise<void>;
}

const KEY: Keyring = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI' };

export async function openBraket(): Promise<BraketFake> {
  const memory: BraketMemory = {
    devices: newDevices(),
    tasks: [],
    objects: new Map(),
    limits: [],
    calls: [],
    mishaps: [],
    life: ['QUEUED', 'RUNNING', 'COMPLETED'],
    position: '3',
    reason: null,
    wording: PLAIN,
    leaves: (_, text) => text,
    knowsTokens: true,
    lists: true,
    prices: null,
    now: () => new Date().toISOString(),
    onCall: () => undefined,
  };
  const server = createServer((request, response) => void answered(memory, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return Object.assign(memory, {
    url: new URL(`http://127.0.0.1:${port}`),
    key: KEY,
    fail: (operation: Operation, mishap: Mishap, times = 1) =>
      void memory.mishaps.push({ operation, mishap, left: times }),
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

/** An error of the service: how it says so. */
class Refusal extends Error {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  constructor(status: number, name: string, message: string, headers = {}) {
    super(message);
    this.name = name;
    this.status = status;
    this.headers = headers;
  }
}

const refusal = (name: string, message: string, status = 400) => new Refusal(status, name, message);

interface Asked {
  readonly operation: Operation;
  readonly region: string;
  /** What the path names: an ARN, or bucket and key. */
  readonly about: string;
  readonly body: unknown;
  readonly agent: string;
}

async function answered(
  memory: BraketMemory,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const cut = (): void => void request.socket.destroy();
  try {
    const asked = askedBy(request, Buffer.concat(pieces));
    memory.calls.push(asked);
    memory.onCall(asked.operation, 'before');
    const mishap = mishapFor(memory, asked.operation);
    if (mishap?.kind === 'cut') return cut();
    if (mishap?.kind === 'error') throw new Refusal(mishap.status, mishap.name, 'as asked', mishap.headers);
    const told = perform(memory, asked);
    memory.onCall(asked.operation, 'after');
    if (mishap?.kind === 'lose-answer') return cut();
    const status = asked.operation === 'CreateQuantumTask' ? 201 : 200;
    const plain = typeof told === 'string' ? told : JSON.stringify(told);
    const text = mishap?.kind === 'garble' ? mishap.text : plain;
    response.writeHead(status, { 'content-type': 'application/json' }).end(text);
  } catch (error) {
    const { status, name, message, headers } =
      error instanceof Refusal ? error : refusal('Broken', String(error), 500);
    response.writeHead(status, { 'content-type': 'application/json', 'x-amzn-errortype': name, ...headers });
    response.end(JSON.stringify({ message }));
  }
}

function mishapFor({ mishaps }: BraketMemory, operation: Operation): Mishap | null {
  const planned = mishaps.find((one) => one.operation === operation && one.left > 0);
  if (planned === undefined) return null;
  planned.left--;
  return planned.mishap;
}

const ROUTES: readonly (readonly [Operation, string, RegExp])[] = [
  ['CreateQuantumTask', 'POST', /^\/quantum-task$/],
  ['CancelQuantumTask', 'PUT', /^\/quantum-task\/([^/]+)\/cancel$/],
  ['GetQuantumTask', 'GET', /^\/quantum-task\/([^/?]+)(?:\?additionalAttributeNames=QueueInfo)?$/],
  ['SearchQuantumTasks', 'POST', /^\/quantum-tasks$/],
  ['SearchSpendingLimits', 'POST', /^\/spending-limits$/],
  ['GetDevice', 'GET', /^\/device\/([^/]+)$/],
  ['GetPrices', 'GET', /^\/prices\/index\.csv$/],
  ['GetObject', 'GET', /^\/(amazon-braket-[a-z0-9-]+\/.+)$/],
];

function askedBy(request: IncomingMessage, body: Buffer): Asked {
  const { method = '', url: target = '', headers } = request;
  const route = ROUTES.find(([, verb, path]) => verb === method && path.test(target));
  if (route === undefined) throw refusal('UnknownOperationException', `${method} ${target}`, 404);
  const [operation, , path] = route;
  const about = decodeURIComponent(path.exec(target)?.[1] ?? '');
  const agent = String(headers['user-agent'] ?? '');
  // Prices are public.
  if (operation === 'GetPrices') return { operation, region: '', about, body: null, agent };
  const signature = signatureOf({ method, target, headers, body }, KEY);
  if ('wrong' in signature) throw refusal(`${signature.wrong}Exception`, 'the signature does not fit', 403);
  const wanted = operation === 'GetObject' ? 's3' : 'braket';
  if (signature.service !== wanted) throw refusal('InvalidSignatureException', `scoped to ${wanted}`, 403);
  const told: unknown = body.length === 0 ? null : JSON.parse(body.toString('utf8'));
  return { operation, region: signature.region, about, body: told, agent };
}

function perform(memory: BraketMemory, asked: Asked): unknown {
  const { operation, about, body } = asked;
  if (operation === 'GetDevice') {
    return describedDevice(about, deviceOf(memory, about, asked.region), asked.agent);
  }
  if (operation === 'CreateQuantumTask') return { quantumTaskArn: create(memory, asked).arn };
  if (operation === 'GetQuantumTask') return told(memory, taskOf(memory, about));
  if (operation === 'CancelQuantumTask') return cancel(taskOf(memory, about));
  if (operation === 'SearchQuantumTasks') return { quantumTasks: found(memory, body) };
  if (operation === 'SearchSpendingLimits') return { spendingLimits: limitsOf(memory, body) };
  if (operation === 'GetPrices') {
    if (memory.prices === null) throw refusal('NoSuchKey', 'no price list', 404);
    return memory.prices;
  }
  const text = memory.objects.get(about);
  if (text === undefined) throw refusal('NoSuchKey', `no ${about}`, 404);
  return text;
}

/** A device is known in its own region; one without a region, in each. */
function deviceOf({ devices }: BraketMemory, arn: string, region: string): FakeDevice {
  const device = devices.get(arn);
  const own = arn.split(':')[3];
  if (device !== undefined && (own === '' || own === region)) return device;
  throw refusal('ResourceNotFoundException', `Device ${arn} not found in ${region}`, 404);
}

function create(memory: BraketMemory, { body, region }: Asked): FakeTask {
  const parsed = CreateTask.safeParse(body);
  if (!parsed.success) throw refusal('ValidationException', parsed.error.message);
  const { clientToken: token, deviceArn, action, shots, outputS3Bucket: bucket, tags = {} } = parsed.data;
  const known = memory.knowsTokens ? memory.tasks.find((task) => task.token === token) : undefined;
  if (known !== undefined) {
    const same = known.action === action && known.shots === shots && known.deviceArn === deviceArn;
    if (same) return known;
    throw refusal('ValidationException', 'the client token was used with other parameters');
  }
  const device = deviceOf(memory, deviceArn, region);
  if (device.status === 'RETIRED') throw refusal('DeviceRetiredException', 'retired', 410);
  if (device.status === 'OFFLINE') throw refusal('DeviceOfflineException', 'offline', 424);
  checkAction(action, { shots, device });
  const cost = device.type === 'QPU' ? device.price.task + shots * device.price.shot : 0;
  const limit = limitFor(memory, deviceArn);
  if (limit !== undefined && spentOn(memory, deviceArn) + cost > limit.dollars + 1e-9) {
    throw refusal('ValidationException', 'the task exceeds the spending limit');
  }
  const id = `task-${memory.tasks.length}`;
  const task: FakeTask = {
    arn: `arn:aws:braket:${region}:123456789012:quantum-task/${id}`,
    folder: `${parsed.data.outputS3KeyPrefix}/${id}`,
    createdAt: memory.now(),
    life: [...memory.life],
    token,
    deviceArn,
    region,
    action,
    shots,
    bucket,
    tags,
    cost,
  };
  memory.tasks.push(task);
  return task;
}

function checkAction(text: string, { shots, device }: { shots: number; device: FakeDevice }): void {
  const action = Action.safeParse(JSON.parse(text));
  if (!action.success) throw refusal('ValidationException', action.error.message);
  const [least, most] = device.shotsRange;
  const programs = 'source' in action.data ? [action.data] : action.data.programs;
  const each = shots / programs.length;
  if (!Number.isInteger(each)) throw refusal('ValidationException', 'shots do not divide by executables');
  const { sets } = device;
  const unfitSet =
    sets === null || programs.length > sets.maximumExecutables || shots > sets.maximumTotalShots;
  if (!('source' in action.data) && unfitSet) throw refusal('ValidationException', 'no such program set');
  if (each < least || each > most) throw refusal('ValidationException', `${each} shots`);
  try {
    for (const { source } of programs) ranQasm(source);
  } catch (error) {
    throw error instanceof QasmError ? refusal('ValidationException', error.message) : error;
  }
}

function taskOf({ tasks }: BraketMemory, arn: string): FakeTask {
  const task = tasks.find((one) => one.arn === arn);
  if (task === undefined) throw refusal('ResourceNotFoundException', `no ${arn}`, 404);
  return task;
}

function told(memory: BraketMemory, task: FakeTask): unknown {
  const status = (task.life.length > 1 ? task.life.shift() : task.life[0]) ?? 'CREATED';
  if (status === 'COMPLETED') leave(memory, task);
  return {
    quantumTaskArn: task.arn,
    status,
    deviceArn: task.deviceArn,
    deviceParameters: '{}',
    shots: task.shots,
    outputS3Bucket: task.bucket,
    outputS3Directory: task.folder,
    createdAt: task.createdAt,
    tags: task.tags,
    ...(status === 'FAILED' ? { failureReason: memory.reason ?? 'the machine lost its ions' } : {}),
    ...(status === 'QUEUED'
      ? { queueInfo: { queue: 'QUANTUM_TASKS_QUEUE', position: memory.position, queuePriority: 'Normal' } }
      : {}),
  };
}

function leave({ wording, objects, leaves, tasks }: BraketMemory, task: FakeTask): void {
  for (const [name, text] of resultFiles({ ...task, seed: 1 + tasks.indexOf(task) }, wording)) {
    const left = leaves(name, text);
    if (left !== null) objects.set(`${task.bucket}/${task.folder}/${name}`, left);
  }
}

function cancel(task: FakeTask): unknown {
  if (['COMPLETED', 'FAILED', 'CANCELLED'].includes(task.life[0] ?? '') && task.life.length === 1) {
    throw refusal('ConflictException', 'the task has ended', 409);
  }
  task.life.splice(0, task.life.length, 'CANCELLING', 'CANCELLED');
  return { quantumTaskArn: task.arn, cancellationStatus: 'CANCELLING' };
}

function found({ tasks, lists }: BraketMemory, body: unknown): readonly unknown[] {
  const { filters } = Search.parse(body);
  const since = filters.find(({ name }) => name === 'createdAt')?.values[0] ?? '';
  const device = filters.find(({ name }) => name === 'deviceArn')?.values[0];
  return tasks
    .filter(({ deviceArn, createdAt }) => lists && deviceArn === device && createdAt >= since)
    .map(({ arn, deviceArn, shots, bucket, folder, createdAt, tags }) => ({
      quantumTaskArn: arn,
      status: 'QUEUED',
      deviceArn,
      shots,
      createdAt,
      tags,
      outputS3Bucket: bucket,
      outputS3Directory: folder,
    }));
}

function limitFor(
  { limits, now }: BraketMemory,
  deviceArn: string,
): BraketMemory['limits'][number] | undefined {
  const at = Date.parse(now()) / 1000;
  return limits.find((limit) => limit.deviceArn === deviceArn && limit.from <= at && at < limit.to);
}

function spentOn({ tasks }: BraketMemory, deviceArn: string): number {
  return tasks.filter((task) => task.deviceArn === deviceArn).reduce((sum, { cost }) => sum + cost, 0);
}

function limitsOf(memory: BraketMemory, body: unknown): readonly unknown[] {
  const { filters } = body as { filters: { name: string; values: string[] }[] };
  const device = filters.find(({ name }) => name === 'deviceArn')?.values[0];
  return memory.limits
    .filter(({ deviceArn }) => deviceArn === device)
    .map(({ deviceArn, from, to, dollars }, at) => ({
      spendingLimitArn: `arn:aws:braket:eu-north-1:123456789012:spending-limit/${at}`,
      deviceArn,
      timePeriod: { startAt: from, endAt: to },
      spendingLimit: dollars.toFixed(2),
      queuedSpend: '0.00',
      totalSpend: spentOn(memory, deviceArn).toFixed(2),
      createdAt: new Date(from * 1000).toISOString(),
      updatedAt: new Date(from * 1000).toISOString(),
    }));
}
