/** The calls to Amazon Braket that a runner makes: signed, tried again while that may help, read field by field. */
import * as z from 'zod';
import { FettleError } from '../../registry/base/fault.ts';
import { checkAddress } from '../artifacts/address.ts';
import { PATIENT, patiently, type Patience } from '../artifacts/patience.ts';
import type { S3Key } from '../artifacts/s3-sign.ts';
import { DeviceAnswer } from './braket-device.ts';
import type * as BraketSdk from './braket-sdk.ts';
import {
  machineOffline,
  machineRetired,
  machineUnknown,
  serviceRefused,
  serviceUnreachable,
} from './faults.ts';

const TaskAnswer = z.object({
  status: z.enum(['CREATED', 'QUEUED', 'RUNNING', 'COMPLETED', 'FAILED', 'CANCELLING', 'CANCELLED']),
  failureReason: z.string().nullish(),
  outputS3Bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/),
  outputS3Directory: z.string(),
  queueInfo: z.object({ position: z.string(), message: z.string().nullish() }).nullish(),
});
export type TaskAnswer = z.infer<typeof TaskAnswer>;

const Created = z.object({ quantumTaskArn: z.string() });
const Found = z.object({
  quantumTasks: z.array(
    z.object({ quantumTaskArn: z.string(), tags: z.record(z.string(), z.string()).nullish() }),
  ),
  nextToken: z.string().nullish(),
});
type Found = z.infer<typeof Found>;

const Limits = z.object({
  spendingLimits: z.array(
    z.object({
      timePeriod: z.object({ startAt: z.date(), endAt: z.date() }),
      spendingLimit: z.coerce.number(),
      queuedSpend: z.coerce.number(),
      totalSpend: z.coerce.number(),
    }),
  ),
});
/** Dollars. */
export type SpendingLimit = z.infer<typeof Limits>['spendingLimits'][number];

export interface NewTask {
  readonly device: string;
  readonly token: string;
  /** JSON. */
  readonly action: string;
  readonly shots: number;
  readonly bucket: string;
  readonly prefix: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface BraketCalls {
  device(arn: string): Promise<z.infer<typeof DeviceAnswer>>;
  /** The same token gives the same task. @returns its ARN */
  create(task: NewTask): Promise<string>;
  task(arn: string): Promise<TaskAnswer>;
  /** @returns false when it had ended before */
  cancel(arn: string): Promise<boolean>;
  /** Tasks of this account on the device, created at that time (ISO 8601) or later: their tags by their ARNs. */
  tasksSince(device: string, time: string): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>>;
  spendingLimits(device: string): Promise<readonly SpendingLimit[]>;
}

export interface BraketPlace {
  readonly region: string;
  /** Null for Amazon's own of the region; http: only on this machine. */
  readonly endpoint: URL | null;
  readonly key: S3Key;
  readonly patience?: Patience | undefined;
}

/** Older clients are told nothing about OpenQASM. */
const SCHEMAS = ['BraketSchemas', '1.8.0'] as const;
const CONNECTION_MS_MAX = 10_000;
const REQUEST_MS_MAX = 60_000;

/** @throws storeAddressRefused for an endpoint that keys must not be sent to */
export async function braketCalls(place: BraketPlace): Promise<BraketCalls> {
  if (place.endpoint !== null) checkAddress(place.endpoint);
  const sdk = await import('./braket-sdk.ts');
  const client = clientFor(sdk, place);
  const read: Reader = (asked, schema, send) =>
    patiently(place.patience ?? PATIENT, async () => {
      try {
        return schema.parse(await send());
      } catch (error) {
        throw faultOf(error, { ...asked, service: `Braket in ${place.region}` });
      }
    });
  return { ...taskCalls(sdk, { client, read }), ...searches(sdk, { client, read }, place.region) };
}

type Sdk = typeof BraketSdk;
type Client = InstanceType<Sdk['BraketClient']>;

interface Line {
  readonly client: Client;
  readonly read: Reader;
}

function clientFor(sdk: Sdk, { region, endpoint, key }: BraketPlace): Client {
  const { accessKeyId, secretAccessKey, sessionToken } = key;
  return new sdk.BraketClient({
    region,
    // Said here, so that no variable of the environment sends the keys elsewhere.
    endpoint: endpoint?.href ?? `https://braket.${region}.amazonaws.com`,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken === null ? {} : { sessionToken }) },
    customUserAgent: [[...SCHEMAS]],
    // `patiently` tries again, with the faults of this house.
    maxAttempts: 1,
    requestHandler: { connectionTimeout: CONNECTION_MS_MAX, requestTimeout: REQUEST_MS_MAX },
  });
}

type TaskCalls = Pick<BraketCalls, 'create' | 'task' | 'cancel'>;

function taskCalls(sdk: Sdk, { client, read }: Line): TaskCalls {
  return {
    async create({ device, token, bucket, prefix, action, shots, tags }) {
      const place = { outputS3Bucket: bucket, outputS3KeyPrefix: prefix };
      const task = { deviceArn: device, clientToken: token, action, shots, tags: { ...tags }, ...place };
      const command = new sdk.CreateQuantumTaskCommand(task);
      const asked = { wanted: `take a task for ${device}`, device, buys: true };
      return (await read(asked, Created, () => client.send(command))).quantumTaskArn;
    },
    task(arn) {
      const task = { quantumTaskArn: arn, additionalAttributeNames: ['QueueInfo' as const] };
      const command = new sdk.GetQuantumTaskCommand(task);
      return read({ wanted: `tell of ${arn}`, device: null }, TaskAnswer, () => client.send(command));
    },
    async cancel(arn) {
      const command = new sdk.CancelQuantumTaskCommand({ quantumTaskArn: arn });
      try {
        await read({ wanted: `cancel ${arn}`, device: null }, z.object({}), () => client.send(command));
        return true;
      } catch (error) {
        if (error instanceof FettleError && nameOf(error.cause) === 'ConflictException') return false;
        throw error;
      }
    },
  };
}

function searches(sdk: Sdk, { client, read }: Line, region: string): Omit<BraketCalls, keyof TaskCalls> {
  return {
    device(arn) {
      const command = new sdk.GetDeviceCommand({ deviceArn: arn });
      return read({ wanted: `describe ${arn}`, device: arn }, DeviceAnswer, () => client.send(command));
    },
    tasksSince(device, time) {
      const filters = [
        { name: 'deviceArn', operator: 'EQUAL' as const, values: [device] },
        { name: 'createdAt', operator: 'GTE' as const, values: [time] },
      ];
      const told = { service: `Braket in ${region}`, wanted: `list the tasks of ${device}` };
      return pagesOf(told, (nextToken) => {
        const page = { maxResults: 100, filters, ...(nextToken === null ? {} : { nextToken }) };
        const command = new sdk.SearchQuantumTasksCommand(page);
        const asked = { wanted: `list the tasks of ${device}`, device: null };
        return read(asked, Found, () => client.send(command));
      });
    },
    async spendingLimits(device) {
      const filters = [{ name: 'deviceArn', operator: 'EQUAL' as const, values: [device] }];
      const command = new sdk.SearchSpendingLimitsCommand({ filters });
      const asked = { wanted: `tell the spending limit of ${device}`, device: null };
      return (await read(asked, Limits, () => client.send(command))).spendingLimits;
    },
  };
}

interface Asked {
  readonly wanted: string;
  /** What is not found is this machine; null where it is something else. */
  readonly device: string | null;
  /** Whether something is sold by it: an answer that nobody can read is a lost one then. */
  readonly buys?: boolean;
}

type Reader = <T>(asked: Asked, schema: z.ZodType<T>, send: () => Promise<unknown>) => Promise<T>;

/** Twenty thousand tasks: nobody has more on one machine in a week, and a service that errs lists for ever. */
const PAGES_MOST = 200;

/** @throws serviceRefused where there is no end of them */
async function pagesOf(
  told: { readonly service: string; readonly wanted: string },
  page: (nextToken: string | null) => Promise<Found>,
): Promise<ReadonlyMap<string, Readonly<Record<string, string>>>> {
  const found = new Map<string, Readonly<Record<string, string>>>();
  let nextToken: string | null = null;
  for (let pages = 0; pages < PAGES_MOST; pages++) {
    const { quantumTasks, nextToken: more }: Found = await page(nextToken);
    for (const { quantumTaskArn, tags } of quantumTasks) found.set(quantumTaskArn, tags ?? {});
    nextToken = more ?? null;
    if (nextToken === null) return found;
  }
  throw serviceRefused({ ...told, found: `more than ${PAGES_MOST} pages` });
}

/** What the client throws for an answer: its name is the service's word for what was wrong. */
const ServiceError = z.object({
  name: z.string(),
  message: z.string(),
  $metadata: z.object({ httpStatusCode: z.int() }),
  programSetValidationFailures: z.array(z.object({ errors: z.array(z.string()).nullish() })).nullish(),
});

function nameOf(error: unknown): string | null {
  return ServiceError.safeParse(error).data?.name ?? null;
}

const LATER = ['ThrottlingException', 'InternalServiceException', 'ServiceQuotaExceededException'];

function faultOf(
  error: unknown,
  { wanted, device, service, buys = false }: Asked & { readonly service: string },
): FettleError {
  if (error instanceof z.ZodError) {
    const [issue] = error.issues;
    const found = issue === undefined ? 'another form' : `${issue.path.join('.')}: ${issue.message}`;
    if (buys) return serviceUnreachable({ service, wanted, said: found, waitMs: null }, error);
    return serviceRefused({ service, wanted: `${wanted} as documented`, found }, error);
  }
  const told = ServiceError.safeParse(error).data;
  if (told === undefined) {
    const said = error instanceof Error && error.message !== '' ? error.message : String(error);
    return serviceUnreachable({ service, wanted, said, waitMs: null }, error);
  }
  const { name, message, $metadata, programSetValidationFailures: failures } = told;
  const said = `${name}: ${[message, ...(failures ?? []).flatMap(({ errors }) => errors ?? [])].join('; ')}`;
  if (device !== null && name === 'DeviceRetiredException') return machineRetired({ device }, error);
  if (device !== null && name === 'DeviceOfflineException') {
    return machineOffline({ device, found: 'offline' }, error);
  }
  if (device !== null && name === 'ResourceNotFoundException') {
    return machineUnknown({ device, where: service, said }, error);
  }
  const { httpStatusCode: status } = $metadata;
  if (LATER.includes(name) || status >= 500 || status === 429 || (buys && status < 300)) {
    return serviceUnreachable({ service, wanted, said, waitMs: null }, error);
  }
  return serviceRefused({ service, wanted, found: said }, error);
}
