/** What Amazon Braket tells of a machine: which circuits it takes, how many shots, and when it performs them. */
import * as z from 'zod';
import { machineUnknown, serviceRefused } from './faults.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const;

/** UTC; seconds are left out by some machines. */
const Hour = z
  .string()
  .regex(/^\d\d:\d\d(:\d\d(\.\d+)?)?$/)
  .transform((text) => {
    const [hours = 0, minutes = 0, seconds = 0] = text.split(':').map(Number);
    return ((hours * 60 + minutes) * 60 + seconds) * 1000;
  });

const Window = z.object({
  executionDay: z.enum(['Everyday', 'Weekdays', 'Weekend', ...DAYS]),
  windowStartHour: Hour,
  /** Before the start where the window reaches into the next day. */
  windowEndHour: Hour,
});
export type Window = z.infer<typeof Window>;

const PROGRAM = 'braket.ir.openqasm.program';
const PROGRAM_SET = 'braket.ir.openqasm.program_set';

const Capabilities = z.object({
  service: z.object({
    executionWindows: z.array(Window),
    shotsRange: z.tuple([z.int(), z.int()]),
    getTaskPollIntervalMillis: z.number().positive().nullish(),
  }),
  paradigm: z.object({ qubitCount: z.int().positive() }).optional(),
  action: z.object({
    [PROGRAM]: z.object({}).nullish(),
    [PROGRAM_SET]: z
      .object({
        maximumExecutables: z.int().min(0),
        maximumTotalShots: z.int().min(0),
        minimumTotalShots: z.int().min(1).nullish(),
      })
      .nullish(),
  }),
});

/** How many programs and shots go under one fee. */
export interface ProgramSets {
  readonly programsMost: number;
  readonly shotsMost: number;
  readonly shotsLeast: number;
}

export interface BraketMachine {
  readonly status: 'ONLINE' | 'OFFLINE' | 'RETIRED';
  readonly kind: 'qpu' | 'simulator';
  /** Tasks that wait; null where the service does not tell. */
  readonly queue: number | null;
  /** Whether it takes OpenQASM at all; one that simulates atoms directly does not. */
  readonly takesPrograms: boolean;
  readonly programSets: ProgramSets | null;
  /** Null where it does not tell. */
  readonly qubits: number | null;
  readonly shotsLeast: number;
  readonly shotsMost: number;
  readonly windows: readonly Window[];
  readonly askAgainMs: number;
}

const QPUS = [
  'us-east-1::device/qpu/ionq/Forte-1',
  'us-east-1::device/qpu/ionq/Forte-Enterprise-1',
  'eu-north-1::device/qpu/iqm/Garnet',
  'eu-north-1::device/qpu/iqm/Emerald',
  'us-west-1::device/qpu/rigetti/Cepheus-1-108Q',
  'eu-north-1::device/qpu/aqt/Ibex-Q1',
];

/** Machines that run circuits, of November 2026; others are named by their ARN. */
const KNOWN: readonly string[] = [
  ...QPUS,
  '::device/quantum-simulator/amazon/sv1',
  '::device/quantum-simulator/amazon/dm1',
].map((rest) => `arn:aws:braket:${rest}`);

export interface NamedDevice {
  readonly arn: string;
  readonly kind: BraketMachine['kind'];
  /** Its own; null for a simulator, which every region has. */
  readonly region: string | null;
}

/**
 * The device of an ARN, or of the last part of one that is known.
 *
 * @throws machineUnknown
 */
export function deviceNamed(name: string): NamedDevice {
  const arn = KNOWN.find((known) => known.split('/').at(-1)?.toLowerCase() === name.toLowerCase()) ?? name;
  const told = /^arn:aws:braket:([a-z0-9-]*)::device\/(qpu|quantum-simulator)\/[\w-]+\/[\w.-]+$/.exec(arn);
  if (told === null) {
    const names = KNOWN.map((known) => known.split('/').at(-1)).join(', ');
    throw machineUnknown({ device: name, where: 'Braket', said: `neither an ARN nor one of ${names}` });
  }
  const [, region = '', kind] = told;
  return { arn, kind: kind === 'qpu' ? 'qpu' : 'simulator', region: region === '' ? null : region };
}

/** What `GetDevice` answers, as far as it is read here. */
export const DeviceAnswer = z.object({
  deviceType: z.enum(['QPU', 'SIMULATOR']),
  deviceStatus: z.enum(['ONLINE', 'OFFLINE', 'RETIRED']),
  /** JSON; Amazon's client gives it as an object that stands for a text. */
  deviceCapabilities: z.coerce.string(),
  deviceQueueInfo: z
    .array(z.object({ queue: z.string(), queueSize: z.string(), queuePriority: z.string().nullish() }))
    .nullish(),
});

const ASK_AGAIN_MS = 1000;

/** @throws serviceRefused where the service describes a machine in words of another form */
export function machineOf(device: string, answer: z.infer<typeof DeviceAnswer>): BraketMachine {
  const { service, paradigm, action } = capabilitiesOf(device, answer.deviceCapabilities);
  const sets = action[PROGRAM_SET];
  const waiting = answer.deviceQueueInfo?.find(
    ({ queue, queuePriority }) => queue === 'QUANTUM_TASKS_QUEUE' && queuePriority !== 'Priority',
  );
  return {
    status: answer.deviceStatus,
    kind: answer.deviceType === 'QPU' ? 'qpu' : 'simulator',
    queue: placeOf(waiting?.queueSize),
    takesPrograms: action[PROGRAM] !== undefined && action[PROGRAM] !== null,
    programSets:
      sets === undefined || sets === null
        ? null
        : {
            programsMost: sets.maximumExecutables,
            shotsMost: sets.maximumTotalShots,
            shotsLeast: sets.minimumTotalShots ?? 1,
          },
    qubits: paradigm?.qubitCount ?? null,
    shotsLeast: service.shotsRange[0],
    shotsMost: service.shotsRange[1],
    windows: service.executionWindows,
    askAgainMs: service.getTaskPollIntervalMillis ?? ASK_AGAIN_MS,
  };
}

function capabilitiesOf(device: string, text: string): z.infer<typeof Capabilities> {
  const wanted = `describe ${device} as documented`;
  try {
    const told = Capabilities.safeParse(JSON.parse(text));
    if (told.success) return told.data;
    const [issue] = told.error.issues;
    const found = issue === undefined ? 'another form' : `${issue.path.join('.')}: ${issue.message}`;
    throw serviceRefused({ service: 'Braket', wanted, found });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw serviceRefused({ service: 'Braket', wanted, found: 'no JSON' }, error);
  }
}

/** A place in a queue is told as text, such as `12` or `>2000`. */
export function placeOf(text: string | null | undefined): number | null {
  const digits = /\d+/.exec(text ?? '')?.[0];
  return digits === undefined ? null : Number(digits);
}

const DAY_MS = 86_400_000;

/**
 * When the machine next performs tasks.
 *
 * @param windows  in UTC; one that ends no later than it starts reaches into the next day
 * @param now      ISO 8601
 * @returns        null where it does so now, and for a machine that names no window: nothing better is known of it
 */
export function opensAt(windows: readonly Window[], now: string): string | null {
  const at = Date.parse(now);
  const today = Math.floor(at / DAY_MS) * DAY_MS;
  // From yesterday, whose last window may still be open; within a week every day comes.
  const spans = Array.from({ length: 9 }, (_, day) => today + (day - 1) * DAY_MS).flatMap((midnight) =>
    windows
      .filter(({ executionDay }) => isOn(executionDay, new Date(midnight).getUTCDay()))
      .map(({ windowStartHour, windowEndHour }) => ({
        from: midnight + windowStartHour,
        to: midnight + windowEndHour + (windowEndHour <= windowStartHour ? DAY_MS : 0),
      })),
  );
  if (spans.length === 0 || spans.some(({ from, to }) => from <= at && at < to)) return null;
  const next = Math.min(...spans.filter(({ from }) => from > at).map(({ from }) => from));
  return new Date(next).toISOString();
}

function isOn(named: Window['executionDay'], day: number): boolean {
  if (named === 'Everyday') return true;
  const isWeekend = day === 0 || day === 6;
  if (named === 'Weekdays') return !isWeekend;
  return named === 'Weekend' ? isWeekend : named === DAYS[day];
}
