/** What Amazon Braket's REST takes and describes, as its model documents it; the stand-in holds every request against it. */
import * as z from 'zod';

const header = (name: string) => z.strictObject({ name: z.literal(name), version: z.literal('1') });

const Program = z.strictObject({
  braketSchemaHeader: header('braket.ir.openqasm.program'),
  source: z.string(),
  inputs: z.record(z.string(), z.number()).optional(),
});
export type Program = z.infer<typeof Program>;

export const Action = z.union([
  Program,
  z.strictObject({
    braketSchemaHeader: header('braket.ir.openqasm.program_set'),
    programs: z.array(Program).min(1),
  }),
]);

export const CreateTask = z.strictObject({
  clientToken: z.string().min(1).max(64),
  deviceArn: z.string().min(1).max(256),
  shots: z.int().min(0),
  outputS3Bucket: z.string().min(3).max(63),
  outputS3KeyPrefix: z.string().min(1).max(1024),
  action: z.string().min(1),
  deviceParameters: z.string().min(1).max(48_000).optional(),
  tags: z
    .record(
      z.string().min(1).max(128),
      z
        .string()
        .max(256)
        .regex(/^[\w .:/=+@-]*$/),
    )
    .optional(),
});

export const Search = z.strictObject({
  filters: z.array(
    z.strictObject({
      name: z.enum(['quantumTaskArn', 'deviceArn', 'jobArn', 'status', 'createdAt']),
      operator: z.enum(['LT', 'LTE', 'EQUAL', 'GT', 'GTE', 'BETWEEN']),
      values: z.array(z.string()).min(1),
    }),
  ),
  maxResults: z.int().min(1).max(100).optional(),
  nextToken: z.string().optional(),
});

export interface FakeDevice {
  type: 'QPU' | 'SIMULATOR';
  status: 'ONLINE' | 'OFFLINE' | 'RETIRED';
  queueSize: string;
  windows: { executionDay: string; windowStartHour: string; windowEndHour: string }[];
  shotsRange: [number, number];
  qubitCount: number;
  /** Whether it takes OpenQASM. */
  programs: boolean;
  /** What it says of program sets; null: it takes none. */
  sets: { maximumExecutables: number; maximumTotalShots: number; minimumTotalShots?: number } | null;
  /** Dollars, for the spending limit. */
  price: { task: number; shot: number };
}

const ALWAYS = [{ executionDay: 'Everyday', windowStartHour: '00:00:00', windowEndHour: '00:00:00' }];

export const ARNS = {
  garnet: 'arn:aws:braket:eu-north-1::device/qpu/iqm/Garnet',
  forte: 'arn:aws:braket:us-east-1::device/qpu/ionq/Forte-1',
  cepheus: 'arn:aws:braket:us-west-1::device/qpu/rigetti/Cepheus-1-108Q',
  sv1: 'arn:aws:braket:::device/quantum-simulator/amazon/sv1',
} as const;

export function newDevices(): Map<string, FakeDevice> {
  const qpu: FakeDevice = {
    type: 'QPU',
    status: 'ONLINE',
    queueSize: '0',
    windows: structuredClone(ALWAYS),
    shotsRange: [1, 20_000],
    qubitCount: 20,
    programs: true,
    sets: { maximumExecutables: 100, maximumTotalShots: 100_000 },
    price: { task: 0.3, shot: 0.00145 },
  };
  const sv1: FakeDevice = { ...structuredClone(qpu), type: 'SIMULATOR', qubitCount: 34, sets: null };
  return new Map([
    [ARNS.garnet, qpu],
    [ARNS.forte, { ...structuredClone(qpu), price: { task: 0.3, shot: 0.08 } }],
    [ARNS.cepheus, structuredClone(qpu)],
    [ARNS.sv1, { ...sv1, shotsRange: [0, 100_000] }],
  ]);
}

/** What `GetDevice` tells; to a client of older schemas, nothing of OpenQASM. */
export function describedDevice(arn: string, device: FakeDevice, userAgent: string): unknown {
  const [major = 0, minor = 0] = (/BraketSchemas\/(\d+)\.(\d+)/.exec(userAgent)?.slice(1) ?? []).map(Number);
  const told = device.programs && (major > 1 || (major === 1 && minor >= 8));
  const program = {
    version: ['1'],
    actionType: 'braket.ir.openqasm.program',
    supportedOperations: ['h', 'rz'],
  };
  const set = { version: ['1'], actionType: 'braket.ir.openqasm.program_set', ...device.sets };
  return {
    deviceArn: arn,
    deviceName: arn.split('/').at(-1),
    providerName: arn.split('/').at(-2),
    deviceType: device.type,
    deviceStatus: device.status,
    deviceQueueInfo: [
      { queue: 'QUANTUM_TASKS_QUEUE', queueSize: '99', queuePriority: 'Priority' },
      { queue: 'QUANTUM_TASKS_QUEUE', queueSize: device.queueSize, queuePriority: 'Normal' },
      { queue: 'JOBS_QUEUE', queueSize: '7' },
    ],
    deviceCapabilities: JSON.stringify({
      service: {
        executionWindows: device.windows,
        shotsRange: device.shotsRange,
        getTaskPollIntervalMillis: 1,
      },
      paradigm: { qubitCount: device.qubitCount },
      action: told
        ? {
            'braket.ir.openqasm.program': program,
            ...(device.sets === null ? {} : { 'braket.ir.openqasm.program_set': set }),
          }
        : {},
    }),
  };
}
